//! Formats rows in chunks beside each other and hands the bytes on in order. Never holds more than a few chunks, never reorders.

use std::cell::Cell;
use std::ops::Range;

use rayon::prelude::*;

use crate::error::Result;
use crate::report::{Column, LazyTable};

/// Rows formatted as one chunk. Chunks are written in order, so this shows in no byte of an output.
const CHUNK_ROWS: usize = 4_096;
/// Chunks held at once, at most, however many threads there are.
const MAX_CHUNKS_IN_FLIGHT: usize = 16;

thread_local! {
    /// Room for a chunk, which grows by many steps: of many short tables, only the first pays for them.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What was written, counted where it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChunkStats {
    /// Rows.
    pub rows: u64,
    /// Cells that had to be changed.
    pub changed: u64,
}

/// Rows of a table.
pub struct ChunkRows<'a> {
    /// The columns, with the cells of other chunks among theirs.
    pub columns: &'a [Column],
    /// Where the rows are in these columns.
    pub rows: Range<usize>,
    /// The place of the first of the rows in the whole table, from 0.
    pub first: usize,
}

/// Formats `rows` of `table` with `format`, which appends the bytes of the rows it is given and says what it appended, and
/// gives the bytes of every chunk, in order, to `emit`. Returns the sum of what `emit` took.
///
/// # Errors
/// The first error, in row order, of the table, `format` or `emit`.
pub fn write(
    table: &LazyTable,
    rows: Range<usize>,
    format: impl Fn(ChunkRows, &mut Vec<u8>) -> Result<ChunkStats> + Sync,
    mut emit: impl FnMut(&[u8]) -> Result<()>,
) -> Result<ChunkStats> {
    let wanted = rows.len().div_ceil(CHUNK_ROWS).min(rayon::current_num_threads() * 2).clamp(1, MAX_CHUNKS_IN_FLIGHT);
    let mut chunks: Vec<(Vec<u8>, Result<ChunkStats>)> = vec![(Vec::new(), Ok(ChunkStats::default())); wanted];
    chunks[0].0 = SPARE.take();
    let mut stats = ChunkStats::default();
    for round in rows.clone().step_by(CHUNK_ROWS * wanted) {
        let table = table.table(round..(round + CHUNK_ROWS * wanted).min(rows.end))?;
        let fill = |(index, (bytes, written)): (usize, &mut (Vec<u8>, Result<ChunkStats>))| {
            let first = (index * CHUNK_ROWS).min(table.rows);
            let rows = ChunkRows { columns: &table.columns, rows: first..(first + CHUNK_ROWS).min(table.rows), first: round + first };
            bytes.clear();
            *written = format(rows, bytes);
        };
        // A small table is not worth the way to another thread.
        if wanted == 1 {
            chunks.iter_mut().enumerate().for_each(fill);
        } else {
            chunks.par_iter_mut().enumerate().for_each(fill);
        }
        for (bytes, written) in &chunks {
            let written = written.clone()?;
            emit(bytes)?;
            stats = ChunkStats { rows: stats.rows + written.rows, changed: stats.changed + written.changed };
        }
    }
    SPARE.set(std::mem::take(&mut chunks[0].0));
    Ok(stats)
}
