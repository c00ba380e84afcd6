//! Formats rows in pieces beside each other and hands the bytes on in order. Never holds more than a few pieces, never reorders.

use std::ops::{AddAssign, Range};

use rayon::prelude::*;

use crate::error::Result;

/// Rows formatted as one piece. Pieces are written in order, so this shows in no byte of an output.
const PIECE_ROWS: usize = 4_096;
/// Pieces held at once, at most, however many threads there are.
const PIECES: usize = 16;

/// What was written, counted where it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Emitted {
    /// Rows.
    pub rows: u64,
    /// Cells that had to be changed.
    pub changed: u64,
}

impl Emitted {
    /// One row, `changed` cells of it changed.
    pub const fn row(changed: u64) -> Self {
        Self { rows: 1, changed }
    }
}

impl AddAssign for Emitted {
    fn add_assign(&mut self, more: Self) {
        self.rows += more.rows;
        self.changed += more.changed;
    }
}

impl std::iter::Sum for Emitted {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |mut sum, part| {
            sum += part;
            sum
        })
    }
}

struct Piece {
    bytes: Vec<u8>,
    emitted: Result<Emitted>,
}

/// Formats `rows` with `format`, which appends the bytes of the rows it is given and says what it appended, and
/// gives the bytes of every piece, in order, to `emit`. Returns the sum of what `emit` took.
///
/// # Errors
/// The first error, in row order, of `format` or `emit`.
pub fn write(
    rows: Range<usize>,
    format: impl Fn(Range<usize>, &mut Vec<u8>) -> Result<Emitted> + Sync,
    mut emit: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Emitted> {
    let wanted = rows.len().div_ceil(PIECE_ROWS).min(rayon::current_num_threads() * 2).clamp(1, PIECES);
    let mut pieces: Vec<Piece> = Vec::new();
    pieces.resize_with(wanted, || Piece { bytes: Vec::new(), emitted: Ok(Emitted::default()) });
    let mut emitted = Emitted::default();
    for round in rows.clone().step_by(PIECE_ROWS * wanted) {
        pieces.par_iter_mut().enumerate().for_each(|(index, piece)| {
            let first = (round + index * PIECE_ROWS).min(rows.end);
            piece.bytes.clear();
            piece.emitted = format(first..(first + PIECE_ROWS).min(rows.end), &mut piece.bytes);
        });
        for piece in &pieces {
            let told = piece.emitted.clone()?;
            emit(&piece.bytes)?;
            emitted += told;
        }
    }
    Ok(emitted)
}
