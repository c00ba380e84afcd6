//! The cells of a column one by one, for every format.

use crate::report::{Term, Values};

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
