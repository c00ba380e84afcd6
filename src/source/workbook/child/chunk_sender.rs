//! Gathers cells into chunks of columns for the pipe: a string a column and chunk, not one a cell.

use std::io::{self, Write};

use calamine::DataRef;

use crate::source::guarded::protocol::{ColumnCells, Done, MAX_BATCH_ROWS, Reply, RowRequest, send};
use crate::source::workbook::child::cell_text::{Value, counts_from_1904, write_value};

/// Text gathered before it is sent, about: with the longest cell still well within a frame.
const BATCH_TEXT_BYTES: usize = 4 << 20;

/// Cells in, rows and columns out.
pub struct ChunkSender<'a, W> {
    request: &'a RowRequest,
    output: &'a mut W,
    lines: Vec<u32>,
    columns: Vec<Option<ColumnText>>,
    text_bytes: usize,
    done: Done,
}

/// The cells of one column, those of the first rows.
#[derive(Default)]
struct ColumnText {
    text: String,
    /// Where in `text` each cell ends.
    ends: Vec<usize>,
}

impl<'a, W: Write> ChunkSender<'a, W> {
    /// Sends the columns that are wanted.
    pub fn new(request: &'a RowRequest, output: &'a mut W) -> Self {
        let columns = request.wanted.iter().map(|wanted| wanted.then(ColumnText::default)).collect();
        Self { request, output, lines: Vec::with_capacity(MAX_BATCH_ROWS), columns, text_bytes: 0, done: Done::default() }
    }

    /// Takes a cell; rows must not go backwards, and no cell may come twice.
    pub fn add_cell(&mut self, line: u32, column: u32, value: Value<'_>) -> io::Result<()> {
        if self.lines.last() != Some(&line) {
            if self.lines.len() == MAX_BATCH_ROWS || self.text_bytes >= BATCH_TEXT_BYTES {
                self.send()?;
            }
            self.lines.push(line);
            self.done.rows += 1;
        }
        let column = column as usize;
        if column >= self.columns.len() {
            if !self.request.extra_columns {
                self.done.extra_cells.add(line);
                return Ok(());
            }
            self.columns.resize_with(column + 1, || Some(ColumnText::default()));
        }
        let Some(cells) = &mut self.columns[column] else { return Ok(()) };
        match value {
            None => self.done.uncalculated.add(line),
            Some(DataRef::Error(_)) => self.done.error_values.add(line),
            Some(DataRef::DateTime(moment)) => self.done.dates_from_1904 = Some(counts_from_1904(moment)),
            _ => {}
        }
        let before = cells.text.len();
        cells.pad(self.lines.len() - 1);
        write_value(&mut cells.text, value);
        cells.ends.push(cells.text.len());
        self.text_bytes += cells.text.len() - before;
        Ok(())
    }

    /// Sends what is left and returns what was counted.
    pub fn finish(mut self) -> io::Result<Done> {
        if !self.lines.is_empty() {
            self.send()?;
        }
        Ok(self.done)
    }

    fn send(&mut self) -> io::Result<()> {
        let rows = self.lines.len();
        send(self.output, &Reply::Rows(std::mem::take(&mut self.lines)))?;
        for (index, column) in (0..).zip(&mut self.columns) {
            let Some(column) = column.as_mut().filter(|column| !column.ends.is_empty()) else { continue };
            column.pad(rows);
            send(self.output, &Reply::Column(ColumnCells { index, text: &column.text, lengths: column.lengths() }))?;
            column.text.clear();
            column.ends.clear();
        }
        self.text_bytes = 0;
        Ok(())
    }
}

impl ColumnText {
    /// Empty cells up to so many rows.
    fn pad(&mut self, rows: usize) {
        self.ends.resize(rows, self.text.len());
    }

    fn lengths(&self) -> Vec<u32> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| (end - start) as u32).collect()
    }
}
