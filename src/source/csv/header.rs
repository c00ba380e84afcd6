//! Finds the header line of a text below its blank lines, titles and comments, each of which is noted.

use crate::domain::number::mask;
use crate::error::{Error, Result};
use crate::source::csv::record::{Dialect, MOST_FIELDS};
use crate::source::csv::sample::{LONGEST_HEADER, SEARCHED, Sampled, Top, is_figure, looks_like_header, names, sample, usual_width};
use crate::source::table::ColumnProjection;

/// A header and where the rows begin.
#[derive(Debug, Clone, Default)]
pub(crate) struct Header {
    /// The names, trimmed.
    pub(crate) names: Vec<String>,
    /// The byte the rows begin at.
    pub(crate) end: usize,
    /// The line the header begins on, from 1; 0 without one.
    pub(crate) line: u32,
    /// Line ends before the rows.
    pub(crate) lines: u32,
    pub(crate) notes: Vec<String>,
}

/// Finds the header, and which of its columns are wanted or why none are: the likeliest line is tried first, then the
/// others near the top. When none are wanted, the headers are the likeliest ones.
///
/// # Errors
/// A header line of more than 4 MiB or 32,767 columns (65).
pub(crate) fn find(name: &str, top: Top, dialect: &Dialect, projection: ColumnProjection) -> Result<(Header, Result<Vec<bool>>)> {
    let text = top.text;
    let records = sample(top, dialect);
    let long = records.first().map_or(!text[top.start..].trim().is_empty(), |record| record.fields.len() >= MOST_FIELDS);
    if long {
        let what = format!("the first line has at least {MOST_FIELDS} fields or {LONGEST_HEADER} bytes and is not followed by a table");
        return Err(Error::data(name, what, "check the export that wrote it, or specify the delimiter"));
    }
    let Some(likeliest) = likeliest(text, &records, dialect.quote) else {
        return Ok((Header { end: text.len(), ..Header::default() }, projection(&[])));
    };
    let others = (0..records.len().min(SEARCHED)).filter(|index| *index != likeliest && records[*index].fields.len() < MOST_FIELDS);
    let mut first_refusal = None;
    for index in std::iter::once(likeliest).chain(others) {
        let header = header(text, &records, index, dialect);
        match projection(&header.names) {
            Ok(mut columns) => {
                columns.resize(header.names.len(), false);
                return Ok((header, Ok(columns)));
            }
            Err(reason) => _ = first_refusal.get_or_insert((header, Err(reason))),
        }
    }
    Ok(first_refusal.unwrap_or_else(|| (Header::default(), projection(&[]))))
}

/// The first record, unless it is a title: narrower than the records usually are, with a line of headers below it.
fn likeliest(text: &str, records: &[Sampled], quote: u8) -> Option<usize> {
    let first = records.first()?;
    let width = usual_width(records);
    let top = names(text, &first.fields, quote);
    let filled = top.iter().filter(|name| !name.is_empty()).count();
    if width < 2 || (first.fields.len() >= width && filled > 1) {
        return Some(0);
    }
    let wide = |index: &usize| records[*index].fields.len() == width;
    let below = 1..records.len().min(SEARCHED);
    if let Some(index) = below.clone().filter(wide).find(|index| looks_like_header(&names(text, &records[*index].fields, quote))) {
        return Some(index);
    }
    // A single word above rows of many fields heads none of them, unless it heads figures with a comma in them.
    let alone = first.fields.len() == 1;
    let remark = top[0].starts_with('#');
    let wordy = |index: &usize| names(text, &records[*index].fields, quote).iter().any(|name| !is_figure(name));
    Some(below.clone().filter(wide).find(|index| alone && (wordy(index) || remark)).unwrap_or(0))
}

fn header(text: &str, records: &[Sampled], index: usize, dialect: &Dialect) -> Header {
    let record = &records[index];
    let names = names(text, &record.fields, dialect.quote);
    let mut notes = Vec::new();
    if index > 0 {
        notes.push(format!("skipped {index} lines of text above the header on line {}", record.line));
    }
    if text[record.start..record.next].contains('\0') {
        notes.push(format!("the header on line {} holds NUL bytes, which were left out", record.line));
    }
    if !record.closed {
        notes.push(format!("the header on line {} has an unclosed quote", record.line));
    }
    if names.iter().any(|name| !name.is_empty()) && names.iter().all(|name| name.is_empty() || is_figure(name)) {
        notes.push(format!("line {} was read as the header although it looks like data", record.line));
    }
    notes.extend(duplicates(&names));
    Header { names, end: record.next, line: record.line, lines: record.next_line - 1, notes }
}

/// Headers used twice that are named, and columns of each; the others are counted.
const MAX_LISTED: usize = 20;

fn duplicates(names: &[String]) -> Vec<String> {
    let mut places: std::collections::BTreeMap<&str, Vec<usize>> = std::collections::BTreeMap::new();
    for (index, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        places.entry(name).or_default().push(index + 1);
    }
    let list = |columns: &[usize]| match columns.len().saturating_sub(MAX_LISTED) {
        0 => columns.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
        more => format!("{} and {more} more", columns[..MAX_LISTED].iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    };
    let mut twice = places.iter().filter(|(_, columns)| columns.len() > 1);
    let named = twice.by_ref().take(MAX_LISTED);
    let mut notes: Vec<String> =
        named.map(|(name, columns)| format!("header '{}' is used for columns {}", masked(name), list(columns))).collect();
    let more = twice.count();
    notes.extend((more > 0).then(|| format!("{more} more headers are used for several columns")));
    notes
}

/// A header as a note may show it: where the first row was data, its phone numbers are not for the log.
fn masked(name: &str) -> String {
    mask(name).chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(80).collect()
}
