//! The first records of a text, and what their cells say of its header and width.

use std::collections::BTreeMap;

use crate::source::csv::record::{Dialect, Ending, Field, QuoteLetters, line_end, walk, walk_line};

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
    /// Whether every quote that opens a field closes at its end.
    pub(crate) closed: bool,
    /// The quotes of it that were taken as letters.
    pub(crate) quotes: QuoteLetters,
}

impl Sampled {
    /// Whether nothing but white space is in its fields.
    pub(crate) fn is_blank(&self, text: &str) -> bool {
        self.fields.iter().all(|field| field.is_blank(text))
    }

    /// Whether its quotes are in order: all closed, none of them a letter where it should open or close a field.
    pub(crate) fn is_clean(&self) -> bool {
        self.closed && self.quotes == QuoteLetters::default()
    }
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

impl Top<'_> {
    /// The bytes that a sample looks at.
    pub(crate) fn sampled(&self) -> &[u8] {
        let bytes = &self.text.as_bytes()[self.start..];
        &bytes[..bytes.len().min(SAMPLE_BYTES)]
    }
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
        let (next, lines, closed, quotes) = match walk(sample, at, dialect, &mut fields) {
            Ending::Whole { next, lines, quotes } => (next, lines, true, quotes),
            Ending::Unclosed { .. } => (walk_line(sample, at, dialect, &mut fields), 1, false, QuoteLetters::default()),
        };
        if next >= limit && limit < text.len() {
            break;
        }
        broken += usize::from(!closed);
        records.push(Sampled { start: at, next, line, next_line: line + lines, fields, closed, quotes });
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

/// The names in a header record as they stand, but for byte order marks and NULs.
pub(crate) fn names(text: &str, fields: &[Field], dialect: &Dialect) -> Vec<String> {
    let mut scratch = String::new();
    fields.iter().map(|field| field.text(text, dialect, &mut scratch).trim_matches('\u{feff}').replace('\0', "")).collect()
}

/// The names without white space around them, as they are compared and looked up.
pub(crate) fn trimmed(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.trim().to_owned()).collect()
}

/// Whether these cells read like headers rather than data: mostly there, all different, none of them a number or date.
pub(crate) fn looks_like_header(names: &[String]) -> bool {
    let mut named: Vec<&str> = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
    let enough = named.len() * 2 >= names.len();
    let words = named.iter().all(|name| !is_figure(name));
    named.sort_unstable();
    enough && words && named.windows(2).all(|pair| pair[0] != pair[1])
}

/// Whether a cell begins like a number, a date or an amount.
pub(crate) fn is_figure(name: &str) -> bool {
    name.trim_start().trim_start_matches(['+', '-', '(', '$', '.', '#']).starts_with(|letter: char| letter.is_ascii_digit())
}
