//! Reads the inputs of a run and classifies every row; one load serves many reports.

use std::path::Path;
use std::sync::Arc;

use crate::classify::rules::Rules;
use crate::classify::{self, Classified, reasons};
use crate::clock::AsOf;
use crate::deliver::folder::{FileId, file_ids, stream_id};
use crate::deliver::manifest::InputFile;
use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use crate::job::context::{ClassificationContext, read_options};
use crate::job::prepare::prepare;
use crate::job::read_progress::ReadProgress;
use crate::job::reconciliation::{self, enforce_reject_limit};
use crate::job::scheduled::kept::{kept_run, load_rows};
use crate::job::spec::LoadSpec;
use crate::job::stages::StageTimer;
use crate::job::{JobSpec, Stage};
use crate::select::CheckedQuery;
use crate::select::filter::Filter;
use crate::source::condition::{RowCondition, Test};
use crate::source::events::timeline::Timeline;
use crate::source::explain_query::{self, SentQuery};
use crate::source::read::{read, read_timelines};
use crate::source::{Input, Orders, Origin, ReadOptions};

/// The classified rows, and what is known of them besides. Any number of reports can be rendered from it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The rows.
    pub classified: Arc<Classified>,
    /// The files that they and what is made of them depend on.
    pub inputs: Vec<InputFile>,
    /// The rows of the earlier state that a report is compared with, and its instant.
    pub previous: Option<(Arc<Classified>, AsOf)>,
}

/// How `spec` reads, with the filters of `query` that databases may judge, if it has them do so.
pub(crate) fn reading(spec: &LoadSpec, query: &CheckedQuery) -> ReadOptions {
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
///
/// # Errors
/// As [`load`].
pub(crate) fn load_by(
    options: ReadOptions,
    spec: &LoadSpec,
    context: &ClassificationContext,
    stages: &mut StageTimer<'_>,
) -> Result<Loaded> {
    let orders = read_orders(options, spec, context, stages)?;
    let inputs = reconciliation::inputs(&orders, &spec.templates);
    let classified = stages.time(Stage::Classifying, || classify::classify(orders, Arc::clone(&context.rules), context.timing.clone()))?;
    Ok(Loaded { classified: Arc::new(classified), inputs, previous: None })
}

fn read_orders(options: ReadOptions, spec: &LoadSpec, context: &ClassificationContext, stages: &mut StageTimer<'_>) -> Result<Orders> {
    let read_progress = ReadProgress::of(&spec.inputs, stages.progress);
    let options = read_options(&options, context);
    let orders = stages.time(Stage::Reading, || read(&spec.inputs, &options, &spec.templates, &|bytes| read_progress.read(bytes)))?;
    enforce_reject_limit(&orders, spec.reject_limit)?;
    Ok(orders)
}

/// The files that `spec` reads, with what is on standard input if that is one, but for `other`: nothing is written over them.
pub fn input_files(spec: &LoadSpec, other: Option<&Path>) -> Vec<FileId> {
    let named = spec.inputs.iter().filter_map(Input::path).chain(spec.read.accounts.as_deref());
    let mut files = file_ids(named.filter(|path| other != Some(*path)));
    if spec.inputs.contains(&Input::Standard) {
        files.extend(stream_id(std::io::stdin()));
    }
    files
}

/// Reads the inputs of `spec` and completes what no other engine would: the reject reasons that free text names.
///
/// # Errors
/// As [`load`].
pub fn read_record(spec: &LoadSpec, context: &ClassificationContext, stages: &mut StageTimer<'_>) -> Result<Orders> {
    let mut orders = read_orders(spec.read.clone(), spec, context, stages)?;
    reasons::complete(&mut orders.frame, &context.rules.reasons)?;
    Ok(orders)
}

/// The events of `number`, in E.164, in those inputs of `spec` that are tables of events, by the state model of `rules`; and where the
/// inputs came from.
///
/// # Errors
/// Whatever keeps the inputs from being read.
pub fn timelines(spec: &LoadSpec, rules: &Rules, number: &str) -> Result<(Vec<Timeline>, Vec<Origin>)> {
    let state_model = rules.state_model.as_ref().map(|(_, mode)| *mode);
    read_timelines(&spec.inputs, &ReadOptions { state_model, ..spec.read.clone() }, &spec.templates, number)
}

/// The classified rows of the run that is kept in the folder `run`.
///
/// # Errors
/// When they cannot be read, or were made by other rules than these.
pub(crate) fn load_kept(run: &Path, spec: &LoadSpec, context: &ClassificationContext, stages: &mut StageTimer<'_>) -> Result<Loaded> {
    let gone = || Error::no_input(Place::path(run), "is not a run any more", "name another one");
    let (run, _) = kept_run(run, None)?.ok_or_else(gone)?;
    let (classified, _) = stages.time(Stage::Reading, || load_rows(&run, context))?;
    let inputs = reconciliation::inputs(&classified.orders, &spec.templates);
    Ok(Loaded { classified, inputs, previous: None })
}
