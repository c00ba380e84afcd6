//! Detects how a text separates and quotes its fields, from its first records.

use crate::source::csv::record::{Dialect, MOST_FIELDS, Quoting, Width, line_breaks, line_end};
use crate::source::csv::sample::{SEARCHED, Sampled, Top, looks_like_header, names, sample, usual_width};

/// Delimiters looked for, likeliest first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// The delimiter of a text that has none.
const NOTHING: u8 = 0x1f;

/// Detects the dialect and where the text begins; a `sep=;` line counts as a specified delimiter.
pub fn detect(text: &str, specified: Option<u8>) -> (Dialect, Top<'_>) {
    let (separator, start) = separator_line(text);
    let blank = text.as_bytes()[start..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    let start = start + blank;
    let top = Top { text, start, line: 1 + line_breaks(&text.as_bytes()[..start]) };
    let candidates = match specified.or(separator) {
        Some(delimiter) => vec![delimiter],
        None => DELIMITERS.to_vec(),
    };
    let double = best(top, &candidates, b'"');
    let single = best(top, &candidates, b'\'');
    let quoted = |dialect: &Dialect| quotes(top, dialect);
    let dialect = if quoted(&double) == Quotes::Absent && quoted(&single) == Quotes::Clear { single } else { double };
    (dialect, top)
}

/// The line of the first unclosed quote, in a text of which no dialect was found although it begins like a
/// table: below such a quote there are no records to find one by.
pub(crate) fn unclosed(top: Top, found: &Dialect) -> Option<u32> {
    let look = |delimiter: &u8| {
        let records = sample(top, &Dialect::new(*delimiter, b'"'));
        records.iter().find(|record| !record.closed).filter(|_| is_titled(top.text, &records, b'"')).map(|record| record.line)
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
    let alone = if let [specified] = candidates { *specified } else { NOTHING };
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
    let headed =
        records.iter().take(SEARCHED).any(|record| fit.fits(&record.fields) && looks_like_header(&names(text, &record.fields, quote)));
    let score = if headed { even } else { even / 2.0 };
    // Bytes that only happen to occur in a text separate nothing: better one whole column than torn rows.
    (is_titled(text, records, quote) || (even > 0.4 && score > 0.25)).then_some((score, width))
}

/// Whether the first record reads like the header of a table.
fn is_titled(text: &str, records: &[Sampled], quote: u8) -> bool {
    let first = &records[0].fields;
    (2..MOST_FIELDS).contains(&first.len()) && looks_like_header(&names(text, first, quote))
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
