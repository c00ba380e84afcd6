//! One run from the inputs to the published files, and what is to be told of it. The only place where the stages meet.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::SecondsFormat;

use crate::classify::rules::Rules;
use crate::classify::timing::Timing;
use crate::classify::{self, Classified};
use crate::clock::{AsOf, RunTimer};
use crate::deliver::folder::{FileId, file_ids};
use crate::deliver::manifest::{Manifest, OutputFile, Run};
use crate::deliver::{Artifact, RunId};
use crate::domain::calendar::Calendar;
use crate::error::Result;
use crate::job::outputs::{Outputs, STANDARD_OUTPUT};
use crate::job::read_progress::ReadProgress;
use crate::job::reconciliation::{Reconciliation, SelectionCounts};
use crate::job::spec::ClassificationOptions;
use crate::job::{JobSpec, Progress, Stage};
use crate::report::build::build;
use crate::report::summary::Summary;
use crate::report::template::Template;
use crate::select;
use crate::select::names::Names;
use crate::source::read::read_watched;
use crate::source::{Input, Orders, ReadOptions};
use crate::templates::Templates;

/// What a run did.
#[derive(Debug, Clone)]
pub struct RunResult {
    /// The manifest, published or (on standard output) not.
    pub manifest: Manifest,
    /// The published files; the manifest last.
    pub artifacts: Vec<Artifact>,
    /// The instant the report speaks of.
    pub as_of: AsOf,
    /// The counts of the report.
    pub summary: Summary,
    /// What is known of the rows besides the rows.
    pub reconciliation: Reconciliation,
    /// Seconds in all.
    pub seconds: f64,
}

/// Does `spec`, telling `progress` how far it is.
///
/// # Errors
/// Whatever ends the run; nothing is published then.
pub fn run(spec: &JobSpec, progress: &dyn Progress) -> Result<RunResult> {
    let watch = RunTimer::start();
    let id = RunId::new(watch.began().timestamp_micros());
    let mut timer = StageTimer { progress, seconds: Vec::new() };

    let (checked, outputs) = timer.time(Stage::Checking, || Ok((Prepared::of(spec)?, Outputs::stage(spec, &id, inputs_of(spec))?)))?;
    let mut orders = timer.time(Stage::Reading, || read_with_progress(&spec.inputs, &spec.read, &spec.templates, progress))?;
    let reconciliation = Reconciliation::open(&mut orders);
    reconciliation.enforce_reject_limit(spec.reject_limit)?;
    let classified = timer.time(Stage::Classifying, || classify::classify(orders, checked.context.rules, checked.context.timing))?;
    let selection = timer.time(Stage::Selecting, || select::select(classified, &spec.query, &checked.names))?;
    let selection_counts = SelectionCounts::of(&selection);
    let report = timer.time(Stage::Reporting, || build(selection, &checked.template, &spec.settings))?;
    let counts = reconciliation.balance(&report, selection_counts)?;
    let ready = timer.time(Stage::Exporting, || outputs.write(&report, &spec.export, &reconciliation.rejects, &reconciliation.origins))?;

    let content = reconciliation.content(&report, counts, &spec.templates, ready.listed.clone());
    let run = Run {
        id: id.as_str().to_owned(),
        started: watch.began().to_rfc3339_opts(SecondsFormat::Secs, true),
        seconds: timer.seconds.clone(),
        cpu_seconds: watch.cpu_seconds(),
        notes: ready.notes(),
    };
    let manifest = Manifest::new(content, run)?;
    let artifacts = timer.time(Stage::Delivering, || ready.publish(&manifest.text()?))?;
    Ok(RunResult { manifest, artifacts, as_of: report.as_of, summary: report.summary, reconciliation, seconds: watch.seconds() })
}

/// Reads and classifies `inputs` without a report: what a check needs.
///
/// # Errors
/// Whatever keeps them from being read.
pub fn read_and_classify(
    inputs: &[Input],
    options: &ReadOptions,
    templates: &Templates,
    context: ClassificationContext,
    progress: &dyn Progress,
) -> Result<(Reconciliation, Classified)> {
    progress.stage(Stage::Reading);
    let mut orders = read_with_progress(inputs, options, templates, progress)?;
    let reconciliation = Reconciliation::open(&mut orders);
    progress.stage(Stage::Classifying);
    let classified = classify::classify(orders, context.rules, context.timing)?;
    Ok((reconciliation, classified))
}

fn read_with_progress(inputs: &[Input], options: &ReadOptions, templates: &Templates, progress: &dyn Progress) -> Result<Orders> {
    let read_progress = ReadProgress::of(inputs, progress);
    read_watched(inputs, options, templates, &|bytes| read_progress.read(bytes))
}

/// The rules and the calendar of a run, read before the first row is.
#[derive(Debug, Clone)]
pub struct ClassificationContext {
    /// The rules.
    pub rules: Arc<Rules>,
    /// The as-of instant and the calendar.
    pub timing: Timing,
}

impl ClassificationContext {
    /// Reads the rules and the calendar that `options` names from `templates`.
    ///
    /// # Errors
    /// [`crate::error::Error::config`] when they are wrong.
    pub fn read(templates: &Templates, classification: &ClassificationOptions) -> Result<Self> {
        let settings: Vec<(&str, &str)> = classification.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let rules = Arc::new(Rules::load(templates, &settings)?);
        let file = format!("calendars/{}.toml", classification.calendar);
        let calendar = Arc::new(Calendar::parse(&templates.text(&file)?, &file)?);
        Ok(Self { rules, timing: Timing::new(classification.as_of, calendar) })
    }
}

/// What is read of templates and options before the first row is.
struct Prepared {
    context: ClassificationContext,
    template: Template,
    names: Names,
}

impl Prepared {
    fn of(spec: &JobSpec) -> Result<Self> {
        let file = format!("reports/{}.toml", spec.template);
        let template = Template::parse(&spec.templates.text(&file)?, &file)?;
        let context = ClassificationContext::read(&spec.templates, &spec.classification)?;
        let names = template.names().spelled(context.rules.spelling());
        spec.query.check(&names)?;
        Ok(Self { context, template, names })
    }
}

/// The files that no output may replace.
fn inputs_of(spec: &JobSpec) -> Vec<FileId> {
    let named = spec.inputs.iter().filter_map(|input| match input {
        Input::File(path) => Some(path.as_path()),
        Input::Standard => None,
    });
    file_ids(named.chain(spec.read.accounts.as_deref()))
}

/// The seconds of each stage.
struct StageTimer<'a> {
    progress: &'a dyn Progress,
    seconds: Vec<(String, f64)>,
}

impl StageTimer<'_> {
    fn time<T>(&mut self, stage: Stage, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.progress.stage(stage);
        let watch = RunTimer::start();
        let done = work()?;
        self.seconds.push((stage.doing().to_owned(), (watch.seconds() * 1e3).round() / 1e3));
        Ok(done)
    }
}

impl RunResult {
    /// Where `output` is; `None` for standard output.
    pub fn path_of(&self, output: &OutputFile) -> Option<PathBuf> {
        let index =
            self.manifest.content.outputs.iter().filter(|listed| listed.file != STANDARD_OUTPUT).position(|listed| listed == output)?;
        self.artifacts.get(index).map(|artifact| artifact.path.clone())
    }

    /// Where the rejects are, if there is a file of them.
    pub fn rejects_file(&self) -> Option<PathBuf> {
        self.manifest.content.outputs.iter().find(|output| output.format == "rejects").and_then(|output| self.path_of(output))
    }

    /// Whether the last published file is the manifest; a report on standard output has none.
    pub fn has_manifest(&self) -> bool {
        let files = self.manifest.content.outputs.iter().filter(|output| output.file != STANDARD_OUTPUT).count();
        self.artifacts.len() > files
    }
}
