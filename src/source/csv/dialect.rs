//! Finds how a text separates and quotes its fields, from its first lines; it never looks at what the fields mean.

use crate::source::csv::header;
use crate::source::csv::record::{Ending, Field, MOST_FIELDS, Quoting, Width, line_breaks, line_end, walk, walk_line};

/// How fields are separated and quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields that hold delimiters, quotes or line ends.
    pub quote: u8,
    ends: [bool; 256],
}

impl Dialect {
    /// A dialect; both bytes are ASCII and no line end.
    pub fn new(delimiter: u8, quote: u8) -> Self {
        let mut ends = [false; 256];
        for byte in [delimiter, b'\n', b'\r'] {
            ends[usize::from(byte)] = true;
        }
        Self { delimiter, quote, ends }
    }

    /// Whether this byte ends an unquoted field.
    pub fn ends_field(&self, byte: u8) -> bool {
        self.ends[usize::from(byte)]
    }
}

/// Delimiters looked for, likeliest first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// The delimiter of a text that has none.
const NOTHING: u8 = 0x1f;
/// Bytes and records at the top of the text that are looked at.
const SAMPLE_BYTES: usize = 256 << 10;
const SAMPLE_RECORDS: usize = 500;
/// Bytes a header may have.
pub(crate) const LONGEST_HEADER: usize = 4 << 20;
/// Records with a broken quote after which a sample tells no more; each was looked at up to the sample's end.
const BROKEN_RECORDS: usize = 10;

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

/// Finds the dialect and where the text begins; a `sep=;` line counts as told.
pub fn find(text: &str, told: Option<u8>) -> (Dialect, Top<'_>) {
    let (separator, start) = separator_line(text);
    let blank = text.as_bytes()[start..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    let start = start + blank;
    let top = Top { text, start, line: 1 + line_breaks(&text.as_bytes()[..start]) };
    let candidates = match told.or(separator) {
        Some(delimiter) => vec![delimiter],
        None => DELIMITERS.to_vec(),
    };
    let double = best(top, &candidates, b'"');
    let single = best(top, &candidates, b'\'');
    let quoted = |dialect: &Dialect| quotes(top, dialect);
    let dialect = if quoted(&double) == Quotes::Absent && quoted(&single) == Quotes::Clear { single } else { double };
    (dialect, top)
}

/// The first records, blank lines left out; a record that the sample cuts off is left out too.
pub(crate) fn sample(top: Top, dialect: &Dialect) -> Vec<Sampled> {
    let text = top.text.as_bytes();
    let mut records = Vec::new();
    for size in [SAMPLE_BYTES, LONGEST_HEADER] {
        let limit = text.len().min(top.start + size);
        records = sample_to(text, top.start, top.line, limit, dialect);
        if !records.is_empty() || limit == text.len() {
            break;
        }
    }
    records
}

fn sample_to(text: &[u8], start: usize, line: u32, limit: usize, dialect: &Dialect) -> Vec<Sampled> {
    let sample = &text[..limit];
    let mut records = Vec::new();
    let (mut at, mut line, mut broken) = (start, line, 0);
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

/// The line of the first quote that nobody closes, in a text of which no dialect was found although it begins like a
/// table: below such a quote there are no records to find one by.
pub(crate) fn unclosed(top: Top, found: &Dialect) -> Option<u32> {
    let look = |delimiter: &u8| {
        let records = sample(top, &Dialect::new(*delimiter, b'"'));
        let first = &records.first()?.fields;
        let titled = (2..MOST_FIELDS).contains(&first.len()) && header::looks_like_header(&header::names(top.text, first, b'"'));
        records.iter().find(|record| titled && !record.closed).map(|record| record.line)
    };
    DELIMITERS.iter().filter(|_| found.delimiter == NOTHING).find_map(look)
}

fn separator_line(text: &str) -> (Option<u8>, usize) {
    let (end, next) = line_end(text.as_bytes(), 0);
    let line = text[..end].trim_matches(['"', ' ']);
    let separator = line.get(..4).filter(|word| word.eq_ignore_ascii_case("sep=")).and_then(|_| match line.as_bytes()[4..] {
        [byte] if byte.is_ascii() && byte != b'"' => Some(byte),
        _ => None,
    });
    (separator, if separator.is_some() { next } else { 0 })
}

fn best(top: Top, candidates: &[u8], quote: u8) -> Dialect {
    let mut best: Option<(f64, usize, Dialect)> = None;
    for delimiter in candidates {
        let dialect = Dialect::new(*delimiter, quote);
        let records = sample(top, &dialect);
        let Some((score, width)) = score(top.text, &records, quote) else {
            continue;
        };
        let better = best.as_ref().is_none_or(|(high, most, _)| score > high + 0.05 || (score > high - 0.05 && width > *most));
        if better {
            best = Some((score, width, dialect));
        }
    }
    let alone = if let [told] = candidates { *told } else { NOTHING };
    best.map_or_else(|| Dialect::new(alone, quote), |(_, _, dialect)| dialect)
}

/// How even the records are, and how wide: a header of that width counts double.
fn score(text: &str, records: &[Sampled], quote: u8) -> Option<(f64, usize)> {
    let width = usual_width(records);
    if !(2..MOST_FIELDS).contains(&width) {
        return None;
    }
    let fit = Width { least: width, most: width };
    let even = records.iter().filter(|record| fit.fits(&record.fields)).count() as f64 / records.len() as f64;
    let headed = records
        .iter()
        .take(header::SEARCHED)
        .any(|record| fit.fits(&record.fields) && header::looks_like_header(&header::names(text, &record.fields, quote)));
    let score = if headed { even } else { even / 2.0 };
    let first = &records[0].fields;
    let titled = (2..MOST_FIELDS).contains(&first.len()) && header::looks_like_header(&header::names(text, first, quote));
    // Bytes that only happen to occur in a text separate nothing: better one whole column than torn rows.
    (titled || (even > 0.4 && score > 0.25)).then_some((score, width))
}

/// The most common number of fields; of two as common the first record's, unless that is one, else the larger; 0 without records.
pub(crate) fn usual_width(records: &[Sampled]) -> usize {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    for record in records {
        *counts.entry(record.fields.len()).or_default() += 1;
    }
    let first = records.first().map_or(0, |record| record.fields.len());
    let rank = |(width, count): &(usize, usize)| (*count, *width == first && first > 1, *width);
    counts.into_iter().max_by_key(rank).map_or(0, |(width, _)| width)
}

#[derive(PartialEq, Eq)]
enum Quotes {
    Absent,
    /// Every quote at a field's start closes at its end, and fields could not be told apart without, or all headers have them.
    Clear,
    Unclear,
}

fn quotes(top: Top, dialect: &Dialect) -> Quotes {
    let text = top.text.as_bytes();
    let quote = Some(&dialect.quote);
    let records = sample(top, dialect);
    let (mut quoted, mut needed) = (false, false);
    for (index, record) in records.iter().enumerate() {
        let mut bare = !record.closed;
        for field in &record.fields {
            match field.quoting {
                Quoting::Plain if field.start > record.start && text.get(field.start - 1) == quote => {
                    quoted = true;
                    needed |= record.fields.len() > 1 && text[field.start..field.end].iter().any(|byte| dialect.ends_field(*byte));
                }
                Quoting::Raw if text.get(field.end - 1) == quote => (quoted, needed) = (true, true),
                Quoting::Raw => return Quotes::Unclear,
                Quoting::Plain => bare = true,
            }
        }
        if !record.closed {
            return Quotes::Unclear;
        }
        needed |= index == 0 && !bare;
    }
    match (quoted, needed) {
        (false, _) => Quotes::Absent,
        (true, true) => Quotes::Clear,
        (true, false) => Quotes::Unclear,
    }
}
