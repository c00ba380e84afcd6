//! Takes the rows of a MySQL or MariaDB server as they come.

use mysql::consts::{ColumnFlags, ColumnType};
use mysql::prelude::Queryable;
use mysql::{Column, Value};

use crate::error::Result;
use crate::source::database::restriction::Restriction;
use crate::source::database::rows::{RowChunks, RowOrigin};
use crate::source::database::sql::{ResultColumn, is_select, not_a_select, query_error};
use crate::source::mysql::explain::{explain, message};
use crate::source::mysql::session::Session;
use crate::source::number_text::write_rounded_single;
use crate::source::table::{self, ChunkSink};

/// The number of the character set of what is no text.
const BINARY: u16 = 63;

/// The statement that reads a table or query, and what the columns of its result are.
pub struct Select {
    /// The statement.
    pub sql: String,
    /// What each column of its result is.
    pub columns: Vec<ResultColumn>,
}

/// The names of the columns that a query answers.
///
/// # Errors
/// [`crate::error::Error::usage`] for what is not one statement that reads, or does not run.
pub fn headers_of_query(session: &mut Session, query: &str) -> Result<Vec<String>> {
    if !is_select(query) {
        return Err(not_a_select());
    }
    // Only one statement can be prepared: what is read later is this one.
    let statement = session.connection.prep(query).map_err(|error| match &error {
        mysql::Error::MySqlError(said) if said.state.starts_with("42") && !matches!(said.code, 1142 | 1143 | 1370) => {
            let help = "write one SELECT, and try it in the server's own client";
            query_error(&format!("is not one that the server can run ({})", message(&error)), help)
        }
        mysql::Error::MySqlError(said) if said.state.starts_with("HY") => {
            query_error(&format!("is not one that the server can run ({})", message(&error)), "write one SELECT")
        }
        _ => explain(error, &session.name, None),
    })?;
    if statement.num_params() > 0 {
        return Err(query_error("has a place for a value", "write the values into the query"));
    }
    if statement.columns().is_empty() {
        return Err(query_error("does more than read", "write one SELECT that reads the tables of this database"));
    }
    Ok(statement.columns().iter().map(|column| column.name_str().into_owned()).collect())
}

/// Binds the values of a statement's conditions, as variables of the session.
///
/// # Errors
/// What the server reports.
pub fn bind(session: &mut Session, restriction: &Restriction) -> Result<()> {
    for (index, value) in restriction.values.iter().enumerate() {
        let bound = session.connection.exec_drop(format!("SET {} = ?", restriction.name(index + 1)), (value,));
        bound.map_err(|error| explain(error, &session.name, None))?;
    }
    Ok(())
}

/// Hands over the rows of `select`, and returns how many there are and how many of them were refused.
///
/// # Errors
/// What the server reports, a wanted column of a type that means nothing here, and the errors of `sink` and the monitor.
pub fn read(session: &mut Session, select: &Select, origin: RowOrigin<'_>, wanted: &[bool], sink: ChunkSink<'_>) -> Result<(u64, u64)> {
    let failed = |error| explain(error, origin.name, None);
    let mut answer = session.connection.query_iter(&select.sql).map_err(failed)?;
    let columns = answer.columns().as_ref().to_vec();
    for (result, column) in select.columns.iter().zip(&columns) {
        if let ResultColumn::Wanted(index) = result
            && let Some(what) = meaningless(column)
        {
            return Err(origin.unusable_column(*index, None, what));
        }
    }
    let kinds: Vec<ColumnType> = columns.iter().map(Column::column_type).collect();
    table::hand_over(sink, |hand_over| {
        let mut chunks = RowChunks::new(origin, wanted, hand_over);
        let mut text = String::new();
        while let Some(rows) = answer.iter() {
            for row in rows {
                let row = row.map_err(failed)?;
                chunks.begin_row()?;
                let bytes = |index: usize| match row.as_ref(index) {
                    Some(Value::Bytes(bytes)) => bytes.as_slice(),
                    _ => &[],
                };
                let is_text = |(index, column): (usize, &ResultColumn)| {
                    !matches!(column, ResultColumn::Wanted(_)) || std::str::from_utf8(bytes(index)).is_ok()
                };
                if !select.columns.iter().enumerate().all(is_text) {
                    let cells: Vec<_> = (0..select.columns.len()).map(|index| String::from_utf8_lossy(bytes(index))).collect();
                    chunks.refuse_row(cells.join(","), "a text that is not UTF-8");
                    continue;
                }
                for (index, column) in select.columns.iter().enumerate() {
                    let cell = match column {
                        ResultColumn::Unwanted if !bytes(index).is_empty() => "a value",
                        _ => std::str::from_utf8(bytes(index)).unwrap_or_default(),
                    };
                    text.clear();
                    let cell = match kinds[index] {
                        _ if cell.is_empty() || *column == ResultColumn::Unwanted => cell,
                        kind if written(kind, cell, &mut text) => text.as_str(),
                        _ => cell,
                    };
                    chunks.add_cell(*column, (!cell.starts_with("0000-00-00")).then_some(cell));
                }
                chunks.end_row()?;
            }
        }
        Ok(chunks.finish())
    })
}

/// Writes what the server sends for a value of this type as a table holds it; `false` where that is the same.
fn written(kind: ColumnType, cell: &str, text: &mut String) -> bool {
    match kind {
        // An instant, given in UTC as the session asks, says so.
        ColumnType::MYSQL_TYPE_TIMESTAMP => text.extend([cell, "Z"]),
        ColumnType::MYSQL_TYPE_FLOAT => return write_rounded_single(text, cell),
        // A column of one bit, of more columns nothing is read.
        ColumnType::MYSQL_TYPE_BIT => text.push_str(if cell == "\u{1}" { "1" } else { "0" }),
        _ => return false,
    }
    true
}

/// What a column holds that means nothing here.
fn meaningless(column: &Column) -> Option<&'static str> {
    let is_binary = column.character_set() == BINARY && column.flags().contains(ColumnFlags::BINARY_FLAG);
    match column.column_type() {
        ColumnType::MYSQL_TYPE_JSON => Some("nested data (json)"),
        ColumnType::MYSQL_TYPE_GEOMETRY => Some("shapes (geometry)"),
        ColumnType::MYSQL_TYPE_BIT if column.column_length() > 1 => Some("bits"),
        ColumnType::MYSQL_TYPE_BLOB
        | ColumnType::MYSQL_TYPE_TINY_BLOB
        | ColumnType::MYSQL_TYPE_MEDIUM_BLOB
        | ColumnType::MYSQL_TYPE_LONG_BLOB
        | ColumnType::MYSQL_TYPE_STRING
        | ColumnType::MYSQL_TYPE_VAR_STRING
        | ColumnType::MYSQL_TYPE_VARCHAR
            if is_binary =>
        {
            Some("binary data")
        }
        _ => None,
    }
}
