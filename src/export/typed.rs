//! What a cell is to a program: codes of closed lists in place of their captions, yes and no as such, everything else by its type.

use crate::domain::columns::ColumnType;
use crate::domain::date::text::{write_instant, write_time};
use crate::export::cells::Cell;
use crate::report::{Column, Term};

/// One cell that is not empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TypedCell<'a> {
    /// Text, or the code of a closed list.
    Text(&'a str),
    /// Yes or no.
    Bool(bool),
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
}

impl<'a> TypedCell<'a> {
    /// The cell of `column` in `row`, from 0; `None` for an empty one, and for a status or detail that is not known.
    #[inline]
    pub fn of(column: &'a Column, row: usize) -> Option<Self> {
        match Cell::of(&column.values, row)? {
            Cell::Text(text) => Some(Self::Text(text)),
            Cell::Date(days) => Some(Self::Date(days)),
            Cell::Time(seconds) => Some(Self::Time(seconds.rem_euclid(86_400))),
            Cell::Instant(micros) => Some(Self::Instant(micros)),
            Cell::Count(count) => Some(Self::Count(count)),
            Cell::Amount(hundredths) => Some(Self::Amount(hundredths)),
            // No format has a word for what is no number.
            Cell::Share(share) => share.is_finite().then_some(Self::Share(share)),
            Cell::Term(_, term) if column.kind == ColumnType::Bool => Some(Self::Bool(term.code == YES)),
            Cell::Term(_, term) => code(term, column.kind).map(Self::Text),
        }
    }
}

/// The code of the term that says yes.
const YES: &str = "yes";

/// What programs know a term of a column of `kind` by: its code, or its words where it has none, as a total and a text of a
/// source's own; `None` for a value of a closed list that is not known.
pub fn code(term: &Term, kind: ColumnType) -> Option<&str> {
    let has_code = !term.list.is_empty() || matches!(kind, ColumnType::Choice | ColumnType::Status);
    let code = if has_code && !term.code.is_empty() { &term.code } else { &term.caption };
    Some(code.as_str()).filter(|code| !code.is_empty() && (term.list.is_empty() || !term.code.is_empty()))
}

/// The word for a type in what describes the columns of a file.
pub const fn type_name(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Phone | ColumnType::Id | ColumnType::Text => "text",
        ColumnType::Status | ColumnType::Choice => "code",
        ColumnType::Date => "date",
        ColumnType::Time => "time",
        ColumnType::Instant => "instant",
        ColumnType::Count => "count",
        ColumnType::Share => "share",
        ColumnType::Amount => "amount",
        ColumnType::Bool => "boolean",
    }
}

/// Appends a time of day in seconds since midnight, always to the second: `10:00:00`.
pub fn write_whole_time(out: &mut Vec<u8>, seconds: i32) {
    write_time(out, seconds);
    if seconds % 60 == 0 {
        out.extend_from_slice(b":00");
    }
}

/// Appends an instant in microseconds as RFC 3339 in UTC, with the parts of a second only where there are any:
/// `2026-03-04T10:00:00Z`.
pub fn write_exact_instant(out: &mut Vec<u8>, micros: i64) {
    write_instant(out, micros);
    let parts = micros.rem_euclid(1_000_000);
    if parts != 0 {
        out.pop();
        let digits = (parts + 1_000_000).to_string();
        out.push(b'.');
        out.extend_from_slice(&digits.as_bytes()[1..]);
        out.push(b'Z');
    }
}
