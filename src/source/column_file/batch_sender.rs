//! Sends rows of whole columns through the pipe, in batches whose text a frame holds.

use std::io::Write;

use polars_arrow::array::Array;

use crate::source::guarded::protocol::{ColumnCells, MAX_BATCH_ROWS, Refusal, Reply, send};

/// Text of one column in a batch, at most, unless a single cell is longer.
const BATCH_TEXT_BYTES: usize = 4 << 20;

/// The texts of some rows of a column; an empty cell has none.
#[derive(Debug, Default)]
pub struct ColumnText {
    /// All of them, one behind the other.
    pub text: String,
    /// Where in `text` each cell ends.
    pub ends: Vec<usize>,
}

impl ColumnText {
    /// Ends a cell: what was added to the text since the last one is its own.
    pub fn end_cell(&mut self) {
        self.ends.push(self.text.len());
    }

    /// The bytes of `text` that the cells `from..to` have.
    fn range(&self, from: usize, to: usize) -> std::ops::Range<usize> {
        let end = |cells: usize| if cells == 0 { 0 } else { self.ends[cells - 1] };
        end(from)..end(to)
    }
}

/// Text that any file may come to.
const FREE_TEXT: u64 = 128 << 20;
/// Bytes of text for a byte of a file, at most.
const TEXT_A_BYTE: u64 = 500;
/// Rows that become text between two looks at how much it is.
const STEP_ROWS: usize = 1 << 12;

/// Columns in, batches of rows out.
pub struct BatchSender<'a, W> {
    output: &'a mut W,
    rows: u64,
    /// Bytes of text that may still become of the file.
    text_left: u64,
}

impl<'a, W: Write> BatchSender<'a, W> {
    /// Sends to `output` what becomes of a file of so many bytes.
    pub fn new(output: &'a mut W, bytes: usize) -> Self {
        Self { output, rows: 0, text_left: FREE_TEXT.max((bytes as u64).saturating_mul(TEXT_A_BYTE)) }
    }

    /// Adds the text of `array` to `cells`, as `append` writes it.
    ///
    /// # Errors
    /// Those of `append`; [`Refusal::TooLarge`] for more text than may become of the file.
    pub fn write(
        &mut self,
        cells: &mut ColumnText,
        array: &dyn Array,
        append: fn(&mut ColumnText, &dyn Array) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        for start in (0..array.len()).step_by(STEP_ROWS) {
            let before = cells.text.len();
            append(cells, array.sliced(start, STEP_ROWS.min(array.len() - start)).as_ref())?;
            let left = self.text_left.checked_sub((cells.text.len() - before) as u64);
            let too_large = || Refusal::TooLarge(format!("its cells come to more than {TEXT_A_BYTE} times its size"));
            self.text_left = left.ok_or_else(too_large)?;
        }
        Ok(())
    }

    /// Rows sent.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Sends the next `rows` rows, by their columns with their places.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] for a cell that no frame holds and for more rows than can be numbered; those of the pipe.
    pub fn send(&mut self, rows: usize, columns: &[(u32, ColumnText)]) -> Result<(), Refusal> {
        if self.rows + rows as u64 > u64::from(u32::MAX) {
            return Err(Refusal::TooLarge("it has more than 4,294,967,295 rows".to_owned()));
        }
        let mut from = 0;
        while from < rows {
            let mut to = rows.min(from + MAX_BATCH_ROWS);
            let text = |to: usize| columns.iter().map(|(_, column)| column.range(from, to).len()).max().unwrap_or(0);
            while to - from > 1 && text(to) > BATCH_TEXT_BYTES {
                to = from + (to - from) / 2;
            }
            let first = self.rows as u32 + 1;
            send(self.output, &Reply::Rows((first..).take(to - from).collect()))?;
            for (index, column) in columns {
                let range = column.range(from, to);
                if range.is_empty() {
                    continue;
                }
                let mut start = range.start;
                let lengths = column.ends[from..to].iter().map(|end| (end - std::mem::replace(&mut start, *end)) as u32).collect();
                send(self.output, &Reply::Column(ColumnCells { index: *index, text: &column.text[range], lengths }))?;
            }
            self.rows += (to - from) as u64;
            from = to;
        }
        Ok(())
    }
}
