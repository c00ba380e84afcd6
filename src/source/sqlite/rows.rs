//! Turns the rows of a statement into chunks of text columns.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Statement, params_from_iter};

use crate::error::{Part, Result};
use crate::source::database::restriction::{Restriction, SqlDialect};
use crate::source::database::rows::{RowChunks, RowOrigin};
use crate::source::database::sql::{ResultColumn, all_columns, is_select, not_a_select, query_error, quoted};
use crate::source::number_text::write_number;
use crate::source::sqlite::connection::{explain, message};
use crate::source::table::{self, ChunkSink};

/// The names of the columns that a part of the database has.
///
/// # Errors
/// What SQLite has against the query, and a query that does not read or has places for values.
pub fn headers(connection: &Connection, part: &Part, name: &str) -> Result<Vec<String>> {
    let statement = prepare(connection, part, &Restriction::none(SqlDialect::Sqlite), name)?;
    Ok(statement.column_names().map(str::to_owned).collect())
}

/// Hands over the rows of a part of the database, and returns how many there are and how many of them were refused.
///
/// # Errors
/// What SQLite has against the query or the data, a value that is no text or number, and the errors of `sink` and the monitor.
pub fn read(
    connection: &Connection,
    origin: RowOrigin<'_>,
    (wanted, restriction): (&[bool], &Restriction),
    sink: ChunkSink<'_>,
) -> Result<(u64, u64)> {
    let mut statement = prepare(connection, origin.part, restriction, origin.name)?;
    let columns = all_columns(wanted);
    let mut rows = statement.query(params_from_iter(&restriction.values)).map_err(|error| explain(error, origin.name))?;
    table::hand_over(sink, |hand_over| {
        let mut chunks = RowChunks::new(origin, wanted, hand_over);
        let mut number = String::new();
        while let Some(row) = rows.next().map_err(|error| explain(error, origin.name))? {
            let line = chunks.begin_row()?;
            match usable(row, wanted) {
                Ok(()) => {}
                Err(Unusable::Text(text)) => {
                    chunks.refuse_row(text, "a text that is not UTF-8");
                    continue;
                }
                Err(Unusable::Blob(index)) => return Err(origin.unusable_column(index, Some(line), "binary data (a BLOB)")),
            }
            for (index, column) in columns.iter().enumerate() {
                let value = row.get_ref(index).unwrap_or(ValueRef::Null);
                number.clear();
                let text = match value {
                    ValueRef::Null => None,
                    ValueRef::Text(b"") => None,
                    // It shows that the row is not blank.
                    _ if *column == ResultColumn::Unwanted => Some("a value"),
                    ValueRef::Blob(_) => None,
                    ValueRef::Text(text) => std::str::from_utf8(text).ok(),
                    ValueRef::Integer(integer) => {
                        number.push_str(itoa::Buffer::new().format(integer));
                        Some(number.as_str())
                    }
                    ValueRef::Real(real) => {
                        write_number(&mut number, real);
                        Some(number.as_str())
                    }
                };
                chunks.add_cell(*column, text);
            }
            chunks.end_row()?;
        }
        Ok(chunks.finish())
    })
}

/// Why a row cannot be used.
enum Unusable {
    /// It has a text that is not UTF-8.
    Text(String),
    /// A column of it is of a type that orders have no use for.
    Blob(usize),
}

/// Whether the wanted values of a row are texts and numbers.
fn usable(row: &Row<'_>, wanted: &[bool]) -> std::result::Result<(), Unusable> {
    for (index, _) in wanted.iter().enumerate().filter(|(_, wanted)| **wanted) {
        match row.get_ref(index) {
            Ok(ValueRef::Blob(_)) => return Err(Unusable::Blob(index)),
            Ok(ValueRef::Text(text)) if std::str::from_utf8(text).is_err() => {
                return Err(Unusable::Text(String::from_utf8_lossy(text).into_owned()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The statement that reads a part of the database.
pub fn statement(part: &Part, restriction: &Restriction) -> String {
    match part {
        Part::Query(sql) => sql.clone(),
        Part::Table(table) | Part::Sheet(table) | Part::Records(table) => {
            format!("SELECT * FROM {}{}", quoted(table, '"'), restriction.sql())
        }
    }
}

fn prepare<'c>(connection: &'c Connection, part: &Part, restriction: &Restriction, name: &str) -> Result<Statement<'c>> {
    let sql = statement(part, restriction);
    if !is_select(&sql) {
        return Err(not_a_select());
    }
    let statement = connection.prepare(&sql).map_err(|error| match (&error, part) {
        (rusqlite::Error::MultipleStatement, _) => query_error("has more than one statement", "write one SELECT"),
        (rusqlite::Error::SqlInputError { .. }, Part::Query(_)) => {
            query_error(&format!("is not one that SQLite can run ({})", message(&error)), "try it in sqlite3").with_cause(error)
        }
        _ => explain(error, name),
    })?;
    if statement.parameter_count() > restriction.values.len() {
        return Err(query_error("has a place for a value", "write the values into the query"));
    }
    if !statement.readonly() || statement.column_count() == 0 || statement.is_explain() != 0 {
        return Err(query_error("does more than read", "write one SELECT that reads the tables of this database"));
    }
    Ok(statement)
}
