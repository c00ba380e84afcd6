//! Writes the numbers as JSON lines: an object a line, the report's columns in its order, and nothing else.

use std::io::Write;

use crate::error::{Error, Result};
use crate::export::chunks::{self, ChunkRows, ChunkStats};
use crate::export::exporter::{Isolation, numbers_alone};
use crate::export::json_read::jsonl_rows;
use crate::export::json_rows::ObjectWriter;
use crate::export::{ExportSummary, Exporter, Options, schema};
use crate::report::{Report, SectionId};

/// The format of JSON lines.
pub struct Jsonl;

impl Exporter for Jsonl {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn is_text(&self) -> bool {
        true
    }

    fn schema(&self) -> Option<String> {
        Some(schema::of_line())
    }

    fn is_for_programs(&self) -> bool {
        true
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        numbers_alone(self.name(), places)
    }

    fn isolation(&self) -> Isolation {
        Isolation::ReadBack(jsonl_rows)
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        let writer = ObjectWriter::new(&report.numbers.columns);
        let lines = |chunk: ChunkRows, bytes: &mut Vec<u8>| {
            for row in chunk.rows.clone() {
                writer.row(chunk.columns, row, bytes);
                bytes.push(b'\n');
            }
            let stats = ChunkStats { rows: chunk.rows.len() as u64, changed: 0 };
            options.written.add(stats.rows);
            Ok(stats)
        };
        let mut emit = |bytes: &[u8]| out.write_all(bytes).map_err(|error| Error::unwritten("jsonl", error));
        let stats = chunks::write(&report.numbers, 0..report.numbers.rows, lines, &mut emit)?;
        out.flush().map_err(|error| Error::unwritten("jsonl", error))?;
        Ok(ExportSummary { rows: stats.rows, pages: None, notes: Vec::new() })
    }
}
