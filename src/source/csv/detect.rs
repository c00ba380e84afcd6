//! Detects how a text separates and quotes its fields, from its first records.

use memchr::{memchr, memmem};

use crate::source::csv::record::{Dialect, Field, MOST_FIELDS, Width, line_breaks, line_end};
use crate::source::csv::sample::{SEARCHED, Sampled, Top, looks_like_header, names, sample, usual_width};

/// Delimiters looked for, likeliest first.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// The delimiter of a text that has none.
pub(crate) const NOTHING: u8 = 0x1f;

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
    (with_quotes(top, best(top, &candidates, b'"'), best(top, &candidates, b'\'')), top)
}

/// The dialect with its quotes, escapes and blanks: those that more records bear out than the plain ones of RFC 4180.
fn with_quotes(top: Top, double: Dialect, single: Dialect) -> Dialect {
    let records = sample(top, &double);
    let fitting = |dialect: &Dialect, records: &[Sampled]| {
        let width = usual_width(records);
        records.iter().filter(|record| record.closed && record.fields.len() == width && is_separated(width, dialect)).count()
    };
    let start = top.sampled();
    if memchr(b'\'', start).is_some() {
        let singles = sample(top, &single);
        let double_absent = quotes(top, &double, &records) == Quotes::Absent;
        let needed = fitting(&single, &singles) > fitting(&double, &records) && quotes_enclose(top, &single, &singles);
        if double_absent && (needed || quotes(top, &single, &singles) == Quotes::Clear) {
            return single;
        }
    }
    let mut chosen = double;
    let blanks = chosen.delimiter != b' ' && memmem::find(start, &[chosen.delimiter, b' ']).is_some();
    let backslashes = memmem::find(start, b"\\\"").is_some();
    if !blanks && !backslashes {
        return chosen;
    }
    chosen.padded = blanks && is_padded(top, &chosen);
    let mut most = clean(top, &chosen);
    for (padded, backslash) in [(true, false), (false, true), (true, true)] {
        let variant = chosen.with(padded || chosen.padded, backslash);
        if (padded && !blanks) || (backslash && !backslashes) || variant == chosen {
            continue;
        }
        let records = clean(top, &variant);
        if records > most {
            (most, chosen) = (records, variant);
        }
    }
    chosen
}

fn is_separated(width: usize, dialect: &Dialect) -> bool {
    width > 1 || dialect.delimiter == NOTHING
}

/// Records of the usual width whose quotes are in order.
fn clean(top: Top, dialect: &Dialect) -> usize {
    let records = sample(top, dialect);
    let width = usual_width(&records);
    records.iter().filter(|record| record.fields.len() == width && record.is_clean()).count()
}

/// Whether nearly all fields but the first of a record stand behind a blank.
fn is_padded(top: Top, dialect: &Dialect) -> bool {
    let padded = dialect.with(true, false);
    let records = sample(top, &padded);
    let width = usual_width(&records);
    let text = top.text.as_bytes();
    let gap = |pair: &[Field]| {
        let gap = &text[pair[0].end..pair[1].start];
        gap.iter().position(|byte| *byte == padded.delimiter).map(|at| gap.get(at + 1) == Some(&b' '))
    };
    let mut fields = (0, 0);
    let mut rows = (0, 0);
    for record in records.iter().filter(|record| width > 1 && record.fields.len() == width) {
        // A blank field may be written with the blank or without.
        let counted = || record.fields.windows(2).filter(|pair| !pair[1].is_blank(top.text));
        let (all, behind) = (counted().count(), counted().filter(|pair| gap(pair) == Some(true)).count());
        fields = (fields.0 + all, fields.1 + behind);
        rows = (rows.0 + 1, rows.1 + usize::from(all == behind));
    }
    (fields.1 > 0 && fields.0 == fields.1) || (fields.0 > 40 && fields.1 * 50 >= fields.0 * 49 && rows.1 * 20 >= rows.0 * 19)
}

/// The line of the first unclosed quote, in a text of which no dialect was found although it begins like a
/// table: below such a quote there are no records to find one by.
pub(crate) fn unclosed(top: Top, found: &Dialect) -> Option<u32> {
    let look = |delimiter: &u8| {
        let records = sample(top, &Dialect::new(*delimiter, b'"'));
        records
            .iter()
            .find(|record| !record.closed)
            .filter(|_| is_titled(top.text, &records, &Dialect::new(*delimiter, b'"')))
            .map(|record| record.line)
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
        let Some((score, width)) = score(top.text, &records, &dialect) else {
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
fn score(text: &str, records: &[Sampled], dialect: &Dialect) -> Option<(f64, usize)> {
    let width = usual_width(records);
    if !(2..MOST_FIELDS).contains(&width) {
        return None;
    }
    let fit = Width { fields: width, surplus: 0 };
    let even = records.iter().filter(|record| fit.fits(text, &record.fields)).count() as f64 / records.len() as f64;
    let headed = records
        .iter()
        .take(SEARCHED)
        .any(|record| fit.fits(text, &record.fields) && looks_like_header(&names(text, &record.fields, dialect)));
    let score = if headed { even } else { even / 2.0 };
    // Bytes that only happen to occur in a text separate nothing: better one whole column than torn rows.
    (is_titled(text, records, dialect) || (even > 0.4 && score > 0.25)).then_some((score, width))
}

/// Whether the first record reads like the header of a table.
fn is_titled(text: &str, records: &[Sampled], dialect: &Dialect) -> bool {
    let first = &records[0].fields;
    (2..MOST_FIELDS).contains(&first.len()) && looks_like_header(&names(text, first, dialect))
}

#[derive(PartialEq, Eq)]
enum Quotes {
    Absent,
    /// Every quote at a field's start closes at its end, and fields could not be told apart without, or all headers have them.
    Clear,
    Unclear,
}

fn quotes(top: Top, dialect: &Dialect, records: &[Sampled]) -> Quotes {
    let text = top.text.as_bytes();
    let (mut quoted, mut needed) = (false, false);
    for (index, record) in records.iter().enumerate() {
        if !record.closed || record.quotes.inside {
            return Quotes::Unclear;
        }
        let mut bare = false;
        for field in &record.fields {
            if is_quoted(text, record, field, dialect) {
                quoted = true;
                let inside = &text[field.start..field.end];
                needed |= record.fields.len() > 1 && inside.iter().any(|byte| dialect.ends_field(*byte) || *byte == dialect.quote);
            } else {
                bare = true;
            }
        }
        needed |= index == 0 && !bare;
    }
    match (quoted, needed) {
        (false, _) => Quotes::Absent,
        (true, true) => Quotes::Clear,
        (true, false) => Quotes::Unclear,
    }
}

fn is_quoted(text: &[u8], record: &Sampled, field: &Field, dialect: &Dialect) -> bool {
    field.start > record.start && text[field.start - 1] == dialect.quote
}

/// Whether some field between quotes holds what they are there for.
fn quotes_enclose(top: Top, dialect: &Dialect, records: &[Sampled]) -> bool {
    let text = top.text.as_bytes();
    let encloses = |record: &Sampled, field: &Field| {
        is_quoted(text, record, field, dialect) && text[field.start..field.end].iter().any(|byte| dialect.ends_field(*byte))
    };
    records.iter().any(|record| record.fields.iter().any(|field| encloses(record, field)))
}
