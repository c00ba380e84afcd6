//! Accounts for every row: what is known of rows that are not in the report, and whether the counts add up.

use std::collections::BTreeMap;

use chrono::SecondsFormat;

use crate::deliver::manifest::{Artifact, Content, Counts, InputFile, PageOf, Role, SCHEMA};
use crate::deliver::staged::digest;
use crate::domain::number::{mask, mask_sentence};
use crate::error::{Error, Place, Result};
use crate::job::RejectLimit;
use crate::report::Report;
use crate::select::Selection;
use crate::source::{FileDigest, Orders, Origin, Reject, RejectKind, Superseded};
use crate::templates::Templates;

/// What is known of the rows besides the rows.
#[derive(Debug, Clone)]
pub struct Reconciliation {
    /// Rows read.
    pub read: u64,
    /// Rows more than were read, from ranges of numbers.
    pub expanded: u64,
    /// The files that the outputs depend on: orders, accounts, and the templates read instead of the shipped ones.
    pub inputs: Vec<InputFile>,
    /// Where rows came from.
    pub origins: Vec<Origin>,
    /// Rows and cells that could not be used.
    pub rejects: Vec<Reject>,
    /// Rows replaced by newer ones.
    pub superseded: Vec<Superseded>,
    /// Status words that no profile knows, by column and word, without whole phone numbers.
    pub unknown_words: BTreeMap<(String, String), u64>,
    /// What a reader should know, without whole phone numbers.
    pub notes: Vec<String>,
}

impl Reconciliation {
    /// Takes from `orders` what no later stage needs, and copies the rest; `templates` are those they were read with.
    pub fn open(orders: &mut Orders, templates: &Templates) -> Self {
        Self {
            read: orders.read,
            expanded: orders.expanded,
            inputs: inputs(orders, templates),
            origins: orders.origins.clone(),
            rejects: std::mem::take(&mut orders.rejects),
            superseded: std::mem::take(&mut orders.superseded),
            unknown_words: redacted(&orders.unknown_words),
            notes: orders.notes.iter().map(|note| mask_sentence(note)).collect(),
        }
    }

    /// Rejected rows; cells not counted.
    pub fn rejected(&self) -> u64 {
        self.rejects.iter().filter(|reject| reject.kind == RejectKind::Row).count() as u64
    }

    /// Ends the run when more rows were rejected than `reject_limit` allows.
    ///
    /// # Errors
    /// [`Error::data`] that names the first rejected row.
    pub fn enforce_reject_limit(&self, reject_limit: RejectLimit) -> Result<()> {
        let rejected = self.rejected();
        let Some(first) = self.rejects.iter().find(|reject| reject.kind == RejectKind::Row) else {
            return Ok(());
        };
        if reject_limit.allows(rejected, self.read) {
            return Ok(());
        }
        let place = self.place(first.input, first.line);
        let verb = if rejected == 1 { "was" } else { "were" };
        let what = format!("{rejected} of {} rows {verb} rejected, this one first: {}", self.read, first.reason);
        Err(Error::data(place, what, "nothing was published; see all of them with portstatus check"))
    }

    /// The counts of `report`, made from `selection`.
    ///
    /// # Errors
    /// [`Error::internal`] when a row is missing or counted twice.
    pub fn balance(&self, report: &Report, selection: &Selection) -> Result<Counts> {
        let rejected = self.rejected();
        let counts = Counts {
            read: self.read,
            expanded: self.expanded,
            reported: report.numbers.rows as u64,
            filtered_out: selection.filtered_out,
            on_other_pages: selection.on_other_pages(),
            superseded: self.superseded.len() as u64,
            rejected,
            rejected_cells: self.rejects.len() as u64 - rejected,
        };
        counts.check()?;
        let by_file: u64 = self.origins.iter().map(|origin| origin.rows).sum();
        let (read, passed, summed) = (self.read, selection.rows.len() as u64, report.cover.figures.rows);
        if by_file != read || summed != passed {
            let what = format!("{read} rows read, {by_file} by file; {passed} selected, {summed} summed up");
            return Err(Error::internal("counts", what));
        }
        Ok(counts)
    }

    /// The hashed part of the manifest of `report`.
    pub fn content(&self, report: &Report, counts: Counts, outputs: Vec<Artifact>) -> Content {
        Content {
            schema: SCHEMA,
            program: format!("portstatus {}", env!("CARGO_PKG_VERSION")),
            title: report.cover.title.clone(),
            as_of: report.cover.as_of.utc().to_rfc3339_opts(SecondsFormat::Secs, true),
            filters: report.cover.filters.clone(),
            order: report.cover.order.clone(),
            page: report.cover.page.map(|page| PageOf { number: page.number, of: page.of, size: page.size }),
            columns: report.numbers.columns.iter().map(|column| column.key.clone()).collect(),
            inputs: self.inputs.clone(),
            counts,
            by_status: report
                .cover
                .figures
                .by_status
                .iter()
                .map(|(status, rows)| (report.cover.figures.spelling.status(*status).to_owned(), *rows))
                .collect(),
            quality_flags: report.cover.figures.quality_flags.iter().map(|(flag, rows)| (flag.code().to_owned(), *rows)).collect(),
            unknown_words: self.unknown_words.iter().map(|((column, word), rows)| (column.clone(), word.clone(), *rows)).collect(),
            superseded: self
                .superseded
                .iter()
                .map(|pair| [self.place(pair.old.0, pair.old.1).to_string(), self.place(pair.new.0, pair.new.1).to_string()])
                .collect(),
            notes: self.notes.clone(),
            outputs,
        }
    }

    /// Line or row `line` of the input with the index `input`.
    pub fn place(&self, input: u32, line: u32) -> Place {
        let origin = self.origins.get(input as usize);
        let file = origin.map(|origin| origin.file.clone()).unwrap_or_default();
        Place::row(file, origin.and_then(|origin| origin.sheet.as_deref()), u64::from(line))
    }
}

/// The files that `orders` and what is made of them depend on.
fn inputs(orders: &Orders, templates: &Templates) -> Vec<InputFile> {
    let origins = orders.origins.iter().map(|origin| InputFile {
        role: Role::Orders,
        file: origin.file.clone(),
        sheet: origin.sheet.clone(),
        digest: origin.digest.clone(),
        profile: Some(origin.profile.clone()),
        rows: Some(origin.rows),
    });
    let beside = |role, file, sheet, digest| InputFile { role, file, sheet, digest, profile: None, rows: None };
    let accounts = orders.accounts.iter().cloned().map(|origin| beside(Role::Accounts, origin.file, origin.sheet, origin.digest));
    let templates = templates.used().into_iter();
    let digest = |text: &str| FileDigest { bytes: text.len() as u64, sha256: digest(text.as_bytes()) };
    let templates = templates.map(|(name, text)| beside(Role::Template, name, None, Some(digest(&text))));
    origins.chain(accounts).chain(templates).collect()
}

/// The words as every message and manifest shows them; those that look the same without their numbers are counted together.
fn redacted(words: &BTreeMap<(String, String), u64>) -> BTreeMap<(String, String), u64> {
    let mut shown = BTreeMap::new();
    for ((column, word), count) in words {
        *shown.entry((mask(column), mask(word))).or_default() += count;
    }
    shown
}
