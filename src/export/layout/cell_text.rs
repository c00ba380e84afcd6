//! Writes a cell as a reader of the page sees it.

use crate::domain::columns::ColumnType;
use crate::domain::date::text::{append, days_and_seconds, usual_day, write_date, write_time};
use crate::domain::text::{decimal, thousands};
use crate::export::cells::Cell;
use crate::report::words::Words;
use crate::report::{Table, Values};

/// Characters of a text that a page shows: what a cell of a workbook holds. Longer ones would be broken into lines anew for
/// each of the thousands of pages that they fill.
const MAX_CHARACTERS: usize = 32_767;

/// What a page shows of `text`, if that is not the whole of it.
pub fn cut(text: &str) -> Option<&str> {
    if text.len() <= MAX_CHARACTERS {
        return None;
    }
    text.char_indices().nth(MAX_CHARACTERS).map(|(end, _)| &text[..end])
}

/// Appends the text of cell `row` to `out`, nothing for an empty cell.
pub fn write(values: &Values, row: usize, out: &mut String) {
    if let Some(cell) = Cell::of(values, row) {
        write_cell(cell, out);
    }
}

/// The text of `cell`, where it is there already.
#[inline]
pub fn lying(cell: Cell<'_>) -> Option<&str> {
    match cell {
        Cell::Text(text) if cut(text).is_none() => Some(text),
        Cell::Term(_, term) => Some(&term.caption),
        Cell::Date(days) => usual_day(days),
        _ => None,
    }
}

/// Appends the text of `cell` to `out`, and says whether it had to be cut.
pub fn write_cell(cell: Cell<'_>, out: &mut String) -> bool {
    match cell {
        Cell::Text(text) => match cut(text) {
            None => out.push_str(text),
            Some(shown) => {
                out.extend([shown, "…"]);
                return true;
            }
        },
        Cell::Date(days) => append(out, |ascii| write_date(ascii, days)),
        Cell::Time(seconds) => append(out, |ascii| write_time(ascii, seconds)),
        Cell::Instant(micros) => append(out, |ascii| write_short_instant(ascii, micros)),
        // Grouped as in the workbook.
        Cell::Count(count) => {
            out.push_str(if count < 0 { "-" } else { "" });
            out.push_str(&thousands(count.unsigned_abs()));
        }
        Cell::Amount(hundredths) => out.push_str(&decimal(hundredths)),
        Cell::Share(share) => out.push_str(&share.to_string()),
        Cell::Term(_, term) => out.push_str(&term.caption),
    }
    false
}

/// `table` with its counts as text, in groups that the separator of `words` sets apart; as it is where that is the comma, which
/// pages have by themselves.
pub fn group_counts(mut table: Table, words: &Words) -> Table {
    if words.thousands_separator == "," {
        return table;
    }
    let grouped = |count: i64| format!("{}{}", if count < 0 { "-" } else { "" }, words.thousands(count.unsigned_abs()));
    for column in &mut table.columns {
        if let Values::Count(counts) = &column.values {
            column.values = Values::text(counts.iter().map(|count| count.map(grouped)));
        }
    }
    table
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
