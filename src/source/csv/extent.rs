//! Finds where a table ends: before rows of nothing but delimiters at the end of the text, and before another table.

use std::ops::Range;

use memchr::{memchr2_iter, memchr3, memrchr2};

use crate::source::csv::header::Header;
use crate::source::csv::record::{Dialect, Ending, Field, QuoteLetters, line_end, walk};
use crate::source::csv::sample::{is_figure, looks_like_header, names, trimmed};
use crate::source::table::ColumnProjection;

/// Lines of a title that may stand between blank lines and the header of another table.
pub(crate) const MOST_TITLE_LINES: usize = 3;

/// Lines between the rows that are looked at as the header of another table; after so many that are none, words are data.
pub(crate) const MOST_LOOKS: usize = 1000;

/// Another table below the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OtherTable {
    /// Where the rows of the first table end.
    pub(crate) end: usize,
    /// Where the other one's header begins.
    pub(crate) header: usize,
    /// Where its rows begin.
    pub(crate) rows: usize,
}

/// What tells the header of another table from a row.
pub(crate) struct HeaderTest<'a> {
    pub(crate) header: &'a Header,
    pub(crate) dialect: &'a Dialect,
    /// Says which headers are those of a table that can be used; `None` where any are.
    pub(crate) projection: Option<ColumnProjection<'a>>,
}

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

/// Line ends in this part of a text, and where another table may begin in it: the first byte of each run of lines that seem
/// to be blank, and of each line with a letter where the first field of `figures` would begin.
pub(crate) fn survey(text: &[u8], part: Range<usize>, dialect: &Dialect, figures: &[bool]) -> (u32, Vec<usize>) {
    let mut gaps = Vec::new();
    let figure = figures.iter().position(|figures| *figures);
    let mut looks = 0;
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
        } else if !blank && looks < MOST_LOOKS && figure.is_some_and(|figure| has_word(text, next_line, figure, dialect)) {
            looks += 1;
            gaps.push(next_line);
        }
        after_blank = blank;
    }
    (breaks, gaps)
}

/// Whether field `field` of the line that begins here begins with a letter, quotes aside.
fn has_word(text: &[u8], line: usize, field: usize, dialect: &Dialect) -> bool {
    let mut at = line;
    for _ in 0..field {
        match memchr3(dialect.delimiter, b'\n', b'\r', &text[at..]) {
            Some(distance) if text[at + distance] == dialect.delimiter => at += distance + 1,
            _ => return false,
        }
    }
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    match text.get(at) {
        Some(byte) if *byte == dialect.quote || *byte == b' ' => text.get(at + 1).is_some_and(is_letter),
        byte => byte.is_some_and(is_letter),
    }
}

/// The first of these places at which another table begins: below a gap, or between the rows.
///
/// `parts` are the parts of the text that begin with a record, each with its places; `unclosed` are lines that are records of
/// their own because of a broken quote.
pub(crate) fn other_table(
    text: &str,
    parts: &[(Range<usize>, Vec<usize>)],
    test: &HeaderTest<'_>,
    unclosed: &[usize],
) -> Option<OtherTable> {
    let dialect = test.dialect;
    let mut fields = Vec::new();
    for (part, gaps) in parts {
        let mut record = part.start;
        let mut unclosed = &unclosed[unclosed.partition_point(|at| *at < part.start)..];
        for gap in gaps {
            let Some(found) = begins_table(text, *gap, test, &mut fields) else { continue };
            // What seems to be a gap may stand inside quotes.
            while record < *gap {
                record = next_record(text.as_bytes(), record, dialect, &mut unclosed, &mut fields);
            }
            if record == *gap {
                return Some(found);
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

/// The table that begins here: a header other than this table's stands below a gap, or below a title there, or as one of the
/// rows, and has rows of its own below it.
fn begins_table(text: &str, place: usize, test: &HeaderTest<'_>, fields: &mut Vec<Field>) -> Option<OtherTable> {
    let (bytes, header, dialect) = (text.as_bytes(), test.header, test.dialect);
    let blank = |at: usize| at < bytes.len() && is_blank_line(&bytes[at..line_end(bytes, at).1], dialect);
    let mut at = place;
    if !blank(at) {
        return between_rows(text, at, test, fields);
    }
    for _ in 0..=MOST_TITLE_LINES {
        while blank(at) {
            at = line_end(bytes, at).1;
        }
        if at >= bytes.len() {
            return None;
        }
        let next = clean_line(bytes, at, dialect, fields)?;
        let cells = trimmed(&names(text, fields, dialect));
        if cells.iter().filter(|cell| !cell.is_empty()).count() > 1 {
            let begins = is_header(&cells, header) && has_rows(text, next, cells.len(), header, dialect, fields);
            return begins.then_some(OtherTable { end: place, header: at, rows: next });
        }
        at = next;
    }
    None
}

/// The table whose header stands here as one of the rows: words above all figures, and most of them names of this table's
/// header, or all together the headers of a table that can be used, or above a row whose figures stand elsewhere. A row may
/// hold words alone.
fn between_rows(text: &str, at: usize, test: &HeaderTest<'_>, fields: &mut Vec<Field>) -> Option<OtherTable> {
    let HeaderTest { header, dialect, projection } = test;
    let next = clean_line(text.as_bytes(), at, dialect, fields).filter(|_| fields.len() == header.width.fields)?;
    let cells = trimmed(&names(text, fields, dialect));
    let above_figures = cells.iter().zip(&header.figures).all(|(cell, figures)| !figures || !is_figure(cell));
    if !above_figures || !is_header(&cells, header) || !has_rows(text, next, cells.len(), header, dialect, fields) {
        return None;
    }
    let known = trimmed(&header.names);
    let shared = cells.iter().filter(|cell| known.iter().any(|name| name.eq_ignore_ascii_case(cell))).count();
    let is_usable = || projection.is_some_and(|projection| projection(&cells).is_ok());
    // The fields are now those of the row below.
    let is_moved = || {
        let below = trimmed(&names(text, fields, dialect));
        let has = |figures: bool, is_one: bool| {
            let cells = below.iter().zip(&header.figures).filter(|(cell, known)| **known == figures && !cell.is_empty());
            cells.into_iter().any(|(cell, _)| is_figure(cell) == is_one)
        };
        has(true, false) && has(false, true)
    };
    (shared * 2 > cells.len() || is_usable() || is_moved()).then_some(OtherTable { end: at, header: at, rows: next })
}

fn is_header(cells: &[String], header: &Header) -> bool {
    let known = trimmed(&header.names);
    let is_other = cells.len() != known.len() || cells.iter().zip(&known).any(|(cell, name)| !cell.eq_ignore_ascii_case(name));
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
