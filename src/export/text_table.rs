//! Writes the numbers as a table for a terminal: columns of even width, figures at the right, nothing that a terminal would obey.

use std::borrow::Cow;
use std::io::Write;
use std::ops::Range;

use rayon::prelude::*;
use unicode_width::UnicodeWidthStr;

use crate::domain::date::text::{DateStyle, write_time};
use crate::domain::text::{decimal, plain};
use crate::error::{Error, Result};
use crate::export::cells::Cell;
use crate::export::chunks::{self, ChunkRows, ChunkStats};
use crate::export::exporter::{Isolation, RowsWritten, numbers_alone};
use crate::export::{ExportSummary, Exporter, Options};
use crate::report::{Column, LazyTable, Report, SectionId, Values};

/// The format of plain tables.
pub struct TextTable;

/// Columns of a terminal up to which a column of the table is filled with blanks. The line of a longer cell is out of step from there
/// on; one long text would else push all others out of sight.
const PADDED_WIDTH: usize = 60;
/// Rows whose widths are measured at once.
const MEASURED_ROWS: usize = 1 << 14;
/// Between two columns.
const GAP: &str = "  ";

impl Exporter for TextTable {
    fn name(&self) -> &'static str {
        "table"
    }

    fn is_text(&self) -> bool {
        true
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        numbers_alone(self.name(), places)
    }

    fn isolation(&self) -> Isolation {
        Isolation::Canary
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        let rows = write_table(&report.numbers, report.words.dates, &options.written, out)?;
        Ok(ExportSummary { rows, pages: None, notes: Vec::new() })
    }
}

/// Writes `table`, days as `dates` says, whose rows are made twice, once for the widths of its columns; returns how many there are, which are counted in
/// `written`, too.
///
/// # Errors
/// [`Error::input_output`] when `out` refuses the bytes.
pub fn write_table(table: &LazyTable, dates: DateStyle, written: &RowsWritten, out: &mut dyn Write) -> Result<u64> {
    let layout = TableLayout::of(table, dates, 0..table.rows, PADDED_WIDTH)?;
    let mut emit = |bytes: &[u8]| out.write_all(bytes).map_err(|error| Error::unwritten("table", error));
    emit(layout.header().as_bytes())?;
    let lines = |chunk: ChunkRows, bytes: &mut Vec<u8>| {
        for row in chunk.rows.clone() {
            bytes.extend_from_slice(layout.line(chunk.columns, row).as_bytes());
        }
        let stats = ChunkStats { rows: chunk.rows.len() as u64, changed: 0 };
        written.add(stats.rows);
        Ok(stats)
    };
    let stats = chunks::write(table, 0..table.rows, lines, &mut emit)?;
    out.flush().map_err(|error| Error::unwritten("table", error))?;
    Ok(stats.rows)
}

/// The columns of a table and how wide each is.
#[derive(Debug, Clone)]
pub struct TableLayout {
    /// The columns, in order.
    pub columns: Vec<ColumnLayout>,
    /// How days are shown.
    pub dates: DateStyle,
}

/// How a column is shown.
#[derive(Debug, Clone)]
pub struct ColumnLayout {
    /// What stands above it.
    pub caption: String,
    /// Columns of a terminal that it takes, the gap behind it aside.
    pub width: usize,
    /// Whether its cells stand at the right.
    pub is_figure: bool,
}

impl TableLayout {
    /// The layout of `table`, days as `dates` says, by its `rows`, which are made once for it; a caption widens its column to `caption_width` at most.
    ///
    /// # Errors
    /// Those of the table.
    pub fn of(table: &LazyTable, dates: DateStyle, rows: Range<usize>, caption_width: usize) -> Result<Self> {
        let column = |column: &Column| {
            let caption = plain(&column.caption);
            ColumnLayout { width: caption.width().min(caption_width), caption, is_figure: column.kind.is_figure() }
        };
        let mut columns: Vec<ColumnLayout> = table.columns.iter().map(column).collect();
        for start in rows.clone().step_by(MEASURED_ROWS) {
            let rows = table.table(start..(start + MEASURED_ROWS).min(rows.end))?;
            columns.par_iter_mut().zip(&rows.columns).for_each(|(layout, column)| {
                layout.width = layout.width.max(widest(column, rows.rows, dates));
            });
        }
        Ok(Self { columns, dates })
    }

    /// The captions and a rule below them, each with a line end.
    pub fn header(&self) -> String {
        let captions = self.columns.iter().map(|column| Cow::Borrowed(column.caption.as_str()));
        let rules = self.columns.iter().map(|column| Cow::Owned("-".repeat(column.width)));
        self.joined(captions) + &self.joined(rules)
    }

    /// A row with a line end.
    pub fn line(&self, columns: &[Column], row: usize) -> String {
        self.joined(columns.iter().map(|column| shown(column, row, self.dates)))
    }

    fn joined<'a>(&self, cells: impl Iterator<Item = Cow<'a, str>>) -> String {
        let mut line = String::new();
        for (place, (cell, column)) in cells.zip(&self.columns).enumerate() {
            line.push_str(if place == 0 { "" } else { GAP });
            let blanks = column.width.saturating_sub(cell.width());
            let (before, after) = if column.is_figure { (blanks, 0) } else { (0, blanks) };
            line.extend(std::iter::repeat_n(' ', before));
            line.push_str(&cell);
            line.extend(std::iter::repeat_n(' ', after));
        }
        line.truncate(line.trim_end_matches(' ').len());
        line.push('\n');
        line
    }
}

/// The cell of `column` in `row` on one line, days as `dates` says, nothing for an empty one.
pub fn shown(column: &Column, row: usize, dates: DateStyle) -> Cow<'_, str> {
    let mut ascii = Vec::new();
    match Cell::of(&column.values, row) {
        None => return Cow::Borrowed(""),
        Some(Cell::Text(text)) => return harmless(text),
        Some(Cell::Term(_, term)) => return harmless(&term.caption),
        Some(Cell::Count(count)) => {
            return Cow::Owned(count.to_string());
        }
        Some(Cell::Amount(hundredths)) => return Cow::Owned(decimal(hundredths)),
        Some(Cell::Share(share)) => return Cow::Owned(share.to_string()),
        Some(Cell::Date(days)) => dates.write_date(&mut ascii, days),
        Some(Cell::Time(seconds)) => write_time(&mut ascii, seconds),
        Some(Cell::Instant(micros)) => dates.write_instant(&mut ascii, micros),
    }
    Cow::Owned(ascii.into_iter().map(char::from).collect())
}

/// `text` as it is where every character of it is plain ASCII, else with what a terminal would obey escaped.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) { Cow::Borrowed(text) } else { Cow::Owned(plain(text)) }
}

/// The width of the widest of the first `rows` cells that are not too wide to be filled up to.
fn widest(column: &Column, rows: usize, dates: DateStyle) -> usize {
    let width = |text: &str| Some(harmless(text).width()).filter(|width| *width <= PADDED_WIDTH);
    match &column.values {
        Values::Terms { places, terms } => {
            let mut is_met = vec![false; terms.len()];
            places.iter().flatten().for_each(|place| is_met.iter_mut().skip(place as usize).take(1).for_each(|met| *met = true));
            terms.iter().zip(is_met).filter(|(_, is_met)| *is_met).filter_map(|(term, _)| width(&term.caption)).max().unwrap_or(0)
        }
        Values::Text(cells) => cells.iter().flatten().filter_map(width).max().unwrap_or(0),
        Values::Date(_) => 10,
        _ => (0..rows).map(|row| shown(column, row, dates).width()).max().unwrap_or(0),
    }
}
