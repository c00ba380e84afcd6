//! The batches of an answer, and small answers as texts.

use std::fmt::Write;
use std::io::Cursor;

use chrono::{DateTime, NaiveDate};
use polars::prelude::PolarsError;
use polars_arrow::array::{Array, BooleanArray, NullArray, PrimitiveArray, Utf8Array, Utf8ViewArray, new_empty_array};
use polars_arrow::datatypes::{ArrowDataType, TimeUnit};
use polars_arrow::io::ipc::read::{StreamReader, StreamState, read_stream_metadata};
use polars_arrow::record_batch::RecordBatchT;
use polars_arrow::types::NativeType;

use crate::error::{Error, Result};

/// Rows of an answer, by column.
pub type AnswerBatch = RecordBatchT<Box<dyn Array>>;

/// The batches in the Arrow stream `bytes`; one without rows, if there are only columns.
///
/// # Errors
/// A sentence for bytes that are not such a stream.
pub fn batches(bytes: &[u8]) -> std::result::Result<Vec<AnswerBatch>, String> {
    let damaged = |error: PolarsError| format!("a batch of the answer cannot be read: {error}");
    let mut cursor = Cursor::new(bytes);
    let metadata = read_stream_metadata(&mut cursor).map_err(damaged)?;
    let mut batches = Vec::new();
    for state in StreamReader::new(cursor, metadata.clone(), None) {
        match state.map_err(damaged)? {
            StreamState::Some(batch) => batches.push(batch),
            StreamState::Waiting => break,
        }
    }
    if batches.is_empty() {
        let columns = metadata.schema.iter_values().map(|field| new_empty_array(field.dtype.clone())).collect();
        batches.push(RecordBatchT::try_new(0, metadata.schema.into(), columns).map_err(damaged)?);
    }
    Ok(batches)
}

/// A small answer, all of it: counts, digests, lines of a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SmallAnswer {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, a cell for each column: a truth is `true` or `false`, a day `2026-11-27`, an instant `2026-11-27T10:00:00Z`, a wall
    /// time the same without `Z`.
    pub rows: Vec<Vec<Option<String>>>,
}

impl SmallAnswer {
    /// Adds the rows of a batch.
    ///
    /// # Errors
    /// [`Error::data`] for a column of lists, records or bytes, which are no texts.
    pub(in crate::engine) fn add(&mut self, batch: &AnswerBatch) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = batch.schema().iter_names().map(ToString::to_string).collect();
        }
        let names = batch.schema().iter_names();
        let columns = batch.arrays().iter().zip(names).map(|(array, name)| {
            texts(array.as_ref())
                .ok_or_else(|| Error::data("", format!("column {name} of the answer has no text"), "select it cast to a string"))
        });
        let mut columns: Vec<_> = columns.collect::<Result<Vec<_>>>()?.into_iter().map(Vec::into_iter).collect();
        let row = |_| columns.iter_mut().map(|column| column.next().flatten()).collect();
        self.rows.extend((0..batch.len()).map(row));
        Ok(())
    }

    /// The whole number in a `row`, from 0, of the column called `column`; a NULL is nothing.
    ///
    /// # Errors
    /// [`Error::internal`] where there is no such cell, or no such number in it: the statement is one of ours.
    pub fn integer(&self, row: usize, column: &str) -> Result<Option<i128>> {
        let index = self.columns.iter().position(|name| name == column);
        let cell = index.and_then(|index| self.rows.get(row)?.get(index));
        let cell = cell.ok_or_else(|| Error::internal("engine", format!("no {column} in row {row} of an answer")))?;
        let number =
            |text: &String| text.parse().map_err(|_| Error::internal("engine", format!("{column} of an answer is not a whole number")));
        cell.as_ref().map(number).transpose()
    }
}

/// A text for each value of `array`; nothing for an array of a type that has none.
fn texts(array: &dyn Array) -> Option<Vec<Option<String>>> {
    use ArrowDataType as D;
    Some(match array.dtype() {
        D::Null => vec![None; array.as_any().downcast_ref::<NullArray>()?.len()],
        D::Boolean => array.as_any().downcast_ref::<BooleanArray>()?.iter().map(|value| value.map(|value| value.to_string())).collect(),
        D::Utf8 => array.as_any().downcast_ref::<Utf8Array<i32>>()?.iter().map(|value| value.map(str::to_owned)).collect(),
        D::LargeUtf8 => array.as_any().downcast_ref::<Utf8Array<i64>>()?.iter().map(|value| value.map(str::to_owned)).collect(),
        D::Utf8View => array.as_any().downcast_ref::<Utf8ViewArray>()?.iter().map(|value| value.map(str::to_owned)).collect(),
        D::Int8 => each(array, |value: i8| value.to_string())?,
        D::Int16 => each(array, |value: i16| value.to_string())?,
        D::Int32 => each(array, |value: i32| value.to_string())?,
        D::Int64 => each(array, |value: i64| value.to_string())?,
        D::UInt32 => each(array, |value: u32| value.to_string())?,
        D::UInt64 => each(array, |value: u64| value.to_string())?,
        D::Float32 => each(array, |value: f32| value.to_string())?,
        D::Float64 => each(array, |value: f64| value.to_string())?,
        D::Decimal(_, scale) => each(array, |value: i128| decimal(value, *scale))?,
        D::Date32 => each(array, |days: i32| NaiveDate::from_epoch_days(days).map_or_else(|| days.to_string(), |day| day.to_string()))?,
        D::Timestamp(unit, zone) => each(array, |count: i64| instant(count, *unit, zone.is_some()))?,
        _ => return None,
    })
}

fn each<T: NativeType>(array: &dyn Array, text: impl Fn(T) -> String) -> Option<Vec<Option<String>>> {
    let array = array.as_any().downcast_ref::<PrimitiveArray<T>>()?;
    Some(array.iter().map(|value| value.map(|value| text(*value))).collect())
}

/// A decimal number with all its `scale` digits behind the point.
fn decimal(value: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let (sign, point) = (if value < 0 { "-" } else { "" }, if scale == 0 { "" } else { "." });
    format!("{sign}{whole}{point}{part}")
}

/// An instant in UTC, or a wall time; one beyond the calendar is the number that it is.
fn instant(count: i64, unit: TimeUnit, has_zone: bool) -> String {
    let micros = match unit {
        TimeUnit::Second => count.checked_mul(1_000_000),
        TimeUnit::Millisecond => count.checked_mul(1_000),
        TimeUnit::Microsecond => Some(count),
        TimeUnit::Nanosecond => Some(count.div_euclid(1_000)),
    };
    let Some(instant) = micros.and_then(DateTime::from_timestamp_micros) else { return count.to_string() };
    let mut text = String::new();
    let _ = write!(text, "{}{}", instant.format("%Y-%m-%dT%H:%M:%S%.f"), if has_zone { "Z" } else { "" });
    text
}
