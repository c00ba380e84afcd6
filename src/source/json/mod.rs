//! Reads JSON: lines that are records each, an array of records, or the answer of an API, in which the records lie deeper.

mod choice;
mod parse;
mod rows;
mod shape;

use std::borrow::Cow;

use crate::domain::text::{counted, thousands};
use crate::error::{Error, Part, Result};
use crate::source::encoding;
use crate::source::input::ReadOptions;
use crate::source::json::choice::{Choice, choose};
use crate::source::json::parse::{Fault, Kind, Parser};
use crate::source::json::rows::{ChunkBuilder, RowPlan, path_of_lines, read, read_line};
use crate::source::json::shape::{ROOT, Shape};
use crate::source::open::{self, Candidate, InputBytes};
use crate::source::orders::Origin;
use crate::source::redact::redacted;
use crate::source::table::{self, ChunkSink, ColumnProjection, Found, OpenTable, Opened, Refused, Source, TableChunk};

/// The source of JSON.
pub struct Json;

impl Source for Json {
    fn inputs(&self) -> &'static str {
        "a JSON array, an API's answer in JSON or JSON lines, plain or compressed with gzip or zstd"
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".json", ".jsonl", ".ndjson"]
    }

    fn open<'a>(&self, candidate: &'a Candidate<'_>, options: &'a ReadOptions, projection: ColumnProjection<'a>) -> Opened<'a> {
        let file = candidate.file()?;
        if !open::is_json(&file.bytes) {
            return Ok(None);
        }
        Ok(Some(Box::new(open(file, options, projection)?)))
    }
}

/// A JSON input whose columns are known.
struct JsonTable<'a> {
    file: &'a InputBytes,
    text: Cow<'a, str>,
    is_lines: bool,
    shape: Shape,
    choice: Choice,
    headers: Vec<String>,
    found: Found,
}

/// Letters of a refused line that are kept.
const KEPT: usize = 4096;

fn open<'a>(file: &'a InputBytes, options: &ReadOptions, projection: ColumnProjection<'_>) -> Result<JsonTable<'a>> {
    let decoded = encoding::decode(&file.name, &file.bytes, options.encoding.as_deref())?;
    let text = decoded.text;
    let mut notes = decoded.notes;
    notes.extend(options.notes_of_none(&["a delimiter", "a sheet", "a table", "a query"], "a JSON file"));
    let is_lines = is_lines(&text);
    let mut shape = Shape::new();
    if is_lines {
        let record = shape.add_element(ROOT);
        for (_, line) in lines(&text) {
            // A line that is no record is refused when the rows are read.
            let _ = one_value(line, |parser| match parser.kind()? {
                Kind::Map => shape.scan(parser, record),
                _ => Err(parser.fault("it is not an object")),
            });
        }
    } else {
        one_value(&text, |parser| shape.scan(parser, ROOT)).map_err(|fault| damaged(&file.name, &text, &fault))?;
    }
    let choice = choose(&shape, projection)?;
    let headers = choice.columns.iter().map(|column| column.name.clone()).collect();
    let found = Found {
        format: if is_lines { "jsonl" } else { "json" }.to_owned(),
        encoding: Some(decoded.encoding),
        compression: file.compression.clone(),
        notes,
        ..Found::default()
    };
    Ok(JsonTable { file, text, is_lines, shape, choice, headers, found })
}

impl OpenTable for JsonTable<'_> {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn origin(&self) -> Origin {
        self.file.origin((!self.is_lines).then(|| Part::Records("json".to_owned())))
    }

    fn read(self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let Self { file, text, is_lines, shape, choice, mut found, .. } = *self;
        let plan = RowPlan::new(&shape, &choice);
        let mut builder = ChunkBuilder::new(&plan);
        table::hand_over(sink, |hand_over| {
            if is_lines {
                read_lines(&text, &plan, path_of_lines(&shape), &mut builder, hand_over);
            } else {
                let fault = read_document(&text, &plan, &mut builder, hand_over);
                fault.map_err(|fault| damaged(&file.name, &text, &fault))?;
            }
            hand_over(builder.finish());
            Ok(())
        })?;
        (found.rows, found.refused) = (builder.rows, builder.refused_rows);
        if found.refused > 0 {
            found.notes.push(format!("refused {}: not a record in JSON", counted(found.refused, "line")));
        }
        Ok(found)
    }
}

/// Reads each line as a record; one that is none is refused with its number.
fn read_lines(text: &str, plan: &RowPlan<'_>, path: shape::Path, builder: &mut ChunkBuilder, hand_over: &mut dyn FnMut(TableChunk)) {
    for (number, line) in lines(text) {
        let mut full = Vec::new();
        let record = read_line(plan, line, path, &mut |row| full.extend(builder.add(number, row)));
        full.into_iter().for_each(&mut *hand_over);
        if let Err(fault) = record {
            let column = line.get(..fault.at).unwrap_or(line).chars().count() + 1;
            let reason = format!("not a record in JSON: {}, at character {}", fault.what, thousands(column as u64));
            builder.refuse(Refused { line: number, text: line.chars().take(KEPT).collect(), reason });
        }
    }
}

/// Reads a single value, whose rows are numbered from 1.
fn read_document(
    text: &str,
    plan: &RowPlan<'_>,
    builder: &mut ChunkBuilder,
    hand_over: &mut dyn FnMut(TableChunk),
) -> std::result::Result<(), Fault> {
    let mut rows = 0_u32;
    one_value(text, |parser| {
        read(plan, parser, ROOT, &mut |row| {
            rows = rows.saturating_add(1);
            if let Some(chunk) = builder.add(rows, row) {
                hand_over(chunk);
            }
        })
    })
}

/// The lines that are not blank, with their numbers from 1.
fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..).zip(text.split('\n')).map(|(number, line)| (number, line.trim_matches(['\r', ' ', '\t']))).filter(|(_, line)| !line.is_empty())
}

/// Reads the one value that `text` is with `read`.
fn one_value<'t>(text: &'t str, read: impl FnOnce(&mut Parser<'t>) -> std::result::Result<(), Fault>) -> std::result::Result<(), Fault> {
    let mut parser = Parser::new(text);
    read(&mut parser)?;
    match parser.peek() {
        None => Ok(()),
        Some(_) => Err(parser.fault("there is more behind its end")),
    }
}

/// Whether a text is lines that are records each: one of its first two is an object by itself, and it is not alone.
fn is_lines(text: &str) -> bool {
    let is_object = |line: &str| line.starts_with('{') && one_value(line, Parser::skip).is_ok();
    let mut first = lines(text).map(|(_, line)| line);
    match (first.next(), first.next()) {
        (Some(first), Some(second)) => first.starts_with('{') && (is_object(first) || is_object(second)),
        _ => false,
    }
}

fn damaged(name: &str, text: &str, fault: &Fault) -> Error {
    let above = &text.as_bytes()[..fault.at.min(text.len())];
    let line = memchr::memchr_iter(b'\n', above).count() + 1;
    let begin = memchr::memrchr(b'\n', above).map_or(0, |at| at + 1);
    let column = String::from_utf8_lossy(&above[begin..]).chars().count() + 1;
    let (line, column) = (thousands(line as u64), thousands(column as u64));
    let what = format!("is not JSON, on line {line} at character {column}: {}", redacted(&fault.what));
    Error::data(name, what, "ask for the file again, or check the program that wrote it")
}
