//! Which rows, in which order, on which page.

pub mod filter;
pub mod find;
pub mod index;
pub mod letters;
pub mod literals;
pub mod names;
pub mod page;
pub mod requests;
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
use crate::domain::record::{Field, NUMBER_TYPE};
use crate::domain::status::Status;
use crate::error::{Error, Place, Result};
use filter::{DateRange, Filter};
use find::{Search, SearchTerm};
use index::Index;
use names::Names;
use page::Page;
use sort::SortKey;
use where_sql::SqlCondition;

/// What a user asks for, in the user's words; [`Query::check`] reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// Account ids.
    pub accounts: Vec<String>,
    /// Statuses, by code or the report's words, in any case.
    pub statuses: Vec<String>,
    /// Detailed statuses, by code or the report's words, in any case.
    pub details: Vec<String>,
    /// `local` or `toll-free`.
    #[serde(alias = "classes")]
    pub number_types: Vec<String>,
    /// Partners, in any case.
    pub partners: Vec<String>,
    /// Request ids.
    pub requests: Vec<String>,
    /// Case numbers.
    pub cases: Vec<String>,
    /// Numbers in any spelling, dates, or texts in the report's columns or another column shown; one of them is enough.
    pub find: Vec<String>,
    /// `FROM..TO` for the day of creation, either side open.
    pub created: Option<String>,
    /// `FROM..TO` for the confirmed porting date.
    pub confirmed: Option<String>,
    /// `FROM..TO` for the estimated porting date.
    pub estimated: Option<String>,
    /// `FROM..TO` for the day on which a completed order closed.
    pub completed: Option<String>,
    /// `FROM..TO` for the day on which a canceled order closed.
    pub canceled: Option<String>,
    /// SQL conditions over the report's columns; a row meets all of them.
    pub where_sql: Vec<String>,
    /// Leaves out orders that closed before this day.
    pub closed_since: Option<String>,
    /// The columns shown, by key or caption, one or several a text (`status, detail`); those of the template when none is named.
    pub columns: Vec<String>,
    /// `COLUMN[:desc]`, one or several a text; the default order when none is named.
    pub sort: Vec<String>,
    /// The page, from 1.
    pub page: Option<u64>,
    /// Rows on a page.
    pub page_size: Option<u64>,
}

/// A query that was read and checked, before any row was.
#[derive(Debug, Clone)]
pub struct CheckedQuery {
    /// The filters by column.
    pub filters: Vec<Filter>,
    /// SQL conditions, all of them.
    pub conditions: Vec<SqlCondition>,
    /// The texts to find, one of them at least.
    pub terms: Vec<SearchTerm>,
    /// The keys of the columns shown, in order.
    pub columns: Vec<&'static str>,
    /// The order.
    pub sort: Vec<SortKey>,
    /// Page number and size.
    pub page: Option<(u64, u64)>,
    /// The words of the report, in which it is asked and searched.
    pub names: Arc<Names>,
    /// A column and what it holds, in words, in every row there is: said in the report, and nothing to filter by.
    pub part: Option<(&'static str, String)>,
}

impl CheckedQuery {
    /// What is to be found, and where.
    fn search(&self) -> Search<'_> {
        Search { terms: &self.terms, names: &self.names, shown: &self.columns }
    }
}

impl Query {
    /// What this asks for, and what `other` does of which this says nothing. Columns and pages are this one's.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let list = |own: Vec<String>, other: &Vec<String>| if own.is_empty() { other.clone() } else { own };
        let text = |own: Option<String>, other: &Option<String>| own.or_else(|| other.clone());
        Self {
            accounts: list(self.accounts, &other.accounts),
            statuses: list(self.statuses, &other.statuses),
            details: list(self.details, &other.details),
            number_types: list(self.number_types, &other.number_types),
            partners: list(self.partners, &other.partners),
            requests: list(self.requests, &other.requests),
            cases: list(self.cases, &other.cases),
            find: list(self.find, &other.find),
            created: text(self.created, &other.created),
            confirmed: text(self.confirmed, &other.confirmed),
            estimated: text(self.estimated, &other.estimated),
            completed: text(self.completed, &other.completed),
            canceled: text(self.canceled, &other.canceled),
            where_sql: list(self.where_sql, &other.where_sql),
            closed_since: text(self.closed_since, &other.closed_since),
            sort: list(self.sort, &other.sort),
            ..self
        }
    }

    /// Reads and checks everything that can be checked without rows.
    ///
    /// # Errors
    /// [`Error::usage`] that names the option, the word and the choices.
    pub fn check(&self, names: &Names) -> Result<CheckedQuery> {
        let filters = self.filters(names)?;
        let conditions = self.where_sql.iter().map(|sql| SqlCondition::parse(sql, names)).collect::<Result<Vec<_>>>()?;
        let terms = self.find.iter().map(|text| SearchTerm::parse(text)).collect::<Result<Vec<_>>>()?;
        let sort = if self.sort.is_empty() { sort::DEFAULT.to_vec() } else { sort::parse(&self.sort, names)? };
        let page = page::asked(self.page, self.page_size)?;
        Ok(CheckedQuery {
            filters,
            conditions,
            terms,
            columns: self.columns(names)?,
            sort,
            page,
            names: Arc::new(names.clone()),
            part: None,
        })
    }

    fn filters(&self, names: &Names) -> Result<Vec<Filter>> {
        let listed = [
            ("account_id", &self.accounts),
            ("status", &self.statuses),
            ("detail", &self.details),
            (NUMBER_TYPE, &self.number_types),
            ("partner", &self.partners),
            ("request_id", &self.requests),
            ("case_number", &self.cases),
        ];
        let listed = listed
            .into_iter()
            .filter(|(_, words)| !words.is_empty())
            .map(|(key, words)| Ok(Filter::OneOf(key, words.iter().map(|word| filter::word(key, word, names)).collect::<Result<_>>()?)));
        let dated = [
            ("created_date", "created", &self.created),
            ("confirmed_date", "confirmed", &self.confirmed),
            ("estimated_date", "estimated", &self.estimated),
        ];
        let dated = dated
            .into_iter()
            .filter_map(|(key, option, text)| Some(DateRange::parse(option, text.as_ref()?).map(|range| Filter::Within(key, range))));
        let closing = [(Status::Completed, "completed", &self.completed), (Status::Canceled, "canceled", &self.canceled)];
        let closing = closing
            .into_iter()
            .filter_map(|(status, option, text)| Some(DateRange::parse(option, text.as_ref()?).map(|range| Filter::Closed(status, range))));
        let closed = self.closed_since.iter().map(|text| Ok(Filter::ClosedSince(filter::date("closed_since", text)?)));
        listed.chain(dated).chain(closing).chain(closed).collect()
    }

    fn columns(&self, names: &Names) -> Result<Vec<&'static str>> {
        if self.columns.is_empty() {
            return Ok(names.defaults.clone());
        }
        let columns = Names::list("columns", &self.columns, |piece| Ok(names.find(piece)))?;
        match columns.iter().enumerate().find(|(place, key)| columns[..*place].contains(key)) {
            Some((_, key)) => {
                Err(Error::usage(Place::option("columns"), format!("column '{key}' is named twice"), "name each column once"))
            }
            None => Ok(columns),
        }
    }
}

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
        _ => sort::order(classified, passed.as_ref(), &query.sort)?,
    };
    Ok(Selection {
        page: query.page.map(|(number, size)| Page::new(number, size, rows.len() as u64)).transpose()?,
        rows,
        query: query.clone(),
        filtered_out,
        undated: query.filters.iter().enumerate().map(|(place, _)| undated(classified, query, place)).collect::<Result<_>>()?,
        classified: Arc::clone(classified),
        rolled_up: None,
    })
}

/// The rows that the filter at `place` could not judge for want of a date, and that pass all others.
fn undated(classified: &Classified, query: &CheckedQuery, place: usize) -> Result<u64> {
    let Some(undated) = query.filters[place].undated() else { return Ok(0) };
    let mut query = query.clone();
    query.filters[place] = undated;
    Ok(passing(classified, None, &query)?.map_or(0, |rows| rows.len() as u64))
}

/// The rows that pass every filter; `None` when all do because nothing was asked. By an index and in the default order
/// they come in that order, else in the order of the frame.
fn passing(classified: &Classified, index: Option<&Index>, query: &CheckedQuery) -> Result<Option<IdxCa>> {
    let (mut rows, mut conditions) = (None, query.filters.iter().map(Filter::condition).collect());
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
fn kept(rows: Option<&IdxCa>, mask: &BooleanChunked) -> Result<IdxCa> {
    match rows {
        Some(rows) => Ok(rows.filter(mask)?),
        None => Ok(mask.iter().enumerate().filter(|(_, yes)| *yes == Some(true)).map(|(row, _)| Some(row as IdxSize)).collect()),
    }
}
