//! The rows of a table in blocks, for what goes through them more than once: a short table is made once and kept, of a long one no more than a block at a time.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::Result;
use crate::export::layout::cell_text::in_words;
use crate::report::words::Words;
use crate::report::{Column, LazyTable, Table};

/// A table of so many rows is made once and kept: a few megabytes.
const KEPT_ROWS: usize = 4_096;
/// Runs of rows that stand for a long table where its columns are measured, and the rows of each: spread evenly, together as
/// many as are kept of a short one.
const SAMPLE_RUNS: usize = 64;
const SAMPLE_RUN: usize = KEPT_ROWS / SAMPLE_RUNS;

/// The rows of a table.
pub struct TableRows<'a> {
    source: LazyTable,
    words: &'a Words,
    whole: Option<Table>,
}

/// Some rows of a table.
pub struct RowBlock<'a> {
    /// These rows, and where the table is kept whole, all others.
    pub table: Cow<'a, Table>,
    /// The row of the whole table that is the first of `table`.
    pub first: usize,
}

impl RowBlock<'_> {
    /// The place in the block of row `row` of the whole table.
    pub fn place(&self, row: usize) -> usize {
        row - self.first
    }
}

impl<'a> TableRows<'a> {
    /// The rows of `source`, with counts as `words` group them.
    ///
    /// # Errors
    /// Those of the table.
    pub fn new(source: LazyTable, words: &'a Words) -> Result<Self> {
        let mut rows = Self { source, words, whole: None };
        if rows.len() <= KEPT_ROWS {
            rows.whole = Some(rows.made(0..rows.len())?);
        }
        Ok(rows)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.source.rows
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The columns, without cells.
    pub fn columns(&self) -> &[Column] {
        &self.source.columns
    }

    /// `rows` of the table.
    ///
    /// # Errors
    /// Those of the table.
    pub fn block(&self, rows: Range<usize>) -> Result<RowBlock<'_>> {
        match &self.whole {
            Some(table) => Ok(RowBlock { table: Cow::Borrowed(table), first: 0 }),
            None => Ok(RowBlock { first: rows.start, table: Cow::Owned(self.made(rows)?) }),
        }
    }

    /// What stands for the table where its columns are measured: all of a short one.
    ///
    /// # Errors
    /// Those of the table.
    pub fn sample(&self) -> Result<Sample<'_>> {
        let runs = match &self.whole {
            Some(table) => vec![Cow::Borrowed(table)],
            None => {
                let starts = (0..SAMPLE_RUNS).map(|run| run * (self.len() - SAMPLE_RUN) / (SAMPLE_RUNS - 1));
                starts.map(|start| self.made(start..start + SAMPLE_RUN).map(Cow::Owned)).collect::<Result<_>>()?
            }
        };
        Ok(Sample { is_whole: self.whole.is_some(), runs })
    }

    fn made(&self, rows: Range<usize>) -> Result<Table> {
        Ok(in_words(self.source.table(rows)?, self.words))
    }
}

/// Rows that stand for a table.
pub struct Sample<'a> {
    /// Whether these are all rows.
    pub is_whole: bool,
    /// The rows, in runs that follow each other in the table.
    pub runs: Vec<Cow<'a, Table>>,
}

impl Sample<'_> {
    /// The columns, with the cells of the first run.
    pub fn columns(&self) -> &[Column] {
        self.runs.first().map_or(&[], |run| &run.columns)
    }

    /// About `count` rows spread evenly, each as its run and its place there.
    pub fn rows(&self, count: usize) -> impl Iterator<Item = (&Table, usize)> {
        let all: usize = self.runs.iter().map(|run| run.rows).sum();
        let step = all.div_ceil(count).max(1);
        self.runs.iter().flat_map(|run| (0..run.rows).map(|row| (run.as_ref(), row))).step_by(step)
    }
}
