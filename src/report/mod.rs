//! The report as plain data for a reader: titles, counts, sections, and tables whose rows are made when asked for. No I/O.

pub mod build;
pub mod glossary;
pub mod lists;
pub mod rows;
pub mod style;
pub mod summary;
pub mod table;
pub mod template;

use crate::clock::AsOf;
pub use crate::report::rows::LazyTable;
pub use crate::report::table::{Column, Table, Values};
pub use crate::select::page::Page;

/// A finished report: what every exporter gets, and all it gets.
#[derive(Debug, Clone)]
pub struct Report {
    /// `Partner Number Port Status Report`.
    pub title: String,
    /// Who operates the porting team; a setting.
    pub operator: String,
    /// The instant the report speaks of.
    pub as_of: AsOf,
    /// The filters it was made with, one sentence each; empty for none.
    pub filters: Vec<String>,
    /// The order of the rows, one sentence.
    pub order: String,
    /// Which page of how many, when paging was asked for.
    pub page: Option<Page>,
    /// The confidentiality notice: one line for every page.
    pub notice: String,
    /// The whole notice with the caveats, one paragraph each, for the about sheet and the first page.
    pub caveats: Vec<String>,
    /// The counts.
    pub summary: summary::Summary,
    /// The numbers: one row a number and request.
    pub numbers: LazyTable,
    /// Runs of equal status (under another sort, of its first key) in `numbers`: label and first row.
    pub groups: Vec<(String, usize)>,
    /// Numbers ready to be assigned, or why there is no such list.
    pub assign_now: Section,
    /// Numbers that wait for the partner, or why there is no such list.
    pub needs_you: Section,
    /// What each column and each status means: group, term, meaning.
    pub glossary: Vec<[String; 3]>,
    /// The names of the inputs the report was made from.
    pub inputs: Vec<String>,
}

/// A table of its own, or one sentence in its place.
#[derive(Debug, Clone)]
pub enum Section {
    /// A table.
    Table(LazyTable),
    /// Why there is none.
    Absent(String),
}
