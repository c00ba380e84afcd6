//! The tables of a report: columns of equal length, typed cells, and cells of closed lists by code.

use std::sync::Arc;

use polars::prelude::*;

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
    /// What it means, for a reader; empty where that needs no words.
    pub meaning: Arc<str>,
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
    /// Terms of a closed list, by their place in `terms`.
    Terms {
        /// The places; null for an empty cell.
        places: UInt32Chunked,
        /// The list.
        terms: Arc<[Term]>,
    },
    /// Days since 1970-01-01.
    Date(Int32Chunked),
    /// Seconds since midnight.
    Time(Int32Chunked),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Instant(Int64Chunked),
    /// Whole numbers.
    Count(Int64Chunked),
    /// Parts of the whole, from 0 to 1.
    Share(Float64Chunked),
    /// Money, in hundredths of its unit.
    Amount(Int64Chunked),
}

/// One value of a closed list: the code that programs know it by, and the template's words for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Term {
    /// The key of the column that the list belongs to (`status`); empty for the words of a total.
    pub list: &'static str,
    /// The code; empty for a value that is not known.
    pub code: String,
    /// What a reader sees.
    pub caption: String,
    /// What it means, in a sentence or two; may be empty.
    pub meaning: String,
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

/// The width of a column that says nothing of it, in characters.
const WIDTH: f32 = 16.0;

impl Column {
    /// A column of no width of its own.
    pub fn new(key: &str, caption: &str, kind: ColumnType, values: Values) -> Self {
        Self { key: key.to_owned(), caption: caption.to_owned(), kind, meaning: Arc::default(), width_characters: WIDTH, values }
    }
}

impl Values {
    /// Cells, empty ones included.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Terms { places, .. } => places.len(),
            Self::Date(values) | Self::Time(values) => values.len(),
            Self::Instant(values) | Self::Count(values) | Self::Amount(values) => values.len(),
            Self::Share(values) => values.len(),
        }
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells of `rows`.
    #[must_use]
    pub fn slice(&self, rows: std::ops::Range<usize>) -> Self {
        let (start, length) = (rows.start as i64, rows.len());
        match self {
            Self::Text(values) => Self::Text(values.slice(start, length)),
            Self::Terms { places, terms } => Self::Terms { places: places.slice(start, length), terms: Arc::clone(terms) },
            Self::Date(values) => Self::Date(values.slice(start, length)),
            Self::Time(values) => Self::Time(values.slice(start, length)),
            Self::Instant(values) => Self::Instant(values.slice(start, length)),
            Self::Count(values) => Self::Count(values.slice(start, length)),
            Self::Share(values) => Self::Share(values.slice(start, length)),
            Self::Amount(values) => Self::Amount(values.slice(start, length)),
        }
    }

    /// These cells and then `others`, which are of the same kind and list.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn followed_by(&self, others: &Self) -> Result<Self> {
        let mut all = self.clone();
        match (&mut all, others) {
            (Self::Text(cells), Self::Text(others)) => cells.append(others)?,
            (Self::Terms { places, .. }, Self::Terms { places: others, .. }) => places.append(others)?,
            (Self::Date(cells) | Self::Time(cells), Self::Date(others) | Self::Time(others)) => cells.append(others)?,
            (Self::Instant(cells) | Self::Count(cells), Self::Instant(others) | Self::Count(others)) => cells.append(others)?,
            (Self::Share(cells), Self::Share(others)) => cells.append(others)?,
            (Self::Amount(cells), Self::Amount(others)) => cells.append(others)?,
            _ => return Err(Error::internal("report", "cells of two kinds in one column")),
        }
        Ok(all)
    }

    /// Whether both hold terms of one list, or neither holds terms.
    pub fn has_list_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Terms { terms, .. }, Self::Terms { terms: others, .. }) => terms == others,
            (Self::Terms { .. }, _) | (_, Self::Terms { .. }) => false,
            _ => true,
        }
    }

    /// The same cells, terms as the words for them.
    #[must_use]
    pub fn in_words(self) -> Self {
        match &self {
            Self::Terms { places, terms } => {
                Self::text(places.iter().map(|place| place.and_then(|place| terms.get(place as usize)).map(|term| term.caption.as_str())))
            }
            _ => self,
        }
    }

    /// The term in `row`, from 0; `None` for an empty cell and outside closed lists.
    pub fn term(&self, row: usize) -> Option<&Term> {
        match self {
            Self::Terms { places, terms } => terms.get(places.get(row)? as usize),
            _ => None,
        }
    }

    /// Text cells.
    pub fn text<T: AsRef<str>>(cells: impl IntoIterator<Item = Option<T>>) -> Self {
        Self::Text(StringChunked::from_iter_options(PlSmallStr::EMPTY, cells.into_iter()))
    }

    /// Cells of whole numbers.
    pub fn counts(cells: impl IntoIterator<Item = u64>) -> Self {
        Self::Count(Int64Chunked::from_iter_values(
            PlSmallStr::EMPTY,
            cells.into_iter().map(|count| i64::try_from(count).unwrap_or(i64::MAX)),
        ))
    }

    /// Cells of money, in hundredths of its unit.
    pub fn amounts(cells: impl IntoIterator<Item = i64>) -> Self {
        Self::Amount(Int64Chunked::from_iter_values(PlSmallStr::EMPTY, cells.into_iter()))
    }

    /// Cells of terms, by their places among `terms`.
    pub fn placed(places: impl IntoIterator<Item = u32>, terms: impl IntoIterator<Item = Term>) -> Self {
        Self::Terms { places: UInt32Chunked::from_iter_values(PlSmallStr::EMPTY, places.into_iter()), terms: terms.into_iter().collect() }
    }

    /// Cells of days since 1970-01-01.
    pub fn dates(cells: impl IntoIterator<Item = i32>) -> Self {
        Self::Date(Int32Chunked::from_iter_values(PlSmallStr::EMPTY, cells.into_iter()))
    }

    /// Cells of parts of the whole.
    pub fn shares(cells: impl IntoIterator<Item = Option<f64>>) -> Self {
        Self::Share(Float64Chunked::from_iter_options(PlSmallStr::EMPTY, cells.into_iter()))
    }

    /// Cells that hold each a term of their own.
    pub fn terms(cells: impl IntoIterator<Item = Term>) -> Self {
        let terms: Arc<[Term]> = cells.into_iter().collect();
        let places = UInt32Chunked::from_iter_values(PlSmallStr::EMPTY, 0..terms.len() as u32);
        Self::Terms { places, terms }
    }
}
