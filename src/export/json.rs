//! Writes the whole report as one JSON document: cover, counts, every section that holds data, and the numbers.

use std::io::Write;
use std::ops::Range;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::export::chunks::{self, ChunkRows, ChunkStats};
use crate::export::document::{ColumnData, CoverData, FiguresData, VERSION, data_sections};
use crate::export::exporter::{Isolation, RowsWritten, all_data};
use crate::export::json_read::json_rows;
use crate::export::json_rows::{ObjectWriter, harmless};
use crate::export::{ExportSummary, Exporter, Options, schema};
use crate::report::{LazyTable, Report, Section, SectionId};
use crate::source::json::own_report::{END, HEAD, NUMBERS, ROWS};

/// The JSON format.
pub struct Json;

impl Exporter for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn is_text(&self) -> bool {
        true
    }

    fn holds_all_data(&self) -> bool {
        true
    }

    fn schema(&self) -> Option<String> {
        Some(schema::of_document())
    }

    fn is_for_programs(&self) -> bool {
        true
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        all_data(self.name(), places)
    }

    fn isolation(&self) -> Isolation {
        Isolation::ReadBack(json_rows)
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        let mut emit = |bytes: &[u8]| out.write_all(bytes).map_err(|error| Error::unwritten("json", error));
        let mut head = format!("{HEAD}\"version\": {VERSION},\n\"cover\": ").into_bytes();
        head.extend(json(&CoverData::of(report))?);
        head.extend_from_slice(b",\n\"figures\": ");
        head.extend(json(&FiguresData::of(&report.cover.figures))?);
        head.extend_from_slice(b",\n\"sections\": [");
        emit(&head)?;
        for (place, section) in data_sections(report).enumerate() {
            emit(if place == 0 { b"\n" } else { b",\n" })?;
            let (section, table) = section?;
            write_section(section, table.as_ref(), &mut emit)?;
        }
        let numbers = &report.numbers;
        let mut head = format!("\n],{NUMBERS}").into_bytes();
        head.extend(json(&ColumnData::of(&numbers.columns))?);
        head.extend_from_slice(ROWS.as_bytes());
        head.push(b'[');
        emit(&head)?;
        let rows = write_rows(numbers, 0..numbers.rows, Some(&options.written), &mut emit)?;
        emit(format!("]{END}").as_bytes())?;
        out.flush().map_err(|error| Error::unwritten("json", error))?;
        Ok(ExportSummary { rows, pages: None, notes: Vec::new() })
    }
}

/// What stands before the rows of a section.
#[derive(Serialize)]
struct SectionHead<'a> {
    id: &'static str,
    heading: &'a str,
    explanation: &'a str,
    columns: Vec<ColumnData<'a>>,
}

fn write_section(section: &Section, table: Option<&LazyTable>, emit: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let columns = table.map(|table| ColumnData::of(&table.columns)).unwrap_or_default();
    let head = SectionHead { id: section.id.code(), heading: &section.heading, explanation: &section.explanation, columns };
    let mut bytes = json(&head)?;
    // The rows are of the same object.
    bytes.pop();
    bytes.extend_from_slice(b",\"rows\":[");
    emit(&bytes)?;
    let (rows, totals) = table.map_or((0, 0), |table| (table.rows - table.totals, table.rows));
    if let Some(table) = table {
        write_rows(table, 0..rows, None, emit)?;
    }
    emit(b"],\"totals\":[")?;
    if let Some(table) = table {
        write_rows(table, rows..totals, None, emit)?;
    }
    emit(b"]}")
}

/// Writes `rows` of `table` as objects with commas between them, each on a line of its own; returns how many, which are counted in
/// `written`.
fn write_rows(
    table: &LazyTable,
    rows: Range<usize>,
    written: Option<&RowsWritten>,
    emit: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<u64> {
    let (writer, begin) = (ObjectWriter::new(&table.columns), rows.start);
    let objects = |chunk: ChunkRows, bytes: &mut Vec<u8>| {
        for (row, place) in chunk.rows.clone().zip(chunk.first..) {
            bytes.extend_from_slice(if place == begin { b"\n" } else { b",\n" });
            writer.row(chunk.columns, row, bytes);
        }
        let stats = ChunkStats { rows: chunk.rows.len() as u64, changed: 0 };
        written.into_iter().for_each(|written| written.add(stats.rows));
        Ok(stats)
    };
    let stats = chunks::write(table, rows, objects, &mut *emit)?;
    if stats.rows > 0 {
        emit(b"\n")?;
    }
    Ok(stats.rows)
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_string(value).map(|text| harmless(&text)).map_err(|error| Error::internal("json", error))
}
