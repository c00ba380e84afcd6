//! Turns one chunk of a text into columns; a row goes into all of them or, refused with its line, into none.

use std::ops::Range;

use polars::prelude::{PlSmallStr, StringChunkedBuilder};

use crate::domain::text::{counted, thousands};
use crate::source::csv::header::Header;
use crate::source::csv::record::{Dialect, Ending, Field, MOST_FIELDS, QuoteLetters, Width, line_end, walk};
use crate::source::csv::sample::{looks_like_header, trimmed};
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
    /// The names, trimmed, of a header that may stand between the rows once more.
    header: Vec<String>,
    wanted: &'a [bool],
    /// Where the rows begin.
    start: usize,
    /// Whether there is a NUL byte anywhere below the header.
    nul: bool,
    /// Bytes a row takes, on average, at the top of the text.
    bytes_a_row: usize,
}

impl<'a> RowPlan<'a> {
    pub(crate) fn new(text: &'a str, dialect: &'a Dialect, header: &Header, wanted: &'a [bool]) -> Self {
        let body = &text.as_bytes()[header.end..];
        let nul = memchr::memchr(0, body).is_some();
        let top = &body[..body.len().min(64 << 10)];
        // Blank lines are no rows, nor do line feeds one after the other inside a cell make any.
        let lines = memchr::memchr2_iter(b'\n', b'\r', top).filter(|at| !matches!(top.get(at + 1), Some(b'\n' | b'\r'))).count();
        let bytes_a_row = top.len().checked_div(lines).unwrap_or(top.len()).max(1);
        let names = if looks_like_header(&header.names) { trimmed(&header.names) } else { Vec::new() };
        Self { text, dialect, width: header.width, header: names, wanted, start: header.end, nul, bytes_a_row }
    }
}

/// Lines of one kind: how many, and the first.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) first: u32,
}

impl Tally {
    fn add(&mut self, line: u32) {
        *self = self.and(Self { count: 1, first: line });
    }

    fn and(self, other: Self) -> Self {
        let first = if self.count == 0 || (other.count > 0 && other.first < self.first) { other.first } else { self.first };
        Self { count: self.count + other.count, first }
    }

    fn note(self, one: &str, several: &str) -> Option<String> {
        match self.count {
            0 => None,
            1 => Some(format!("{one} on line {}", self.first)),
            count => Some(format!("{} {several}, the first on line {}", thousands(count), self.first)),
        }
    }
}

/// Lines that are no rows of the table, and rows that were read with some doubt.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Oddities {
    comments: Tally,
    headers: Tally,
    loose: Tally,
}

impl Oddities {
    pub(crate) fn and(self, other: Self) -> Self {
        Self { comments: self.comments.and(other.comments), headers: self.headers.and(other.headers), loose: self.loose.and(other.loose) }
    }

    pub(crate) fn notes(self) -> Vec<String> {
        let skipped = |what: String| format!("skipped {what}");
        let comments = self.comments.note("a comment", "comments").map(skipped);
        let headers = self.headers.note("the header again", "lines that repeat the header").map(skipped);
        let loose =
            self.loose.note("a quote inside quotes was taken as a letter", "rows with quotes inside quotes, which were taken as letters");
        [comments, headers, loose].into_iter().flatten().collect()
    }
}

/// Refuses the records in `range`, which begins with one on line `first_line`; blank ones are none.
pub(crate) fn refuse(plan: &RowPlan, range: Range<usize>, first_line: u32, reason: &str) -> TableChunk {
    let text = &plan.text.as_bytes()[..range.end];
    let mut rows = Rows::new(plan, 0);
    let mut fields = Vec::new();
    let (mut at, mut line) = (range.start, first_line);
    while at < range.end {
        let (next, lines) = match walk(text, at, plan.dialect, &mut fields) {
            Ending::Whole { next, lines, .. } => (next, lines),
            Ending::Unclosed { .. } => (line_end(text, at).1, 1),
        };
        if !fields.iter().all(|field| field.is_blank(plan.text)) {
            rows.refuse(at..next, line, reason.to_owned());
        }
        at = next;
        line += lines;
    }
    rows.finish().0
}

struct Rows<'a> {
    plan: &'a RowPlan<'a>,
    builders: Vec<Option<StringChunkedBuilder>>,
    chunk: TableChunk,
    oddities: Oddities,
    unquoted: String,
}

/// Reads the records that begin in `range`, which begins with one on line `first_line` and ends with one; `unclosed` are
/// lines to refuse as they stand.
pub(crate) fn parse(plan: &RowPlan, range: Range<usize>, first_line: u32, unclosed: &[usize]) -> (TableChunk, Oddities) {
    let text = &plan.text.as_bytes()[..range.end];
    // Memory that is not written to costs little, so the guess is generous; but where the top is not like the rest
    // (blank lines, say) it stays within what rows of such bytes can need.
    let columns = plan.wanted.iter().filter(|wanted| **wanted).count().max(1);
    let guess = (range.len() / plan.bytes_a_row * 5 / 4).min(range.len() / LEAST_CELL / columns) + 16;
    let mut rows = Rows::new(plan, guess);
    let mut unclosed = &unclosed[unclosed.partition_point(|at| *at < range.start)..];
    let mut fields = Vec::with_capacity(plan.wanted.len() + 1);
    let (mut at, mut line) = (range.start, first_line);
    while at < range.end {
        let (next, lines) = if unclosed.first() != Some(&at)
            && let Ending::Whole { next, lines, quotes } = walk(text, at, plan.dialect, &mut fields)
        {
            rows.take(&fields, at..next, line, quotes);
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
    rows.finish()
}

impl<'a> Rows<'a> {
    /// No rows yet, and room for `guess` of them.
    fn new(plan: &'a RowPlan<'a>, guess: usize) -> Self {
        let builder = |wanted: &bool| wanted.then(|| StringChunkedBuilder::new(PlSmallStr::EMPTY, guess));
        Self {
            plan,
            builders: plan.wanted.iter().map(builder).collect(),
            chunk: TableChunk { lines: Vec::with_capacity(guess), ..TableChunk::default() },
            oddities: Oddities::default(),
            unquoted: String::new(),
        }
    }

    fn finish(mut self) -> (TableChunk, Oddities) {
        self.chunk.columns = self.builders.into_iter().map(|builder| builder.map(StringChunkedBuilder::finish)).collect();
        (self.chunk, self.oddities)
    }

    fn take(&mut self, fields: &[Field], record: Range<usize>, line: u32, quotes: QuoteLetters) {
        if let [only] = fields
            && self.is_blank(only, &record)
        {
            return;
        }
        if !self.plan.width.fits(self.plan.text, fields) {
            return self.take_misfit(fields, record, line);
        }
        if quotes.outside && (self.are_quotes_doubtful(fields, quotes) || !self.follows_row(record.start)) {
            return self.refuse(record, line, "quotes in the middle of its fields".to_owned());
        }
        if quotes.inside {
            self.oddities.loose.add(line);
        }
        if self.repeats_header(fields) {
            return self.oddities.headers.add(line);
        }
        if self.plan.nul && memchr::memchr(0, &self.plan.text.as_bytes()[record.clone()]).is_some() {
            return self.refuse(record, line, "it holds a NUL byte".to_owned());
        }
        if fields.iter().all(|field| field.is_blank(self.plan.text)) {
            self.chunk.blank.push(self.chunk.lines.len() as u32);
        }
        self.chunk.lines.push(line);
        let mut fields = fields.iter();
        for builder in &mut self.builders {
            let field = fields.next();
            let Some(builder) = builder else { continue };
            match field {
                Some(field) if field.start < field.end => {
                    builder.append_value(field.text(self.plan.text, self.plan.dialect, &mut self.unquoted));
                }
                _ => builder.append_null(),
            }
        }
    }

    /// A record that has not as many fields as a row: nothing, when all of them are blank; a comment; or refused.
    fn take_misfit(&mut self, fields: &[Field], record: Range<usize>, line: u32) {
        let width = self.plan.width.fields;
        if fields.len() != width && fields.iter().all(|field| field.is_blank(self.plan.text)) {
            return;
        }
        if fields.len() != width && self.plan.text[record.clone()].trim_start().starts_with('#') {
            return self.oddities.comments.add(line);
        }
        let count = match fields.len() {
            count if count == width => "text beyond the last header".to_owned(),
            MOST_FIELDS => format!("{} fields or more", thousands(MOST_FIELDS as u64)),
            count => counted(count as u64, "field"),
        };
        let other = if self.plan.width.surplus > 0 { "most rows have" } else { "the header has" };
        let reason = if fields.len() == width { count } else { format!("{count} where {other} {}", thousands(width as u64)) };
        self.refuse(record, line, reason);
    }

    /// Whether quotes that stand in unquoted fields may have been meant to enclose: beside letters inside quotes, or where
    /// one begins in the middle of a field and another ends a later one, as where a delimiter is missing.
    fn are_quotes_doubtful(&self, fields: &[Field], quotes: QuoteLetters) -> bool {
        let (text, quote) = (self.plan.text.as_bytes(), self.plan.dialect.quote);
        if quote != b'"' {
            return false;
        }
        let padded = self.plan.dialect.padded;
        let is_letter = |at: usize| !text[at].is_ascii_whitespace() && text[at] != quote;
        let mut stray = fields.iter().filter(|field| field.is_stray(text, quote));
        let begins = |field: &Field| {
            memchr::memchr_iter(quote, &text[field.start..field.end])
                .map(|at| field.start + at)
                .any(|at| at > field.start && at + 1 < field.end && (padded || is_letter(at - 1)) && is_letter(at + 1))
        };
        quotes.inside || (stray.any(begins) && stray.any(|field| text[field.end - 1] == quote))
    }

    /// Whether the line before is blank, the header's, or a row of its own. Else quotes on this one may close what was opened there.
    fn follows_row(&self, start: usize) -> bool {
        if start <= self.plan.start || self.plan.dialect.quote != b'"' {
            return true;
        }
        let text = self.plan.text.as_bytes();
        let end = start - if text[..start].ends_with(b"\r\n") { 2 } else { 1 };
        let before = memchr::memrchr2(b'\n', b'\r', &text[..end]).map_or(0, |at| at + 1);
        let mut fields = Vec::new();
        let whole = matches!(walk(&text[..end], before, self.plan.dialect, &mut fields), Ending::Whole { .. });
        whole && (fields.iter().all(|field| field.is_blank(self.plan.text)) || self.plan.width.fits(self.plan.text, &fields))
    }

    /// Whether this is the header once more, as where files were put one behind the other.
    fn repeats_header(&self, fields: &[Field]) -> bool {
        let header = &self.plan.header;
        let is_name = |field: &Field, name: &String| self.plan.text[field.start..field.end].trim().eq_ignore_ascii_case(name);
        fields.len() > 1
            && header.len() <= fields.len()
            && header.iter().any(|name| !name.is_empty())
            && fields.iter().zip(header).all(|(field, name)| is_name(field, name))
    }

    /// A line without anything on it is no row; in a table of one column, a quoted nothing is.
    fn is_blank(&self, only: &Field, record: &Range<usize>) -> bool {
        if only.start == only.end {
            return only.start == record.start;
        }
        self.plan.width.fields > 1 && self.plan.text[only.start..only.end].trim_matches('\u{1a}').trim().is_empty()
    }

    fn refuse(&mut self, record: Range<usize>, line: u32, reason: String) {
        let text = self.plan.text[record].trim_end_matches(['\n', '\r']).chars().take(KEPT).collect();
        self.chunk.refused.push(Refused { line, text, reason });
    }
}
