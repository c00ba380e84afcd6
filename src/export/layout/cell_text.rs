//! Writes a cell as a reader of the page sees it.

use crate::domain::columns::ColumnType;
use crate::domain::date::text::{DateStyle, append, days_and_seconds, usual_day, write_date, write_time};
use crate::domain::text::{CELL_UNITS, decimal, thousands};
use crate::export::cells::Cell;
use crate::report::words::Words;
use crate::report::{Table, Values};

/// Characters of a text that a page shows: what a cell of a workbook holds. Longer ones would be broken into lines anew for
/// each of the thousands of pages that they fill.
const MAX_CHARACTERS: usize = CELL_UNITS;

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
        Cell::Instant(micros) => append(out, |ascii| write_short_instant(ascii, micros, DateStyle::Iso)),
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

/// `table` with what `words` ask for and pages do not have by themselves as text: counts in groups that another separator than
/// the comma sets apart, days and instants in another order than that of ISO.
pub fn in_words(mut table: Table, words: &Words) -> Table {
    let (has_groups, has_order) = (words.thousands_separator != ",", words.dates != DateStyle::Iso);
    if !has_groups && !has_order {
        return table;
    }
    let dates = words.dates;
    let in_order = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut text = String::new();
        append(&mut text, write);
        text
    };
    let grouped = |count: i64| format!("{}{}", if count < 0 { "-" } else { "" }, words.thousands(count.unsigned_abs()));
    for column in &mut table.columns {
        column.values = match &column.values {
            Values::Count(counts) if has_groups => Values::text(counts.iter().map(|count| count.map(grouped))),
            Values::Date(days) if has_order => {
                Values::text(days.iter().map(|day| day.map(|day| in_order(&|ascii| dates.write_date(ascii, day)))))
            }
            Values::Instant(instants) if has_order => Values::text(
                instants.iter().map(|micros| micros.map(|micros| in_order(&|ascii| write_short_instant(ascii, micros, dates)))),
            ),
            _ => continue,
        };
    }
    table
}

/// Whether a cell of this kind is never broken, unless it is wider than any minimum may be.
pub const fn is_kept_whole(kind: ColumnType) -> bool {
    !matches!(kind, ColumnType::Text | ColumnType::Choice)
}

/// Writes an instant as `2026-03-04 10:00Z`: the ISO text of other formats is for programs and wider.
fn write_short_instant(ascii: &mut Vec<u8>, micros: i64, dates: DateStyle) {
    let (days, seconds) = days_and_seconds(micros);
    dates.write_date(ascii, days);
    ascii.push(b' ');
    write_time(ascii, seconds as i32);
    ascii.push(b'Z');
}
