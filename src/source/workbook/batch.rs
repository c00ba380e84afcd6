//! Gathers cells into batches of columns for the pipe; it never keeps a string a cell.

use std::io::{self, Write};

use crate::source::workbook::cells::Value;
use crate::source::workbook::child::Stop;
use crate::source::workbook::message::{BATCH_ROWS, Done, ExtraColumns, Reading, Reply};
use crate::source::workbook::wire::{EMPTY, put_number};

/// Cells in, batches out.
pub struct Batches<'a> {
    reading: &'a Reading,
    lines: Vec<u32>,
    columns: Vec<Option<Outgoing>>,
    done: Done,
}

#[derive(Default)]
struct Outgoing {
    lengths: Vec<u32>,
    bytes: Vec<u8>,
}

impl<'a> Batches<'a> {
    /// Batches of the columns that are wanted.
    pub fn new(reading: &'a Reading) -> Self {
        let columns = reading.wanted.iter().map(|wanted| wanted.then(Outgoing::default)).collect();
        Self { reading, lines: Vec::with_capacity(BATCH_ROWS), columns, done: Done::default() }
    }

    /// Takes a cell; rows must not go backwards, and no cell may come twice.
    pub fn place(&mut self, line: u32, column: u32, value: Value<'_>, output: &mut impl Write) -> Result<(), Stop> {
        if self.lines.last() != Some(&line) {
            if self.lines.len() == BATCH_ROWS {
                self.send(output)?;
            }
            self.lines.push(line);
            self.done.rows += 1;
        }
        let column = column as usize;
        if column >= self.columns.len() && !self.widen(column, line) {
            return Ok(());
        }
        let Some(outgoing) = &mut self.columns[column] else { return Ok(()) };
        match value {
            Value::Fault(_) => self.done.errors += 1,
            Value::Uncalculated => {
                if self.done.uncalculated == 0 {
                    self.done.uncalculated_line = line;
                }
                self.done.uncalculated += 1;
            }
            _ => {}
        }
        if let Some(from_1904) = value.epoch_1904() {
            self.done.dates_from_1904 = Some(from_1904);
        }
        outgoing.place(self.lines.len() - 1, |bytes| value.write(bytes));
        Ok(())
    }

    /// Sends what is left and says what was counted.
    pub fn finish(mut self, output: &mut impl Write) -> Result<Done, Stop> {
        if !self.lines.is_empty() {
            self.send(output)?;
        }
        Ok(self.done)
    }

    /// Makes room for a column beyond the header's, or counts its cell.
    fn widen(&mut self, column: usize, line: u32) -> bool {
        if self.reading.beyond == ExtraColumns::Sent {
            self.columns.resize_with(column + 1, || Some(Outgoing::default()));
            return true;
        }
        if self.done.beyond == 0 {
            self.done.beyond_line = line;
        }
        self.done.beyond += 1;
        false
    }

    fn send(&mut self, output: &mut impl Write) -> io::Result<()> {
        let rows = self.lines.len();
        let mut payload = Vec::new();
        put_number(&mut payload, rows as u32);
        self.lines.iter().for_each(|line| put_number(&mut payload, *line));
        for (index, column) in self.columns.iter_mut().enumerate() {
            let Some(column) = column.as_mut().filter(|column| !column.lengths.is_empty()) else {
                continue;
            };
            column.lengths.resize(rows, EMPTY);
            put_number(&mut payload, index as u32);
            put_number(&mut payload, column.bytes.len() as u32);
            column.lengths.iter().for_each(|length| put_number(&mut payload, *length));
            payload.extend_from_slice(&column.bytes);
            column.lengths.clear();
            column.bytes.clear();
        }
        self.lines.clear();
        Reply::Batch(payload).write(output)
    }
}

impl Outgoing {
    fn place(&mut self, row: usize, write: impl FnOnce(&mut Vec<u8>)) {
        self.lengths.resize(row, EMPTY);
        let before = self.bytes.len();
        write(&mut self.bytes);
        self.lengths.push((self.bytes.len() - before) as u32);
    }
}
