//! The words of a cell in a document that is read: figures as its template writes them, days as it shows them, times as ISO text.

use crate::domain::date::text::{DateStyle, append, write_time};
use crate::domain::text::decimal;
use crate::export::cells::Cell;
use crate::report::words::Words;

/// Appends `cell` as it is shown, not escaped: whole numbers in groups and shares in percent.
pub fn write(cell: Cell<'_>, words: &Words, out: &mut String) {
    match cell {
        Cell::Count(count) => {
            out.push_str(if count < 0 { "-" } else { "" });
            out.push_str(&words.thousands(count.unsigned_abs()));
        }
        Cell::Share(share) => out.push_str(&words.percent(share)),
        Cell::Amount(hundredths) => out.push_str(&words.amount(hundredths)),
        cell => write_exact(cell, words.dates, out),
    }
}

/// Appends `cell`, not escaped: figures as programs read them, days as `dates` says.
pub fn write_exact(cell: Cell<'_>, dates: DateStyle, out: &mut String) {
    match cell {
        Cell::Text(text) => out.push_str(text),
        Cell::Term(_, term) => out.push_str(&term.caption),
        Cell::Count(count) => out.push_str(itoa::Buffer::new().format(count)),
        Cell::Share(share) => out.push_str(&share.to_string()),
        Cell::Amount(hundredths) => out.push_str(&decimal(hundredths)),
        Cell::Date(days) => append(out, |ascii| dates.write_date(ascii, days)),
        Cell::Time(seconds) => append(out, |ascii| write_time(ascii, seconds)),
        Cell::Instant(micros) => append(out, |ascii| dates.write_instant(ascii, micros)),
    }
}
