//! A table whose cells are made when asked for, any range of rows of it, so that nobody holds more of a report than what is being written or shown.

use std::ops::Range;
use std::sync::Arc;

use polars::prelude::{DataFrame, DataType, Expr, IdxCa};

use crate::classify::Classified;
use crate::classify::columns::{expression, roots, values};
use crate::domain::columns::ColumnType;
use crate::error::Result;
use crate::report::table::{Column, Table, Values};
use crate::report::template::ColumnSpec;

/// A table whose cells are made when asked for.
#[derive(Debug, Clone)]
pub struct LazyTable {
    /// Rows.
    pub rows: usize,
    /// The columns, in order, without cells.
    pub columns: Vec<Column>,
    source: Source,
}

/// Where the cells of a table come from.
#[derive(Debug, Clone)]
enum Source {
    Table(Table),
    Selected(Selected),
}

/// Rows of a classification, by number and in order, with what makes the cells of each column.
#[derive(Debug, Clone)]
struct Selected {
    classified: Arc<Classified>,
    rows: IdxCa,
    specs: Vec<ColumnSpec>,
    expressions: Vec<Expr>,
}

impl LazyTable {
    /// The `rows` of a classification, by number and in order, in the columns that `specs` describe.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn selected(classified: &Arc<Classified>, rows: IdxCa, specs: Vec<ColumnSpec>) -> Result<Self> {
        let expressions = specs.iter().filter_map(|spec| expression(spec.key, classified)).collect();
        let selected = Selected { classified: Arc::clone(classified), rows, specs, expressions };
        Ok(Self { rows: selected.rows.len(), columns: selected.table(0..0)?.columns, source: Source::Selected(selected) })
    }

    /// The cells of `rows`, a range that lies within the table. Costs what these rows cost, however long the table is.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn table(&self, rows: Range<usize>) -> Result<Table> {
        match &self.source {
            Source::Table(table) => {
                let cells = |column: &Column| Column { values: column.values.slice(rows.clone()), ..column.clone() };
                Table::new(rows.len(), table.columns.iter().map(cells).collect())
            }
            Source::Selected(selected) => selected.table(rows),
        }
    }
}

impl LazyTable {
    /// An upper bound of the bytes that all texts of the table take, near enough to decide how much of it a file can hold.
    pub fn text_bytes(&self) -> usize {
        match &self.source {
            Source::Table(table) => table.columns.iter().map(Column::text_bytes).sum(),
            Source::Selected(selected) => selected.text_bytes(),
        }
    }
}

impl From<Table> for LazyTable {
    fn from(table: Table) -> Self {
        let head = |column: &Column| Column { values: column.values.slice(0..0), ..column.clone() };
        Self { rows: table.rows, columns: table.columns.iter().map(head).collect(), source: Source::Table(table) }
    }
}

impl Selected {
    fn table(&self, rows: Range<usize>) -> Result<Table> {
        let wanted = self.rows.slice(rows.start as i64, rows.len());
        let cells = values(self.classified.frame(), Some(&wanted), self.expressions.clone())?;
        Table::new(rows.len(), self.specs.iter().map(|spec| column(&cells, spec)).collect::<Result<_>>()?)
    }
}

/// Bytes of a text that is made from a number, such as the next action of a rule, at most.
const MADE_TEXT_BYTES: usize = 200;

impl Selected {
    /// A text is as long as those it is made from; of these all rows count, selected or not.
    fn text_bytes(&self) -> usize {
        let frame = self.classified.frame();
        let texts = self.specs.iter().zip(&self.expressions).filter(|(spec, _)| spec.kind.is_string());
        let sources = texts.flat_map(|(_, expression)| roots([expression]));
        let bytes = sources.map(|name| match frame.column(&name).and_then(|column| column.str()) {
            Ok(texts) => texts.downcast_iter().map(|chunk| chunk.total_bytes_len()).sum(),
            Err(_) => self.rows.len() * MADE_TEXT_BYTES,
        });
        bytes.sum()
    }
}

/// One column of a report from the cells of the same key, in one chunk.
///
/// # Errors
/// [`crate::error::Error::internal`] when the cells are not what the kind of the column says.
pub fn column(cells: &DataFrame, spec: &ColumnSpec) -> Result<Column> {
    let cells = cells.column(spec.key)?;
    let physical = |dtype: &DataType| cells.to_physical_repr().cast(dtype);
    let values = match spec.kind {
        ColumnType::Phone | ColumnType::Id | ColumnType::Text | ColumnType::Status | ColumnType::Choice => {
            Values::Text(cells.str()?.rechunk().into_owned())
        }
        ColumnType::Date => Values::Date(physical(&DataType::Int32)?.i32()?.rechunk().into_owned()),
        ColumnType::Time => Values::Time(physical(&DataType::Int32)?.i32()?.rechunk().into_owned()),
        ColumnType::Instant => Values::Instant(physical(&DataType::Int64)?.i64()?.rechunk().into_owned()),
        ColumnType::Bool => Values::Bool(cells.bool()?.rechunk().into_owned()),
        ColumnType::Count => Values::Count(physical(&DataType::Int64)?.i64()?.rechunk().into_owned()),
    };
    Ok(Column { key: spec.key.to_owned(), caption: spec.caption.clone(), kind: spec.kind, width_characters: spec.width, values })
}
