//! Which rows, in which order, on which page.

pub mod filter;
pub mod find;
pub mod folded_texts;
mod grouping;
pub mod index;
mod index_order;
pub mod letters;
pub mod literals;
pub mod names;
pub mod packed_numbers;
pub mod page;
mod passing;
mod query;
pub mod requests;
mod searched_cells;
pub mod sort;
pub mod sql_calls;
mod sql_depth;
pub mod sql_expr;
pub mod sql_like;
pub mod sql_part;
pub mod sql_values;
pub mod unmatched;
pub mod where_sql;

use std::sync::Arc;

use polars::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::values;
use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use filter::Filter;
use index::Index;
use page::Page;
use passing::{kept, passing, undated};
pub use query::{CheckedQuery, Query};
use where_sql::SqlCondition;

/// The rows that pass, as indices into the classified frame in final order.
#[derive(Debug, Clone)]
pub struct Selection {
    /// What was selected from.
    pub classified: Arc<Classified>,
    /// Every row that passes, in order, before paging.
    pub rows: IdxCa,
    /// The page asked for, if any.
    pub page: Option<Page>,
    /// What was asked for.
    pub query: CheckedQuery,
    /// Rows that did not pass the filters, counted before the others were sorted.
    pub filtered_out: u64,
    /// By the place of a filter, how many rows it could not judge for want of a date; the others passed all other filters.
    pub undated: Vec<u64>,
    /// What the rows were rolled up from, if each is a request.
    pub rolled_up: Option<RolledUpFrom>,
}

/// The numbers that a selection of requests was rolled up from.
#[derive(Debug, Clone)]
pub struct RolledUpFrom {
    /// All numbers, selected or not.
    pub numbers: Arc<Classified>,
    /// How many of them are in no row of their own, since another stands for their request.
    pub others: u64,
}

impl Selection {
    /// The classified numbers, also where the rows are requests.
    pub fn numbers(&self) -> &Arc<Classified> {
        self.rolled_up.as_ref().map_or(&self.classified, |from| &from.numbers)
    }

    /// The rows of the page, or all rows when no page was asked for.
    pub fn page_rows(&self) -> IdxCa {
        match &self.page {
            None => self.rows.clone(),
            Some(page) => {
                let range = page.range();
                self.rows.slice(range.start as i64, range.len())
            }
        }
    }

    /// Page `number` (from 1) of the same rows, which are shared; all of them when no page was asked for.
    ///
    /// # Errors
    /// [`Error::usage`] that names the last page when `number` is past it.
    pub fn turn_to(&self, number: u64) -> Result<Self> {
        let page = self.page.map(|page| Page::new(number, page.size, page.rows)).transpose()?;
        Ok(Self { page, ..self.clone() })
    }

    /// Those of the rows selected, before paging, that meet `condition` over the classified frame, in order.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn meeting(&self, condition: Expr) -> Result<IdxCa> {
        let frame = self.classified.frame();
        // Few rows are gathered; for many it is quicker to ask all there are, in the order of the frame.
        let few = (self.rows.len() * 8 < frame.height()).then_some(&self.rows);
        let answers = values(frame, few, vec![condition.alias("meets")])?;
        let answers = answers.column("meets")?.bool()?;
        if few.is_some() {
            return kept(few, answers);
        }
        let answers = answers.rechunk();
        Ok(self.rows.iter().flatten().filter(|row| answers.get(*row as usize) == Some(true)).map(Some).collect())
    }

    /// Rows that passed and lie on other pages.
    pub fn on_other_pages(&self) -> u64 {
        self.page.map_or(0, |page| page.rows - page.range().len() as u64)
    }
}

/// Filters, sorts and pages. The classification is shared, not consumed: many selections are made from one.
/// By an `index` of it, if there is one, the same selection is made sooner.
///
/// # Errors
/// [`Error::usage`] when the query asks for partners where no input names any, or for a page past the end.
pub fn select(classified: &Arc<Classified>, index: Option<&Index>, query: &CheckedQuery) -> Result<Selection> {
    let by_partner = query.filters.iter().any(|filter| matches!(filter, Filter::OneOf("partner", _)));
    if by_partner && !classified.orders.present.contains(&Field::Partner) {
        return Err(Error::usage(
            Place::option("partner"),
            "no input says which partner an account belongs to",
            "add a partner column, or a file that maps accounts to partners",
        )
        .with_remedy(Place::option("accounts")));
    }
    if let Some(key) = query.conditions.iter().filter_map(SqlCondition::derived).find(|key| !classified.frame().has(key)) {
        let what = format!("column '{}' cannot choose the numbers of this report", query.names.caption(key));
        return Err(Error::usage(
            Place::option("where"),
            what,
            "ask of a column of the numbers, or, of a request, in a report of requests",
        ));
    }
    let passed = passing(classified, index, query)?;
    let filtered_out = passed.as_ref().map_or(0, |passed| classified.frame().height() - passed.len()) as u64;
    let rows = match index {
        Some(index) if query.sort == sort::DEFAULT => passed.unwrap_or_else(|| index.order.clone()),
        Some(index) => match index_order::order(index, classified, passed.as_ref(), &query.sort)? {
            Some(rows) => rows,
            None => sort::order(classified, passed.as_ref(), &query.sort)?,
        },
        None => sort::order(classified, passed.as_ref(), &query.sort)?,
    };
    Ok(Selection {
        page: query.page.map(|(number, size)| Page::new(number, size, rows.len() as u64)).transpose()?,
        rows,
        query: query.clone(),
        filtered_out,
        undated: query.filters.iter().enumerate().map(|(place, _)| undated(classified, index, query, place)).collect::<Result<_>>()?,
        classified: Arc::clone(classified),
        rolled_up: None,
    })
}
