//! What surrounds every page: title, as-of, filters, notice and page number. Only the number differs between pages.

use crate::export::layout::fonts::{Face, Faces};
use crate::export::pdf::static_content::{MUTED, StaticContent, Style, broken, leading};
use crate::report::words::{Words, fill};
use crate::report::{Report, style};

/// US Letter on its side, in points; with these margins it prints on A4 at full size as well.
pub const PAGE: (f32, f32) = (792.0, 612.0);
/// The left edge of everything.
pub const LEFT: f32 = 26.0;
/// The width of everything.
pub const WIDTH: f32 = PAGE.0 - 2.0 * LEFT;
/// The right edge of everything.
pub const RIGHT: f32 = LEFT + WIDTH;
const TOP: f32 = 24.0;
const BOTTOM: f32 = PAGE.1 - 22.0;
/// Filters that take more lines than this are told in full on the first page alone.
const FILTER_LINES: usize = 3;
/// Room is left beside the notice for the number of as many pages.
const LONGEST_PAGES: usize = 99_999;

const TITLE: Style = Style { face: Face::Bold, size: 9.5, colour: style::HEADER_FILL };
const FACT: Style = Style { face: Face::Regular, size: 7.6, colour: style::INK };
const SMALL: Style = Style { face: Face::Regular, size: 6.8, colour: MUTED };

/// The chrome of a page, and what they leave.
pub struct PageChrome {
    /// What is the same on all pages.
    pub sheet: StaticContent,
    /// The upper edge of what is free, in points from the top of the page.
    pub top: f32,
    /// The lower edge of what is free.
    pub bottom: f32,
    footer: f32,
}

impl PageChrome {
    /// The chrome for `report`.
    pub fn new(report: &Report, faces: &Faces) -> Self {
        let mut sheet = StaticContent::default();
        // The paper itself, so that nothing at the edge is clipped when the sheet is drawn as one thing.
        sheet.patch(0xFF_FFFF, 0.0, 0.0, PAGE.0, PAGE.1);
        let mut y = TOP + TITLE.size * 0.8;
        let (cover, words) = (&report.cover, &report.words);
        let as_of = report.as_of_line();
        let reserved = faces.regular.width(&as_of) * FACT.size + 20.0;
        sheet.text_to(faces, FACT, RIGHT, y, as_of);
        let heading = if cover.operator.is_empty() { cover.title.clone() } else { format!("{}  ·  {}", cover.title, cover.operator) };
        y = sheet.lines(TITLE, (LEFT, y), broken(faces, TITLE, WIDTH - reserved, &heading)) - leading(TITLE) + leading(SMALL) + 1.4;
        y = sheet.lines(SMALL, (LEFT, y), filter_lines(report, faces));
        let top = y - leading(SMALL) + 5.0;
        sheet.patch(style::HEADER_FILL, LEFT, top, WIDTH, 0.8);

        let number = faces.regular.width(&number_of(words, LONGEST_PAGES, LONGEST_PAGES)) * SMALL.size;
        let notice = broken(faces, SMALL, WIDTH - number - 24.0, &cover.notice);
        let bottom = BOTTOM - notice.len().max(1) as f32 * leading(SMALL) - 3.0;
        sheet.patch(style::RULE, LEFT, bottom, WIDTH, 0.6);
        let footer = bottom + 3.0 + SMALL.size;
        sheet.lines(SMALL, (LEFT, footer), notice);
        Self { sheet, top: (top + 6.0).round(), bottom: bottom - 4.0, footer }
    }

    /// The number of page `number` of `pages`, from 1.
    pub fn number(&self, words: &Words, faces: &Faces, number: usize, pages: usize) -> StaticContent {
        let mut sheet = StaticContent::default();
        sheet.text_to(faces, Style { colour: style::INK, ..SMALL }, RIGHT, self.footer, number_of(words, number, pages));
        sheet
    }
}

fn number_of(words: &Words, number: usize, pages: usize) -> String {
    fill(&words.page_number, &[("page", &number.to_string()), ("pages", &pages.to_string())])
}

/// The filters, and the page of the selection, as one short paragraph.
fn filter_lines(report: &Report, faces: &Faces) -> Vec<String> {
    let words = &report.words;
    let line = |filters: &str| match report.cover.page {
        None => fill(&words.filters_line, &[("filters", filters)]),
        Some(page) => {
            let values = [("filters", filters), ("page", &words.thousands(page.number)), ("pages", &words.thousands(page.of))];
            fill(&words.filters_page_line, &values)
        }
    };
    let lines = broken(faces, SMALL, WIDTH, &line(&report.filters()));
    if lines.len() <= FILTER_LINES {
        return lines;
    }
    let count = words.thousands(report.cover.filters.len() as u64);
    broken(faces, SMALL, WIDTH, &line(&fill(&words.filters_elsewhere, &[("count", &count)])))
}
