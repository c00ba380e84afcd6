//! Which rows pass a query: by the index where it has an answer, else row by row, where somebody waits for it beside each other.

use polars::prelude::*;
use rayon::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::values;
use crate::error::Result;
use crate::select::filter::Filter;
use crate::select::find::Search;
use crate::select::index::Index;
use crate::select::query::CheckedQuery;
use crate::select::where_sql::SqlCondition;
use crate::select::{sort, where_sql};

/// Rows that a core asks at a time.
const PART_ROWS: usize = 65_536;

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
    let condition = conditions.into_iter().reduce(Expr::and);
    let asked = Asked { classified, condition, search, sql: &sql };
    rows = match index {
        // Somebody waits for it.
        Some(_) if asked.is_something() => asked.of_parts(rows)?,
        _ => asked.of(rows)?,
    };
    match index {
        Some(index) if !is_ordered && query.sort == sort::DEFAULT => rows.map(|rows| index.put_in_order(&rows)).transpose(),
        _ => Ok(rows),
    }
}

/// What is asked of each row.
struct Asked<'a> {
    classified: &'a Classified,
    condition: Option<Expr>,
    search: Option<Search<'a>>,
    sql: &'a [SqlCondition],
}

impl Asked<'_> {
    fn is_something(&self) -> bool {
        self.condition.is_some() || self.search.is_some() || !self.sql.is_empty()
    }

    /// Those of `rows` (all rows when `None`) that pass, in order; `None` for all.
    fn of(&self, mut rows: Option<IdxCa>) -> Result<Option<IdxCa>> {
        if let Some(condition) = &self.condition {
            let frame = values(self.classified.frame(), rows.as_ref(), vec![condition.clone().alias("passes")])?;
            rows = Some(kept(rows.as_ref(), frame.column("passes")?.bool()?)?);
        }
        if let Some(search) = &self.search {
            rows = Some(kept(rows.as_ref(), &search.mask(self.classified, rows.as_ref())?)?);
        }
        if let Some(mask) = where_sql::mask(self.sql, self.classified, rows.as_ref())? {
            rows = Some(kept(rows.as_ref(), &mask)?);
        }
        Ok(rows)
    }

    /// As [`Asked::of`], asked of parts of the rows beside each other.
    fn of_parts(&self, rows: Option<IdxCa>) -> Result<Option<IdxCa>> {
        let rows = rows.unwrap_or_else(|| (0..self.classified.frame().height() as IdxSize).map(Some).collect());
        let starts: Vec<usize> = (0..rows.len()).step_by(PART_ROWS).collect();
        let parts = starts.into_par_iter().map(|start| self.of(Some(rows.slice(start as i64, PART_ROWS))));
        let parts: Vec<Option<IdxCa>> = parts.collect::<Result<_>>()?;
        let passed = parts.iter().flatten().flat_map(|part| part.iter().flatten()).collect();
        Ok(Some(IdxCa::from_vec(PlSmallStr::EMPTY, passed)))
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
