//! Finds the header line of a text below its blank lines, titles and comments; it never drops one of them without a note.

use crate::domain::number::mask;
use crate::error::{Error, Result};
use crate::source::csv::dialect::{Dialect, LONGEST_HEADER, Sampled, Top, sample, usual_width};
use crate::source::csv::record::{Field, MOST_FIELDS, Quoting, unquote};
use crate::source::table::ColumnProjection;

/// Records at the top among which the header is looked for.
pub(crate) const SEARCHED: usize = 30;

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

/// Finds the header and which of its columns are wanted: the likeliest line first, then the others near the top.
///
/// # Errors
/// A header line of more than 4 MiB or 32,767 columns (65).
pub(crate) fn find(name: &str, top: Top, dialect: &Dialect, wanted: ColumnProjection) -> Result<(Header, Vec<bool>)> {
    let text = top.text;
    let records = sample(top, dialect);
    let long = records.first().map_or(!text[top.start..].trim().is_empty(), |record| record.fields.len() >= MOST_FIELDS);
    if long {
        let what = format!("the first line has {MOST_FIELDS} fields or {LONGEST_HEADER} bytes, or more: it heads no table");
        return Err(Error::data(name, what, "check the export that wrote it, or tell the delimiter"));
    }
    let Some(likeliest) = likeliest(text, &records, dialect.quote) else {
        wanted(&[]);
        return Ok((Header { end: text.len(), ..Header::default() }, Vec::new()));
    };
    let others = (0..records.len().min(SEARCHED)).filter(|index| *index != likeliest && records[*index].fields.len() < MOST_FIELDS);
    for index in std::iter::once(likeliest).chain(others) {
        let header = header(text, &records, index, dialect);
        if let Some(mut columns) = wanted(&header.names) {
            columns.resize(header.names.len(), false);
            return Ok((header, columns));
        }
    }
    let header = header(text, &records, likeliest, dialect);
    let columns = vec![false; header.names.len()];
    Ok((header, columns))
}

/// The names in a header record, trimmed, without byte order marks and NULs.
pub(crate) fn names(text: &str, fields: &[Field], quote: u8) -> Vec<String> {
    let mut scratch = String::new();
    let name = |field: &Field| {
        let raw = &text[field.start..field.end];
        let name = match field.quoting {
            Quoting::Plain => raw,
            Quoting::Raw => {
                unquote(raw, quote, &mut scratch);
                &scratch
            }
        };
        let name = name.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '\u{feff}' | '\0'));
        name.replace('\0', "")
    };
    fields.iter().map(name).collect()
}

/// Whether these cells read like headers rather than data: mostly there, all different, none of them a number or date.
pub(crate) fn looks_like_header(names: &[String]) -> bool {
    let mut named: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let enough = named.len() * 2 >= names.len();
    let words = named.iter().all(|name| !is_figure(name));
    named.sort_unstable();
    enough && words && named.windows(2).all(|pair| pair[0] != pair[1])
}

fn is_figure(name: &str) -> bool {
    name.trim_start_matches(['+', '-', '(', '$', '.', '#']).starts_with(|letter: char| letter.is_ascii_digit())
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
        notes.push(format!("the header on line {} opens a quote that nobody closes", record.line));
    }
    if names.iter().any(|name| !name.is_empty()) && names.iter().all(|name| name.is_empty() || is_figure(name)) {
        notes.push(format!("line {} is taken as the header although it looks like data", record.line));
    }
    notes.extend(duplicates(&names));
    Header { names, end: record.next, line: record.line, lines: record.next_line - 1, notes }
}

fn duplicates(names: &[String]) -> Vec<String> {
    let mut places: std::collections::BTreeMap<&str, Vec<usize>> = std::collections::BTreeMap::new();
    for (index, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        places.entry(name).or_default().push(index + 1);
    }
    let list = |columns: &[usize]| columns.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let twice = places.iter().filter(|(_, columns)| columns.len() > 1);
    twice.map(|(name, columns)| format!("header '{}' heads the columns {}", masked(name), list(columns))).collect()
}

/// A header as a note may show it: where the first row was data, its phone numbers are not for the log.
fn masked(name: &str) -> String {
    mask(name).chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(80).collect()
}
