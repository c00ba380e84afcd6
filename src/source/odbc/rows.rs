//! Takes the rows of an ODBC driver, as text, in batches.

use odbc_api::buffers::TextRowSet;
use odbc_api::{Connection, Cursor, DataType, ResultSetMetadata};

use crate::error::{Error, Result};
use crate::source::database::rows::{RowChunks, RowOrigin};
use crate::source::database::sql::ResultColumn;
use crate::source::number_text::write_rounded_single;
use crate::source::odbc::explain::explain;
use crate::source::table::{self, ChunkSink};

/// Rows of a batch.
const BATCH_ROWS: usize = 250;
/// Bytes of the longest value.
const MAX_VALUE_BYTES: usize = 32 << 10;

/// The statement that reads a table or query, and what the columns of its result are.
pub struct Select {
    /// The statement.
    pub sql: String,
    /// What each column of its result is.
    pub columns: Vec<ResultColumn>,
}

/// Hands over the rows of `select`, and returns how many there are and how many of them were refused.
///
/// # Errors
/// What the driver reports, a wanted column of bytes, a value that is too long, and the errors of `sink` and the monitor.
pub fn read(
    connection: &Connection<'_>,
    select: &Select,
    (timeout, origin): (usize, RowOrigin<'_>),
    wanted: &[bool],
    sink: ChunkSink<'_>,
) -> Result<(u64, u64)> {
    let failed = |error: odbc_api::Error| match error {
        odbc_api::Error::TooLargeValueForBuffer { .. } => {
            Error::data(origin.name, "a value is longer than 32 KiB", "leave its column out, in a query")
        }
        other => explain(&other, origin.name, false),
    };
    // A driver that knows no time limit has none.
    let answer = connection.execute(&select.sql, (), Some(timeout)).or_else(|_| connection.execute(&select.sql, (), None));
    let Some(mut cursor) = answer.map_err(failed)? else {
        return Err(Error::data(origin.name, "the database answers no rows", "write one SELECT"));
    };
    let mut is_single = vec![false; select.columns.len()];
    for (place, column) in select.columns.iter().enumerate() {
        let kind = cursor.col_data_type(place as u16 + 1).map_err(failed)?;
        is_single[place] = kind == DataType::Real;
        if let (ResultColumn::Wanted(index), DataType::Binary { .. } | DataType::Varbinary { .. } | DataType::LongVarbinary { .. }) =
            (column, kind)
        {
            return Err(origin.unusable_column(*index, None, "binary data"));
        }
    }
    let mut buffer = TextRowSet::for_cursor(BATCH_ROWS, &mut cursor, Some(MAX_VALUE_BYTES)).map_err(failed)?;
    let mut batches = cursor.bind_buffer(&mut buffer).map_err(failed)?;
    table::hand_over(sink, |hand_over| {
        let mut chunks = RowChunks::new(origin, wanted, hand_over);
        let mut number = String::new();
        while let Some(batch) = batches.fetch_with_truncation_check(true).map_err(failed)? {
            for row in 0..batch.num_rows() {
                chunks.begin_row()?;
                let text = |index: usize| batch.at(index, row).map(std::str::from_utf8).transpose();
                let is_text = |(index, column): (usize, &ResultColumn)| !matches!(column, ResultColumn::Wanted(_)) || text(index).is_ok();
                if !select.columns.iter().enumerate().all(is_text) {
                    let cells: Vec<_> =
                        (0..select.columns.len()).map(|index| String::from_utf8_lossy(batch.at(index, row).unwrap_or_default())).collect();
                    chunks.refuse_row(cells.join(","), "a text that is not UTF-8");
                    continue;
                }
                for (index, column) in select.columns.iter().enumerate() {
                    let cell = match column {
                        ResultColumn::Unwanted => batch.at(index, row).filter(|value| !value.is_empty()).map(|_| "a value"),
                        _ => text(index).unwrap_or_default(),
                    };
                    number.clear();
                    let is_rounded = is_single[index] && cell.is_some_and(|cell| write_rounded_single(&mut number, cell));
                    chunks.add_cell(*column, if is_rounded { Some(&number) } else { cell });
                }
                chunks.end_row()?;
            }
        }
        Ok(chunks.finish())
    })
}
