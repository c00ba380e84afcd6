//! The manifest of a run: what went in, what came out, and that the counts add up. What differs from run to run stays outside its hashed part.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::deliver::staged::digest;
use crate::domain::action::Action;
use crate::domain::note::{Note, as_texts};
use crate::error::{Error, Part, Result};
use crate::select::page::Page;
use crate::source::FileDigest;

/// The layout of the manifest; it changes when a key changes its meaning or goes.
pub const SCHEMA: u32 = 2;

/// The manifest as it is written.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    /// The hashed part: the same inputs, names and as-of give the same content.
    pub content: Content,
    /// The SHA-256 of `content` as JSON without white space, keys in the order written here.
    pub content_sha256: String,
    /// What differs from run to run.
    pub run: Run,
}

/// The hashed part of a manifest.
#[derive(Debug, Clone, Serialize)]
pub struct Content {
    /// See [`SCHEMA`].
    pub schema: u32,
    /// The program and its version.
    pub program: String,
    /// The title of the report.
    pub title: String,
    /// The as-of instant, UTC.
    pub as_of: String,
    /// The filters, one sentence each.
    pub filters: Vec<String>,
    /// The order of the rows.
    pub order: String,
    /// The page, when paging was asked for.
    pub page: Option<Page>,
    /// The keys of the columns.
    pub columns: Vec<String>,
    /// The files that the outputs depend on: orders in the order given, then accounts, then templates by name.
    pub inputs: Vec<InputFile>,
    /// The counts.
    pub counts: Counts,
    /// Rows selected before paging, by status caption, in the report's order.
    pub by_status: Vec<StatusRows>,
    /// Rows selected before paging that carry each data-quality flag, by code.
    pub quality_flags: BTreeMap<String, u64>,
    /// Words of the source that no profile knows, the most frequent of very many.
    pub unknown_words: Vec<UnknownWord>,
    /// How many different ones there are besides.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_unknown_words: usize,
    /// Rows replaced by newer ones.
    pub superseded: Vec<SupersededRow>,
    /// What was judged of the numbers, if the report is a file of actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionCounts>,
    /// What became of the numbers since an earlier report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<ChangeCounts>,
    /// The reports, if each value of a column has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitReports>,
    /// What a reader should know.
    #[serde(serialize_with = "as_texts")]
    pub notes: Vec<Note>,
    /// The outputs, in the order they were published.
    pub outputs: Vec<Artifact>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero<T: Default + PartialEq>(count: &T) -> bool {
    *count == T::default()
}

/// What was judged of the numbers of a file of actions.
#[derive(Debug, Clone, Serialize)]
pub struct ActionCounts {
    /// What is to be done.
    pub action: Action,
    /// Numbers for which it can be asked for.
    pub allowed: u64,
    /// Numbers for which it cannot.
    pub refused: u64,
    /// Numbers that were selected and are left out, since they are not ready to be assigned.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_ready: u64,
}

/// How many numbers something happened to since an earlier report. A number can count several times.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeCounts {
    /// The instant of the earlier report, UTC.
    pub since: String,
    /// Numbers by what happened.
    #[serde(flatten)]
    pub counts: BTreeMap<String, u64>,
}

/// Reports of one run, one for each value of a column.
#[derive(Debug, Clone, Serialize)]
pub struct SplitReports {
    /// The key of the column.
    pub by: String,
    /// By format, how it is proved that a file holds the rows of one value alone: `read back` from the finished file, or by a
    /// `canary` in tests. The rows handed over to a format are checked for all of them.
    pub isolation: BTreeMap<String, String>,
    /// Where the first of the rows without a value stand, which are in no report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unassigned: Vec<String>,
    /// The values of which nobody is a recipient, where recipients are listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_recipient: Vec<ValueRows>,
    /// The reports, in the order in which their values first stand in the inputs, or in that of the table of recipients.
    pub reports: Vec<PartReport>,
}

/// A value, and its rows.
#[derive(Debug, Clone, Serialize)]
pub struct ValueRows {
    /// The value, as a reader sees it.
    pub value: String,
    /// Rows that have it.
    pub rows: u64,
}

/// The report of one value.
#[derive(Debug, Clone, Serialize)]
pub struct PartReport {
    /// Whose report it is, where a table of recipients calls them otherwise than by their values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The value, as a reader sees it.
    pub value: String,
    /// The folder of its files.
    pub folder: String,
    /// Rows that have the value.
    pub rows: u64,
    /// Rows in its report.
    pub reported: u64,
    /// Rows that filters left out of it.
    pub filtered_out: u64,
    /// Why it was not made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_due: Option<String>,
    /// `whole` for one who may see everything; all others are kept to the rows of their value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolation: Option<&'static str>,
}

/// The rows of a status.
#[derive(Debug, Clone, Serialize)]
pub struct StatusRows {
    /// The caption of the status.
    pub status: String,
    /// Its rows.
    pub rows: u64,
}

/// A word of the source that no profile knows.
#[derive(Debug, Clone, Serialize)]
pub struct UnknownWord {
    /// The header of its column.
    pub column: String,
    /// The word, without a whole phone number.
    pub word: String,
    /// The rows that have it.
    pub rows: u64,
    /// The code whose word comes nearest, if one is near.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<String>,
}

/// A row that a newer one replaced.
#[derive(Debug, Clone, Serialize)]
pub struct SupersededRow {
    /// Where the older one stood.
    pub old: String,
    /// Where the newer one stands.
    pub new: String,
}

/// How long a stage took.
#[derive(Debug, Clone, Serialize)]
pub struct StageSeconds {
    /// The stage.
    pub stage: String,
    /// The time.
    pub seconds: f64,
}

/// What a file that was read is to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Its rows are orders.
    Orders,
    /// It maps accounts to partners.
    Accounts,
    /// It replaces a template of the program.
    Template,
}

/// A file, or one part of it, that was read.
#[derive(Debug, Clone, Serialize)]
pub struct InputFile {
    /// What it is to the run.
    pub role: Role,
    /// Its name without the folder; of a template with its folder among the templates.
    pub file: String,
    /// The part of it: `sheet`, `table` or `query`.
    #[serde(flatten)]
    pub part: Option<Part>,
    /// Bytes and SHA-256 of the file; a database has neither.
    #[serde(flatten)]
    pub digest: Option<FileDigest>,
    /// The profile that orders were read with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Orders read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// The filters by which its database left out rows that are counted nowhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filtered_at_source: Vec<String>,
}

/// Where every row that was read went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows read.
    pub read: u64,
    /// Rows more than were read, because a range of numbers makes a row for each of them.
    pub expanded: u64,
    /// Rows in this report.
    pub reported: u64,
    /// Rows that a filter left out.
    pub filtered_out: u64,
    /// Rows on other pages.
    pub on_other_pages: u64,
    /// Rows replaced by a newer or identical one.
    pub superseded: u64,
    /// Events before the last of their number.
    #[serde(skip_serializing_if = "is_zero")]
    pub replayed: u64,
    /// Numbers in whose place another stands for their request.
    #[serde(skip_serializing_if = "is_zero")]
    pub rolled_up: u64,
    /// Rows that are in none of several reports, since they have no value in the column by which these are told apart.
    #[serde(skip_serializing_if = "is_zero")]
    pub unassigned: u64,
    /// Rows that are in none of several reports, since nobody is a recipient of their value.
    #[serde(skip_serializing_if = "is_zero")]
    pub unaddressed: u64,
    /// Rows of reports that were not made, since there was nothing to send.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_due: u64,
    /// Rows that could not be used.
    pub rejected: u64,
    /// Cells left blank because they could not be used; their rows are counted above.
    pub rejected_cells: u64,
}

impl Counts {
    /// Checks that every row read, or made of a range, is in exactly one of the other counts.
    ///
    /// # Errors
    /// [`Error::internal`] with all counts.
    pub fn check(&self) -> Result<()> {
        let elsewhere = self.superseded + self.replayed + self.rolled_up + self.rejected;
        let in_none = self.unassigned + self.unaddressed + self.not_due;
        let accounted = self.reported + self.filtered_out + self.on_other_pages + in_none + elsewhere;
        if accounted == self.read + self.expanded {
            return Ok(());
        }
        let what = format!(
            "{} rows read and {} more from ranges, but {} reported + {} filtered out + {} on other pages + {} in no report + {} superseded, replayed, rolled up or rejected = {accounted}",
            self.read, self.expanded, self.reported, self.filtered_out, self.on_other_pages, in_none, elsewhere
        );
        Err(Error::internal("counts", what))
    }
}

/// A file that is whole, or absent; or what was written to standard output.
#[derive(Debug, Clone, Serialize)]
pub struct Artifact {
    /// Its name without the folder.
    pub file: String,
    /// Where it is; nowhere on standard output.
    #[serde(skip)]
    pub path: Option<PathBuf>,
    /// `csv`, `xlsx`, `pdf`, `changes`, `rejects` or `manifest`.
    pub format: String,
    /// Rows of the numbers table, or of the list or the rejects file beside it.
    pub rows: u64,
    /// Pages of a PDF, sheets of numbers in a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u64>,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// What was changed in it: cells guarded, characters replaced.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_texts")]
    pub notes: Vec<Note>,
}

/// What differs from run to run.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// The run's id.
    pub id: String,
    /// When it began, UTC.
    pub started: String,
    /// Seconds each stage took, in order.
    pub seconds: Vec<StageSeconds>,
    /// CPU seconds of the process and its children so far, where the system says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_seconds: Option<f64>,
    /// Bytes of the classified rows in memory.
    pub frame_bytes: u64,
    /// What happened besides: unfinished files of earlier runs removed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Manifest {
    /// The manifest of `content` and `run`.
    ///
    /// # Errors
    /// [`Error::internal`] when the content cannot be written as JSON.
    pub fn new(content: Content, run: Run) -> Result<Self> {
        let text = serde_json::to_string(&content).map_err(unwritable)?;
        Ok(Self { content_sha256: digest(text.as_bytes()), content, run })
    }

    /// The manifest as indented JSON with a line end.
    ///
    /// # Errors
    /// [`Error::internal`] when it cannot be written as JSON.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(unwritable)
    }
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::internal("manifest", &error).with_cause(error)
}
