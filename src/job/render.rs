//! Makes one report of loaded rows and writes it in every format.

use std::sync::Arc;

use chrono::SecondsFormat;

use crate::classify::Classified;
use crate::clock::AsOf;
use crate::deliver::manifest::{ActionCounts, ChangeCounts, Content};
use crate::domain::change::ChangeKind;
use crate::domain::note::Note;
use crate::error::Result;
use crate::history::{Changes, compare};
use crate::job::Stage;
use crate::job::built_report::BuiltReport;
use crate::job::disclosure::disclosed;
use crate::job::load::Loaded;
use crate::job::outputs::{Outputs, Ready};
use crate::job::prepare::Prepared;
use crate::job::recipients::shown_in;
use crate::job::reconciliation;
use crate::job::spec::{RenderSpec, ReportRow};
use crate::job::stages::StageTimer;
use crate::report::summary::Summary;
use crate::select::{self, CheckedQuery, Selection, unmatched};

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
    let selection = stages.time(Stage::Selecting, || select_rows(&loaded.classified, query, spec.row))?;
    let judged = prepared.action.as_ref().map(|action| action.judge(selection.clone(), &prepared.template.words)).transpose()?;
    let selection = judged.as_ref().map_or(selection, |judged| judged.selection.clone());
    let template = shown_in(prepared.template.clone(), &spec.formats);
    let changes = changes(loaded.previous.as_ref(), &selection, query)?;
    let named = (&template, spec.operator.as_str());
    let built = stages.time(Stage::Reporting, || BuiltReport::build(&selection, named, changes.as_ref(), &spec.formats))?;
    let report = &built.report;
    let counts = reconciliation::balance(report, &selection)?;
    let disclosed = disclosed(&selection)?;
    let rejects = disclosed.as_ref().map(|disclosed| disclosed.rejects.as_slice());
    let progress = stages.progress;
    progress.rows(counts.reported);
    let actor = if spec.operator.is_empty() { env!("CARGO_PKG_NAME") } else { &spec.operator };
    outputs.add_events(|file| file.rows(&selection, report.cover.as_of, actor))?;
    let ready = stages.time(Stage::Exporting, || outputs.write(&built, &spec.export, (orders, rejects), progress))?;
    let columns = report.numbers.columns.iter().map(|column| column.key.clone()).collect();
    let mut content = reconciliation::content(orders, &loaded.inputs, (&report.cover, columns), counts, ready.listed.clone());
    if let Some(disclosed) = &disclosed {
        reconciliation::withhold(&mut content, orders, disclosed);
    }
    content.action = judged.zip(prepared.action.as_ref()).map(|(judged, context)| ActionCounts {
        action: context.spec.action,
        allowed: judged.allowed,
        refused: judged.refused,
        not_ready: judged.left_out,
    });
    content.changes = changes.as_ref().map(|changes| changed(&changes.counts, changes.since));
    content.notes.extend(unmatched::sentences(&selection)?.into_iter().map(Note::from));
    Ok(Rendered {
        ready,
        content,
        as_of: report.cover.as_of,
        summary: built.report.cover.figures,
        frame_bytes: loaded.classified.frame().bytes() as u64,
    })
}

/// What became of the numbers of `selection`, which `query` asks for, since the earlier state `previous`.
pub(crate) fn changes(previous: Option<&(Arc<Classified>, AsOf)>, selection: &Selection, query: &CheckedQuery) -> Result<Option<Changes>> {
    let Some((classified, since)) = previous else { return Ok(None) };
    // Partners that nobody named then are no fault of the question.
    let then = select::select(classified, None, &CheckedQuery { page: None, ..query.clone() })?;
    compare(selection, &then, *since).map(Some)
}

/// The counts of changes as a manifest tells them.
pub(crate) fn changed(counts: &[(ChangeKind, u64)], since: AsOf) -> ChangeCounts {
    ChangeCounts {
        since: since.utc().to_rfc3339_opts(SecondsFormat::Secs, true),
        counts: counts.iter().map(|(kind, numbers)| (kind.code().to_owned(), *numbers)).collect(),
    }
}

/// The rows of a report that `query` asks for, numbers or requests.
pub(crate) fn select_rows(classified: &Arc<Classified>, query: &CheckedQuery, row: ReportRow) -> Result<Selection> {
    match row {
        ReportRow::Number => select::select(classified, None, query),
        ReportRow::Request => select::requests::select_requests(classified, query),
    }
}
