//! Writes the record, which is what was made of the inputs before a rule was asked, as a Parquet table that any engine can classify.

use std::io::Write;

use polars::prelude::*;
use polars_io::parquet::write::ParquetWriter;

use crate::classify::stored::first_line;
use crate::domain::record::{Field, INPUT, LINE, NUMBER_TYPE, SOURCE_WORDS};
use crate::error::{Error, Result};
use crate::source::OrderFrame;

/// Rows that are written at once, a row group of the file.
const GROUP_ROWS: usize = 1 << 17;

/// Writes the rows of `frame` to `out`: the columns of the record by their keys, the type of the number, the source's words for the
/// status, and where the row stood (`input`, from 0, and `line`, from 1). Codes and texts are strings, days dates, times whole seconds
/// since midnight, instants timestamps in microseconds (UTC). The same rows give the same bytes.
///
/// # Errors
/// [`Error::input_output`] when `out` refuses the bytes.
pub fn write(frame: &OrderFrame, out: impl Write) -> Result<()> {
    let keys: Vec<&str> = Field::all().map(Field::key).chain([NUMBER_TYPE, SOURCE_WORDS, INPUT, LINE]).collect();
    let unwritten = |error: PolarsError| Error::input_output("record", first_line(&error), "");
    let first = frame.slice(&keys, 0..0)?;
    let mut writer = ParquetWriter::new(out).batched(first.schema()).map_err(unwritten)?;
    for start in (0..frame.height()).step_by(GROUP_ROWS) {
        let group = frame.slice(&keys, start..(start + GROUP_ROWS).min(frame.height()))?;
        writer.write_batch(&group).map_err(unwritten)?;
    }
    writer.finish().map_err(unwritten).map(drop)
}
