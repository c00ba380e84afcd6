//! Which rows pass a query: by the index where it has an answer, else row by row.

use polars::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::values;
use crate::error::Result;
use crate::select::filter::Filter;
use crate::select::index::Index;
use crate::select::query::CheckedQuery;
use crate::select::{sort, where_sql};

/// The rows that the filter at `place` could not judge for want of a date, and that pass all others.
///
/// # Errors
/// Those of polars, which are bugs of ours; [`crate::error::Error::usage`] when a value of some row breaks a condition.
pub fn undated(classified: &Classified, index: Option<&Index>, query: &CheckedQuery, place: usize) -> Result<u64> {
    let Some(undated) = query.filters[place].undated() else { return Ok(0) };
    let mut query = query.clone();
    query.filters[place] = undated;
    Ok(passing(classified, index, &query)?.map_or(0, |rows| rows.len() as u64))
}

/// The rows that pass every filter; `None` when all do because nothing was asked. By an index and in the default order
/// they come in that order, else in the order of the frame.
///
/// # Errors
/// As [`undated`].
pub fn passing(classified: &Classified, index: Option<&Index>, query: &CheckedQuery) -> Result<Option<IdxCa>> {
    let mut rows = None;
    let ready = query.only_ready.then(|| classified.ready_to_assign());
    let mut conditions = query.filters.iter().map(Filter::condition).chain(ready).collect();
    let mut search = Some(query.search()).filter(|search| !search.terms.is_empty());
    let mut sql = query.conditions.clone();
    if let Some(index) = index {
        rows = index.narrow(classified, &mut conditions, &mut sql, search.take())?;
        if query.sort != sort::DEFAULT {
            // Rows that are equal in the order asked for keep the order of the input.
            rows = rows.map(|rows| rows.sort(false));
        }
    }
    let is_ordered = rows.is_some();
    if let Some(condition) = conditions.into_iter().reduce(Expr::and) {
        let frame = values(classified.frame(), rows.as_ref(), vec![condition.alias("passes")])?;
        rows = Some(kept(rows.as_ref(), frame.column("passes")?.bool()?)?);
    }
    if let Some(search) = search {
        rows = Some(kept(rows.as_ref(), &search.mask(classified, rows.as_ref())?)?);
    }
    if let Some(mask) = where_sql::mask(&sql, classified, rows.as_ref())? {
        rows = Some(kept(rows.as_ref(), &mask)?);
    }
    match index {
        Some(index) if !is_ordered && query.sort == sort::DEFAULT => rows.map(|rows| index.put_in_order(&rows)).transpose(),
        _ => Ok(rows),
    }
}

/// The rows for which `mask` says yes.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn kept(rows: Option<&IdxCa>, mask: &BooleanChunked) -> Result<IdxCa> {
    match rows {
        Some(rows) => Ok(rows.filter(mask)?),
        None => Ok(mask.iter().enumerate().filter(|(_, yes)| *yes == Some(true)).map(|(row, _)| Some(row as IdxSize)).collect()),
    }
}
