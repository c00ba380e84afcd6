//! Lays out the lists that stand on pages of their own before the numbers: of each its first rows, and how many more there are. Short lists share a page.

use std::ops::Range;

use crate::error::Result;
use crate::export::Options;
use crate::export::layout::fonts::Faces;
use crate::export::layout::pages::{PageArea, TableLayout};
use crate::export::layout::table_rows::TableRows;
use crate::export::mail::MailLink;
use crate::export::pdf::blocks;
use crate::export::pdf::content::Content as PageContent;
use crate::export::pdf::page_chrome::PageChrome;
use crate::export::pdf::static_content::StaticContent;
use crate::export::pdf::table::{self, Drawn, LongTable};
use crate::report::words::fill;
use crate::report::{Content, LazyTable, Report, Section, SectionId};

/// The place of a list.
pub const PLACE: &str = "list";
/// Between two lists on a page.
const GAP: f32 = 14.0;
/// A list begins below another only where this many points are left, and so many rows of it, if it does not end there.
const LEAST_HEIGHT: f32 = 90.0;
const LEAST_ROWS: usize = 6;

/// A list as it lies on pages.
pub struct ListSheets<'a> {
    /// Which section it is.
    pub id: SectionId,
    /// Its heading, for bookmarks.
    pub heading: String,
    /// Its rows on pages.
    pub rows: TableRows<'a>,
    /// Where they are.
    pub layout: TableLayout,
    /// The pages, from 0 among those of all lists.
    pub pages: Range<usize>,
    /// The upper edge of its heading.
    pub top: f32,
    /// Heading and captions of its first page, and of its others.
    pub sheets: [StaticContent; 2],
    /// Where its rows lead.
    mail: Option<MailLink<'a>>,
}

impl ListSheets<'_> {
    /// Draws what is on `page`, from 0 among those of all lists, of which this is list number `index`.
    ///
    /// # Errors
    /// Those of the table.
    pub fn draw_page(&self, content: &mut PageContent, faces: &Faces, index: usize, page: usize) -> Result<Drawn> {
        if !self.pages.contains(&page) {
            return Ok(Drawn::default());
        }
        let page = page - self.pages.start;
        self.sheets[page.min(1)].draw(content, faces);
        let block = self.rows.block(self.layout.rows_of(page))?;
        let table = LongTable { number: index, layout: &self.layout, mail: self.mail.as_ref() };
        Ok(table::draw_page(content, &block, &table, faces, page))
    }
}

/// The lists of `report`, each on the page of the one before where it has room.
///
/// # Errors
/// Those of the tables.
pub fn lay_out<'a>(report: &'a Report, options: &Options, faces: &Faces, chrome: &PageChrome) -> Result<Vec<ListSheets<'a>>> {
    let (left, width) = (chrome.sheet.left(), chrome.sheet.inner_width());
    let mut lists: Vec<ListSheets> = Vec::new();
    let (mut page, mut top) = (0, chrome.top);
    for section in report.sections.iter().filter(|section| section.place("pdf") == Some(PLACE)) {
        let Content::Rows(all) = &section.content else { continue };
        let mail = MailLink::new(options, report, section.id, all);
        let rows = TableRows::new(shown(all, report.rows_on_pages)?, &report.words)?;
        let heading = || blocks::list_heading(section, &remark(report, section, all, rows.len()), faces, left, width);
        let height = heading().height;
        let laid_out = |top: f32| {
            let (top, next_top) = (top + height, chrome.top + height);
            let area = PageArea { left, width, top, next_top, bottom: chrome.bottom };
            TableLayout::new(&rows, faces, area, options.density(report), &[])
        };
        let has_room = |layout: &TableLayout| top == chrome.top || layout.pages() == 1 || layout.rows_on_first_page() >= LEAST_ROWS;
        let here = (top == chrome.top || top + height + LEAST_HEIGHT < chrome.bottom).then(|| laid_out(top)).transpose()?;
        let layout = match here.filter(has_room) {
            Some(layout) => layout,
            None => {
                (page, top) = (page + 1, chrome.top);
                laid_out(top)?
            }
        };
        let sheet = |page: usize, top: f32| {
            let mut sheet = StaticContent::default();
            sheet.append(heading().content, top);
            sheet.append(table::captions(rows.columns(), &LongTable { number: lists.len(), layout: &layout, mail: None }, page), 0.0);
            sheet
        };
        // What is repeated is read once.
        let sheets = [sheet(0, top), sheet(1, chrome.top).unmarked()];
        let pages = page..page + layout.pages().max(1);
        let bottom = layout.rows_bottom(&rows, faces, layout.pages().saturating_sub(1))?;
        let list = ListSheets { id: section.id, heading: section.heading.clone(), rows, layout, pages, top, sheets, mail };
        (page, top) = (list.pages.end - 1, bottom + GAP);
        lists.push(list);
    }
    Ok(lists)
}

/// The first rows of a list, and its totals.
fn shown(rows: &LazyTable, most: usize) -> Result<LazyTable> {
    if rows.rows <= most {
        return Ok(rows.clone());
    }
    let mut table = rows.table(0..most.saturating_sub(rows.totals).max(1))?;
    let totals = rows.table(rows.rows - rows.totals..rows.rows)?;
    for (column, totals) in table.columns.iter_mut().zip(totals.columns) {
        column.values = column.values.followed_by(&totals.values)?;
    }
    LazyTable::made(table.columns, rows.totals)
}

/// What the section says of itself, and how many rows are not shown.
fn remark(report: &Report, section: &Section, rows: &LazyTable, on_pages: usize) -> String {
    let words = &report.words;
    if on_pages >= rows.rows {
        return section.explanation.clone();
    }
    let pattern = if section.place("xlsx").is_some() { &words.list_cut } else { &words.list_cut_elsewhere };
    let count = |rows: usize| words.thousands(rows as u64);
    let (shown, more, all) = (count(on_pages - rows.totals), count(rows.rows - on_pages), count(rows.rows - rows.totals));
    let values = [("shown", &*shown), ("more", &*more), ("rows", &*all), ("sheet", section.place("xlsx").unwrap_or_default())];
    [section.explanation.as_str(), &fill(pattern, &values)].join(" ").trim().to_owned()
}
