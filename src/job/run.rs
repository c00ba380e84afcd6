//! One run from the inputs to the published files, and what is to be told of it. The only place where the stages meet.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::SecondsFormat;

use crate::classify::rules::Rules;
use crate::classify::timing::Timing;
use crate::classify::{self, Classified};
use crate::clock::{AsOf, Watch};
use crate::deliver::folder::{Identity, identities};
use crate::deliver::manifest::{Manifest, OutputFile, Run};
use crate::deliver::{Artifact, RunId};
use crate::error::Result;
use crate::job::ledger::{Divided, Ledger};
use crate::job::meter::Meter;
use crate::job::outputs::{Outputs, STANDARD_OUTPUT};
use crate::job::spec::Judging;
use crate::job::{JobSpec, Progress, Stage};
use crate::port::calendar::Calendar;
use crate::report::build::build;
use crate::report::summary::Summary;
use crate::report::template::Template;
use crate::select;
use crate::select::names::Names;
use crate::settings::Templates;
use crate::source::read::read_watched;
use crate::source::{Input, Orders, ReadOptions};

/// What a run did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The manifest, published or (on standard output) not.
    pub manifest: Manifest,
    /// The published files; the manifest last.
    pub artifacts: Vec<Artifact>,
    /// The instant the report speaks of.
    pub as_of: AsOf,
    /// The counts of the report.
    pub summary: Summary,
    /// What is known of the rows besides the rows.
    pub ledger: Ledger,
    /// Seconds in all.
    pub seconds: f64,
}

/// Does `spec`, telling `progress` how far it is.
///
/// # Errors
/// Whatever ends the run; nothing is published then.
pub fn run(spec: &JobSpec, progress: &dyn Progress) -> Result<Outcome> {
    let watch = Watch::start();
    let id = RunId::new(watch.began().timestamp_micros());
    let mut laps = Laps { progress, seconds: Vec::new() };

    let (checked, outputs) = laps.lap(Stage::Checking, || Ok((Checked::of(spec)?, Outputs::stage(spec, &id, inputs_of(spec))?)))?;
    let mut orders = laps.lap(Stage::Reading, || watched(&spec.inputs, &spec.read, &spec.templates, progress))?;
    let ledger = Ledger::open(&mut orders);
    ledger.tolerate(spec.tolerance)?;
    let classified = laps.lap(Stage::Classifying, || classify::classify(orders, checked.rulebook.rules, checked.rulebook.timing))?;
    let selection = laps.lap(Stage::Selecting, || select::select(classified, &spec.query, &checked.names))?;
    let divided = Divided::of(&selection);
    let report = laps.lap(Stage::Reporting, || build(selection, &checked.template, &spec.settings))?;
    let counts = ledger.balance(&report, divided)?;
    let ready = laps.lap(Stage::Exporting, || outputs.write(&report, &spec.export, &ledger.rejects, &ledger.origins))?;

    let content = ledger.content(&report, counts, &spec.templates, ready.listed.clone());
    let run = Run {
        id: id.as_str().to_owned(),
        started: watch.began().to_rfc3339_opts(SecondsFormat::Secs, true),
        seconds: laps.seconds.clone(),
        cpu_seconds: watch.cpu_seconds(),
        notes: ready.notes(),
    };
    let manifest = Manifest::new(content, run)?;
    let artifacts = laps.lap(Stage::Delivering, || ready.publish(&manifest.text()?))?;
    Ok(Outcome { manifest, artifacts, as_of: report.as_of, summary: report.summary, ledger, seconds: watch.seconds() })
}

/// Reads and classifies `inputs` without a report: what a check needs.
///
/// # Errors
/// Whatever keeps them from being read.
pub fn look(
    inputs: &[Input],
    options: &ReadOptions,
    templates: &Templates,
    rulebook: Rulebook,
    progress: &dyn Progress,
) -> Result<(Ledger, Classified)> {
    progress.stage(Stage::Reading);
    let mut orders = watched(inputs, options, templates, progress)?;
    let ledger = Ledger::open(&mut orders);
    progress.stage(Stage::Classifying);
    let classified = classify::classify(orders, rulebook.rules, rulebook.timing)?;
    Ok((ledger, classified))
}

fn watched(inputs: &[Input], options: &ReadOptions, templates: &Templates, progress: &dyn Progress) -> Result<Orders> {
    let meter = Meter::of(inputs, progress);
    read_watched(inputs, options, templates, &|bytes| meter.read(bytes))
}

/// The rules and the calendar of a run, read before the first row is.
#[derive(Debug, Clone)]
pub struct Rulebook {
    /// The rules.
    pub rules: Arc<Rules>,
    /// The as-of instant and the calendar.
    pub timing: Timing,
}

impl Rulebook {
    /// Reads the rules and the calendar that `judging` names from `templates`.
    ///
    /// # Errors
    /// [`crate::error::Error::Config`] when they are wrong.
    pub fn read(templates: &Templates, judging: &Judging) -> Result<Self> {
        let settings: Vec<(&str, &str)> = judging.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let rules = Arc::new(Rules::load(templates, &settings)?);
        let file = format!("calendars/{}.toml", judging.calendar);
        let calendar = Arc::new(Calendar::parse(&templates.text(&file)?, &file)?);
        Ok(Self { rules, timing: Timing::new(judging.as_of, calendar) })
    }
}

/// What is read of templates and options before the first row is.
struct Checked {
    rulebook: Rulebook,
    template: Template,
    names: Names,
}

impl Checked {
    fn of(spec: &JobSpec) -> Result<Self> {
        let file = format!("reports/{}.toml", spec.template);
        let template = Template::parse(&spec.templates.text(&file)?, &file)?;
        let rulebook = Rulebook::read(&spec.templates, &spec.judging)?;
        let names = template.names().spelled(rulebook.rules.spelling());
        spec.query.check(&names)?;
        Ok(Self { rulebook, template, names })
    }
}

/// The files that no output may replace.
fn inputs_of(spec: &JobSpec) -> Vec<Identity> {
    let named = spec.inputs.iter().filter_map(|input| match input {
        Input::File(path) => Some(path.as_path()),
        Input::Standard => None,
    });
    identities(named.chain(spec.read.accounts.as_deref()))
}

/// The seconds of each stage.
struct Laps<'a> {
    progress: &'a dyn Progress,
    seconds: Vec<(String, f64)>,
}

impl Laps<'_> {
    fn lap<T>(&mut self, stage: Stage, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.progress.stage(stage);
        let watch = Watch::start();
        let done = work()?;
        self.seconds.push((stage.doing().to_owned(), (watch.seconds() * 1e3).round() / 1e3));
        Ok(done)
    }
}

impl Outcome {
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
