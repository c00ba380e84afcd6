//! A report laid out on pages: its cover, its lists and its table, and whether it says what its parts are.

use crate::error::Result;
use crate::export::Options;
use crate::export::exporter::PdfTags;
use crate::export::layout::fonts::Faces;
use crate::export::layout::pages::{PageArea, TableLayout};
use crate::export::layout::table_rows::TableRows;
use crate::export::pdf::lists::{self, ListSheets};
use crate::export::pdf::page_chrome::{PageChrome, Sheet};
use crate::export::pdf::static_content::StaticContent;
use crate::export::pdf::summary;
use crate::report::Report;

/// Rows of the numbers up to which a document says what its parts are: 4.0 MB of them, 0.5 MB without.
pub const TAGGED_ROWS: usize = 10_000;

/// A report on pages: the cover, then the lists, then the table, all in the same chrome.
pub struct Layout<'a> {
    /// What surrounds every page.
    pub chrome: PageChrome,
    /// The first pages.
    pub cover: Vec<StaticContent>,
    /// The lists.
    pub lists: Vec<ListSheets<'a>>,
    /// The rows of the table.
    pub rows: TableRows<'a>,
    /// The table, which comes last.
    pub table: TableLayout,
    /// Whether pieces of pages are marked with what they are.
    pub is_tagged: bool,
}

impl<'a> Layout<'a> {
    /// Lays out `report` on the paper of `options`.
    ///
    /// # Errors
    /// As [`TableLayout::new`].
    pub fn new(report: &'a Report, options: &Options, faces: &Faces) -> Result<Self> {
        let sheet = Sheet::of(options);
        let chrome = PageChrome::new(report, faces, sheet);
        let cover = summary::sheets(report, faces, &chrome);
        let lists = lists::lay_out(report, faces, &chrome)?;
        let (left, width, top, bottom) = (sheet.left(), sheet.inner_width(), chrome.top, chrome.bottom);
        let rows = TableRows::new(report.numbers.clone(), &report.words)?;
        let groups: Vec<usize> = report.groups.iter().map(|group| group.1).collect();
        let table = TableLayout::new(&rows, faces, PageArea { left, width, top, next_top: top, bottom }, &groups)?;
        let is_tagged = options.pdf_tags != PdfTags::Never && rows.len() <= TAGGED_ROWS;
        Ok(Self { chrome, cover, lists, rows, table, is_tagged })
    }

    /// All pages.
    pub fn pages(&self) -> usize {
        self.before() + self.table.pages()
    }

    /// Columns and rows of each long table, in reading order.
    pub fn long_tables(&self) -> Vec<(usize, usize)> {
        let tables = self.lists.iter().map(|list| &list.rows).chain([&self.rows]);
        tables.map(|rows| (rows.columns().len(), rows.len())).collect()
    }

    /// Pages before the table.
    pub fn before(&self) -> usize {
        self.cover.len() + self.lists.last().map_or(0, |list| list.pages.end)
    }
}
