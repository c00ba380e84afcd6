//! Gives each value of a column a report of its own, all from one reading: the orders of each are taken out, checked to be its
//! own, and reported by the calls that make any report; the files wait in a private tree until all of them are there.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use polars::prelude::IdxCa;

use crate::classify::Classified;
use crate::classify::split::Split;
use crate::clock::{AsOf, RunTimer};
use crate::deliver::manifest::{Artifact, Counts, PartReport, SplitReports};
use crate::deliver::tree::{Branch, BranchFile};
use crate::deliver::{Tree, rejects};
use crate::domain::note::Note;
use crate::domain::text::{counted, numbered};
use crate::error::{Error, Result};
use crate::export::read_back::prove;
use crate::export::{ExportSummary, Exporter};
use crate::job::load::Loaded;
use crate::job::outputs::Outputs;
use crate::job::prepare::Prepared;
use crate::job::recipients::{PreviousParts, Recipient, previous_parts, recipients, require_column};
use crate::job::reconciliation;
use crate::job::render::{Rendered, changed, changes, select_rows};
use crate::job::spec::{DeliverySpec, Destination, RenderSpec, ReportRow};
use crate::job::{Progress, Stage, StageTimer};
use crate::report::Report;
use crate::report::build::{build_since, cover, labels};
use crate::report::template::Template;
use crate::select::{CheckedQuery, Selection, unmatched};
use crate::source::{Orders, Reject};

/// Rows in no report whose places a manifest lists.
const MAX_UNASSIGNED: usize = 1_000;

/// What a run of many reports writes: a tree of folders, and beside them the manifest.
pub struct BurstOutputs {
    tree: Tree,
    /// What each report is called, without its ending.
    stem: String,
    outputs: Outputs,
}

impl BurstOutputs {
    /// Makes a private tree in the folder of `spec`, and private files for the manifest and for rejects that are to be listed
    /// in all, so that a place that cannot be written to is known before a row is read.
    ///
    /// # Errors
    /// What the folders and names are refused for.
    pub fn stage(spec: &DeliverySpec, stem: String, outputs: Outputs) -> Result<Self> {
        let Destination::Folder(folder) = &spec.destination else {
            return Err(Error::internal("outputs", "many reports without a folder"));
        };
        let mut outputs = outputs;
        Ok(Self { tree: outputs.tree(folder)?, stem, outputs })
    }
}

/// A finished report.
struct Made {
    counts: Counts,
    listed: PartReport,
    files: Vec<Artifact>,
}

/// What the makers of all reports share.
struct Burst<'a> {
    split: &'a Split,
    key: &'static str,
    prepared: &'a Prepared,
    /// The template of all reports, without what none of their formats shows.
    template: Template,
    query: &'a CheckedQuery,
    spec: &'a RenderSpec,
    outputs: &'a BurstOutputs,
    /// The earlier state that the reports are compared with, its parts by their values, and its instant.
    previous: Option<PreviousParts>,
    /// Microseconds that were spent on reading files back.
    proving: AtomicU64,
}

/// Reports on each value of column `key` in `loaded`, and writes what the run says of all of them.
///
/// # Errors
/// What ends any of the reports; [`Error::internal`] when a row is in the wrong report, in two of them or in none.
pub fn render(
    loaded: &Loaded,
    prepared: &Prepared,
    query: &CheckedQuery,
    (spec, key): (&RenderSpec, &'static str),
    outputs: BurstOutputs,
    stages: &mut StageTimer<'_>,
) -> Result<Rendered> {
    let orders = &loaded.classified.orders;
    require_column(key, orders, prepared)?;
    let (split, whole) =
        stages.time(Stage::Selecting, || Ok((Split::by(&loaded.classified, key)?, select_rows(&loaded.classified, query, spec.row)?)))?;
    let recipients = recipients(&split, &loaded.classified, key, prepared)?;
    let previous = previous_parts(loaded, key, prepared)?;
    let formats: Vec<&str> = spec.formats.iter().map(|format| format.name()).collect();
    let template = prepared.template.clone().shown_in(&formats);
    let proving = AtomicU64::new(0);
    let burst = Burst { split: &split, key, prepared, template, query, spec, outputs: &outputs, previous, proving };
    let progress = stages.progress;
    progress.rows(whole.rows.len() as u64);
    let made = stages.time(Stage::Exporting, || {
        let made = burst.make_all(&recipients, progress)?;
        outputs.tree.sync()?;
        Ok(made)
    })?;
    let unassigned = split.unassigned()?;
    let whole = assigned(whole, &split);
    let changes = changes(loaded.previous.as_ref(), &whole, query)?;
    let cover = cover(&whole, &prepared.template, &spec.operator)?;
    let counts = summed(orders, &made, unassigned.len() as u64)?;
    let shared = counts.reported - (whole.rows.len() as u64).min(counts.reported);
    // A request whose numbers are of several values is in the report of each; a number has one value.
    if spec.row == ReportRow::Number && counts.reported != whole.rows.len() as u64 {
        return Err(Error::internal("reports", format!("{} rows in all reports, {} selected", counts.reported, whole.rows.len())));
    }
    let proving = burst.proving.load(Ordering::Relaxed) as f64 / 1e6;
    let reports = SplitReports {
        by: key.to_owned(),
        isolation: spec.formats.iter().map(|format| (format.name().to_owned(), format.isolation().code().to_owned())).collect(),
        unassigned: unassigned.iter().take(MAX_UNASSIGNED).map(|at| reconciliation::place(orders, *at).to_string()).collect(),
        reports: made.iter().map(|made| made.listed.clone()).collect(),
    };
    let BurstOutputs { tree, stem, outputs } = outputs;
    let obsolete = format!("{stem}.rejects.csv");
    let mut ready = outputs.write_beside(tree, vec![obsolete], orders, &spec.export)?;
    let files: Vec<Artifact> = made.into_iter().flat_map(|made| made.files).collect();
    ready.listed.splice(0..0, files);
    let columns = query.columns.iter().map(|key| (*key).to_owned()).collect();
    let mut content = reconciliation::content(orders, &loaded.inputs, (&cover, columns), counts, ready.listed.clone());
    content.notes.extend(unmatched::sentences(&whole)?.into_iter().map(Note::from));
    let many = "requests have numbers of several values and are in the report of each";
    content
        .notes
        .extend((shared > 0).then(|| numbered(shared, "request has numbers of several values and is in the report of each", many).into()));
    content.notes.extend(unassigned_note(unassigned.len() as u64, key, prepared).map(Note::from));
    content.split = Some(reports);
    content.changes = changes.map(|changes| changed(&changes.counts, changes.since));
    stages.note("proving", proving);
    Ok(Rendered { ready, content, as_of: cover.as_of, summary: cover.figures, frame_bytes: loaded.classified.frame().bytes() as u64 })
}

/// `selection` without the rows that are in no part.
fn assigned(selection: Selection, split: &Split) -> Selection {
    // Rows that are requests were made from numbers, of which a request without a value has none in any part.
    if selection.rolled_up.is_some() {
        return selection;
    }
    let rows: IdxCa = selection.rows.iter().flatten().filter(|row| split.is_assigned(*row)).map(Some).collect();
    Selection { rows, ..selection }
}

/// The counts of all reports together.
///
/// # Errors
/// [`Error::internal`] when a row is in none of them.
fn summed(orders: &Orders, made: &[Made], unassigned: u64) -> Result<Counts> {
    let sum = |count: fn(&Counts) -> u64| made.iter().map(|made| count(&made.counts)).sum::<u64>();
    let rejected = orders.rejected_rows();
    let counts = Counts {
        read: orders.read,
        expanded: orders.expanded,
        reported: sum(|counts| counts.reported),
        filtered_out: sum(|counts| counts.filtered_out),
        on_other_pages: 0,
        superseded: orders.superseded.len() as u64,
        replayed: orders.replayed,
        rolled_up: sum(|counts| counts.rolled_up),
        unassigned,
        rejected,
        rejected_cells: orders.rejects.len() as u64 - rejected,
    };
    counts.check()?;
    Ok(counts)
}

fn unassigned_note(rows: u64, key: &str, prepared: &Prepared) -> Option<String> {
    let caption = prepared.names.caption(key);
    (rows > 0).then(|| {
        format!("in no report, since they have nothing in '{caption}': {}; the manifest lists where they stand", counted(rows, "row"))
    })
}

impl Burst<'_> {
    /// Makes the reports of all `recipients`, as many at once as there are cores: by threads of their own, since a thread of
    /// the pool that waits for a piece of one report would begin another one meanwhile, and that one the next.
    fn make_all(&self, recipients: &[Recipient], progress: &dyn Progress) -> Result<Vec<Made>> {
        let mut order: Vec<usize> = (0..recipients.len()).collect();
        // The largest first, so that no core waits long for the last.
        order.sort_by_key(|part| std::cmp::Reverse(self.split.rows(*part)));
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let work = || {
            let mut made = Vec::new();
            while let Some(part) = order.get(next.fetch_add(1, Ordering::Relaxed)).filter(|_| !failed.load(Ordering::Relaxed)) {
                let report = self.make(*part, &recipients[*part], progress).inspect_err(|_| {
                    failed.fetch_or(true, Ordering::Relaxed);
                });
                made.push((*part, report?));
            }
            Ok(made)
        };
        let workers = rayon::current_num_threads().min(recipients.len());
        let made: Result<Vec<Vec<(usize, Made)>>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        let mut made: Vec<(usize, Made)> = made?.into_iter().flatten().collect();
        made.sort_by_key(|(part, _)| *part);
        Ok(made.into_iter().map(|(_, made)| made).collect())
    }

    /// Makes the report of `recipient`, in every format.
    fn make(&self, part: usize, recipient: &Recipient, progress: &dyn Progress) -> Result<Made> {
        let spec = self.spec;
        let classified = Arc::new(self.split.part(part)?);
        self.check_owner(&classified, recipient)?;
        let query = CheckedQuery { part: Some((self.key, recipient.value.clone())), ..self.query.clone() };
        let selection = select_rows(&classified, &query, spec.row)?;
        let changes = changes(self.previous_of(&recipient.value)?.as_ref(), &selection, &query)?;
        let report = build_since(&selection, &self.template, &spec.operator, changes.as_ref())?;
        let counts = reconciliation::balance(&report, &selection)?;
        let branch = self.outputs.tree.branch(&recipient.folder)?;
        let stem = &self.outputs.stem;
        let written = spec.formats.iter().map(|format| {
            let name = format!("{stem}.{}", format.name());
            self.write(&branch, &recipient.folder, &name, *format, &report)
        });
        let mut files = written.collect::<Result<Vec<Artifact>>>()?;
        let rejects = &classified.orders.rejects;
        if !rejects.is_empty() {
            files.push(self.write_rejects(&branch, &recipient.folder, rejects)?);
        }
        progress.amount(Stage::Exporting, spec.export.written.count() / spec.formats.len().max(1) as u64, 0);
        let listed = PartReport {
            value: recipient.value.clone(),
            folder: recipient.folder.clone(),
            rows: classified.frame().height() as u64,
            reported: counts.reported,
            filtered_out: counts.filtered_out,
        };
        Ok(Made { counts, listed, files })
    }

    /// The rows of `value` in the earlier state, if there is one.
    fn previous_of(&self, value: &str) -> Result<Option<(Arc<Classified>, AsOf)>> {
        let Some((split, parts, since)) = &self.previous else { return Ok(None) };
        let part = parts.get(value).map_or_else(|| split.nothing(), |part| split.part(*part))?;
        Ok(Some((Arc::new(part), *since)))
    }

    /// Checks, on what is handed over, that every row has the value of its recipient and that no row is missing.
    fn check_owner(&self, classified: &Arc<Classified>, recipient: &Recipient) -> Result<()> {
        let rows: IdxCa = (0..classified.frame().height() as u32).map(Some).collect();
        let values = labels(classified, rows, self.key, &self.prepared.template)?;
        let unknown = &self.prepared.template.words.unknown;
        match values.iter().position(|value| value.as_ref().unwrap_or(unknown) != &recipient.value) {
            None => Ok(()),
            Some(row) => Err(Error::internal("reports", format!("row {row} of a report is another recipient's"))),
        }
    }

    fn write(&self, branch: &Branch, folder: &str, name: &str, format: &dyn Exporter, report: &Report) -> Result<Artifact> {
        let options = &self.spec.export;
        let check = |file: &mut File, summary: &ExportSummary| {
            let watch = RunTimer::start();
            if summary.rows != report.numbers.rows as u64 {
                return Err(Error::internal(name, format!("{} rows written of {}", summary.rows, report.numbers.rows)));
            }
            prove(format, file, report, options, self.key)?;
            self.proving.fetch_add((watch.seconds() * 1e6) as u64, Ordering::Relaxed);
            Ok(())
        };
        let (summary, file) = branch.write(name, |out| format.export(report, options, out), check)?;
        Ok(artifact((folder, name), format.name(), summary, file))
    }

    fn write_rejects(&self, branch: &Branch, folder: &str, listed: &[Reject]) -> Result<Artifact> {
        let name = format!("{}.rejects.csv", self.outputs.stem);
        let origins = &self.split.orders().origins;
        let guard = self.spec.export.csv_guard;
        let (rows, file) = branch.write(&name, |out| rejects::write(out, listed, origins, guard), |_, _| Ok(()))?;
        Ok(artifact((folder, &name), "rejects", ExportSummary { rows, ..ExportSummary::default() }, file))
    }
}

/// What the manifest says of a file in the folder of a report.
fn artifact((folder, name): (&str, &str), format: &str, summary: ExportSummary, written: BranchFile) -> Artifact {
    let (ExportSummary { rows, pages, notes }, BranchFile { path, bytes, sha256 }) = (summary, written);
    Artifact { file: format!("{folder}/{name}"), path: Some(path), format: format.to_owned(), rows, pages, bytes, sha256, notes }
}
