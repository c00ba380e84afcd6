//! The cells of a column one by one, for every format.

use polars::prelude::{ChunkedArray, PolarsNumericType, StaticArray, StringChunked};
use polars_arrow::array::{PrimitiveArray, Utf8ViewArray};

use crate::report::{Table, Term, Values};

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
    /// Money, in hundredths of its unit.
    Amount(i64),
    /// A term of a closed list: its place in the list, and the term.
    Term(usize, &'a Term),
}

impl<'a> Cell<'a> {
    /// The cell of `values` in `row`, from 0; `None` for an empty one. Empty text counts as empty.
    #[inline]
    pub fn of(values: &'a Values, row: usize) -> Option<Self> {
        match values {
            Values::Text(cells) => cells.get(row).filter(|text| !text.is_empty()).map(Self::Text),
            Values::Date(cells) => cells.get(row).map(Self::Date),
            Values::Time(cells) => cells.get(row).map(Self::Time),
            Values::Instant(cells) => cells.get(row).map(Self::Instant),
            Values::Count(cells) => cells.get(row).map(Self::Count),
            Values::Share(cells) => cells.get(row).map(Self::Share),
            Values::Amount(cells) => cells.get(row).map(Self::Amount),
            Values::Terms { places, terms } => {
                places.get(row).and_then(|place| Some(Self::Term(place as usize, terms.get(place as usize)?)))
            }
        }
    }
}

/// The cells of a column where they lie: found once for what goes through many rows, as a column may be in pieces, among which
/// each cell would have to be looked for.
#[derive(Clone, Copy)]
pub enum Cells<'a> {
    /// Text.
    Text(&'a Utf8ViewArray),
    /// Days.
    Date(&'a PrimitiveArray<i32>),
    /// Times.
    Time(&'a PrimitiveArray<i32>),
    /// Instants.
    Instant(&'a PrimitiveArray<i64>),
    /// Whole numbers.
    Count(&'a PrimitiveArray<i64>),
    /// Terms, by their places in the list.
    Terms(&'a PrimitiveArray<u32>, &'a [Term]),
    /// What is in pieces, or is seldom in a long table.
    Others(&'a Values),
}

impl<'a> Cells<'a> {
    /// Those of each column of `table`.
    pub fn of_table(table: &'a Table) -> Vec<Self> {
        table.columns.iter().map(|column| Self::of(&column.values)).collect()
    }

    /// Those of `values`.
    pub fn of(values: &'a Values) -> Self {
        let found = match values {
            Values::Text(cells) => only_text(cells).map(Self::Text),
            Values::Date(cells) => only(cells).map(Self::Date),
            Values::Time(cells) => only(cells).map(Self::Time),
            Values::Instant(cells) => only(cells).map(Self::Instant),
            Values::Count(cells) => only(cells).map(Self::Count),
            Values::Terms { places, terms } => only(places).map(|places| Self::Terms(places, terms)),
            Values::Share(_) | Values::Amount(_) => None,
        };
        found.unwrap_or(Self::Others(values))
    }

    /// The cell in `row`, as [`Cell::of`] has it.
    #[inline]
    pub fn cell(self, row: usize) -> Option<Cell<'a>> {
        match self {
            Self::Text(cells) => cells.get(row).filter(|text| !text.is_empty()).map(Cell::Text),
            Self::Date(cells) => cells.get(row).map(Cell::Date),
            Self::Time(cells) => cells.get(row).map(Cell::Time),
            Self::Instant(cells) => cells.get(row).map(Cell::Instant),
            Self::Count(cells) => cells.get(row).map(Cell::Count),
            Self::Terms(places, terms) => {
                let place = places.get(row)? as usize;
                Some(Cell::Term(place, terms.get(place)?))
            }
            Self::Others(values) => Cell::of(values, row),
        }
    }
}

/// The one piece of a column.
fn only<T: PolarsNumericType>(cells: &ChunkedArray<T>) -> Option<&PrimitiveArray<T::Native>> {
    cells.downcast_iter().next().filter(|piece| piece.len() == cells.len())
}

fn only_text(cells: &StringChunked) -> Option<&Utf8ViewArray> {
    cells.downcast_iter().next().filter(|piece| piece.len() == cells.len())
}
