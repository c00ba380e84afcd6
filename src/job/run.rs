//! One run from the inputs to the published files, in four steps: prepare, load, render, deliver. One load serves many
//! renders. The only place where the stages meet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::SecondsFormat;

use crate::actions::ActionContext;
use crate::actions::events_file::EventsFile;
use crate::classify::rules::Rules;
use crate::classify::timing::Timing;
use crate::classify::{self, Classified};
use crate::clock::{AsOf, RunTimer};
use crate::deliver::RunFiles;
use crate::deliver::folder::{file_ids, stream_id};
use crate::deliver::manifest::{ActionCounts, Artifact, Content, InputFile, Manifest, Run, StageSeconds};
use crate::domain::calendar::Calendar;
use crate::domain::lifecycle::Mode;
use crate::domain::note::Note;
use crate::domain::record::Field;
use crate::domain::status::Detail;
use crate::error::Result;
use crate::export::check_places;
use crate::job::disclosure::disclosed;
use crate::job::outputs::{Outputs, Ready};
use crate::job::read_progress::ReadProgress;
use crate::job::reconciliation::{self, enforce_reject_limit};
use crate::job::spec::{LoadSpec, RenderSpec, ReportRow};
use crate::job::{JobSpec, Progress, Stage};
use crate::report::build::build;
use crate::report::summary::Summary;
use crate::report::template::Template;
use crate::select::filter::Filter;
use crate::select::names::Names;
use crate::select::{self, CheckedQuery, unmatched};
use crate::source::condition::{RowCondition, Test};
use crate::source::explain_query::{self, SentQuery};
use crate::source::read::read;
use crate::source::{Input, ReadOptions};

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
        let named = spec.load.inputs.iter().filter_map(Input::path).chain(spec.load.read.accounts.as_deref());
        let settings = spec.delivery.kept.iter().map(PathBuf::as_path);
        // Rows may be added to a file of events that is read, too.
        let is_kept = |path: &&Path| spec.delivery.apply_to.as_deref() != Some(*path);
        let mut inputs = file_ids(named.filter(is_kept).chain(settings));
        if spec.load.inputs.contains(&Input::Standard) {
            inputs.extend(stream_id(std::io::stdin()));
        }
        let mut outputs = Outputs::stage(&spec.delivery, &spec.render.formats, spec.load.as_of, files, inputs)?;
        if let Some((path, action)) = spec.delivery.apply_to.as_ref().zip(prepared.action.as_ref()) {
            outputs.stage_events(EventsFile::inspect(path, action, &spec.load.read, &spec.load.templates)?)?;
        }
        Ok((prepared, query, outputs))
    })?;
    let loaded = load_by(reading(&spec.load, &query), &spec.load, &prepared.context, &mut stages)?;
    let rendered = render(&loaded, &prepared, &query, &spec.render, outputs, &mut stages)?;
    deliver(rendered, files, stages)
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
    /// Reads the rules and the calendar that `spec` names.
    ///
    /// # Errors
    /// [`crate::error::Error::config`] when they are wrong.
    pub fn read(spec: &LoadSpec) -> Result<Self> {
        let settings: Vec<(&str, &str)> = spec.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let rules = Arc::new(Rules::load(&spec.templates, &settings)?);
        let file = format!("calendars/{}.toml", spec.calendar);
        let calendar = Arc::new(Calendar::parse(&spec.templates.text(&file)?, &file)?);
        Ok(Self { rules, timing: Timing::new(spec.as_of, calendar) })
    }
}

/// What is read of templates and options before the first row is.
pub struct Prepared {
    /// The rules and the calendar.
    pub context: ClassificationContext,
    /// The report's template.
    pub template: Template,
    /// What the template calls the columns and their values.
    pub names: Names,
    /// What actions are judged by, if the report is a file of them.
    pub action: Option<ActionContext>,
}

/// Reads the rules and the calendar of `spec`, and the report's `template`, by name.
///
/// # Errors
/// [`crate::error::Error::config`] for what is wrong with them.
pub fn prepare(spec: &LoadSpec, template: &str) -> Result<Prepared> {
    let (file, template) = (format!("reports/{template}.toml"), Template::load(&spec.templates, template)?);
    check_places(&template.sections, &file)?;
    let context = ClassificationContext::read(spec)?;
    let names = template.clone().adapted("", context.rules.spelling).names();
    Ok(Prepared { names, context, template, action: None })
}

/// The classified rows, and what is known of them besides. Any number of reports can be rendered from it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The rows.
    pub classified: Arc<Classified>,
    /// The files that they and what is made of them depend on.
    pub inputs: Vec<InputFile>,
}

/// How `spec` reads, with the filters of `query` that databases may judge, if it has them do so.
fn reading(spec: &LoadSpec, query: &CheckedQuery) -> ReadOptions {
    let mut options = spec.read.clone();
    if !spec.pushdown {
        return options;
    }
    for filter in &query.filters {
        match (condition(filter), filter) {
            (Some(condition), _) => options.conditions.push(condition),
            (None, Filter::OneOf(key, _) | Filter::Within(key, _)) => options.conditions_here.push(key),
            (None, Filter::Closed(..) | Filter::ClosedSince(_)) => options.conditions_here.push("closing_day"),
            (None, Filter::Undated(_)) => {}
        }
    }
    options.conditions_here.extend((!query.terms.is_empty()).then_some("the text to find"));
    options.conditions_here.extend((!query.conditions.is_empty()).then_some("the SQL condition"));
    options.conditions_here.dedup();
    options
}

/// What a database may judge of `filter`.
fn condition(filter: &Filter) -> Option<RowCondition> {
    match filter {
        Filter::OneOf("account_id", words) => Some(RowCondition { field: Field::AccountId, test: Test::OneOf(words.clone()) }),
        Filter::OneOf("request_id", words) => Some(RowCondition { field: Field::RequestId, test: Test::OneOf(words.clone()) }),
        Filter::Within(key, range) => {
            let field = [Field::CreatedDate, Field::ConfirmedDate, Field::EstimatedDate].into_iter().find(|field| field.key() == *key)?;
            Some(RowCondition { field, test: Test::Days(range.from, range.to) })
        }
        _ => None,
    }
}

/// What `spec` would send to the databases among its inputs, of which no row is read.
///
/// # Errors
/// What is wrong with the query, and what keeps a database from being asked.
pub fn explain_query(spec: &JobSpec) -> Result<Vec<SentQuery>> {
    let prepared = prepare(&spec.load, &spec.render.template)?;
    let query = spec.render.query.check(&prepared.names)?;
    explain_query::explain_query(&spec.load.inputs, &reading(&spec.load, &query), &spec.load.templates)
}

/// Reads the inputs and classifies every row.
///
/// # Errors
/// Whatever keeps them from being read, and more rejected rows than `spec` allows.
pub fn load(spec: &LoadSpec, context: &ClassificationContext, stages: &mut StageTimer<'_>) -> Result<Loaded> {
    load_by(spec.read.clone(), spec, context, stages)
}

/// As [`load`], reading as `options` say.
fn load_by(options: ReadOptions, spec: &LoadSpec, context: &ClassificationContext, stages: &mut StageTimer<'_>) -> Result<Loaded> {
    let read_progress = ReadProgress::of(&spec.inputs, stages.progress);
    let state_model = context.rules.state_model.as_ref().map(|(_, mode)| *mode);
    let detail_states = Detail::ALL.iter().map(|detail| (*detail, context.rules.state_of(*detail))).collect();
    let options = ReadOptions { state_model, detail_states, ..options };
    let orders = stages.time(Stage::Reading, || read(&spec.inputs, &options, &spec.templates, &|bytes| read_progress.read(bytes)))?;
    enforce_reject_limit(&orders, spec.reject_limit)?;
    let inputs = reconciliation::inputs(&orders, &spec.templates);
    let classified = stages.time(Stage::Classifying, || classify::classify(orders, Arc::clone(&context.rules), context.timing.clone()))?;
    Ok(Loaded { classified: Arc::new(classified), inputs })
}

/// Finished outputs, none of them published yet, and what the manifest says of them.
pub struct Rendered {
    /// The outputs.
    pub ready: Ready,
    /// The hashed part of the manifest.
    pub content: Content,
    /// The instant the report speaks of.
    pub as_of: AsOf,
    /// The counts of the report.
    pub summary: Summary,
    /// Bytes of the classified rows in memory.
    pub frame_bytes: u64,
}

/// Selects from `loaded` what `query` asks for, builds the report and writes it to `outputs` in every format.
///
/// # Errors
/// Those of the query, the formats and the outputs; [`crate::error::Error::internal`] when a row is unaccounted for.
pub fn render(
    loaded: &Loaded,
    prepared: &Prepared,
    query: &CheckedQuery,
    spec: &RenderSpec,
    mut outputs: Outputs,
    stages: &mut StageTimer<'_>,
) -> Result<Rendered> {
    let orders = &loaded.classified.orders;
    let selection = stages.time(Stage::Selecting, || match spec.row {
        ReportRow::Number => select::select(&loaded.classified, None, query),
        ReportRow::Request => select::requests::select_requests(&loaded.classified, query),
    })?;
    let judged = prepared.action.as_ref().map(|action| action.judge(selection.clone(), &prepared.template.words)).transpose()?;
    let selection = judged.as_ref().map_or(selection, |judged| judged.selection.clone());
    let formats: Vec<&str> = spec.formats.iter().map(|format| format.name()).collect();
    let template = prepared.template.clone().shown_in(&formats);
    let report = stages.time(Stage::Reporting, || build(&selection, &template, &spec.operator))?;
    let counts = reconciliation::balance(&report, &selection)?;
    let disclosed = disclosed(&selection)?;
    let rejects = disclosed.as_ref().map(|disclosed| disclosed.rejects.as_slice());
    let progress = stages.progress;
    progress.rows(counts.reported);
    let actor = if spec.operator.is_empty() { env!("CARGO_PKG_NAME") } else { &spec.operator };
    outputs.add_events(|file| file.rows(&selection, report.cover.as_of, actor))?;
    let ready = stages.time(Stage::Exporting, || outputs.write(&report, &spec.export, (orders, rejects), progress))?;
    let mut content = reconciliation::content(orders, &loaded.inputs, &report, counts, ready.listed.clone());
    if let Some(disclosed) = &disclosed {
        reconciliation::withhold(&mut content, orders, disclosed);
    }
    content.action = judged.zip(prepared.action.as_ref()).map(|(judged, context)| ActionCounts {
        action: context.spec.action,
        allowed: judged.allowed,
        refused: judged.refused,
        not_ready: judged.left_out,
    });
    content.notes.extend(unmatched::sentences(&selection)?.into_iter().map(Note::from));
    Ok(Rendered {
        ready,
        content,
        as_of: report.cover.as_of,
        summary: report.cover.figures,
        frame_bytes: loaded.classified.frame().bytes() as u64,
    })
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

/// The seconds of a run and of each stage, and whom to tell of them.
pub struct StageTimer<'a> {
    progress: &'a dyn Progress,
    timer: RunTimer,
    seconds: Vec<StageSeconds>,
}

impl<'a> StageTimer<'a> {
    /// A timer of a run that starts now.
    pub fn start(progress: &'a dyn Progress) -> Self {
        Self { progress, timer: RunTimer::start(), seconds: Vec::new() }
    }

    fn time<T>(&mut self, stage: Stage, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.progress.stage(stage);
        let watch = RunTimer::start();
        let done = work()?;
        self.seconds.push(StageSeconds { stage: stage.doing().to_owned(), seconds: (watch.seconds() * 1e3).round() / 1e3 });
        Ok(done)
    }
}
