//! Knows a report that this program wrote as JSON, in which lists say of some numbers again what the rows of all numbers say.

use std::ops::Range;

/// What such a document begins with; other programs that write it anew are read like any other JSON.
pub const HEAD: &str = "{\n\"format\": \"portstatus-report\",\n";
/// What stands before its numbers, at the beginning of a line. No text has a line end in it that is not escaped.
pub const NUMBERS: &str = "\n\"numbers\": {\"columns\": ";
/// What stands before the rows of the numbers, behind their columns. No text has a quote in it that is not escaped.
pub const ROWS: &str = ", \"rows\": ";
/// What stands behind them.
pub const END: &str = "}\n}\n";

/// Where the array of the numbers is in `text`, if that is such a report.
pub fn numbers(text: &str) -> Option<Range<usize>> {
    let whole = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (before, rest) = whole.strip_prefix(HEAD)?.rsplit_once(NUMBERS)?;
    let (columns, _) = rest.split_once(ROWS)?;
    let start = text.len() - whole.len() + HEAD.len() + before.len() + NUMBERS.len() + columns.len() + ROWS.len();
    let end = text.strip_suffix(END)?.len();
    (start < end).then_some(start..end)
}
