//! A report laid out on pages: its cover, its lists and its table, and whether it says what its parts are.

use std::collections::BTreeSet;

use crate::domain::paper::{PageSetUp, Paper};
use crate::error::Result;
use crate::export::Options;
use crate::export::exporter::PdfTags;
use crate::export::layout::column_widths::{grid, measures};
use crate::export::layout::fonts::Faces;
use crate::export::layout::pages::{PageArea, TableLayout};
use crate::export::layout::table_rows::TableRows;
use crate::export::pdf::lists::{self, ListSheets};
use crate::export::pdf::page_chrome::{PageChrome, Sheet};
use crate::export::pdf::static_content::StaticContent;
use crate::export::pdf::summary;
use crate::report::{Destination, Report};

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
    /// Whether its paper is wider than usual, for its many columns.
    pub is_wider: bool,
}

/// Columns that are never set in more than two bands.
const FEW_COLUMNS: usize = 24;
/// Bands of a row on the usual paper beyond which a wider one is taken.
const USUAL_BANDS: usize = 2;

/// The sheets that `rows` are set on, and whether they are wider than usual: only where no paper was asked for.
fn sheet_for(rows: &TableRows<'_>, report: &Report, options: &Options, faces: &Faces) -> Result<(Sheet, bool)> {
    let sheet = Sheet::of(report, options);
    if options.page.or(report.look.page).paper.is_some() || rows.columns().len() <= FEW_COLUMNS {
        return Ok((sheet, false));
    }
    let sample = rows.sample()?;
    let bands = grid(&sample, &measures(&sample, faces), faces, (sheet.left(), sheet.inner_width()), options.density(report)).bands;
    let wider = Options { page: PageSetUp { paper: Some(Paper::Tabloid), ..options.page }, ..options.clone() };
    Ok(if bands > USUAL_BANDS { (Sheet::of(report, &wider), true) } else { (sheet, false) })
}

impl<'a> Layout<'a> {
    /// Lays out `report` on the paper of `options`.
    ///
    /// # Errors
    /// As [`TableLayout::new`].
    pub fn new(report: &'a Report, options: &Options, faces: &Faces) -> Result<Self> {
        let rows = TableRows::new(report.numbers.clone(), &report.words)?;
        let (sheet, is_wider) = sheet_for(&rows, report, options, faces)?;
        let chrome = PageChrome::new(report, faces, sheet);
        let cover = summary::sheets(report, faces, &chrome);
        let lists = lists::lay_out(report, options, faces, &chrome)?;
        let (left, width, top, bottom) = (sheet.left(), sheet.inner_width(), chrome.top, chrome.bottom);
        let starts = report.status_starts.iter().flatten().copied();
        let led_to: BTreeSet<usize> = report.groups.iter().map(|group| group.1).chain(starts).collect();
        let led_to: Vec<usize> = led_to.into_iter().collect();
        let area = PageArea { left, width, top, next_top: top, bottom };
        let table = TableLayout::new(&rows, faces, area, options.density(report), &led_to)?;
        let is_tagged = options.pdf_tags != PdfTags::Never && rows.len() <= TAGGED_ROWS;
        Ok(Self { chrome, cover, lists, rows, table, is_tagged, is_wider })
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

    /// The page of `destination`, from 0, and how far down it is there, in points: the first page for what is not in the document.
    pub fn place_of(&self, destination: Destination) -> (usize, f32) {
        match destination {
            Destination::Row(row) => {
                let (page, top) = self.table.place_of(row);
                (self.before() + page, top)
            }
            Destination::List(id) => {
                let list = self.lists.iter().find(|list| list.id == id);
                list.map_or((0, 0.0), |list| (self.cover.len() + list.pages.start, list.top))
            }
        }
    }

    /// Pages before the table.
    pub fn before(&self) -> usize {
        self.cover.len() + self.lists.last().map_or(0, |list| list.pages.end)
    }
}
