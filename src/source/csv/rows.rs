//! Turns one chunk of a text into columns; a row goes into all of them or, refused with its line, into none.

use std::ops::Range;

use polars::prelude::{PlSmallStr, StringChunkedBuilder};

use crate::source::csv::record::{Dialect, Ending, Field, MOST_FIELDS, Width, line_end, walk};
use crate::source::table::{Refused, TableChunk};

/// Letters of a refused row that are kept.
const KEPT: usize = 4096;

/// Bytes that a cell and its delimiter take on average, at the least, when memory for cells is set aside.
const LEAST_CELL: usize = 2;

/// What is the same for every chunk of a text.
pub(crate) struct RowPlan<'a> {
    text: &'a str,
    dialect: &'a Dialect,
    width: Width,
    wanted: &'a [bool],
    /// Whether there is a NUL byte anywhere below the header.
    nul: bool,
    /// Bytes a row takes, on average, at the top of the text.
    bytes_a_row: usize,
}

impl<'a> RowPlan<'a> {
    pub(crate) fn new(text: &'a str, dialect: &'a Dialect, width: Width, wanted: &'a [bool], start: usize) -> Self {
        let body = &text.as_bytes()[start..];
        let nul = memchr::memchr(0, body).is_some();
        let top = &body[..body.len().min(64 << 10)];
        // Blank lines are no rows, nor do line feeds one after the other inside a cell make any.
        let lines = memchr::memchr2_iter(b'\n', b'\r', top).filter(|at| !matches!(top.get(at + 1), Some(b'\n' | b'\r'))).count();
        Self { text, dialect, width, wanted, nul, bytes_a_row: top.len().checked_div(lines).unwrap_or(top.len()).max(1) }
    }
}

struct Rows<'a> {
    plan: &'a RowPlan<'a>,
    builders: Vec<Option<StringChunkedBuilder>>,
    chunk: TableChunk,
    unquoted: String,
}

/// Reads the records that begin in `range`, which begins with one on line `first_line` and ends with one; `unclosed` are
/// lines to refuse as they stand.
pub(crate) fn parse(plan: &RowPlan, range: Range<usize>, first_line: u32, unclosed: &[usize]) -> TableChunk {
    let text = &plan.text.as_bytes()[..range.end];
    // Memory that is not written to costs little, so the guess is generous; but where the top is not like the rest
    // (blank lines, say) it stays within what rows of such bytes can need.
    let columns = plan.wanted.iter().filter(|wanted| **wanted).count().max(1);
    let guess = (range.len() / plan.bytes_a_row * 5 / 4).min(range.len() / LEAST_CELL / columns) + 16;
    let builder = |wanted: &bool| wanted.then(|| StringChunkedBuilder::new(PlSmallStr::EMPTY, guess));
    let mut rows = Rows {
        plan,
        builders: plan.wanted.iter().map(builder).collect(),
        chunk: TableChunk { lines: Vec::with_capacity(guess), ..TableChunk::default() },
        unquoted: String::new(),
    };
    let mut unclosed = &unclosed[unclosed.partition_point(|at| *at < range.start)..];
    let mut fields = Vec::with_capacity(plan.wanted.len() + 1);
    let (mut at, mut line) = (range.start, first_line);
    while at < range.end {
        let (next, lines) = if unclosed.first() != Some(&at)
            && let Ending::Whole { next, lines } = walk(text, at, plan.dialect, &mut fields)
        {
            rows.take(&fields, at..next, line);
            (next, lines)
        } else {
            unclosed = unclosed.strip_prefix(&[at]).unwrap_or(unclosed);
            let next = line_end(text, at).1;
            rows.refuse(at..next, line, "unclosed quote".to_owned());
            (next, 1)
        };
        at = next;
        line += lines;
    }
    rows.chunk.columns = rows.builders.into_iter().map(|builder| builder.map(StringChunkedBuilder::finish)).collect();
    rows.chunk
}

impl Rows<'_> {
    fn take(&mut self, fields: &[Field], record: Range<usize>, line: u32) {
        if let [only] = fields
            && self.is_blank(only, &record)
        {
            return;
        }
        if !self.plan.width.fits(fields) {
            let count = match fields.len() {
                1 => "1 field".to_owned(),
                MOST_FIELDS => format!("{MOST_FIELDS} fields or more"),
                count => format!("{count} fields"),
            };
            return self.refuse(record, line, format!("{count} where the header has {}", self.plan.width.most));
        }
        if self.plan.nul && memchr::memchr(0, &self.plan.text.as_bytes()[record.clone()]).is_some() {
            return self.refuse(record, line, "it holds a NUL byte".to_owned());
        }
        if fields.iter().all(|field| self.plan.text[field.start..field.end].trim().is_empty()) {
            self.chunk.blank.push(self.chunk.lines.len() as u32);
        }
        self.chunk.lines.push(line);
        let mut fields = fields.iter();
        for builder in &mut self.builders {
            let field = fields.next();
            let Some(builder) = builder else { continue };
            match field {
                Some(field) if field.start < field.end => {
                    builder.append_value(field.text(self.plan.text, self.plan.dialect.quote, &mut self.unquoted));
                }
                _ => builder.append_null(),
            }
        }
    }

    /// A line without anything on it is no row; in a table of one column, a quoted nothing is.
    fn is_blank(&self, only: &Field, record: &Range<usize>) -> bool {
        if only.start == only.end {
            return only.start == record.start;
        }
        self.plan.width.least > 1 && self.plan.text[only.start..only.end].trim_matches('\u{1a}').trim().is_empty()
    }

    fn refuse(&mut self, record: Range<usize>, line: u32, reason: String) {
        let text = self.plan.text[record].trim_end_matches(['\n', '\r']).chars().take(KEPT).collect();
        self.chunk.refused.push(Refused { line, text, reason });
    }
}
