//! Writes the numbers as CSV: RFC 4180, UTF-8, one header line.

use std::borrow::Cow;
use std::io::Write;

use crate::domain::columns::ColumnType;
use crate::domain::date::text::{write_date, write_instant, write_time};
use crate::domain::note::Note;
use crate::domain::text::{decimal, numbered};
use crate::error::{Error, Result};
use crate::export::cells::{Cell, Cells};
use crate::export::chunks::{self, ChunkRows, ChunkStats};
use crate::export::exporter::{CsvPhones, Isolation, numbers_alone};
pub use crate::export::guard::Guard;
use crate::export::guard::as_formula;
use crate::export::read_back::csv_rows;
use crate::export::{ExportSummary, Exporter, Options};
use crate::report::words::Words;
use crate::report::{Column, LazyTable, Report, SectionId};

/// The CSV format: one header line of captions, then one line a number.
pub struct Csv;

impl Exporter for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn is_text(&self) -> bool {
        true
    }

    fn lists_beside(&self) -> &'static [SectionId] {
        &[SectionId::Changes]
    }

    fn is_for_programs(&self) -> bool {
        true
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        numbers_alone(self.name(), places)
    }

    fn isolation(&self) -> Isolation {
        Isolation::ReadBack(csv_rows)
    }

    fn text_read_back<'t>(&self, text: &'t str, kind: ColumnType, options: &Options, _words: &Words) -> Cow<'t, str> {
        let is_formula = options.csv_phones == CsvPhones::Formulas;
        match is_formula.then(|| as_formula(text, kind)).flatten() {
            Some(formula) => Cow::Owned(formula),
            None => options.csv_guard.apply(text, kind),
        }
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        write_table(&report.numbers, options, out)
    }
}

/// Writes `table` as CSV. Chunks of rows are formatted beside each other and written in order.
///
/// # Errors
/// [`Error::input_output`] when `out` refuses the bytes.
fn write_table(table: &LazyTable, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
    let writer = RowWriter::new(options);
    let mut header = Vec::new();
    if options.csv_bom {
        header.extend_from_slice(b"\xEF\xBB\xBF");
    }
    let guarded = writer.header(&table.columns, &mut header);
    let mut emit = |bytes: &[u8]| out.write_all(bytes).map_err(|error| Error::unwritten("csv", error));
    emit(&header)?;
    let lines = |chunk: ChunkRows, bytes: &mut Vec<u8>| {
        let mut stats = ChunkStats::default();
        let columns: Vec<_> = chunk.columns.iter().map(|column| (Cells::of(&column.values), column.kind)).collect();
        for row in chunk.rows {
            stats.changed += writer.row(&columns, row, bytes);
            stats.rows += 1;
        }
        options.written.add(stats.rows);
        Ok(stats)
    };
    let stats = chunks::write(table, 0..table.rows, lines, emit)?;
    out.flush().map_err(|error| Error::unwritten("csv", error))?;
    let guarded = guarded + stats.changed;
    let cells = numbered(guarded, "cell that begins", "cells that begin");
    let note = format!("csv: {cells} like a formula got a leading apostrophe; the exact text is written without a guard");
    let note = Note::from(note).with_remedy("csv_guard", "raw");
    Ok(ExportSummary { rows: stats.rows, pages: None, notes: Vec::from_iter((guarded > 0).then_some(note)) })
}

/// Knows how rows are written.
struct RowWriter {
    guard: Guard,
    phones: CsvPhones,
    delimiter: u8,
    /// Which bytes make a field need quotes.
    quoted: [bool; 256],
}

impl RowWriter {
    fn new(options: &Options) -> Self {
        let mut quoted = [false; 256];
        for byte in [options.csv_delimiter, b'"', b'\r', b'\n'] {
            quoted[usize::from(byte)] = true;
        }
        Self { guard: options.csv_guard, phones: options.csv_phones, delimiter: options.csv_delimiter, quoted }
    }

    /// Appends the header line; returns how many captions were guarded.
    fn header(&self, columns: &[Column], bytes: &mut Vec<u8>) -> u64 {
        let mut guarded = 0;
        for (index, column) in columns.iter().enumerate() {
            self.delimit(index, bytes);
            guarded += self.text(&column.caption, ColumnType::Text, bytes);
        }
        bytes.extend_from_slice(b"\r\n");
        guarded
    }

    /// Appends the line of one row; returns how many cells were guarded.
    fn row(&self, columns: &[(Cells<'_>, ColumnType)], row: usize, bytes: &mut Vec<u8>) -> u64 {
        let begin = bytes.len();
        let mut guarded = 0;
        for (index, (cells, kind)) in columns.iter().enumerate() {
            self.delimit(index, bytes);
            match cells.cell(row) {
                Some(Cell::Text(text)) => guarded += self.text(text, *kind, bytes),
                Some(Cell::Date(days)) => write_date(bytes, days),
                Some(Cell::Time(seconds)) => self.with_colons(bytes, |bytes| write_time(bytes, seconds)),
                Some(Cell::Instant(micros)) => self.with_colons(bytes, |bytes| write_instant(bytes, micros)),
                Some(Cell::Count(count)) => bytes.extend_from_slice(itoa::Buffer::new().format(count).as_bytes()),
                Some(Cell::Term(_, term)) => guarded += self.text(&term.caption, *kind, bytes),
                Some(Cell::Amount(hundredths)) => bytes.extend_from_slice(decimal(hundredths).as_bytes()),
                Some(Cell::Share(share)) => bytes.extend_from_slice(share.to_string().as_bytes()),
                None => {}
            }
        }
        // A line with nothing on it is no record to most readers: the one column's empty field needs quotes.
        if bytes.len() == begin {
            bytes.extend_from_slice(b"\"\"");
        }
        bytes.extend_from_slice(b"\r\n");
        guarded
    }

    fn delimit(&self, index: usize, bytes: &mut Vec<u8>) {
        if index > 0 {
            bytes.push(self.delimiter);
        }
    }

    /// Writes a value that holds colons, which the delimiter may be.
    fn with_colons(&self, bytes: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        if self.delimiter != b':' {
            return write(bytes);
        }
        bytes.push(b'"');
        write(bytes);
        bytes.push(b'"');
    }

    /// Appends a text field; returns 1 when it was guarded.
    fn text(&self, text: &str, kind: ColumnType, bytes: &mut Vec<u8>) -> u64 {
        if self.phones == CsvPhones::Formulas
            && let Some(formula) = as_formula(text, kind)
        {
            self.field(&formula, b"", bytes);
            return 0;
        }
        let marked = self.guard.marks(text, kind);
        self.field(text, if marked { b"'" } else { b"" }, bytes);
        u64::from(marked)
    }

    /// Appends `mark` and `text` as a field, in quotes where it needs them.
    fn field(&self, text: &str, mark: &[u8], bytes: &mut Vec<u8>) {
        if !text.bytes().any(|byte| self.quoted[usize::from(byte)]) {
            bytes.extend_from_slice(mark);
            bytes.extend_from_slice(text.as_bytes());
            return;
        }
        bytes.push(b'"');
        bytes.extend_from_slice(mark);
        let mut rest = text.as_bytes();
        while let Some(quote) = memchr::memchr(b'"', rest) {
            bytes.extend_from_slice(&rest[..=quote]);
            bytes.push(b'"');
            rest = &rest[quote + 1..];
        }
        bytes.extend_from_slice(rest);
        bytes.push(b'"');
    }
}
