//! The cells of a column made ready to be searched many times.

use polars::prelude::*;

use crate::domain::columns::{ColumnDef, ColumnType};
use crate::error::Result;
use crate::select::find::{Search, worded};
use crate::select::folded_texts::FoldedTexts;
use crate::select::packed_numbers::PackedNumbers;

/// The cells of a column, of one row each.
#[derive(Debug, Clone)]
pub enum SearchedCells {
    /// Texts; for days, also which days they are.
    Texts(FoldedTexts, Option<Int32Chunked>),
    /// Phone numbers.
    Numbers(PackedNumbers),
    /// Words of lists, and flags.
    Listed(Column),
}

impl SearchedCells {
    /// Makes `cells` of column `known`, which are those of [`crate::select::find::cells`], ready.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of(cells: &Column, known: &ColumnDef) -> Result<Self> {
        if let Ok(texts) = cells.str() {
            let packed = (known.column_type == ColumnType::Phone).then(|| PackedNumbers::of(texts.iter())).flatten();
            return Ok(match packed {
                Some(numbers) => Self::Numbers(numbers),
                // A number may be found by other digits than it has, and a word of a list by those of the report.
                None if known.column_type == ColumnType::Phone || !known.choices.is_empty() => Self::Listed(cells.clone()),
                None => Self::Texts(FoldedTexts::of(texts.iter()), None),
            });
        }
        if cells.bool().is_ok() || !known.choices.is_empty() {
            return Ok(Self::Listed(cells.clone()));
        }
        let numbers = cells.to_physical_repr().cast(&DataType::Int64)?;
        let text = |number: i64| worded(number, known.column_type).concat();
        let texts = FoldedTexts::of(numbers.i64()?.iter().map(|number| number.map(text)));
        let days = (known.column_type == ColumnType::Date).then(|| Ok::<_, PolarsError>(cells.to_physical_repr().i32()?.clone()));
        Ok(Self::Texts(texts, days.transpose()?))
    }

    /// Marks in `found`, which has a place for each, those that hold any of the terms of `search`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn mark(&self, search: &Search<'_>, known: &ColumnDef, found: &mut [bool]) -> Result<()> {
        match self {
            Self::Listed(cells) => return search.mark_cells(cells, known, found),
            Self::Numbers(numbers) => numbers.mark(search.terms, found),
            Self::Texts(texts, days) => {
                for term in search.terms {
                    texts.mark(&term.folded, found);
                    if let Some(days) = days.as_ref().filter(|_| !term.days.is_empty()) {
                        found
                            .iter_mut()
                            .zip(days.iter())
                            .for_each(|(found, day)| *found |= day.is_some_and(|day| term.days.contains(&day)));
                    }
                }
            }
        }
        Ok(())
    }
}
