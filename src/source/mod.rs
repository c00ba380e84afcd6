//! Reads porting orders: a source yields a table of text in chunks, a profile normalizes them to the record, and no row is lost uncounted.

pub mod accounts;
pub mod coded_text;
pub mod column_file;
pub mod condition;
pub mod csv;
pub mod database;
pub mod duplicates;
pub mod encoding;
pub mod events;
pub mod explain_query;
pub mod guarded;
pub mod input;
pub mod json;
mod keyed;
pub mod many_files;
pub mod merge;
pub mod mysql;
mod nearest_header;
pub mod normalize;
mod number_text;
#[cfg(feature = "odbc")]
pub mod odbc;
pub mod open;
pub mod order_frame;
pub mod orders;
pub mod plan;
pub mod postgres;
pub mod profile;
pub mod pushdown;
pub mod read;
pub mod reading;
pub mod recognition;
mod redact;
pub mod sqlite;
pub mod table;
pub mod workbook;

pub use crate::source::coded_text::CodedText;
pub use crate::source::input::{Input, Limits, ReadOptions};
pub use crate::source::order_frame::OrderFrame;
pub use crate::source::orders::{FileDigest, NearWord, Orders, Origin, Reject, RejectKind, RowOwner, Superseded};

use crate::error::{Error, Result};
use crate::source::open::Candidate;
use crate::source::table::{ColumnProjection, OpenTable, Source, Table};

/// The sources; the first that opens an input reads it. A new one is a module and a line here.
pub const SOURCES: &[&dyn Source] = &[
    &sqlite::Sqlite,
    &postgres::Postgres,
    &mysql::MySql,
    #[cfg(feature = "odbc")]
    &odbc::Odbc,
    &workbook::Workbook,
    &column_file::ColumnFile,
    &json::Json,
    &csv::Csv,
];

/// What an input may be: every kind that some source reads.
pub fn input_kinds() -> String {
    SOURCES.iter().map(|source| source.inputs()).collect::<Vec<_>>().join(", ")
}

/// Opens `candidate` with the first source of [`SOURCES`] that reads it.
///
/// # Errors
/// Those of [`Source::open`]; an input that no source reads.
pub fn open_table<'a>(
    candidate: &'a Candidate<'_>,
    options: &'a ReadOptions,
    projection: ColumnProjection<'a>,
) -> Result<Box<dyn OpenTable + 'a>> {
    for source in SOURCES {
        if let Some(table) = source.open(candidate, options, projection)? {
            return Ok(table);
        }
    }
    Err(Error::data(candidate.input.name(), "no source reads this input", format!("give it as {}", input_kinds())))
}

/// The whole table of an input, as text.
///
/// # Errors
/// Those of [`open_table`] and [`OpenTable::read`].
pub fn read_table(candidate: &Candidate<'_>, options: &ReadOptions, projection: ColumnProjection<'_>) -> Result<(Origin, Table)> {
    let table = open_table(candidate, options, projection)?;
    Ok((table.origin(), Table::read(table)?))
}
