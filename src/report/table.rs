//! A table for a reader: captions, kinds and cells, column by column.

use std::ops::Range;

use polars::prelude::{BooleanChunked, Int32Chunked, Int64Chunked, StringChunked};

use crate::domain::columns::ColumnType;
use crate::error::{Error, Result};

/// Columns of equal length.
#[derive(Debug, Clone)]
pub struct Table {
    /// Rows.
    pub rows: usize,
    /// The columns, in order.
    pub columns: Vec<Column>,
}

/// One column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// The snake_case key.
    pub key: String,
    /// The header a reader sees.
    pub caption: String,
    /// What it holds; fixes alignment, number format and guard in every format.
    pub kind: ColumnType,
    /// The width asked for, in characters of the body face.
    pub width_characters: f32,
    /// The cells.
    pub values: Values,
}

/// The cells of a column: one chunk each, null for an empty cell.
#[derive(Debug, Clone)]
pub enum Values {
    /// Text, as it is to be shown, without any guard.
    Text(StringChunked),
    /// Days since 1970-01-01.
    Date(Int32Chunked),
    /// Seconds since midnight.
    Time(Int32Chunked),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Instant(Int64Chunked),
    /// Whole numbers.
    Count(Int64Chunked),
    /// Yes or no.
    Bool(BooleanChunked),
}

impl Table {
    /// The table of `columns`, each of which has `rows` cells.
    ///
    /// # Errors
    /// [`Error::internal`] when one has more or fewer: an exporter would leave cells empty or rows out.
    pub fn new(rows: usize, columns: Vec<Column>) -> Result<Self> {
        match columns.iter().find(|column| column.values.len() != rows) {
            None => Ok(Self { rows, columns }),
            Some(column) => {
                let what = format!("column {} has {} cells for {rows} rows", column.key, column.values.len());
                Err(Error::internal("report", what))
            }
        }
    }
}

impl Column {
    /// The bytes of all its texts.
    pub fn text_bytes(&self) -> usize {
        match &self.values {
            Values::Text(values) => values.downcast_iter().map(|chunk| chunk.total_bytes_len()).sum(),
            _ => 0,
        }
    }
}

impl Values {
    /// How many cells there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Date(values) | Self::Time(values) => values.len(),
            Self::Instant(values) | Self::Count(values) => values.len(),
            Self::Bool(values) => values.len(),
        }
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells of `rows`, in the same memory.
    pub fn slice(&self, rows: Range<usize>) -> Self {
        let (first, count) = (rows.start as i64, rows.len());
        match self {
            Self::Text(values) => Self::Text(values.slice(first, count)),
            Self::Date(values) => Self::Date(values.slice(first, count)),
            Self::Time(values) => Self::Time(values.slice(first, count)),
            Self::Instant(values) => Self::Instant(values.slice(first, count)),
            Self::Count(values) => Self::Count(values.slice(first, count)),
            Self::Bool(values) => Self::Bool(values.slice(first, count)),
        }
    }
}
