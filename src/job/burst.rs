//! Gives each value of a column a report of its own, all from one reading: the orders of each are taken out, checked to be its
//! own, and reported by the calls that make any report; the files wait in a private tree until all of them are there.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use polars::prelude::IdxCa;

use crate::classify::Classified;
use crate::classify::split::Split;
use crate::clock::RunTimer;
use crate::deliver::manifest::{Artifact, PartReport, SplitReports, ValueRows};
use crate::deliver::tree::{Branch, BranchFile};
use crate::deliver::{Tree, rejects};
use crate::domain::note::Note;
use crate::domain::text::{counted, first_few, numbered};
use crate::error::{Error, Result};
use crate::export::read_back::prove;
use crate::export::{ExportSummary, Exporter, Options};
use crate::job::built_report::BuiltReport;
use crate::job::earlier::{EarlierGroup, EarlierState, EarlierStates};
use crate::job::load::Loaded;
use crate::job::made::Made;
use crate::job::outputs::{Outputs, name_beside};
use crate::job::prepare::Prepared;
use crate::job::recipients::{PreviousParts, Recipient, Recipients, Share, previous_parts, require_column, values};
use crate::job::reconciliation;
use crate::job::render::{Rendered, changed, changes, select_rows};
use crate::job::row_account::RowAccount;
use crate::job::spec::{DeliverySpec, Destination, RenderSpec, ReportRow};
use crate::job::{Progress, Stage, StageTimer};
use crate::report::Report;
use crate::report::build::{cover, labels};
use crate::select::{CheckedQuery, unmatched};
use crate::source::Reject;
use crate::workers::in_order;

/// Rows in no report whose places a manifest lists.
const MAX_UNASSIGNED: usize = 1_000;

/// What a manifest says of the report of one who may see everything: there is nothing to be kept from it.
const WHOLE: &str = "whole";

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

/// What the makers of all reports share.
struct Burst<'a> {
    split: &'a Split,
    key: &'static str,
    prepared: &'a Prepared,
    spec: &'a RenderSpec,
    recipients: &'a [Recipient],
    outputs: &'a BurstOutputs,
    /// Microseconds that were spent on reading files back.
    proving: AtomicU64,
}

/// Refuses recipients of whom one could not get a report.
pub type RecipientCheck<'a> = &'a dyn Fn(&[Recipient]) -> Result<()>;

/// Whose reports a run makes.
pub struct BurstSpec<'a> {
    /// The column by whose values they are told apart.
    pub key: &'static str,
    /// The filters of the run.
    pub query: &'a CheckedQuery,
    /// How reports are made, where recipients have no say.
    pub render: &'a RenderSpec,
    /// Who gets one.
    pub recipients: &'a Recipients,
    /// What they are compared with.
    pub earlier: &'a dyn EarlierStates,
    /// Refuses recipients before a report of any of them is made.
    pub check: Option<RecipientCheck<'a>>,
}

/// The reports of a run, and what it says of all of them.
pub struct BurstRendered {
    /// The outputs and the manifest.
    pub rendered: Rendered,
    /// Whose reports they are.
    pub recipients: Vec<Recipient>,
    /// The reports, in the order of the recipients.
    pub made: Vec<Made>,
}

/// Makes the reports of `spec` from `loaded`, and writes what the run says of all of them.
///
/// # Errors
/// What ends any of the reports; [`Error::internal`] when a row is in the wrong report, in two of them or in none.
pub fn render(
    loaded: &Loaded,
    prepared: &Prepared,
    burst: &BurstSpec<'_>,
    outputs: BurstOutputs,
    stages: &mut StageTimer<'_>,
) -> Result<BurstRendered> {
    let (orders, &BurstSpec { key, query, render: spec, .. }) = (&loaded.classified.orders, burst);
    require_column(key, orders, prepared)?;
    let (split, whole) =
        stages.time(Stage::Selecting, || Ok((Split::by(&loaded.classified, key)?, select_rows(&loaded.classified, query, spec.row)?)))?;
    let values = values(&split, &loaded.classified, key, prepared)?;
    let recipients = burst.recipients.of(&values)?;
    burst.check.map_or(Ok(()), |check| check(&recipients))?;
    let maker = Burst { split: &split, key, prepared, spec, recipients: &recipients, outputs: &outputs, proving: AtomicU64::new(0) };
    let progress = stages.progress;
    progress.rows(whole.rows.len() as u64);
    let made = stages.time(Stage::Exporting, || maker.make_groups(burst.earlier, progress))?;
    let proving = maker.proving.load(Ordering::Relaxed) as f64 / 1e6;
    let account = RowAccount::of(&split, &recipients, &made);
    let unassigned = if account.is_seen_whole() { Vec::new() } else { split.unassigned()? };
    let whole = account.reported(whole);
    let changes = changes(loaded.previous.as_ref(), &whole, query)?;
    let cover = cover(&whole, &prepared.template, &spec.operator)?;
    let counts = account.counts(orders, &made)?;
    let shared = counts.reported - (whole.rows.len() as u64).min(counts.reported);
    // A request whose numbers are of several values is in the report of each; a number has one value.
    if spec.row == ReportRow::Number && counts.reported != whole.rows.len() as u64 {
        return Err(Error::internal("reports", format!("{} rows in all reports, {} selected", counts.reported, whole.rows.len())));
    }
    let reports = SplitReports {
        by: key.to_owned(),
        isolation: spec.formats.iter().map(|format| (format.name().to_owned(), format.isolation().code().to_owned())).collect(),
        unassigned: unassigned.iter().take(MAX_UNASSIGNED).map(|at| reconciliation::place(orders, *at).to_string()).collect(),
        without_recipient: account.unaddressed(&split, &values),
        reports: made.iter().map(|made| made.listed.clone()).collect(),
    };
    let BurstOutputs { tree, stem, outputs } = outputs;
    let lists = spec.formats.iter().flat_map(|format| format.lists_beside().iter().map(|list| name_beside(&stem, *list, *format)));
    let obsolete = lists.chain([format!("{stem}.rejects.csv")]).collect();
    let mut ready = outputs.write_beside(tree, obsolete, orders, &spec.export)?;
    ready.listed.splice(0..0, made.iter().flat_map(|made| made.files.iter().cloned()));
    let columns = query.columns.iter().map(|key| (*key).to_owned()).collect();
    let mut content = reconciliation::content(orders, &loaded.inputs, (&cover, columns), counts, ready.listed.clone());
    let own = [
        shared_note(shared),
        unassigned_note(unassigned.len() as u64, key, prepared),
        unaddressed_note(&reports.without_recipient, account.is_seen_whole()),
        absent_note(&recipients),
    ];
    content.notes.extend(unmatched::sentences(&whole)?.into_iter().chain(own.into_iter().flatten()).map(Note::from));
    content.split = Some(reports);
    content.changes = changes.map(|changes| changed(&changes.counts, changes.since));
    stages.note("proving", proving);
    let frame_bytes = loaded.classified.frame().bytes() as u64;
    let rendered = Rendered { ready, content, as_of: cover.as_of, summary: cover.figures, frame_bytes };
    Ok(BurstRendered { rendered, recipients, made })
}

fn shared_note(shared: u64) -> Option<String> {
    let many = "requests have numbers of several values and are in the report of each";
    (shared > 0).then(|| numbered(shared, "request has numbers of several values and is in the report of each", many))
}

fn unassigned_note(rows: u64, key: &str, prepared: &Prepared) -> Option<String> {
    let caption = prepared.names.caption(key);
    (rows > 0).then(|| {
        format!("in no report, since they have nothing in '{caption}': {}; the manifest lists where they stand", counted(rows, "row"))
    })
}

/// Recipients of whose value there is no row, which may be misspelled.
fn absent_note(recipients: &[Recipient]) -> Option<String> {
    const MAX_NAMED: usize = 10;
    let names: Vec<&str> =
        recipients.iter().filter(|recipient| recipient.share == Share::Nothing).map(|recipient| recipient.name.as_str()).collect();
    (!names.is_empty()).then(|| format!("recipients whose value stands in no row: {}", first_few(&names, MAX_NAMED, ", ")))
}

fn unaddressed_note(values: &[ValueRows], is_seen_whole: bool) -> Option<String> {
    let rows = values.iter().map(|value| value.rows).sum();
    let values = counted(values.len() as u64, "value");
    if is_seen_whole && rows > 0 {
        return Some(format!("of {values} nobody is a recipient but who sees everything; the manifest lists them"));
    }
    (rows > 0)
        .then(|| format!("of {values} nobody is a recipient, so that {} are in no report; the manifest lists them", counted(rows, "row")))
}

impl Burst<'_> {
    /// Makes the reports of all recipients, those that are compared with the same state after one another.
    fn make_groups(&self, earlier: &dyn EarlierStates, progress: &dyn Progress) -> Result<Vec<Made>> {
        let mut made = Vec::new();
        for EarlierGroup { recipients, load } in earlier.groups(self.recipients)? {
            let previous = load()?.map(|state| previous_parts(state, self.key, self.prepared)).transpose()?;
            made.extend(self.make_all(recipients, previous.as_ref(), progress)?);
        }
        made.sort_by_key(|made| made.recipient);
        self.outputs.tree.sync()?;
        Ok(made)
    }

    /// Makes the reports of the recipients in these `places`, compared with `previous`, as many at once as there are cores.
    fn make_all(&self, mut places: Vec<usize>, previous: Option<&PreviousParts>, progress: &dyn Progress) -> Result<Vec<Made>> {
        // The largest first, so that no core waits long for the last.
        let rows = |share: Share| match share {
            Share::Part(part) => self.split.rows(part).len(),
            Share::Nothing => 0,
            Share::Everything => self.split.classified().frame().height(),
        };
        places.sort_by_key(|place| std::cmp::Reverse(rows(self.recipients[*place].share)));
        in_order(places.len(), |number| self.make(places[number], previous, progress))
    }

    /// Makes the report of the recipient in this `place`, in every format, if it is due.
    fn make(&self, place: usize, previous: Option<&PreviousParts>, progress: &dyn Progress) -> Result<Made> {
        let (spec, recipient) = (self.spec, &self.recipients[place]);
        let settings = &*recipient.report;
        let classified = match recipient.share {
            Share::Part(part) => Arc::new(self.split.part(part)?),
            Share::Nothing => Arc::new(self.split.nothing()?),
            Share::Everything => Arc::clone(self.split.classified()),
        };
        let is_whole = recipient.share == Share::Everything;
        if !is_whole {
            self.check_owner(&classified, recipient)?;
        }
        let part = (!is_whole).then(|| (self.key, recipient.value.clone()));
        let query = CheckedQuery { part, ..settings.query.clone() };
        let selection = select_rows(&classified, &query, spec.row)?;
        let earlier = previous_of(previous, recipient)?;
        // Rows that are gone stand in no table that could be compared with what was handed over.
        if let Some((earlier, _)) = earlier.as_ref().filter(|_| !is_whole) {
            self.check_owner(earlier, recipient)?;
        }
        let changes = changes(earlier.as_ref(), &selection, &query)?;
        let named = (&settings.template, spec.operator.as_str());
        let built = BuiltReport::build(&selection, named, changes.as_ref(), &settings.formats)?;
        let report = &built.report;
        let counts = reconciliation::balance(report, &selection)?;
        let figures = report.cover.figures.clone();
        let not_due = recipient.condition.unmet(&figures, changes.as_ref());
        let files = if not_due.is_some() { Vec::new() } else { self.write_all(recipient, &built, &classified.orders.rejects)? };
        progress.amount(Stage::Exporting, spec.export.written.count() / spec.formats.len().max(1) as u64, 0);
        let listed = PartReport {
            recipient: Some(recipient.name.clone()).filter(|name| *name != recipient.value),
            value: recipient.value.clone(),
            folder: recipient.folder.clone(),
            rows: classified.frame().height() as u64,
            reported: if not_due.is_some() { 0 } else { counts.reported },
            filtered_out: counts.filtered_out,
            not_due: not_due.as_ref().map(|not_due| not_due.why.clone()),
            isolation: is_whole.then_some(WHOLE),
        };
        let changes = changes.map(|changes| changed(&changes.counts, changes.since));
        Ok(Made { recipient: place, not_due, figures, changes, listed, files, rows: selection.rows, counts })
    }

    /// Writes the report that was `built` in every format of the recipient, and the `rejects` that are its own.
    fn write_all(&self, recipient: &Recipient, built: &BuiltReport, rejects: &[Reject]) -> Result<Vec<Artifact>> {
        let branch = self.outputs.tree.branch(&recipient.folder)?;
        let stem = &self.outputs.stem;
        let options = &self.spec.export;
        let volumes = |format: &&'static dyn Exporter| {
            let volumes = built.of(*format).volumes(format.rows_of_a_file(options), stem, format.name());
            volumes.into_iter().map(|(name, report)| (*format, name, report)).collect::<Vec<_>>()
        };
        let written = recipient
            .report
            .formats
            .iter()
            .flat_map(volumes)
            .map(|(format, name, report)| self.write(&branch, &recipient.folder, &name, format, (&report, options)));
        let mut files = written.collect::<Result<Vec<Artifact>>>()?;
        for format in &recipient.report.formats {
            let lists = format.lists_beside().iter().filter_map(|id| Some((*id, built.of(*format).of_list(*id)?)));
            for (id, list) in lists {
                let name = name_beside(stem, id, *format);
                let written = self.write(&branch, &recipient.folder, &name, *format, (&list, &options.unwatched()))?;
                files.push(Artifact { format: id.code().to_owned(), ..written });
            }
        }
        if !rejects.is_empty() {
            files.push(self.write_rejects(&branch, &recipient.folder, rejects)?);
        }
        Ok(files)
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

    fn write(
        &self,
        branch: &Branch,
        folder: &str,
        name: &str,
        format: &dyn Exporter,
        (report, options): (&Report, &Options),
    ) -> Result<Artifact> {
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

/// The rows of `recipient` in the earlier state, if there is one.
fn previous_of(previous: Option<&PreviousParts>, recipient: &Recipient) -> Result<Option<EarlierState>> {
    let Some((split, parts, since)) = previous else { return Ok(None) };
    if recipient.share == Share::Everything {
        return Ok(Some((Arc::clone(split.classified()), *since)));
    }
    let part = parts.get(&recipient.value).map_or_else(|| split.nothing(), |part| split.part(*part))?;
    Ok(Some((Arc::new(part), *since)))
}

/// What the manifest says of a file in the folder of a report.
fn artifact((folder, name): (&str, &str), format: &str, summary: ExportSummary, written: BranchFile) -> Artifact {
    let (ExportSummary { rows, pages, notes }, BranchFile { path, bytes, sha256 }) = (summary, written);
    Artifact { file: format!("{folder}/{name}"), path: Some(path), format: format.to_owned(), rows, pages, bytes, sha256, notes }
}
