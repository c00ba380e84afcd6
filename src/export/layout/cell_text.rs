//! Writes a cell as a reader of the page sees it.

use std::fmt::Write;

use crate::domain::columns::ColumnType;
use crate::domain::date::text::{civil, days_and_seconds};
use crate::report::Values;

/// Appends the text of cell `row` to `out`; nothing for an empty cell.
pub fn write(values: &Values, row: usize, out: &mut String) {
    match values {
        Values::Text(cells) => out.push_str(cells.get(row).unwrap_or_default()),
        Values::Date(cells) => cells.get(row).into_iter().for_each(|days| date(days, out)),
        Values::Time(cells) => cells.get(row).into_iter().for_each(|seconds| time(i64::from(seconds), out)),
        Values::Instant(cells) => cells.get(row).into_iter().for_each(|micros| instant(micros, out)),
        Values::Count(cells) => cells.get(row).into_iter().for_each(|count| {
            // Writing to a string cannot fail.
            let _ = write!(out, "{count}");
        }),
        Values::Share(cells) => cells.get(row).into_iter().for_each(|share| out.push_str(&share.to_string())),
        Values::Terms { .. } => out.push_str(values.term(row).map_or("", |term| term.caption.as_str())),
    }
}

/// The edge a column is set against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text, dates, identifiers.
    Left,
    /// Whole numbers.
    Right,
}

/// The edge a kind is set against.
pub const fn align(kind: ColumnType) -> Align {
    match kind {
        ColumnType::Count | ColumnType::Share => Align::Right,
        _ => Align::Left,
    }
}

/// Whether a cell of this kind is never broken, unless it is wider than any minimum may be.
pub const fn is_kept_whole(kind: ColumnType) -> bool {
    !matches!(kind, ColumnType::Text | ColumnType::Choice)
}

fn two(value: i64, out: &mut String) {
    out.push(digit(value / 10));
    out.push(digit(value));
}

fn digit(value: i64) -> char {
    char::from(b'0' + (value.rem_euclid(10)) as u8)
}

/// Days since 1970-01-01 as `yyyy-mm-dd`.
fn date(days: i32, out: &mut String) {
    let (year, month, day) = civil(days);
    if (0..10_000).contains(&year) {
        two(year / 100, out);
        two(year % 100, out);
    } else {
        // Writing to a string cannot fail.
        let _ = write!(out, "{year}");
    }
    out.push('-');
    two(i64::from(month), out);
    out.push('-');
    two(i64::from(day), out);
}

fn time(seconds: i64, out: &mut String) {
    two(seconds / 3_600, out);
    out.push(':');
    two(seconds / 60 % 60, out);
    if seconds % 60 != 0 {
        out.push(':');
        two(seconds % 60, out);
    }
}

fn instant(micros: i64, out: &mut String) {
    let (days, seconds) = days_and_seconds(micros);
    date(days, out);
    out.push(' ');
    time(i64::from(seconds), out);
    out.push('Z');
}
