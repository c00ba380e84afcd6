//! What is asked of the rows: in the words of a user, and read and checked before any row is.

use std::sync::Arc;

use crate::domain::record::NUMBER_TYPE;
use crate::domain::status::Status;
use crate::error::{Error, Place, Result};
use crate::select::filter::{self, DateRange, Filter};
use crate::select::find::{Search, SearchTerm};
use crate::select::names::Names;
use crate::select::page;
use crate::select::sort::{self, SortKey};
use crate::select::where_sql::SqlCondition;

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
    /// Whether it is for numbers alone that are ready to be assigned: nothing that a [`Query`] asks for.
    pub only_ready: bool,
    /// The words of the report, in which it is asked and searched.
    pub names: Arc<Names>,
    /// A column and what it holds, in words, in every row there is: said in the report, and nothing to filter by.
    pub part: Option<(&'static str, String)>,
}

impl CheckedQuery {
    /// What is to be found, and where.
    pub(in crate::select) fn search(&self) -> Search<'_> {
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
            only_ready: false,
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
