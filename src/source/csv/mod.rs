//! Reads delimited text in chunks, in parallel, so that every line is a row or refused by number.

pub mod detect;
mod extent;
mod header;
mod layout;
pub mod record;
mod rows;
mod sample;
mod split;
pub mod windows;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use crate::domain::text::{counted, thousands};
use crate::error::{Error, Place, Result};
use crate::source::csv::extent::HeaderTest;
use crate::source::csv::header::Header;
use crate::source::csv::record::Dialect;
use crate::source::csv::rows::{Oddities, RowPlan};
use crate::source::encoding;
use crate::source::input::ReadOptions;
use crate::source::open::{self, Candidate, InputBytes};
use crate::source::orders::Origin;
use crate::source::table::{ChunkSink, ColumnProjection, Found, OpenTable, Opened, Source, TableChunk};

/// The source of every file that no other source reads.
pub struct Csv;

impl Source for Csv {
    fn inputs(&self) -> &'static str {
        "a CSV, TSV or other delimited file, plain or compressed with gzip or zstd"
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".csv", ".tsv", ".tab", ".psv", ".txt"]
    }

    fn open<'a>(&self, candidate: &'a Candidate<'_>, options: &'a ReadOptions, projection: ColumnProjection<'a>) -> Opened<'a> {
        let file = candidate.file()?;
        open::require_text(&file.name, &file.bytes)?;
        Ok(Some(Box::new(open(file, options, projection, ChunkSizes::default())?)))
    }
}

/// How a text is cut for parallel reading. The rows are the same for every choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkSizes {
    /// Chunks at most, from 1. The finished frame has as many, and few chunks are gathered faster.
    pub most: usize,
    /// Bytes below which a chunk is not worth a task of its own.
    pub least_bytes: usize,
}

impl Default for ChunkSizes {
    fn default() -> Self {
        Self { most: 8, least_bytes: 1 << 20 }
    }
}

/// A delimited text whose dialect and header are known.
pub struct CsvTable<'a> {
    origin: Origin,
    text: Cow<'a, str>,
    dialect: Dialect,
    header: Header,
    /// Which columns are wanted, one answer a header.
    columns: Vec<bool>,
    found: Found,
    sizes: ChunkSizes,
    /// Says which headers can be used; `None` where any can.
    projection: Option<ColumnProjection<'a>>,
}

/// Opens a delimited text: encoding, dialect and header are detected unless specified. `projection` is asked about the
/// likeliest header line first, then about the other lines near the top.
///
/// # Errors
/// An encoding or delimiter that does not exist (64), bytes that the encoding does not fit (65), and the projection's
/// error about the likeliest headers when it takes none.
pub fn open<'a>(file: &'a InputBytes, options: &ReadOptions, projection: ColumnProjection<'a>, sizes: ChunkSizes) -> Result<CsvTable<'a>> {
    if let Some(delimiter) = options.delimiter
        && (!delimiter.is_ascii() || matches!(delimiter, b'\n' | b'\r' | b'"' | 0))
    {
        let what = format!("'{}' cannot be a delimiter", delimiter.escape_ascii());
        return Err(Error::usage(Place::option("delimiter"), what, "use one such as , ; | or tab"));
    }
    let decoded = encoding::decode(&file.name, &file.bytes, options.encoding.as_deref())?;
    let mut notes = decoded.notes;
    notes.extend(options.notes_of_none(&["a sheet", "a table", "a query"], "a text file"));
    let (dialect, top) = detect::detect(&decoded.text, options.delimiter);
    let (header, columns) = header::find(&file.name, top, &dialect, projection, options.columns_without_header)?;
    let columns = columns.map_err(|reason| match detect::unclosed(top, &dialect).filter(|_| options.delimiter.is_none()) {
        Some(line) => {
            let what = format!("unclosed quote on line {line}, and the lines below it do not match the header");
            let help = "close the quote; to reject the lines one by one, specify the delimiter";
            Error::data(&file.name, what, help).with_remedy(Place::option("delimiter"))
        }
        None => reason,
    })?;
    notes.extend(dialect_notes(&decoded.text, &dialect, &header));
    notes.extend(header.notes.iter().cloned());
    let found = Found {
        format: "csv".to_owned(),
        encoding: Some(decoded.encoding),
        delimiter: decoded.text.as_bytes().contains(&dialect.delimiter).then_some(char::from(dialect.delimiter)),
        quote: (dialect.quote != b'"').then_some(char::from(dialect.quote)),
        escape: dialect.backslash.then_some('\\'),
        blank_after_delimiter: dialect.padded.then_some(true),
        compression: file.compression.clone(),
        header_line: header.line,
        notes,
        ..Found::default()
    };
    let projection = (!options.columns_without_header).then_some(projection);
    Ok(CsvTable { origin: file.origin(None), text: decoded.text, dialect, header, columns, found, sizes, projection })
}

impl OpenTable for CsvTable<'_> {
    fn headers(&self) -> &[String] {
        &self.header.names
    }

    fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// Rows whose fields cannot be told apart are refused one by one; blank lines are no rows.
    fn read(self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let Self { text, dialect, header, columns, mut found, sizes, projection, .. } = *self;
        let text = &text[..extent::content_end(text.as_bytes(), header.end, &dialect)];
        let count = ((text.len() - header.end) / sizes.least_bytes.max(1)).clamp(1, sizes.most.max(1));
        let split = split::split(text, header.end, &dialect, header.width, count);
        let bounds = [split.cuts, vec![text.len()]].concat();
        let survey = |bounds: &[usize]| extent::survey(text.as_bytes(), bounds[0]..bounds[1], &dialect, &header.figures);
        let (breaks, gaps): (Vec<u32>, Vec<_>) = bounds.par_windows(2).map(survey).unzip();
        let parts: Vec<_> = bounds.windows(2).map(|bounds| bounds[0]..bounds[1]).zip(gaps).collect();
        let test = HeaderTest { header: &header, dialect: &dialect, projection };
        let other = extent::other_table(text, &parts, &test, &split.unclosed);
        let end = other.map_or(text.len(), |other| other.end);
        let plan = RowPlan::new(text, &dialect, &header, &columns);
        let first_line = |index: usize| header.lines + 1 + breaks[..index].iter().sum::<u32>();
        let refused = Mutex::<(BTreeMap<String, u64>, Oddities)>::default();
        let take = |index: usize, chunk: TableChunk, mut counts: MutexGuard<'_, (BTreeMap<String, u64>, Oddities)>| {
            let rows = (chunk.lines.len() + chunk.refused.len()) as u64;
            chunk.refused.iter().for_each(|row| *counts.0.entry(row.reason.clone()).or_default() += 1);
            drop(counts);
            sink(index, chunk).map(|()| rows)
        };
        let parse = |(index, (part, _)): (usize, &(Range<usize>, Vec<usize>))| {
            let (chunk, oddities) = rows::parse(&plan, part.start..part.end.min(end), first_line(index), &split.unclosed);
            let mut counts = refused.lock().unwrap_or_else(PoisonError::into_inner);
            counts.1 = counts.1.and(oddities);
            take(index, chunk, counts)
        };
        let read = parts.par_iter().enumerate().filter(|(index, (part, _))| *index == 0 || part.start < end).map(parse);
        found.rows = read.try_reduce(|| 0, |rows, more| Ok(rows + more))?;
        if let Some(other) = other {
            let line_of = |at: usize| header.lines + 1 + record::line_breaks(&text.as_bytes()[header.end..at]);
            let line = line_of(other.header);
            let reason = format!("in another table, whose header is on line {line}");
            let chunk = rows::refuse(&plan, other.rows..text.len(), line_of(other.rows), &reason);
            let rows = counted(chunk.refused.len() as u64, "row");
            found.notes.push(format!("another table with a header of its own begins on line {line}; {rows} below it rejected"));
            found.rows += take(parts.len(), chunk, refused.lock().unwrap_or_else(PoisonError::into_inner))?;
        }
        let (refused, oddities) = refused.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.refused = refused.values().sum();
        found.notes.extend(oddities.notes());
        found.notes.extend(refusal_notes(refused));
        Ok(found)
    }
}

/// Why rows were refused, and how many.
fn refusal_notes(refused: BTreeMap<String, u64>) -> impl Iterator<Item = String> {
    refused.into_iter().take(MOST_REASONS).map(|(reason, count)| format!("refused {}: {reason}", thousands(count)))
}

/// What a reader should know of how fields are told apart.
fn dialect_notes(text: &str, dialect: &Dialect, header: &Header) -> Vec<String> {
    let mut notes = Vec::new();
    if dialect.quote != b'"' {
        notes.push(format!("fields are quoted with {}", char::from(dialect.quote)));
    }
    if dialect.backslash {
        notes.push("a backslash before a quote inside quotes was taken as its escape".to_owned());
    }
    if dialect.padded {
        notes.push("a blank behind a delimiter was taken as part of it".to_owned());
    }
    let below = || text[header.end..].chars().take(LETTERS_JUDGED);
    let is_wide = || below().collect::<String>().lines().any(|line| line.len() > WIDE_LINE);
    let separates = |letter: char| detect::DELIMITERS.map(char::from).contains(&letter);
    if dialect.delimiter == detect::NOTHING
        && (header.names.iter().any(|name| name.contains(separates)) || below().any(separates) || is_wide())
    {
        notes.push("no delimiter was found, so that each line was read as one cell; specify the delimiter if there is one".to_owned());
    }
    notes
}

/// Letters below a header in which wide lines and delimiters that separate nothing are looked for.
const LETTERS_JUDGED: usize = 4096;
/// Bytes of a line that holds more than one cell, by the look of it.
const WIDE_LINE: usize = 40;

/// Reasons of refused rows that are noted, in the order of their text.
const MOST_REASONS: usize = 20;
