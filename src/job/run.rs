//! One run from the inputs to the published files, in four steps: prepare, load, render, deliver. One load serves many
//! renders. The only place where the stages meet.

use std::path::{Path, PathBuf};

use chrono::SecondsFormat;

use crate::actions::ActionContext;
use crate::actions::events_file::EventsFile;
use crate::clock::AsOf;
use crate::deliver::folder::file_ids;
use crate::deliver::manifest::{Artifact, Manifest, Run};
use crate::deliver::{RunFiles, name};
use crate::domain::lifecycle::Mode;
use crate::error::Result;
use crate::job::burst::{self, BurstOutputs, BurstSpec};
use crate::job::condition::Condition;
use crate::job::load::{input_files, load_by, load_kept, reading};
use crate::job::outputs::Outputs;
use crate::job::prepare::prepare;
use crate::job::recipients::{self, Recipients, report_settings};
use crate::job::render::{Rendered, render};
use crate::job::stages::StageTimer;
use crate::job::{JobSpec, Progress, Stage};
use crate::report::summary::Summary;

/// What a run did.
#[derive(Debug, Clone)]
pub struct RunResult {
    /// The manifest, published or (on standard output) not.
    pub manifest: Manifest,
    /// Where the manifest was published; a report on standard output has none.
    pub manifest_file: Option<Artifact>,
    /// The instant the report speaks of.
    pub as_of: AsOf,
    /// The counts of the report.
    pub summary: Summary,
    /// Seconds in all.
    pub seconds: f64,
}

impl RunResult {
    /// Its files were moved from one folder to another.
    pub fn moved(&mut self, from: &Path, to: &Path) {
        for file in self.manifest.content.outputs.iter_mut().chain(&mut self.manifest_file) {
            let within = file.path.as_deref().and_then(|path| path.strip_prefix(from).ok()).map(|within| to.join(within));
            file.path = within.or(file.path.take());
        }
    }
}

/// Does `spec`, telling `progress` how far it is. The files made on the way are those of `files`.
///
/// # Errors
/// Whatever ends the run; nothing is published then.
pub fn run(spec: &JobSpec, files: &RunFiles, progress: &dyn Progress) -> Result<RunResult> {
    let mut stages = StageTimer::start(progress);
    let (prepared, query, outputs) = stages.time(Stage::Checking, || {
        let mut prepared = prepare(&spec.load, &spec.render.template)?;
        let mode = prepared.context.rules.state_model.as_ref().map_or(Mode::Extended, |(_, mode)| *mode);
        let action = spec.render.action.as_ref().map(|action| ActionContext::read(action, &spec.load.templates, mode));
        prepared.action = action.transpose()?;
        let query = spec.render.query.clone().or(&prepared.template.query).check(&prepared.names)?;
        // Rows may be added to a file of events that is read, too.
        let mut inputs = input_files(&spec.load, spec.delivery.apply_to.as_deref());
        inputs.extend(file_ids(spec.delivery.kept.iter().map(PathBuf::as_path)));
        let key = recipients::split_key(spec, &prepared)?;
        // The reports of values are not beside the manifest.
        let formats = if key.is_some() { &[] } else { spec.render.formats.as_slice() };
        let mut outputs = Outputs::stage(&spec.delivery, formats, spec.load.as_of, files, inputs)?;
        if let Some((path, action)) = spec.delivery.apply_to.as_ref().zip(prepared.action.as_ref()) {
            outputs.stage_events(EventsFile::inspect(path, action, &spec.load.read, &spec.load.templates)?)?;
        }
        let stem = name::stem(&spec.delivery.stem, spec.load.as_of);
        let outputs = match key {
            None => ReportOutputs::One(Box::new(outputs)),
            Some(key) => ReportOutputs::OneEach(key, Box::new(BurstOutputs::stage(&spec.delivery, stem, outputs)?)),
        };
        Ok((prepared, query, outputs))
    })?;
    let mut loaded = match &spec.load.kept {
        None => load_by(reading(&spec.load, &query), &spec.load, &prepared.context, &mut stages)?,
        Some(run) => load_kept(run, &spec.load, &prepared.context, &mut stages)?,
    };
    if let Some(previous) = &prepared.previous {
        let classified = stages.time(Stage::Comparing, || previous.load(&spec.load, &prepared.context))?;
        loaded.previous = Some((classified, previous.as_of));
    }
    let rendered = match outputs {
        ReportOutputs::One(outputs) => render(&loaded, &prepared, &query, &spec.render, *outputs, &mut stages)?,
        ReportOutputs::OneEach(key, outputs) => {
            let recipients = Recipients::Values(report_settings(&query, &prepared, &spec.render), Condition::Always);
            let earlier = &loaded.previous;
            let burst = BurstSpec { key, query: &query, render: &spec.render, recipients: &recipients, earlier, check: None };
            burst::render(&loaded, &prepared, &burst, *outputs, &mut stages)?.rendered
        }
    };
    deliver(rendered, files, stages)
}

/// What a run writes: one report, or one for each value of a column.
enum ReportOutputs {
    One(Box<Outputs>),
    OneEach(&'static str, Box<BurstOutputs>),
}

/// Publishes what was rendered, its manifest last.
///
/// # Errors
/// What the system refused; nothing is published then.
pub fn deliver(rendered: Rendered, files: &RunFiles, mut stages: StageTimer<'_>) -> Result<RunResult> {
    let Rendered { mut ready, content, as_of, summary, frame_bytes } = rendered;
    stages.time(Stage::Delivering, || ready.lock())?;
    let run = Run {
        id: files.id.clone(),
        started: stages.timer.began().to_rfc3339_opts(SecondsFormat::Secs, true),
        seconds: stages.seconds.clone(),
        cpu_seconds: stages.timer.cpu_seconds(),
        frame_bytes,
        notes: ready.notes(),
    };
    let mut manifest = Manifest::new(content, run)?;
    let manifest_file = ready.publish(&manifest.text()?)?;
    // Only now is it known, and only those who watch the run can be told.
    manifest.run.notes.extend(Some(files.left_behind()).filter(|left| !left.is_empty()));
    Ok(RunResult { manifest, manifest_file, as_of, summary, seconds: stages.timer.seconds() })
}
