//! What a report says about itself: its lists, the names of its figures, and what its columns and words mean.

use crate::domain::columns::ColumnType;
use crate::domain::status::{Detail, Status};
use crate::report::named_figures;
use crate::report::section_spec::{SectionId, SectionSpec};
use crate::report::sections::SectionMaker;
use crate::report::table::{Column, Term, Values};
use crate::report::words::fill;

impl SectionMaker<'_> {
    /// The lists that stand in the first format of the section `spec`, where each stands there, and what it holds.
    pub(in crate::report) fn sheets(&self, spec: &SectionSpec) -> Vec<Column> {
        let Some(format) = spec.formats.keys().next() else { return Vec::new() };
        let is_there = |list: &&SectionSpec| list.id.is_list() && matches!(self.content(list), Ok(Some(_)));
        let lists: Vec<(&String, &SectionSpec)> =
            self.template.sections.iter().filter(is_there).filter_map(|list| Some((list.formats.get(format)?, list))).collect();
        let places = Values::text(lists.iter().map(|(place, _)| Some(place)));
        self.meanings(&spec.heading, places, lists.iter().map(|(_, list)| list.explanation.as_str()))
    }

    /// The names that formulas may use in the first format of the section `spec`; none where the counts are not there.
    pub(in crate::report) fn names(&self, spec: &SectionSpec) -> Vec<Column> {
        let Some(format) = spec.formats.keys().next() else { return Vec::new() };
        let place = |id: SectionId| self.template.sections.iter().find(|other| other.id == id)?.formats.get(format);
        let words = &self.template.words;
        let mut names = vec![(named_figures::AS_OF.to_owned(), words.name_as_of.clone())];
        if place(SectionId::ByStatus).is_some() {
            let of_status = |line: &(Option<Status>, u64, u64)| {
                let term = self.status(line.0);
                (named_figures::of_status(Some(&term)), fill(&words.name_of_status, &[("status", &term.caption)]))
            };
            names.push((named_figures::ALL.to_owned(), words.name_all_numbers.clone()));
            names.extend(self.figures.by_number_type.iter().map(of_status));
        }
        if let Some((sheet, column)) = place(SectionId::Numbers).zip(self.columns.first()) {
            let name = named_figures::of_table(SectionId::Numbers);
            let meaning = fill(&words.name_of_table, &[("sheet", sheet), ("name", &name), ("column", &column.caption)]);
            names.push((name, meaning));
        }
        let called = Values::text(names.iter().map(|(name, _)| Some(name)));
        self.meanings(&spec.heading, called, names.iter().map(|(_, meaning)| meaning.as_str()))
    }

    pub(in crate::report) fn columns(&self, heading: &str) -> Vec<Column> {
        let columns = self.columns;
        let captions = Values::text(columns.iter().map(|column| Some(&column.caption)));
        self.meanings(heading, captions, columns.iter().map(|column| column.meaning.as_str()))
    }

    pub(in crate::report) fn details(&self, heading: &str) -> Vec<Column> {
        let pattern = &self.template.words.detail_of_status;
        let details: Vec<(Term, Term)> =
            Detail::ALL.iter().map(|detail| (self.detail(Some(*detail)), self.status(Some(detail.status())))).collect();
        let caption = |(detail, status): &(Term, Term)| fill(pattern, &[("detail", &detail.caption), ("status", &status.caption)]);
        let captions = Values::text(details.iter().map(caption).map(Some));
        self.meanings(heading, captions, details.iter().map(|(detail, _)| detail.meaning.as_str()))
    }

    pub(in crate::report) fn glossary(&self, heading: &str, list: &str) -> Vec<Column> {
        let terms = self.template.terms.terms(list);
        self.meanings(heading, Values::terms(terms.iter().cloned()), terms.iter().map(|term| term.meaning.as_str()))
    }

    /// A table of words and what they mean. The heading of the section is that of the words.
    fn meanings<'t>(&self, heading: &str, words: Values, meanings: impl Iterator<Item = &'t str>) -> Vec<Column> {
        let meaning = Column::new("meaning", &self.template.words.meaning, ColumnType::Text, Values::text(meanings.map(Some)));
        vec![Column::new("term", heading, ColumnType::Text, words), meaning]
    }
}
