//! Reads delimited text into columns, in parallel, so that every line is in the table or refused by number; it never guesses at meanings.

pub mod dialect;
mod header;
pub mod record;
mod rows;
mod split;

use std::collections::BTreeMap;

use polars::prelude::StringChunked;
use rayon::prelude::*;

use crate::error::{Error, Place, Result};
use crate::source::ReadOptions;
use crate::source::csv::dialect::Dialect;
use crate::source::csv::header::Header;
use crate::source::csv::record::Width;
use crate::source::csv::rows::{RowChunk, RowPlan};
use crate::source::encoding;
use crate::source::open::InputBytes;
use crate::source::table::{ColumnProjection, Found, Table};

/// How a text is cut for parallel reading. The result is the same for every choice but for the chunks of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkSizes {
    /// Chunks at most, from 1.
    pub most: usize,
    /// Bytes below which a chunk is not worth its while.
    pub least_bytes: usize,
}

impl Default for ChunkSizes {
    fn default() -> Self {
        Self { most: 8, least_bytes: 1 << 20 }
    }
}

/// Reads a delimited text: encoding, dialect and header are found unless told, rows whose fields cannot be told apart
/// are refused one by one, blank lines are no rows. `wanted` is asked about the likeliest header line first, then about
/// the other lines near the top; if it wants none of them, the table has the likeliest headers and no columns.
///
/// # Errors
/// An encoding or delimiter that does not exist (64), bytes that the encoding does not fit (65).
pub fn read(opened: &InputBytes, options: &ReadOptions, wanted: ColumnProjection) -> Result<Table> {
    read_in_chunks(opened, options, wanted, ChunkSizes::default())
}

/// [`read`], cut as told.
///
/// # Errors
/// As [`read`].
pub fn read_in_chunks(opened: &InputBytes, options: &ReadOptions, wanted: ColumnProjection, chunks: ChunkSizes) -> Result<Table> {
    if let Some(delimiter) = options.delimiter
        && (!delimiter.is_ascii() || matches!(delimiter, b'\n' | b'\r' | b'"' | 0))
    {
        let what = format!("'{}' cannot be a delimiter", delimiter.escape_ascii());
        return Err(Error::usage(Place::option("delimiter"), what, "use one such as , ; | or tab"));
    }
    let decoded = encoding::decode(&opened.name, &opened.bytes, options.encoding.as_deref())?;
    let mut notes = decoded.notes;
    if options.sheet.is_some() {
        notes.push("a sheet was named, but a text file has none".to_owned());
    }
    let text = decoded.text.as_ref();
    let (dialect, top) = dialect::find(text, options.delimiter);
    let (header, wanted) = header::find(&opened.name, top, &dialect, wanted)?;
    if !wanted.contains(&true)
        && options.delimiter.is_none()
        && let Some(line) = dialect::unclosed(top, &dialect)
    {
        let what = format!("line {line} opens a quote that nobody closes, and the lines below it are not like the header");
        let help = "close the quote; to reject the lines one by one, specify the delimiter";
        return Err(Error::data(&opened.name, what, help).with_remedy(Place::option("delimiter")));
    }
    if dialect.quote != b'"' {
        notes.push(format!("fields are quoted with {}", char::from(dialect.quote)));
    }
    notes.extend(header.notes.iter().cloned());
    let parsed = parse(text, &dialect, &header, &wanted, chunks);
    let found = Found {
        format: "csv".to_owned(),
        encoding: Some(decoded.encoding),
        delimiter: (text.as_bytes().contains(&dialect.delimiter)).then_some(char::from(dialect.delimiter)),
        compression: opened.compression.clone(),
        header_line: header.line,
        ..Found::default()
    };
    Ok(assemble(parsed, header, wanted.len(), found, notes))
}

fn parse(text: &str, dialect: &Dialect, header: &Header, wanted: &[bool], chunks: ChunkSizes) -> Vec<RowChunk> {
    let width = Width::of(&header.names);
    let body = text.len() - header.end;
    let count = (body / chunks.least_bytes.max(1)).clamp(1, chunks.most.max(1));
    let split = split::split(text.as_bytes(), header.end, dialect, width, count);
    let plan = RowPlan::new(text, dialect, width, wanted, header.end);
    let ends = split.cuts.iter().skip(1).copied().chain([text.len()]);
    let ranges: Vec<_> = split.cuts.iter().copied().zip(ends).collect();
    ranges.into_par_iter().map(|(from, to)| rows::parse(&plan, from..to, &split.unclosed)).collect()
}

fn assemble(chunks: Vec<RowChunk>, header: Header, width: usize, mut found: Found, mut notes: Vec<String>) -> Table {
    let mut columns: Vec<Option<StringChunked>> = vec![None; width];
    let mut lines = Vec::with_capacity(chunks.iter().map(|chunk| chunk.lines.len()).sum());
    let (mut blank, mut refused) = (Vec::new(), Vec::new());
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    let mut before = header.lines;
    for chunk in chunks {
        blank.extend(chunk.blank.iter().map(|row| row + lines.len() as u32));
        lines.extend(chunk.lines.iter().map(|line| line + before));
        refused.extend(chunk.refused.into_iter().map(|mut row| {
            row.line += before;
            *reasons.entry(row.reason.clone()).or_default() += 1;
            row
        }));
        before += chunk.line_ends;
        for (column, chunk) in columns.iter_mut().zip(chunk.columns) {
            match (column.as_mut(), chunk) {
                // Appending to a column of the same type cannot fail.
                (Some(column), Some(chunk)) if !chunk.is_empty() => drop(column.append_owned(chunk)),
                (None, chunk) => *column = chunk,
                _ => {}
            }
        }
    }
    found.rows = (lines.len() + refused.len()) as u64;
    found.refused = refused.len() as u64;
    for (reason, count) in reasons.into_iter().take(20) {
        notes.push(format!("refused {count}: {reason}"));
    }
    found.notes = notes;
    Table { headers: header.names, columns, lines, blank, refused, found }
}
