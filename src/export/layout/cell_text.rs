//! Writes a cell as a reader of the page sees it.

use std::fmt::Write;

use crate::domain::columns::ColumnType;
use crate::domain::date::text::{days_and_seconds, write_date, write_time};
use crate::report::Values;

/// Appends the text of cell `row` to `out`; nothing for an empty cell.
pub fn write(values: &Values, row: usize, out: &mut String) {
    match values {
        Values::Text(cells) => out.push_str(cells.get(row).unwrap_or_default()),
        Values::Date(cells) => cells.get(row).into_iter().for_each(|days| append(out, |ascii| write_date(ascii, days))),
        Values::Time(cells) => cells.get(row).into_iter().for_each(|seconds| append(out, |ascii| write_time(ascii, seconds))),
        Values::Instant(cells) => cells.get(row).into_iter().for_each(|micros| append(out, |ascii| write_short_instant(ascii, micros))),
        Values::Count(cells) => cells.get(row).into_iter().for_each(|count| {
            // Writing to a string cannot fail.
            let _ = write!(out, "{count}");
        }),
        Values::Share(cells) => cells.get(row).into_iter().for_each(|share| out.push_str(&share.to_string())),
        Values::Terms { .. } => out.push_str(values.term(row).map_or("", |term| term.caption.as_str())),
    }
}

/// Whether a cell of this kind is never broken, unless it is wider than any minimum may be.
pub const fn is_kept_whole(kind: ColumnType) -> bool {
    !matches!(kind, ColumnType::Text | ColumnType::Choice)
}

/// Writes an instant as `2026-03-04 10:00Z`: the ISO text of other formats is for programs and wider.
fn write_short_instant(ascii: &mut Vec<u8>, micros: i64) {
    let (days, seconds) = days_and_seconds(micros);
    write_date(ascii, days);
    ascii.push(b' ');
    write_time(ascii, seconds as i32);
    ascii.push(b'Z');
}

/// Appends what `write` writes, which is ASCII.
fn append(out: &mut String, write: impl FnOnce(&mut Vec<u8>)) {
    let mut ascii = Vec::with_capacity(24);
    write(&mut ascii);
    out.extend(ascii.into_iter().map(char::from));
}
