//! Reads JSON: lines that are records each, an array of records, or the answer of an API, in which the records lie deeper.

mod choice;
pub mod own_report;
mod parse;
mod rows;
mod shape;

use std::borrow::Cow;

use crate::domain::text::{counted, thousands};
use crate::error::{Error, Part, Result};
use crate::source::encoding;
use crate::source::input::ReadOptions;
use crate::source::json::choice::{Choice, choose, unread};
use crate::source::json::parse::{Fault, Kind, Parser};
use crate::source::json::rows::{ChunkBuilder, Row, RowPlan, around, path_of_records, read, read_line};
use crate::source::json::shape::{ROOT, Shape};
use crate::source::open::{self, Candidate, InputBytes};
use crate::source::orders::Origin;
use crate::source::redact::{brief, redacted};
use crate::source::table::{self, ChunkSink, ColumnProjection, Found, OpenTable, Opened, Source, TableChunk};

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
pub struct JsonTable<'a> {
    file: &'a InputBytes,
    text: Cow<'a, str>,
    layout: Layout,
    shape: Shape,
    choice: Choice,
    headers: Vec<String>,
    found: Found,
}

/// How the records stand in an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Each on a line of its own.
    Lines,
    /// One object behind the other, over any number of lines.
    Objects,
    /// All in one value.
    Document,
}

/// Letters of a refused line that are kept.
const KEPT: usize = 4096;

/// Opens JSON at the table of which `projection` wants most columns.
///
/// # Errors
/// What is not JSON, with its line and character, unless other lines are records; the projection's error when it takes none.
pub fn open<'a>(file: &'a InputBytes, options: &ReadOptions, projection: ColumnProjection<'_>) -> Result<JsonTable<'a>> {
    let decoded = encoding::decode(&file.name, &file.bytes, options.encoding.as_deref())?;
    let text = match (own_report::numbers(&decoded.text), decoded.text) {
        (None, text) => text,
        (Some(numbers), Cow::Borrowed(text)) => Cow::Borrowed(&text[numbers]),
        (Some(numbers), Cow::Owned(text)) => Cow::Owned(text[numbers].to_owned()),
    };
    let mut notes = decoded.notes;
    notes.extend(options.notes_of_none(&["a delimiter", "a sheet", "a table", "a query"], "a JSON file"));
    let (layout, shape) = examine(&text).map_err(|fault| damaged(&file.name, &text, &fault))?;
    let choice = choose(&shape, projection)?;
    let headers = choice.columns.iter().map(|column| column.name.clone()).collect();
    for (list, numbers) in unread(&shape, &choice) {
        let numbers = counted(numbers, "number");
        notes.push(format!("the list {} has {numbers} too and was not read; give it as an input of its own", brief(&list)));
    }
    let found = Found {
        format: if layout == Layout::Document { "json" } else { "jsonl" }.to_owned(),
        encoding: Some(decoded.encoding),
        compression: file.compression.clone(),
        notes,
        ..Found::default()
    };
    Ok(JsonTable { file, text, layout, shape, choice, headers, found })
}

/// How the records stand in a text, and which values they have.
fn examine(text: &str) -> std::result::Result<(Layout, Shape), Fault> {
    let mut shape = Shape::new();
    if is_lines(text) {
        let record = shape.add_element(ROOT);
        for (_, line) in lines(text) {
            // A line that is no record is refused when the rows are read.
            let _ = one_value(line, |parser| match parser.kind()? {
                Kind::Map => shape.scan(parser, record),
                _ => Err(parser.fault("it is not an object")),
            });
        }
        return Ok((Layout::Lines, shape));
    }
    let Err(fault) = one_value(text, |parser| shape.scan(parser, ROOT)) else { return Ok((Layout::Document, shape)) };
    let is_object = |text: Option<&str>| text.is_some_and(|text| text.starts_with('{'));
    if fault.what != MORE || !is_object(text.get(fault.at..)) || !is_object(text.trim_start().into()) {
        return Err(fault);
    }
    let mut shape = Shape::new();
    let record = shape.add_element(ROOT);
    each_object(text, |parser| shape.scan(parser, record))?;
    Ok((Layout::Objects, shape))
}

impl JsonTable<'_> {
    /// Whether a row is known by its line. Where a record makes several rows, or lines mean nothing, rows are numbered.
    fn has_a_row_a_line(&self) -> bool {
        self.layout == Layout::Lines && self.choice.lists.len() <= 1
    }
}

impl OpenTable for JsonTable<'_> {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn origin(&self) -> Origin {
        self.file.origin((!self.has_a_row_a_line()).then(|| Part::Records(self.found.format.clone())))
    }

    fn read(self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let has_a_row_a_line = self.has_a_row_a_line();
        let Self { file, text, layout, shape, choice, mut found, .. } = *self;
        let constants = around(&shape, &choice, &mut Parser::new(&text)).map_err(|fault| damaged(&file.name, &text, &fault))?;
        let plan = RowPlan::new(&shape, &choice, &constants);
        let mut builder = ChunkBuilder::new(&plan);
        table::hand_over(sink, |hand_over| {
            let record = path_of_records(&shape);
            if layout == Layout::Lines {
                read_lines(&text, &plan, (record, has_a_row_a_line), &mut builder, hand_over);
            } else {
                let mut sink = |row: &Row<'_>| builder.add(None, row).into_iter().for_each(&mut *hand_over);
                let done = match layout {
                    Layout::Objects => each_object(&text, |parser| read(&plan, parser, record, &mut sink)),
                    _ => one_value(&text, |parser| read(&plan, parser, ROOT, &mut sink)),
                };
                done.map_err(|fault| damaged(&file.name, &text, &fault))?;
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
fn read_lines(
    text: &str,
    plan: &RowPlan<'_>,
    (path, has_a_row_a_line): (shape::Path, bool),
    builder: &mut ChunkBuilder,
    hand_over: &mut dyn FnMut(TableChunk),
) {
    for (line, record) in lines(text) {
        let mut full = Vec::new();
        let read = read_line(plan, record, path, &mut |row| full.extend(builder.add(has_a_row_a_line.then_some(line), row)));
        full.into_iter().for_each(&mut *hand_over);
        if let Err(fault) = read {
            let column = record.get(..fault.at).unwrap_or(record).chars().count() + 1;
            let (line_text, column) = (thousands(u64::from(line)), thousands(column as u64));
            let reason = format!("not a record in JSON: {}, on line {line_text} at character {column}", fault.what);
            builder.refuse(has_a_row_a_line.then_some(line), record.chars().take(KEPT).collect(), reason);
        }
    }
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
        Some(_) => Err(parser.fault(MORE)),
    }
}

/// What is wrong with a text that goes on where it should end.
const MORE: &str = "there is more behind its end";

/// Reads each of the objects that `text` is with `read`.
fn each_object<'t>(
    text: &'t str,
    mut read: impl FnMut(&mut Parser<'t>) -> std::result::Result<(), Fault>,
) -> std::result::Result<(), Fault> {
    let mut parser = Parser::new(text);
    while let Some(next) = parser.peek() {
        if next != b'{' {
            return Err(parser.fault(MORE));
        }
        read(&mut parser)?;
    }
    Ok(())
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
