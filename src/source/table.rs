//! The table a file holds, as text, before anybody knows what its columns mean.

use polars::prelude::StringChunked;

/// The text of a cell whose formula was never calculated: a program wrote it, and no spreadsheet has opened it since.
pub const UNCALCULATED: &str = "#UNCALCULATED!";

/// A file's (or sheet's) rows as text columns, with where each row stood.
#[derive(Debug, Clone)]
pub struct Table {
    /// The headers as written, one per column.
    pub headers: Vec<String>,
    /// One column per header that was wanted; an empty cell is null. `None` for columns not wanted.
    /// All columns have the same chunk boundaries, and at most 8 chunks.
    pub columns: Vec<Option<StringChunked>>,
    /// The line (text file) or row (sheet) each row began on, from 1.
    pub lines: Vec<u32>,
    /// Rows without anything in any cell, wanted or not: their places among `lines`, ascending.
    pub blank: Vec<u32>,
    /// Rows whose fields could not be told apart.
    pub refused: Vec<Refused>,
    /// What was found about the file.
    pub found: Found,
}

/// A row whose fields could not be told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Line or row, from 1.
    pub line: u32,
    /// The row's text, at most 4,096 characters of it.
    pub text: String,
    /// Why, one phrase: `14 fields where the header has 19`.
    pub reason: String,
}

/// What the reader found out about a file; `portstatus read` prints it as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// `csv`, `xlsx`, `xls`, `xlsb` or `ods`.
    pub format: String,
    /// The encoding's WHATWG name, for text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The delimiter, for text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// `gzip` when the file was compressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
    /// The sheet read, for workbooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// All sheets, for workbooks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<String>,
    /// Whether the workbook counts dates from 1904.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates_from_1904: Option<bool>,
    /// The line or row of the header, from 1.
    pub header_line: u32,
    /// Rows of data, the refused included.
    pub rows: u64,
    /// Refused rows.
    pub refused: u64,
    /// What else a reader should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Which columns a caller wants, decided once the headers are known: one answer per header,
/// or `None` when these headers are not those of a table the caller can use (the next sheet is tried).
pub type ColumnProjection<'a> = &'a (dyn Fn(&[String]) -> Option<Vec<bool>> + Sync);
