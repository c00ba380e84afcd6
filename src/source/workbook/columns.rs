//! Builds a table's columns from the batches the reading process sends; it trusts neither their bytes nor their places.

use std::io;

use polars::prelude::{ChunkFullNull, PlSmallStr, StringChunked, StringChunkedBuilder};

use crate::source::workbook::child::MOST_COLUMNS;
use crate::source::workbook::message::BATCH_ROWS;
use crate::source::workbook::wire::{EMPTY, Unpack, garbled};

/// Rows of one chunk in the finished columns; the longest sheet has eight of them.
const CHUNK_ROWS: usize = 16 * BATCH_ROWS;

/// Bytes that a cell takes besides its text, an empty one too.
const CELL_BYTES: u64 = 16;

/// Batches in, columns out. A place costs memory only where a column has a cell in the same chunk: a single cell far
/// right of the table, or far below it, is cheap.
pub struct Columns {
    columns: Vec<ColumnBuffer>,
    lines: Vec<u32>,
    /// The closed chunks of a column without a cell, which all of them share.
    blank: StringChunked,
    /// Rows in the open chunk.
    open_rows: usize,
    /// Bytes that may still be used.
    left: u64,
}

enum ColumnBuffer {
    Unwanted,
    Empty,
    Filled(Box<Incoming>),
}

struct Incoming {
    chunks: StringChunked,
    /// Cells of the open chunk, from its first row to the last batch with a cell in this column.
    open: Option<StringChunkedBuilder>,
    open_rows: usize,
}

impl Columns {
    /// Columns of a header: those wanted will be filled, with at most so many bytes in all.
    pub fn new(wanted: &[bool], memory_bytes: u64) -> Self {
        let columns = wanted.iter().map(|wanted| if *wanted { ColumnBuffer::Empty } else { ColumnBuffer::Unwanted }).collect();
        let blank = StringChunked::full_null(PlSmallStr::EMPTY, 0);
        Self { columns, lines: Vec::new(), blank, open_rows: 0, left: memory_bytes }
    }

    /// Takes one batch.
    ///
    /// # Errors
    /// `OutOfMemory` when the cells take more than is allowed; otherwise when the bytes are no batch.
    pub fn take(&mut self, payload: &[u8]) -> io::Result<()> {
        let mut rest = Unpack(payload);
        let rows = rest.number()? as usize;
        for _ in 0..rows {
            self.lines.push(rest.number()?);
        }
        while !rest.0.is_empty() {
            let (index, size) = (rest.number()? as usize, rest.number()? as usize);
            let lengths = rest.bytes(rows.checked_mul(4).ok_or_else(garbled)?)?;
            let text = std::str::from_utf8(rest.bytes(size)?).map_err(|_| garbled())?;
            if index >= MOST_COLUMNS as usize {
                return Err(garbled());
            }
            if index >= self.columns.len() {
                self.columns.resize_with(index + 1, || ColumnBuffer::Empty);
            }
            spend(&mut self.left, size as u64 + rows as u64 * CELL_BYTES)?;
            self.column(index)?.fill(lengths, text)?;
        }
        self.open_rows += rows;
        if self.open_rows >= CHUNK_ROWS { self.close() } else { Ok(()) }
    }

    /// The finished columns, all with the same chunks, and the row numbers.
    ///
    /// # Errors
    /// `OutOfMemory` when the cells take more than is allowed.
    pub fn finish(mut self) -> io::Result<(Vec<Option<StringChunked>>, Vec<u32>)> {
        if self.open_rows > 0 {
            self.close()?;
        }
        let finished = |slot| match slot {
            ColumnBuffer::Unwanted => None,
            ColumnBuffer::Empty => Some(self.blank.clone()),
            ColumnBuffer::Filled(column) => Some(column.chunks),
        };
        Ok((self.columns.into_iter().map(finished).collect(), self.lines))
    }

    /// The column at `index`, with the cells above the present batch.
    fn column(&mut self, index: usize) -> io::Result<&mut Incoming> {
        let slot = &mut self.columns[index];
        if let ColumnBuffer::Empty = slot {
            *slot = ColumnBuffer::Filled(Box::new(Incoming { chunks: self.blank.clone(), open: None, open_rows: 0 }));
        }
        let ColumnBuffer::Filled(column) = slot else { return Err(garbled()) };
        if column.open_rows > self.open_rows {
            return Err(garbled());
        }
        column.pad(self.open_rows, &mut self.left)?;
        Ok(column)
    }

    fn close(&mut self) -> io::Result<()> {
        let blank = StringChunked::full_null(PlSmallStr::EMPTY, self.open_rows);
        for slot in &mut self.columns {
            if let ColumnBuffer::Filled(column) = slot {
                column.close(&blank, &mut self.left)?;
            }
        }
        append(&mut self.blank, blank)?;
        self.open_rows = 0;
        Ok(())
    }
}

impl Incoming {
    fn fill(&mut self, lengths: &[u8], text: &str) -> io::Result<()> {
        let open = self.open.get_or_insert_with(|| StringChunkedBuilder::new(PlSmallStr::EMPTY, lengths.len() / 4));
        let mut rest = text;
        for length in lengths.chunks_exact(4) {
            let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]);
            if length == EMPTY {
                open.append_null();
            } else {
                let (cell, after) = rest.split_at_checked(length as usize).ok_or_else(garbled)?;
                open.append_value(cell);
                rest = after;
            }
        }
        self.open_rows += lengths.len() / 4;
        Ok(())
    }

    /// Empty cells up to so many rows of the open chunk.
    fn pad(&mut self, rows: usize, left: &mut u64) -> io::Result<()> {
        let missing = rows.saturating_sub(self.open_rows);
        spend(left, missing as u64 * CELL_BYTES)?;
        let open = self.open.get_or_insert_with(|| StringChunkedBuilder::new(PlSmallStr::EMPTY, rows));
        (0..missing).for_each(|_| open.append_null());
        self.open_rows += missing;
        Ok(())
    }

    /// Ends the open chunk, at the length of `blank`, which it is if this column has no cell in it.
    fn close(&mut self, blank: &StringChunked, left: &mut u64) -> io::Result<()> {
        if self.open.is_some() {
            self.pad(blank.len(), left)?;
        }
        self.open_rows = 0;
        append(&mut self.chunks, self.open.take().map_or_else(|| blank.clone(), StringChunkedBuilder::finish))
    }
}

fn append(chunks: &mut StringChunked, chunk: StringChunked) -> io::Result<()> {
    if chunks.is_empty() {
        *chunks = chunk;
        return Ok(());
    }
    chunks.append_owned(chunk).map_err(io::Error::other)
}

fn spend(left: &mut u64, bytes: u64) -> io::Result<()> {
    let message = "its cells take more memory than is allowed";
    *left = left.checked_sub(bytes).ok_or_else(|| io::Error::new(io::ErrorKind::OutOfMemory, message))?;
    Ok(())
}
