//! Reads porting orders: files become tables of text, a profile conforms them to the record, and no row is lost uncounted.

pub mod accounts;
pub mod csv;
pub mod encoding;
pub mod merge;
pub mod normalize;
pub mod open;
pub mod plan;
pub mod profile;
pub mod read;
pub mod table;
pub mod workbook;

use std::collections::BTreeMap;
use std::path::PathBuf;

use polars::prelude::DataFrame;

use crate::domain::record::Field;

/// One input of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Standard,
}

/// How to read. Everything is checked before the first row.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The profile to use; detected from the headers when absent.
    pub profile: Option<String>,
    /// Headers mapped by hand, each to a canonical column.
    pub maps: Vec<(String, Field)>,
    /// The text encoding, as a WHATWG label; detected when absent.
    pub encoding: Option<String>,
    /// The field delimiter of text files; detected when absent.
    pub delimiter: Option<u8>,
    /// The sheet of workbooks; the one whose headers match when absent.
    pub sheet: Option<String>,
    /// A file that maps account ids to partners.
    pub accounts: Option<PathBuf>,
    /// Limits on what a workbook or compressed file may inflate to.
    pub limits: Limits,
    /// The portstatus program that reads workbooks in a guarded process; this process's own when absent.
    pub workbook_program: Option<PathBuf>,
}

/// Limits against hostile inputs.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Inflated bytes one file may reach. Default 4 GiB.
    pub inflated_bytes: u64,
    /// Address space of the process that reads a workbook, and bytes of the table it sends, at most. Default 8 GiB.
    pub memory_bytes: u64,
    /// CPU seconds of the process that reads a workbook. Default 300.
    pub cpu_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { inflated_bytes: 4 << 30, memory_bytes: 8 << 30, cpu_seconds: 300 }
    }
}

/// A file, or a sheet of one, that rows came from. Rows name it by its index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file's name without its folder, or `standard input`.
    pub file: String,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file's bytes, in hex.
    pub sha256: String,
    /// The profile used, by name.
    pub profile: String,
    /// Rows read from it, the refused included.
    pub rows: u64,
}

/// The file that mapped accounts to partners.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountsFile {
    /// The file's name without its folder.
    pub file: String,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file's bytes, in hex.
    pub sha256: String,
}

/// Whether a reject lists a whole row or one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RejectKind {
    /// The row is not in the report.
    Row,
    /// The row is in the report, this cell of it blank.
    Cell,
}

/// A row or a cell that could not be used, with its original text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reject {
    /// Index into [`Orders::origins`].
    pub input: u32,
    /// Line of a text file or row of a sheet, from 1.
    pub line: u32,
    /// A row or a cell.
    pub kind: RejectKind,
    /// The header of the column; empty when the row as a whole is at fault.
    pub column: String,
    /// The text as it was read.
    pub value: String,
    /// Why, one phrase.
    pub reason: String,
}

/// A row replaced by a newer one of the same number in the same request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superseded {
    /// Where the older row stood: input and line.
    pub old: (u32, u32),
    /// Where the newer row stands.
    pub new: (u32, u32),
}

/// Orders that meet the record schema. Every input row is in the frame, superseded, or rejected:
/// `read + expanded == frame.height() + superseded.len() + rejected rows`.
#[derive(Debug, Clone)]
pub struct Orders {
    /// One row a number and request; columns as in [`crate::domain::record`], all of them, with equal chunk
    /// boundaries and few chunks.
    pub frame: DataFrame,
    /// Where rows came from, by index.
    pub origins: Vec<Origin>,
    /// The file that mapped accounts to partners, if one did.
    pub accounts: Option<AccountsFile>,
    /// The fields for which some input had a column.
    pub present: Vec<Field>,
    /// Rows read.
    pub read: u64,
    /// Rows more than were read, because a range of numbers makes a row for each of them.
    pub expanded: u64,
    /// Rows and cells that could not be used, in input order.
    pub rejects: Vec<Reject>,
    /// Rows replaced by newer ones.
    pub superseded: Vec<Superseded>,
    /// Status words that no profile knows, by column header and word, with counts.
    pub unknown_words: BTreeMap<(String, String), u64>,
    /// What a reader should know: profile chosen, ambiguous dates, ignored columns. No whole phone number.
    pub notes: Vec<String>,
}

impl Orders {
    /// The number of rejected rows.
    pub fn rejected_rows(&self) -> u64 {
        self.rejects.iter().filter(|reject| reject.kind == RejectKind::Row).count() as u64
    }
}
