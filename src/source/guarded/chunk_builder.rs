//! Builds chunks of a table from what the reading process sends, without trust in what it says.

use polars::prelude::{ChunkFullNull, PlSmallStr, StringChunked, StringChunkedBuilder};

use crate::error::Result as Fallible;
use crate::source::guarded::process::GuardedProcess;
use crate::source::guarded::protocol::{ColumnCells, Done, MAX_BATCH_ROWS, MAX_SHEET_COLUMNS, Refusal, Reply, Request};
use crate::source::table::TableChunk;

/// The first chunk has so many rows, the second twice as many, up to six times: the first is soon on its way, little is left
/// to do after the last, and the longest sheet has eight, up to which polars gathers rows without joining chunks first.
const CHUNK_ROWS: usize = 4 * MAX_BATCH_ROWS;
const MAX_CHUNK_GROWTH: usize = 6;

/// Bytes that a cell takes besides its text, an empty one too.
const CELL_BYTES: usize = 16;

/// Has the rows sent that `request` asks for and hands them over in chunks, at least one: those of the columns `wanted`, with
/// at most so many bytes and rows.
///
/// # Errors
/// What the process answers instead; [`Refusal::Protocol`] and [`Refusal::TooLarge`] for what does not fit these, or is no answer.
pub fn receive_rows(
    process: &mut GuardedProcess,
    request: &Request,
    (wanted, memory_bytes, max_rows): (&[bool], u64, u32),
    mut hand_over: impl FnMut(TableChunk),
) -> Fallible<Done> {
    let mut builder = ChunkBuilder::new(wanted, memory_bytes, max_rows);
    let mut reply = process.ask(request)?;
    loop {
        let taken = match &reply {
            Reply::Rows(lines) => builder.begin_rows(lines),
            Reply::Column(cells) => builder.add_cells(cells).map(|()| None),
            Reply::Done(done) if done.rows == builder.rows() as u64 => {
                let done = *done;
                hand_over(builder.finish_chunk().map_err(|refusal| process.refusal_error(refusal))?);
                return Ok(done);
            }
            _ => Err(Refusal::Protocol),
        };
        taken.map_err(|refusal| process.refusal_error(refusal))?.into_iter().for_each(&mut hand_over);
        reply = process.reply()?;
    }
}

/// The chunk in the making. A cell costs memory only where its column has one in the same chunk: a single cell far right of the
/// table, or far below it, is cheap.
#[derive(Default)]
struct ChunkBuilder {
    /// `None` for a column that is not wanted.
    columns: Vec<Option<Column>>,
    lines: Vec<u32>,
    /// Those of `lines` that were announced last.
    batch_rows: usize,
    finished_chunks: usize,
    finished_rows: usize,
    /// Bytes that the table may still take.
    bytes_left: u64,
    /// Rows that the table may have.
    max_rows: u32,
}

#[derive(Default)]
struct Column {
    /// Its cells from the chunk's first row to the last batch that has one.
    cells: Option<StringChunkedBuilder>,
    rows: usize,
}

impl ChunkBuilder {
    /// Of a table with the header's columns: those wanted will be filled, with at most so many bytes in all chunks and
    /// so many rows.
    fn new(wanted: &[bool], memory_bytes: u64, max_rows: u32) -> Self {
        let columns = wanted.iter().map(|wanted| wanted.then(Column::default)).collect();
        Self { columns, bytes_left: memory_bytes, max_rows, ..Self::default() }
    }

    /// Begins the next rows, by their numbers, and returns the chunk of those before if it is full.
    ///
    /// # Errors
    /// `Protocol` when there are more rows than are announced at once, or than the table may have; `TooLarge` as [`Self::add_cells`].
    fn begin_rows(&mut self, lines: &[u32]) -> Result<Option<TableChunk>, Refusal> {
        if lines.len() > MAX_BATCH_ROWS || self.rows() + lines.len() > self.max_rows as usize {
            return Err(Refusal::Protocol);
        }
        self.spend(size_of_val(lines))?;
        let is_full = self.lines.len() >= CHUNK_ROWS * (self.finished_chunks + 1).min(MAX_CHUNK_GROWTH);
        let chunk = if is_full { Some(self.finish_chunk()?) } else { None };
        self.lines.extend_from_slice(lines);
        self.batch_rows = lines.len();
        Ok(chunk)
    }

    /// Adds the cells that the rows begun last have in one column.
    ///
    /// # Errors
    /// `TooLarge` when the table takes more memory than is allowed; `Protocol` when the cells are of no column, come twice, or
    /// are not as many as the rows.
    fn add_cells(&mut self, column: &ColumnCells<'_>) -> Result<(), Refusal> {
        let (index, lengths) = (column.index as usize, &column.lengths);
        if column.index >= MAX_SHEET_COLUMNS || lengths.len() != self.batch_rows {
            return Err(Refusal::Protocol);
        }
        if index >= self.columns.len() {
            self.columns.resize_with(index + 1, || Some(Column::default()));
        }
        let (rows, rows_above) = (self.lines.len(), self.lines.len() - self.batch_rows);
        let filled = self.columns[index].as_ref().map(|column| column.rows).filter(|filled| *filled <= rows_above);
        let filled = filled.ok_or(Refusal::Protocol)?;
        self.spend(column.text.len() + (rows - filled) * CELL_BYTES)?;
        let mut rest = column.text;
        let column = self.columns[index].get_or_insert_default();
        let builder = column.cells.get_or_insert_with(|| StringChunkedBuilder::new(PlSmallStr::EMPTY, rows));
        (filled..rows_above).for_each(|_| builder.append_null());
        for length in lengths {
            let (cell, behind) = rest.split_at_checked(*length as usize).ok_or(Refusal::Protocol)?;
            builder.append_option((!cell.is_empty()).then_some(cell));
            rest = behind;
        }
        if !rest.is_empty() {
            return Err(Refusal::Protocol);
        }
        column.rows = rows;
        Ok(())
    }

    /// Rows in all chunks.
    fn rows(&self) -> usize {
        self.finished_rows + self.lines.len()
    }

    /// The chunk of the rows since the last one.
    ///
    /// # Errors
    /// `TooLarge` as [`Self::add_cells`].
    fn finish_chunk(&mut self) -> Result<TableChunk, Refusal> {
        let rows = self.lines.len();
        let started = self.columns.iter().flatten().filter(|column| column.cells.is_some());
        let padding: usize = started.map(|column| rows - column.rows).sum();
        self.spend(padding * CELL_BYTES)?;
        let blank = StringChunked::full_null(PlSmallStr::EMPTY, rows);
        let columns = self.columns.iter_mut().map(|column| column.as_mut().map(|column| column.finish(&blank))).collect();
        self.finished_chunks += 1;
        self.finished_rows += rows;
        self.batch_rows = 0;
        Ok(TableChunk { columns, lines: std::mem::take(&mut self.lines), ..TableChunk::default() })
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Refusal> {
        let too_large = || Refusal::TooLarge("its cells take more memory than is allowed".to_owned());
        self.bytes_left = self.bytes_left.checked_sub(bytes as u64).ok_or_else(too_large)?;
        Ok(())
    }
}

impl Column {
    /// Its part of a chunk, at the length of `blank`, which it is if it has no cell in it.
    fn finish(&mut self, blank: &StringChunked) -> StringChunked {
        let Self { cells, rows } = std::mem::take(self);
        let Some(mut builder) = cells else { return blank.clone() };
        (rows..blank.len()).for_each(|_| builder.append_null());
        builder.finish()
    }
}
