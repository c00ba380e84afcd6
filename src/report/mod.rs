//! The report as plain data for a reader: titles, counts, tables, column kinds. No I/O, no laziness.

pub mod build;
pub mod glossary;
pub mod lists;
pub mod style;
pub mod summary;
pub mod template;

use polars::prelude::{BooleanChunked, Int32Chunked, Int64Chunked, StringChunked};

use crate::clock::AsOf;
use crate::domain::columns::ColumnType;
pub use crate::select::page::Page;

/// A finished report: what every exporter gets, and all it gets.
#[derive(Debug, Clone)]
pub struct Report {
    /// `Partner Number Port Status Report`.
    pub title: String,
    /// Who operates the porting team; a setting.
    pub operator: String,
    /// The instant the report speaks of.
    pub as_of: AsOf,
    /// The filters it was made with, one sentence each; empty for none.
    pub filters: Vec<String>,
    /// The order of the rows, one sentence.
    pub order: String,
    /// Which page of how many, when paging was asked for.
    pub page: Option<Page>,
    /// The confidentiality notice: one line for every page.
    pub notice: String,
    /// The whole notice with the caveats, one paragraph each, for the about sheet and the first page.
    pub caveats: Vec<String>,
    /// The counts.
    pub summary: summary::Summary,
    /// The numbers: one row a number and request.
    pub numbers: Table,
    /// Runs of equal status (under another sort, of its first key) in `numbers`: label and first row.
    pub groups: Vec<(String, usize)>,
    /// Numbers ready to be assigned, or why there is no such list.
    pub assign_now: Section,
    /// Numbers that wait for the partner, or why there is no such list.
    pub needs_you: Section,
    /// What each column and each status means: group, term, meaning.
    pub glossary: Vec<[String; 3]>,
    /// The names of the inputs the report was made from.
    pub inputs: Vec<String>,
}

/// A table of its own, or one sentence in its place.
#[derive(Debug, Clone)]
pub enum Section {
    /// A table.
    Table(Table),
    /// Why there is none.
    Absent(String),
}

/// Columns of equal length.
#[derive(Debug, Clone)]
pub struct Table {
    /// Rows.
    pub rows: usize,
    /// The columns, in order.
    pub columns: Vec<Column>,
}

/// One column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// The snake_case key.
    pub key: String,
    /// The header a reader sees.
    pub caption: String,
    /// What it holds; fixes alignment, number format and guard in every format.
    pub kind: ColumnType,
    /// The width asked for, in characters of the body face.
    pub width_characters: f32,
    /// The cells.
    pub values: Values,
}

/// The cells of a column: one chunk each, null for an empty cell.
#[derive(Debug, Clone)]
pub enum Values {
    /// Text, as it is to be shown, without any guard.
    Text(StringChunked),
    /// Days since 1970-01-01.
    Date(Int32Chunked),
    /// Seconds since midnight.
    Time(Int32Chunked),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Instant(Int64Chunked),
    /// Whole numbers.
    Count(Int64Chunked),
    /// Yes or no.
    Bool(BooleanChunked),
}
