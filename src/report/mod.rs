//! The report as plain data for a reader: a cover and an ordered list of sections, in the words of a template. The rows of long tables are made when asked for.

pub mod about;
pub mod ages;
pub mod amounts;
pub mod breakdowns;
pub mod build;
pub mod changes;
pub mod deflate;
pub mod destination;
pub mod first_rows;
pub mod forecast;
pub mod glossary;
pub mod lists;
pub mod logo;
pub mod look;
pub mod named_figures;
pub mod palette;
pub mod png;
pub mod query_text;
pub mod risks;
pub mod row_facts;
pub mod row_source;
pub mod rows;
pub mod section_spec;
pub mod sections;
pub mod style;
pub mod summary;
pub mod table;
pub mod template;
pub mod template_layer;
pub mod template_position;
pub mod template_schema;
pub mod volumes;
pub mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::AsOf;
use crate::domain::status::Status;
pub use crate::report::destination::Destination;
use crate::report::look::Look;
pub use crate::report::rows::LazyTable;
pub use crate::report::section_spec::SectionId;
pub use crate::report::table::{Column, Table, Term, Values};
use crate::report::words::{Words, fill};
pub use crate::select::page::Page;

/// A finished report: what every exporter gets, and all it gets. It is made anew from a selection, never stored.
#[derive(Debug, Clone)]
pub struct Report {
    /// What it is.
    pub cover: Cover,
    /// What it holds, in order.
    pub sections: Vec<Section>,
    /// The rows of [`Content::Numbers`]: one a number and request.
    pub numbers: LazyTable,
    /// Runs of equal status (under another sort, of its first key) in `numbers`: label and first row.
    pub groups: Vec<(String, usize)>,
    /// By the place of a status in [`style::STATUSES`], the first row in `numbers` that has it.
    pub status_starts: [Option<usize>; style::STATUSES.len()],
    /// Rows of a list that pages show at most.
    pub rows_on_pages: usize,
    /// How it looks.
    pub look: Look,
    /// The words that belong to no section.
    pub words: Words,
    /// The language of all words, as in `en-US`.
    pub language: String,
    /// Which of several files this is; `None` where one holds the whole report.
    pub volume: Option<Volume>,
}

/// One of the files of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Which one, from 0.
    pub place: usize,
    /// The first of its rows among those of the report, from 0.
    pub first: usize,
    /// The names of all files, in order.
    pub files: Arc<[String]>,
}

/// What a report is and what it was made from.
#[derive(Debug, Clone)]
pub struct Cover {
    /// `Partner Number Port Status Report`.
    pub title: String,
    /// Who operates the porting team; empty where that is not said.
    pub operator: String,
    /// The instant the report speaks of.
    pub as_of: AsOf,
    /// The filters it was made with, one sentence each; empty for none.
    pub filters: Vec<String>,
    /// The order of the rows, one sentence.
    pub order: String,
    /// Which page of how many, when paging was asked for.
    pub page: Option<Page>,
    /// The oldest change among the rows selected; empty where no input tells.
    pub oldest_change: String,
    /// The names of the inputs, each with its newest change where it tells.
    pub sources: Vec<String>,
    /// The confidentiality notice: one line for every page.
    pub notice: String,
    /// The counts, of all rows selected, whatever the page.
    pub figures: summary::Summary,
}

/// A part of a report under a heading of its own.
#[derive(Debug, Clone)]
pub struct Section {
    /// Which part it is.
    pub id: SectionId,
    /// Its heading.
    pub heading: String,
    /// What a reader has to know of it, one sentence; for a series, what the picture shows. May be empty.
    pub explanation: String,
    /// The status whose colour it has.
    pub accent: Option<Status>,
    /// Where it stands, by format; the formats that are not named leave it out.
    pub places: BTreeMap<String, String>,
    /// What it holds.
    pub content: Content,
}

/// What a section holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// The numbers: [`Report::numbers`].
    Numbers,
    /// A list of numbers, one a row.
    Rows(LazyTable),
    /// A small table to be read whole; its last `totals` rows are totals.
    Table {
        /// The table, totals included.
        table: Table,
        /// How many of its rows are totals.
        totals: usize,
    },
    /// Counts to be drawn.
    Series(Series),
    /// Sentences, a paragraph each.
    Text(Vec<String>),
}

/// Counts to be drawn as bars.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// How they are drawn.
    pub shape: Shape,
    /// The section whose table has the same figures.
    pub table: SectionId,
    /// The column of that table, from 0, that has the labels.
    pub label_column: usize,
    /// The counts, in order.
    pub points: Vec<Point>,
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Bars below each other, each in the colour of its term.
    Bars,
    /// Columns side by side, all in the accent of the section.
    Columns,
    /// Bars below each other, each divided by the other counts of its row where a format can show them.
    Stacked,
}

/// One count of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// What is counted.
    pub label: Term,
    /// How many.
    pub count: u64,
    /// What else there is to say of it.
    pub note: String,
}

impl Point {
    /// The largest count of `points`, at least 1: what the longest bar stands for.
    pub fn most(points: &[Self]) -> u64 {
        points.iter().map(|point| point.count).max().unwrap_or(0).max(1)
    }
}

/// A line of the cover: a label and what it says, one value or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The label.
    pub label: String,
    /// The values.
    pub values: Vec<String>,
}

impl Section {
    /// Where it stands in `format`; `None` where the format leaves it out.
    pub fn place(&self, format: &str) -> Option<&str> {
        self.places.get(format).map(String::as_str)
    }
}

impl Report {
    /// The lines of the cover, each of which says something.
    pub fn facts(&self) -> Vec<Fact> {
        let (words, cover) = (&self.words, &self.cover);
        let page = cover.page.map(|page| {
            let values = [("page", page.number), ("pages", page.of), ("size", page.size), ("rows", page.rows)];
            let values = values.map(|(name, count)| (name, words.thousands(count)));
            fill(&words.page_of_selection, &values.each_ref().map(|(name, count)| (*name, count.as_str())))
        });
        let rows = if self.numbers.rows == 0 { words.no_rows.clone() } else { words.thousands(self.numbers.rows as u64) };
        let filters = if cover.filters.is_empty() { vec![words.no_filters.clone()] } else { cover.filters.clone() };
        let facts = [
            (&words.as_of, vec![words.instant(cover.as_of)]),
            (&words.oldest_change, vec![cover.oldest_change.clone()]),
            (&words.operator, vec![cover.operator.clone()]),
            (&words.filters, filters),
            (&words.order, vec![cover.order.clone()]),
            (&words.page, page.into_iter().collect()),
            (&words.rows, vec![rows]),
            (&words.source_files, cover.sources.clone()),
        ];
        let facts = facts.into_iter().map(|(label, values)| Fact { label: label.clone(), values });
        facts.filter(|fact| fact.values.iter().any(|value| !value.is_empty())).collect()
    }

    /// The filters in one sentence.
    pub fn filters(&self) -> String {
        if self.cover.filters.is_empty() { self.words.no_filters.clone() } else { self.cover.filters.join("; ") }
    }

    /// The instant in a line of its own.
    pub fn as_of_line(&self) -> String {
        fill(&self.words.as_of_line, &[("instant", &self.words.instant(self.cover.as_of))])
    }

    /// What the document's properties say of its subject.
    pub fn subject(&self) -> String {
        fill(&self.words.subject, &[("instant", &self.words.instant(self.cover.as_of)), ("filters", &self.filters())])
    }

    /// The rows of `section`, one of this report's, if it is a list.
    pub fn list<'a>(&'a self, section: &'a Section) -> Option<&'a LazyTable> {
        match &section.content {
            Content::Numbers => Some(&self.numbers),
            Content::Rows(table) => Some(table),
            _ => None,
        }
    }

    /// The section called so, if the report has it.
    pub fn section(&self, id: SectionId) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == id)
    }
}
