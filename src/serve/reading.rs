//! The rows that somebody may see: classified rows with an index over them, kept until the inputs are read again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::classify::Classified;
use crate::classify::columns::{expression, values};
use crate::clock::AsOf;
use crate::domain::date::text::DateStyle;
use crate::error::Result;
use crate::export::Exporter;
use crate::history::{Changes, compare};
use crate::report::summary::{self, Summary};
use crate::report::template::Template;
use crate::report::words::Words;
use crate::report::{Report, SectionId, build};
use crate::select::index::Index;
use crate::select::names::Names;
use crate::select::page::Page;
use crate::select::{self, CheckedQuery, Query, Selection};
use crate::serve::reader_style::{Reader, ReaderStyle};
use crate::serve::view::View;

/// Selections that are kept: turning pages and exporting ask for the same one again. Each takes 4 bytes a row.
const KEPT_SELECTIONS: usize = 8;

/// The sections that a summary shows beside the counts.
const SUMMARY: [SectionId; 5] =
    [SectionId::Ageing, SectionId::RejectionsByReason, SectionId::RiskCounts, SectionId::DataQuality, SectionId::Changes];

/// What the rows of all scopes have in common: how they are shown, and when they were read.
pub struct Origin {
    /// Which reading of the inputs it is, from 1.
    pub number: u64,
    /// The report's template.
    pub template: Template,
    /// Who runs the porting team; empty where nobody is named.
    pub operator: String,
    /// The filters and the order where a page says nothing of them.
    pub query: Query,
    /// When the inputs were read.
    pub read_at: AsOf,
}

/// The rows that somebody may see, with an index over them.
pub struct Reading {
    /// Which reading of the inputs it is, from 1.
    pub number: u64,
    /// The report's template.
    pub template: Template,
    /// When the inputs were read.
    pub read_at: AsOf,
    classified: Arc<Classified>,
    /// The column and the values that all rows have, where they are not those of everybody.
    part: Option<(&'static str, String)>,
    /// The same of an earlier state, and its instant.
    previous: Option<(Arc<Classified>, AsOf)>,
    names: Names,
    usual: Query,
    accounts: Vec<(String, String)>,
    index: Index,
    kept: Mutex<VecDeque<Arc<KeptView>>>,
    operator: String,
}

/// The rows that were asked for, and their report, once it was asked for.
struct KeptView {
    query: Query,
    only_ready: bool,
    selection: Selection,
    changes: OnceLock<Option<Arc<Changes>>>,
    figures: OnceLock<Arc<Summary>>,
    summaries: Mutex<Vec<(Option<ReaderStyle>, Reported)>>,
    report: OnceLock<Reported>,
}

/// A report, and what became of its numbers since an earlier one.
pub type Reported = (Arc<Report>, Option<Arc<Changes>>);

/// What builds a report of rows in the words of a template, for an operator, since an earlier state.
type Build = fn(&Selection, &Template, &str, Option<&Changes>) -> Result<Report>;

/// An earlier state of the rows, and its instant.
pub type Previous = Option<(Arc<Classified>, AsOf)>;

impl Reading {
    /// The rows of `classified`, which are those of `origin`, or of that `part` of them, ready to be shown, and compared with those of
    /// `previous`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of(origin: &Origin, classified: &Arc<Classified>, part: Option<(&'static str, String)>, previous: Previous) -> Result<Self> {
        let Origin { number, template, operator, query, read_at } = origin;
        let template = template.clone().adapted(operator, classified.rules.spelling).for_rows_of(&classified.orders);
        Ok(Self {
            number: *number,
            names: template.names(),
            usual: query.clone().or(&template.query),
            template,
            read_at: *read_at,
            accounts: accounts(classified)?,
            index: Index::build(classified)?,
            classified: Arc::clone(classified),
            part,
            previous,
            kept: Mutex::default(),
            operator: operator.clone(),
        })
    }

    /// The rows.
    pub fn classified(&self) -> &Arc<Classified> {
        &self.classified
    }

    /// What columns and values are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The accounts, each with a company, by id.
    pub fn accounts(&self) -> &[(String, String)] {
        &self.accounts
    }

    /// All rows that `view` asks for, whatever its page.
    ///
    /// # Errors
    /// What is wrong with the filters.
    pub fn rows(&self, view: &View) -> Result<Selection> {
        self.kept_or_made(view.query(), view.is_on("ready")).map(|kept| kept.selection.clone())
    }

    /// Whether there is an earlier state to compare with.
    pub fn has_previous(&self) -> bool {
        self.previous.is_some()
    }

    /// The counts of all rows that `view` asks for, made once, and what became of their numbers since the earlier state, if there is one.
    ///
    /// # Errors
    /// As [`Reading::rows`].
    pub fn figures(&self, view: &View) -> Result<(Arc<Summary>, Option<Arc<Changes>>)> {
        let kept = self.kept_or_made(view.query(), view.is_on("ready"))?;
        let changes = self.changes(&kept)?;
        if let Some(figures) = kept.figures.get() {
            return Ok((Arc::clone(figures), changes));
        }
        let made = match kept.report.get() {
            Some((report, _)) => report.cover.figures.clone(),
            None => summary::count(&kept.selection)?,
        };
        Ok((Arc::clone(kept.figures.get_or_init(|| Arc::new(made))), changes))
    }

    /// As [`Reading::report`], with those of its sections alone that a summary shows, made once for each style.
    ///
    /// # Errors
    /// As [`Reading::rows`].
    pub fn summary(&self, view: &View, reader: Reader) -> Result<Reported> {
        let kept = self.kept_or_made(view.query(), view.is_on("ready"))?;
        let style = reader.0.filter(|style| !style.is_that_of(&self.template.words));
        if let Some(made) = kept.report.get().filter(|_| style.is_none()) {
            return Ok(made.clone());
        }
        let made = || kept.summaries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = made().iter().find(|(own, _)| *own == style) {
            return Ok(known.clone());
        }
        let mut template = self.template.clone().with_sections(&SUMMARY);
        template.words = self.words(reader);
        let summary = self.made(&kept, &template, build::build_summary)?;
        made().push((style, summary.clone()));
        Ok(summary)
    }

    /// The words of the report, with days and counts as `reader` is used to see them.
    pub fn words(&self, Reader(style): Reader) -> Words {
        let words = self.template.words.clone();
        match style {
            Some(style) => style.written(words),
            None => words,
        }
    }

    /// The report of all rows that `view` asks for, made once, and what became of their numbers since the earlier state, if there is one.
    ///
    /// # Errors
    /// As [`Reading::rows`].
    pub fn report(&self, view: &View) -> Result<Reported> {
        let kept = self.kept_or_made(view.query(), view.is_on("ready"))?;
        if let Some(report) = kept.report.get() {
            return Ok(report.clone());
        }
        let made = self.made(&kept, &self.template, build::build_since)?;
        Ok(kept.report.get_or_init(|| made).clone())
    }

    /// As [`Reading::report`], as a file of `format` says it: for programs, with ISO days in sentences, too.
    ///
    /// # Errors
    /// As [`Reading::rows`].
    pub fn report_for(&self, view: &View, format: &dyn Exporter) -> Result<Arc<Report>> {
        if !format.is_for_programs() || self.template.words.dates == DateStyle::Iso {
            return Ok(self.report(view)?.0);
        }
        let kept = self.kept_or_made(view.query(), view.is_on("ready"))?;
        Ok(self.made(&kept, &self.template.clone().with_iso_days(), build::build_since)?.0)
    }

    /// The report of the rows of `kept` in the words of `template`, as `build` builds it.
    fn made(&self, kept: &KeptView, template: &Template, build: Build) -> Result<Reported> {
        let changes = self.changes(kept)?;
        let report = build(&kept.selection, template, &self.operator, changes.as_deref())?;
        Ok((Arc::new(report), changes))
    }

    /// What became of the numbers of `kept` since the earlier state, made once.
    fn changes(&self, kept: &KeptView) -> Result<Option<Arc<Changes>>> {
        let Some((previous, since)) = &self.previous else { return Ok(None) };
        if let Some(changes) = kept.changes.get() {
            return Ok(changes.clone());
        }
        let then = select::select(previous, None, &CheckedQuery { page: None, ..kept.selection.query.clone() })?;
        let made = Arc::new(compare(&kept.selection, &then, *since)?);
        Ok(kept.changes.get_or_init(|| Some(made)).clone())
    }

    fn kept_or_made(&self, query: Query, only_ready: bool) -> Result<Arc<KeptView>> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept().iter().find(|known| (&known.query, known.only_ready) == (&query, only_ready)) {
            return Ok(Arc::clone(found));
        }
        let checked = CheckedQuery { only_ready, ..self.checked(query.clone().or(&self.usual))? };
        let found = select::select(self.classified(), Some(&self.index), &checked)?;
        let made = Arc::new(KeptView {
            query,
            only_ready,
            selection: found,
            changes: OnceLock::new(),
            figures: OnceLock::new(),
            summaries: Mutex::default(),
            report: OnceLock::new(),
        });
        let mut kept = kept();
        // The view without a filter is the first that everybody sees, and the costliest to count.
        let usual = kept.iter().rposition(|known| known.query == Query::default() && !known.only_ready);
        if kept.len() >= KEPT_SELECTIONS
            && let Some(last) = (0..kept.len()).rfind(|place| Some(*place) != usual)
        {
            kept.remove(last);
        }
        kept.push_front(Arc::clone(&made));
        Ok(made)
    }

    /// `query`, checked, of rows that may be a part of all there are, which their report then says.
    fn checked(&self, query: Query) -> Result<CheckedQuery> {
        Ok(CheckedQuery { part: self.part.clone(), ..query.check(&self.names)? })
    }

    /// Of these rows those that have the text that `view` seeks, in the same order.
    ///
    /// # Errors
    /// As [`Reading::rows`], and what is wrong with the text.
    pub fn rows_with(&self, view: &View) -> Result<Selection> {
        let mut query = view.query();
        let sought = view.one("seek").to_owned();
        if query.find.is_empty() {
            query.find.push(sought);
            return self.kept_or_made(query, view.is_on("ready")).map(|kept| kept.selection.clone());
        }
        // Both are found by the index, and come in one order.
        let all = self.rows(view)?;
        query.find = vec![sought];
        let mut has_it = vec![false; self.classified().frame().height()];
        let found = self.kept_or_made(query, view.is_on("ready"))?;
        found.selection.rows.iter().flatten().for_each(|row| has_it[row as usize] = true);
        let rows = all.rows.iter().flatten().filter(|row| has_it[*row as usize]).map(Some).collect();
        Ok(Selection { rows, ..all })
    }

    /// The rows of the number `wanted`, in E.164, in these columns.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn rows_of(&self, wanted: &str, columns: Vec<String>) -> Result<Selection> {
        let query = Query { where_sql: vec![format!("phone_number = '{wanted}'")], columns, ..Query::default() };
        select::select(self.classified(), Some(&self.index), &self.checked(query)?)
    }

    /// The page of rows that `view` asks for; the last one for a page past it.
    ///
    /// # Errors
    /// As [`Reading::rows`].
    pub fn page(&self, view: &View) -> Result<Selection> {
        let all = self.rows(view)?;
        let rows = all.rows.len() as u64;
        let last = rows.div_ceil(view.size).max(1);
        Ok(Selection { page: Some(Page::new(view.page.min(last), view.size, rows)?), ..all })
    }
}

/// The accounts of the rows, each with the company of its first row.
fn accounts(classified: &Classified) -> Result<Vec<(String, String)>> {
    let made = ["account_id", "account_company"].into_iter().filter_map(|key| expression(key, classified).map(|made| made.alias(key)));
    let frame = values(classified.frame(), None, made.collect())?;
    let Ok(ids) = frame.column("account_id") else { return Ok(Vec::new()) };
    let companies = frame.column("account_company").ok().map(|companies| companies.str()).transpose()?;
    let mut known = BTreeMap::new();
    for (row, id) in ids.str()?.iter().enumerate() {
        let company = || companies.and_then(|companies| companies.get(row)).unwrap_or_default().to_owned();
        if let Some(id) = id.filter(|id| !known.contains_key(*id)) {
            known.insert(id.to_owned(), company());
        }
    }
    Ok(known.into_iter().collect())
}
