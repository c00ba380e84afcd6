//! Writes the record, which is what was made of the inputs before a rule was asked, as a Parquet table that any engine can classify.

use std::io::Write;

use polars::prelude::*;
use polars_io::parquet::write::ParquetWriter;

use crate::classify::stored::first_line;
use crate::domain::data_quality::QualityFlag;
use crate::domain::record::{Field, QUALITY_MASK, READING_FLAGS, ROW};
use crate::error::{Error, Result};
use crate::source::OrderFrame;
use crate::source::merge::{columns_beside, dtype};

/// Rows that are written at once, a row group of the file.
const GROUP_ROWS: usize = 1 << 17;

/// Writes the rows of `frame` to `out`: the columns of the record by their keys, the type of the number, the source's words for the
/// status, the flags that reading brought, and where the row stood (`input`, from 0, and `line`, from 1), and its
/// `row` here, from 1, unless the frame has one. Codes and texts are strings, days dates, times whole seconds
/// since midnight, instants timestamps in microseconds (UTC). The same rows give the same bytes.
///
/// # Errors
/// [`Error::input_output`] when `out` refuses the bytes.
pub fn write(frame: &OrderFrame, out: impl Write) -> Result<()> {
    let mut keys: Vec<&str> = columns().map(|(key, _)| key).collect();
    if frame.has(ROW) {
        keys.push(ROW);
    }
    let unwritten = |error: PolarsError| Error::input_output("record", first_line(&error), "");
    let first = completed(frame.slice(&keys, 0..0)?, 0)?;
    let mut writer = ParquetWriter::new(out).batched(first.schema()).map_err(unwritten)?;
    for start in (0..frame.height()).step_by(GROUP_ROWS) {
        let end = (start + GROUP_ROWS).min(frame.height());
        let group = completed(frame.slice(&keys, start..end)?, start)?;
        writer.write_batch(&group).map_err(unwritten)?;
    }
    writer.finish().map_err(unwritten).map(drop)
}

/// `group` with its flags as codes, and the numbers of its rows, the first of which is behind `start` others, unless it has them.
fn completed(mut group: DataFrame, start: usize) -> Result<DataFrame> {
    let masks = group.drop_in_place(QUALITY_MASK)?;
    let codes = |mask: Option<u64>| mask.filter(|mask| *mask != 0).map(QualityFlag::codes);
    let flags: Vec<Option<String>> = masks.u64()?.iter().map(codes).collect();
    group.with_column(Column::new(READING_FLAGS.into(), flags))?;
    if group.column(ROW).is_err() {
        let rows: Vec<u32> = (start + 1..=start + group.height()).map(|row| row as u32).collect();
        group.with_column(Column::new(ROW.into(), rows))?;
    }
    Ok(group)
}

/// Writes a record without a row.
///
/// # Errors
/// As [`write()`].
pub fn write_no_rows(out: impl Write) -> Result<()> {
    write(&OrderFrame::default().with_columns(columns())?, out)
}

/// The columns of a record.
fn columns() -> impl Iterator<Item = (&'static str, DataType)> {
    let fields = Field::all().map(|field| (field.key(), dtype(field.column_type())));
    fields.chain(columns_beside())
}
