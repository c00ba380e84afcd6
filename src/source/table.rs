//! What a source is, and the table of text that it gives before anybody knows what its columns mean.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use polars::prelude::{ChunkFullNull, PlSmallStr, StringChunked};

use crate::error::Result;
use crate::source::condition::ColumnCondition;
use crate::source::input::ReadOptions;
use crate::source::open::Candidate;
use crate::source::orders::Origin;

/// A table that a source opened; `None` when the input is of another kind.
pub type Opened<'a> = Result<Option<Box<dyn OpenTable + 'a>>>;

/// A kind of input that tables of text are read from. None of them knows what the columns mean.
pub trait Source: Sync {
    /// What an INPUT of this kind is, for help and the README: `a CSV, TSV or other delimited file, plain or gzipped`.
    fn inputs(&self) -> &'static str;

    /// How the names of such files end, in lower case, for files of a folder: `.csv`.
    fn endings(&self) -> &'static [&'static str] {
        &[]
    }

    /// Opens `candidate` at the table whose headers `projection` accepts; `None` when it is an input of another kind,
    /// by its name or its first bytes.
    ///
    /// # Errors
    /// An input that cannot be read or is damaged; the projection's error when it accepts no headers.
    fn open<'a>(&self, candidate: &'a Candidate<'_>, options: &'a ReadOptions, projection: ColumnProjection<'a>) -> Opened<'a>;
}

/// A table whose headers are known and whose rows are still to be read.
pub trait OpenTable {
    /// The headers as written, one a column; what white space is around them is for their user to take off.
    fn headers(&self) -> &[String];

    /// Where the table stands.
    fn origin(&self) -> Origin;

    /// Leaves out rows that do not meet a condition; it may let some through that do not.
    ///
    /// # Errors
    /// Why it does not, in a few words.
    fn restrict(&mut self, _condition: ColumnCondition<'_>) -> std::result::Result<(), &'static str> {
        Err("it is no table of a database")
    }

    /// The statement by which it is read, for people; `None` where there is none.
    fn statement(&self) -> Option<String> {
        None
    }

    /// Hands every row to `sink`, in chunks of the columns that the projection wants, and returns what was detected.
    ///
    /// # Errors
    /// A failed or damaged input, and the errors of `sink`.
    fn read(self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found>;
}

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

/// Rows of a table that follow each other.
#[derive(Debug, Clone, Default)]
pub struct TableChunk {
    /// As [`Table::columns`].
    pub columns: Vec<Option<StringChunked>>,
    /// As [`Table::lines`].
    pub lines: Vec<u32>,
    /// Rows without anything in any cell: their places among these `lines`, ascending.
    pub blank: Vec<u32>,
    /// Rows whose fields could not be told apart.
    pub refused: Vec<Refused>,
}

/// A row whose fields could not be told apart; `portstatus read` prints it as JSON, without its text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Refused {
    /// Line or row, from 1.
    pub line: u32,
    /// The row's text, at most 4,096 characters of it.
    #[serde(skip)]
    pub text: String,
    /// Why, one phrase: `14 fields where the header has 19`.
    pub reason: String,
}

/// What the reader detected about a file; `portstatus read` prints it as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// `csv`, `xlsx`, `xls`, `xlsb`, `ods`, `sqlite`, `parquet` or `arrow`.
    pub format: String,
    /// The encoding's WHATWG name, for text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The delimiter, for text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The quote, for text that has another than `"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<char>,
    /// What escapes a quote inside quotes, for text that does not double it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escape: Option<char>,
    /// Whether a blank behind each delimiter belongs to it, for text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blank_after_delimiter: Option<bool>,
    /// `gzip` or `zstd` when the file was compressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
    /// The sheet read, for workbooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// All sheets, for workbooks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<String>,
    /// The table or view read, for databases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// All tables and views, for databases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
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

/// Which columns a caller wants, decided once the headers are known: one answer per header, or why these headers
/// are not those of a table the caller can use (another line or sheet is then tried).
pub type ColumnProjection<'a> = &'a (dyn Fn(&[String]) -> Result<Vec<bool>> + Sync);

/// Takes the chunks of a table, each with its place among them from 0; several may come at once and in any order.
pub type ChunkSink<'a> = &'a (dyn Fn(usize, TableChunk) -> Result<()> + Sync);

/// Has `read` give its chunks to `sink`, in their order from 0, which works on them while the next ones are read.
///
/// # Errors
/// Those of `read`, and the first of `sink`.
pub fn hand_over<T>(sink: ChunkSink<'_>, read: impl FnOnce(&mut dyn FnMut(TableChunk)) -> Result<T>) -> Result<T> {
    let failure = OnceLock::new();
    let done = rayon::in_place_scope(|scope| {
        let (mut chunks, failure) = (0.., &failure);
        read(&mut |chunk| {
            let index = chunks.next().unwrap_or_default();
            scope.spawn(move |_| drop(sink(index, chunk).map_err(|error| failure.set(error))));
        })
    })?;
    failure.into_inner().map_or(Ok(done), Err)
}

impl Table {
    /// Reads an opened table whole.
    ///
    /// # Errors
    /// Those of [`OpenTable::read`].
    pub fn read(table: Box<dyn OpenTable + '_>) -> Result<Self> {
        let mut headers = table.headers().to_vec();
        let chunks = Mutex::new(BTreeMap::new());
        let found = table.read(&|index, chunk| {
            chunks.lock().unwrap_or_else(PoisonError::into_inner).insert(index, chunk);
            Ok(())
        })?;
        let chunks = chunks.into_inner().unwrap_or_else(PoisonError::into_inner);
        let width = chunks.values().map(|chunk: &TableChunk| chunk.columns.len()).max().unwrap_or(0).max(headers.len());
        headers.resize(width, String::new());
        let columns = vec![None; width];
        let mut table = Self { headers, columns, lines: Vec::new(), blank: Vec::new(), refused: Vec::new(), found };
        for mut chunk in chunks.into_values() {
            // Columns without a header are only in the chunks from the first cell of theirs on.
            chunk.columns.resize(width, Some(StringChunked::full_null(PlSmallStr::EMPTY, chunk.lines.len())));
            table.blank.extend(chunk.blank.iter().map(|row| row + table.lines.len() as u32));
            table.lines.extend(chunk.lines);
            table.refused.extend(chunk.refused);
            for (column, chunk) in table.columns.iter_mut().zip(chunk.columns) {
                match (column.as_mut(), chunk) {
                    // Appending to a column of the same type cannot fail.
                    (Some(column), Some(chunk)) if !chunk.is_empty() => drop(column.append_owned(chunk)),
                    (None, chunk) => *column = chunk,
                    _ => {}
                }
            }
        }
        Ok(table)
    }
}
