//! Finds where a table ends: before rows of nothing but delimiters at the end of the text, and before another table.

use std::ops::Range;

use memchr::{memchr2, memchr2_iter, memrchr2};

use crate::source::csv::header::Header;
use crate::source::csv::record::{Dialect, Ending, Field, QuoteLetters, line_breaks, line_end, walk};
use crate::source::csv::sample::{looks_like_header, names, trimmed};

/// Lines of a title that may stand between blank lines and the header of another table.
const MOST_TITLE_LINES: usize = 3;

/// The end of the rows that begin at `start`: blank lines and lines of nothing but delimiters at the end of the text are none.
pub(crate) fn content_end(text: &[u8], start: usize, dialect: &Dialect) -> usize {
    let mut end = text.len();
    while end > start {
        let line = memrchr2(b'\n', b'\r', &text[start..end - 1]).map_or(start, |distance| start + distance + 1);
        if !is_blank_line(&text[line..end], dialect) {
            break;
        }
        end = line;
    }
    end
}

fn is_blank_line(line: &[u8], dialect: &Dialect) -> bool {
    line.iter().all(|byte| byte.is_ascii_whitespace() || *byte == dialect.delimiter)
}

/// Line ends in this part of a text, and the first byte of each run of lines in it that seem to be blank.
pub(crate) fn survey(text: &[u8], part: Range<usize>, dialect: &Dialect) -> (u32, Vec<usize>) {
    let mut gaps = Vec::new();
    let mut after_blank = false;
    let mut breaks = 0;
    let mut next_line = part.start;
    for distance in memchr2_iter(b'\n', b'\r', &text[part.clone()]) {
        let at = part.start + distance;
        if at < next_line {
            continue;
        }
        breaks += 1;
        next_line = at + 1 + usize::from(text[at] == b'\r' && text.get(at + 1) == Some(&b'\n'));
        let blank = match text.get(next_line) {
            Some(b'\n' | b'\r') => true,
            Some(byte) if *byte == dialect.delimiter => text.get(next_line + 1).is_some_and(|byte| dialect.ends_field(*byte)),
            _ => false,
        };
        if blank && !after_blank {
            gaps.push(next_line);
        }
        after_blank = blank;
    }
    (breaks, gaps)
}

/// The first of these gaps below which another table begins, and the line it begins on.
///
/// `parts` are the parts of the text that begin with a record, each with its gaps; `unclosed` are lines that are records of
/// their own because of a broken quote.
pub(crate) fn other_table(
    text: &str,
    parts: &[(Range<usize>, Vec<usize>)],
    header: &Header,
    dialect: &Dialect,
    unclosed: &[usize],
) -> Option<usize> {
    let mut fields = Vec::new();
    for (part, gaps) in parts {
        let mut record = part.start;
        let mut unclosed = &unclosed[unclosed.partition_point(|at| *at < part.start)..];
        for gap in gaps {
            if !begins_table(text, *gap, header, dialect, &mut fields) {
                continue;
            }
            // What seems to be a gap may stand inside quotes.
            while record < *gap {
                record = next_record(text.as_bytes(), record, dialect, &mut unclosed, &mut fields);
            }
            if record == *gap {
                return Some(*gap);
            }
        }
    }
    None
}

fn next_record(text: &[u8], at: usize, dialect: &Dialect, unclosed: &mut &[usize], fields: &mut Vec<Field>) -> usize {
    if unclosed.first() == Some(&at) {
        *unclosed = &unclosed[1..];
        return line_end(text, at).1;
    }
    match walk(text, at, dialect, fields) {
        Ending::Whole { next, .. } => next,
        Ending::Unclosed { .. } => line_end(text, at).1,
    }
}

/// Whether a header other than this table's stands below a gap, or below a title there, and rows of its own below it.
fn begins_table(text: &str, gap: usize, header: &Header, dialect: &Dialect, fields: &mut Vec<Field>) -> bool {
    let bytes = text.as_bytes();
    let blank = |at: usize| at < bytes.len() && is_blank_line(&bytes[at..line_end(bytes, at).1], dialect);
    let mut at = gap;
    // The gap may be a row whose first cells are empty.
    if !blank(at) {
        return false;
    }
    for _ in 0..=MOST_TITLE_LINES {
        while blank(at) {
            at = line_end(bytes, at).1;
        }
        if at >= bytes.len() {
            return false;
        }
        let Some(next) = clean_line(bytes, at, dialect, fields) else {
            return false;
        };
        let cells = trimmed(&names(text, fields, dialect));
        if cells.iter().filter(|cell| !cell.is_empty()).count() > 1 {
            return is_header(&cells, header) && has_rows(text, next, cells.len(), header, dialect, fields);
        }
        at = next;
    }
    false
}

fn is_header(cells: &[String], header: &Header) -> bool {
    let known = trimmed(&header.names);
    let is_other = cells.len() != known.len() || cells.iter().zip(&known).any(|(cell, name)| cell != name);
    let full = cells.iter().all(|cell| !cell.is_empty());
    is_other && full && looks_like_header(cells)
}

/// Whether the line at `at` is a row of so many fields; where rows of this table have as many, the header must have words
/// above their figures, which was seen to by its look.
fn has_rows(text: &str, at: usize, width: usize, header: &Header, dialect: &Dialect, fields: &mut Vec<Field>) -> bool {
    if at >= text.len() || (width == header.width.fields && !header.figures.contains(&true)) {
        return false;
    }
    matches!(walk(text.as_bytes(), at, dialect, fields), Ending::Whole { .. }) && fields.len() == width
}

/// The end of the record that begins here, if it is one line and has its quotes in order.
fn clean_line(text: &[u8], at: usize, dialect: &Dialect, fields: &mut Vec<Field>) -> Option<usize> {
    match walk(text, at, dialect, fields) {
        Ending::Whole { next, lines: 0 | 1, quotes } if quotes == QuoteLetters::default() => Some(next),
        _ => None,
    }
}

/// Lines below `at`.
pub(crate) fn lines_below(text: &[u8], at: usize) -> u32 {
    let rest = &text[at..];
    line_breaks(rest) + u32::from(memchr2(b'\n', b'\r', &rest[rest.len().saturating_sub(1)..]).is_none())
}
