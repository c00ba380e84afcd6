//! The first records of a text, and what their cells say of its header and width.

use std::collections::BTreeMap;

use crate::source::csv::record::{Dialect, Ending, Field, line_end, walk, walk_line};

/// Bytes and records at the top of the text that are looked at.
const SAMPLE_BYTES: usize = 256 << 10;
const SAMPLE_RECORDS: usize = 500;
/// Bytes a header may have.
pub(crate) const LONGEST_HEADER: usize = 4 << 20;
/// Records with a broken quote after which a sample tells no more; each was looked at up to the sample's end.
const BROKEN_RECORDS: usize = 10;
/// Records at the top among which the header is looked for.
pub(crate) const SEARCHED: usize = 30;

/// One of the first records of a text.
#[derive(Debug, Clone)]
pub(crate) struct Sampled {
    pub(crate) start: usize,
    pub(crate) next: usize,
    /// The line it begins on, from 1.
    pub(crate) line: u32,
    /// The line the next record begins on.
    pub(crate) next_line: u32,
    pub(crate) fields: Vec<Field>,
    pub(crate) closed: bool,
}

/// A text below its `sep=;` line and the blank lines at its top.
#[derive(Debug, Clone, Copy)]
pub struct Top<'a> {
    /// The whole text.
    pub text: &'a str,
    /// The first byte that counts.
    pub start: usize,
    /// The line it stands on, from 1.
    pub line: u32,
}

/// The first records, blank lines left out; a record that the sample cuts off is left out too.
pub(crate) fn sample(top: Top, dialect: &Dialect) -> Vec<Sampled> {
    let records = sample_of(top, dialect, SAMPLE_BYTES);
    if records.is_empty() { sample_of(top, dialect, LONGEST_HEADER) } else { records }
}

fn sample_of(top: Top, dialect: &Dialect, size: usize) -> Vec<Sampled> {
    let text = top.text.as_bytes();
    let limit = text.len().min(top.start + size);
    let sample = &text[..limit];
    let mut records = Vec::new();
    let (mut at, mut line, mut broken) = (top.start, top.line, 0);
    while at < limit && records.len() < SAMPLE_RECORDS && broken < BROKEN_RECORDS {
        let (end, after) = line_end(sample, at);
        if sample[at..end].trim_ascii().is_empty() && !sample[at..end].contains(&dialect.delimiter) {
            at = after;
            line += 1;
            continue;
        }
        let mut fields = Vec::new();
        let (next, lines, closed) = match walk(sample, at, dialect, &mut fields) {
            Ending::Whole { next, lines } => (next, lines, true),
            Ending::Unclosed { .. } => (walk_line(sample, at, dialect, &mut fields), 1, false),
        };
        if next >= limit && limit < text.len() {
            break;
        }
        broken += usize::from(!closed);
        records.push(Sampled { start: at, next, line, next_line: line + lines, fields, closed });
        at = next;
        line += lines;
    }
    records
}

/// The most common number of fields; of two as common the first record's, unless that is one, else the larger; 0 without records.
pub(crate) fn usual_width(records: &[Sampled]) -> usize {
    let mut counts = BTreeMap::<usize, usize>::new();
    for record in records {
        *counts.entry(record.fields.len()).or_default() += 1;
    }
    let first = records.first().map_or(0, |record| record.fields.len());
    let rank = |(width, count): &(usize, usize)| (*count, *width == first && first > 1, *width);
    counts.into_iter().max_by_key(rank).map_or(0, |(width, _)| width)
}

/// The names in a header record, trimmed, without byte order marks and NULs.
pub(crate) fn names(text: &str, fields: &[Field], quote: u8) -> Vec<String> {
    let mut scratch = String::new();
    let name = |field: &Field| {
        let name = field.text(text, quote, &mut scratch);
        name.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '\u{feff}' | '\0')).replace('\0', "")
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

/// Whether a cell begins like a number, a date or an amount.
pub(crate) fn is_figure(name: &str) -> bool {
    name.trim_start_matches(['+', '-', '(', '$', '.', '#']).starts_with(|letter: char| letter.is_ascii_digit())
}
