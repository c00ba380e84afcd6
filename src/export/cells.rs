//! Reads the cells of a table column by row and writes counts and, as ISO text, days, times and instants. Never formats for one format alone.

use std::borrow::Cow;

use polars::prelude::{Float64Chunked, Int32Chunked, Int64Chunked, StringChunked, UInt32Chunked};

pub use crate::domain::date::text::{days_and_seconds, write_date, write_instant, write_time};
use crate::report::{Column, Term, Values};

/// A column's cells in one piece of memory, so that a cell is found without searching.
#[derive(Debug, Clone)]
pub enum Cells<'a> {
    /// See [`Values::Text`].
    Text(Cow<'a, StringChunked>),
    /// See [`Values::Date`].
    Date(Cow<'a, Int32Chunked>),
    /// See [`Values::Time`].
    Time(Cow<'a, Int32Chunked>),
    /// See [`Values::Instant`].
    Instant(Cow<'a, Int64Chunked>),
    /// See [`Values::Count`].
    Count(Cow<'a, Int64Chunked>),
    /// See [`Values::Share`].
    Share(Cow<'a, Float64Chunked>),
    /// See [`Values::Terms`].
    Terms(Cow<'a, UInt32Chunked>, &'a [Term]),
}

/// One cell that is not empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Text without any guard.
    Text(&'a str),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since midnight.
    Time(i32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
    /// A whole number.
    Count(i64),
    /// A part of the whole, from 0 to 1.
    Share(f64),
    /// A term of a closed list: its place in the list, and the term.
    Term(usize, &'a Term),
}

impl<'a> Cells<'a> {
    /// The cells of `column`.
    pub fn of(column: &'a Column) -> Self {
        match &column.values {
            Values::Text(values) => Self::Text(values.rechunk()),
            Values::Date(values) => Self::Date(values.rechunk()),
            Values::Time(values) => Self::Time(values.rechunk()),
            Values::Instant(values) => Self::Instant(values.rechunk()),
            Values::Count(values) => Self::Count(values.rechunk()),
            Values::Share(values) => Self::Share(values.rechunk()),
            Values::Terms { places, terms } => Self::Terms(places.rechunk(), terms),
        }
    }

    /// The cell in `row`, from 0; `None` for an empty one. Empty text counts as empty.
    pub fn get(&self, row: usize) -> Option<Cell<'_>> {
        match self {
            Self::Text(values) => values.get(row).filter(|text| !text.is_empty()).map(Cell::Text),
            Self::Date(values) => values.get(row).map(Cell::Date),
            Self::Time(values) => values.get(row).map(Cell::Time),
            Self::Instant(values) => values.get(row).map(Cell::Instant),
            Self::Count(values) => values.get(row).map(Cell::Count),
            Self::Share(values) => values.get(row).map(Cell::Share),
            Self::Terms(places, terms) => places.get(row).and_then(|place| Some(Cell::Term(place as usize, terms.get(place as usize)?))),
        }
    }
}

/// Appends a whole number in decimal.
pub fn write_count(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}
