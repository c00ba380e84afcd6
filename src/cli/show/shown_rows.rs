//! The rows that are shown: those selected, of them those with a text, and where a text is found.

use std::sync::Arc;

use polars::prelude::{BooleanChunked, ChunkFilter, IdxCa};

use crate::classify::Classified;
use crate::domain::date::text::DateStyle;
use crate::error::Result;
use crate::report::LazyTable;
use crate::report::rows::specs;
use crate::report::template::Template;
use crate::select::find::{Search, SearchTerm};
use crate::select::{CheckedQuery, Selection};

/// The rows that are shown.
pub struct ShownRows {
    classified: Arc<Classified>,
    template: Template,
    query: CheckedQuery,
    /// Those selected.
    all: IdxCa,
    /// Of these those that are shown.
    rows: IdxCa,
    table: LazyTable,
}

impl ShownRows {
    /// The rows of the page of `selection`, in the words of `template`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn new(selection: Selection, template: Template) -> Result<Self> {
        let all = selection.page_rows();
        let Selection { classified, query, .. } = selection;
        let table = table(&classified, &template, &query, all.clone())?;
        Ok(Self { classified, template, query, rows: all.clone(), all, table })
    }

    /// The table of the rows that are shown.
    pub fn table(&self) -> &LazyTable {
        &self.table
    }

    /// How days are shown.
    pub const fn dates(&self) -> DateStyle {
        self.template.words.dates
    }

    /// Shows those of the rows selected that have `text`, or all of them for an empty one.
    ///
    /// # Errors
    /// [`crate::error::Error::usage`] for a text that nothing can be found by.
    pub fn filter(&mut self, text: &str) -> Result<()> {
        self.rows = match text.trim().is_empty() {
            true => self.all.clone(),
            false => self.all.filter(&self.mask(text, &self.all)?)?,
        };
        self.table = table(&self.classified, &self.template, &self.query, self.rows.clone())?;
        Ok(())
    }

    /// Which of the rows that are shown have `text`, from 0 and in order.
    ///
    /// # Errors
    /// As [`ShownRows::filter`].
    pub fn find(&self, text: &str) -> Result<Vec<usize>> {
        let mask = self.mask(text, &self.rows)?;
        Ok(mask.iter().enumerate().filter(|(_, has_it)| *has_it == Some(true)).map(|(row, _)| row).collect())
    }

    fn mask(&self, text: &str, rows: &IdxCa) -> Result<BooleanChunked> {
        let terms = [SearchTerm::parse(text)?];
        Search { terms: &terms, names: &self.query.names, shown: &self.query.columns }.mask(&self.classified, Some(rows))
    }
}

fn table(classified: &Arc<Classified>, template: &Template, query: &CheckedQuery, rows: IdxCa) -> Result<LazyTable> {
    LazyTable::selected(classified, rows, specs(query.columns.iter().copied(), template, classified))
}
