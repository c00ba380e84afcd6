//! Where the cells of a table come from: another table, of which it is a part, or several.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use crate::error::Result;
use crate::report::table::{Column, Table, Values};

/// Where the cells of a table come from.
pub trait RowSource: Debug + Send + Sync {
    /// The cells of `rows`, a range that lies within the table. Costs what these rows cost, however long the table is.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    fn table(&self, rows: Range<usize>) -> Result<Table>;

    /// An upper bound of the bytes that all texts of the table take, near enough to decide how much of it a file can hold.
    fn text_bytes(&self) -> usize;
}

/// A range of the rows of a table.
#[derive(Debug)]
pub struct PartOf {
    pub(in crate::report) whole: Arc<dyn RowSource>,
    pub(in crate::report) rows: Range<usize>,
    /// How many rows the whole has.
    pub(in crate::report) of: usize,
}

impl RowSource for PartOf {
    fn table(&self, rows: Range<usize>) -> Result<Table> {
        self.whole.table(self.rows.start + rows.start..self.rows.start + rows.end)
    }

    fn text_bytes(&self) -> usize {
        self.whole.text_bytes() / self.of.max(1) * self.rows.len()
    }
}

/// A table that is there as a whole.
#[derive(Debug)]
pub struct Made(pub(in crate::report) Table);

impl RowSource for Made {
    fn table(&self, rows: Range<usize>) -> Result<Table> {
        part_of(&self.0, rows)
    }

    fn text_bytes(&self) -> usize {
        self.0.columns.iter().map(text_bytes).sum()
    }
}

/// A table with a column that is there as a whole.
#[derive(Debug)]
pub struct Beside {
    pub(in crate::report) others: Arc<dyn RowSource>,
    pub(in crate::report) at: usize,
    pub(in crate::report) column: Column,
}

impl RowSource for Beside {
    fn table(&self, rows: Range<usize>) -> Result<Table> {
        let mut table = self.others.table(rows.clone())?;
        table.columns.insert(self.at, sliced(&self.column, rows));
        Ok(table)
    }

    fn text_bytes(&self) -> usize {
        self.others.text_bytes() + text_bytes(&self.column)
    }
}

/// The rows of one table, and then those of another with the same columns.
#[derive(Debug)]
pub struct Stacked {
    pub(in crate::report) first: Arc<dyn RowSource>,
    /// Rows of the first.
    pub(in crate::report) rows: usize,
    pub(in crate::report) second: Arc<dyn RowSource>,
    /// Of each column whether both have the same list of terms. Other terms are text, in every range of rows alike.
    pub(in crate::report) is_listed: Vec<bool>,
}

impl RowSource for Stacked {
    fn table(&self, rows: Range<usize>) -> Result<Table> {
        let first = self.first.table(rows.start.min(self.rows)..rows.end.min(self.rows))?;
        let second = self.second.table(rows.start.max(self.rows) - self.rows..rows.end.max(self.rows) - self.rows)?;
        let columns = first.columns.into_iter().zip(second.columns).zip(&self.is_listed).map(|((one, other), is_listed)| {
            let values = match is_listed {
                true => one.values.followed_by(&other.values)?,
                false => one.values.in_words().followed_by(&other.values.in_words())?,
            };
            Ok(Column { values, ..one })
        });
        Table::new(rows.len(), columns.collect::<Result<_>>()?)
    }

    fn text_bytes(&self) -> usize {
        self.first.text_bytes() + self.second.text_bytes()
    }
}

/// The `rows` of a table, a range that lies within it.
///
/// # Errors
/// [`crate::error::Error::internal`] when the range does not lie within it.
pub fn part_of(table: &Table, rows: Range<usize>) -> Result<Table> {
    Table::new(rows.len(), table.columns.iter().map(|column| sliced(column, rows.clone())).collect())
}

fn sliced(column: &Column, rows: Range<usize>) -> Column {
    let values = column.values.slice(rows);
    Column {
        key: column.key.clone(),
        caption: column.caption.clone(),
        kind: column.kind,
        meaning: Arc::clone(&column.meaning),
        width_characters: column.width_characters,
        values,
    }
}

/// An upper bound of the bytes of a column's texts.
fn text_bytes(column: &Column) -> usize {
    match &column.values {
        Values::Text(cells) => cells.downcast_iter().map(|chunk| chunk.total_bytes_len()).sum(),
        Values::Terms { places, terms } => terms.iter().map(|term| term.caption.len()).max().unwrap_or(0) * places.len(),
        _ => 0,
    }
}
