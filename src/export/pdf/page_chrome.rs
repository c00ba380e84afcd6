//! What surrounds every page: title, as-of, filters, notice and page number. Never differs between pages but in the number.

use crate::export::layout::fonts::{Face, Faces};
use crate::export::pdf::static_content::{StaticContent, Style, broken, leading};
use crate::report::Report;
use crate::report::style;

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
/// The ink of what is not the matter itself.
pub const MUTED: u32 = 0x5A6675;

const TITLE: Style = Style { face: Face::Bold, size: 9.5, colour: style::HEADER_FILL };
const FACT: Style = Style { face: Face::Regular, size: 7.6, colour: style::INK };
const SMALL: Style = Style { face: Face::Regular, size: 6.8, colour: MUTED };

/// The chrome of a page, and what they leave.
pub struct PageChrome {
    sheet: StaticContent,
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
        let as_of = format!("As of {}", report.as_of);
        let reserved = faces.regular.width(&as_of) * FACT.size + 20.0;
        sheet.text_to(faces, FACT, RIGHT, y, as_of);
        let heading = if report.operator.is_empty() { report.title.clone() } else { format!("{}  ·  {}", report.title, report.operator) };
        y = sheet.paragraph(faces, TITLE, (LEFT, y), WIDTH - reserved, &heading) - leading(TITLE) + leading(SMALL) + 1.4;
        for line in filter_lines(report, faces) {
            sheet.text(SMALL, LEFT, y, line);
            y += leading(SMALL);
        }
        let top = y - leading(SMALL) + 5.0;
        sheet.patch(style::HEADER_FILL, LEFT, top, WIDTH, 0.8);

        let notice = broken(faces, SMALL, WIDTH - 90.0, &report.notice);
        let bottom = BOTTOM - notice.len().max(1) as f32 * leading(SMALL) - 3.0;
        sheet.patch(style::RULE, LEFT, bottom, WIDTH, 0.6);
        let footer = bottom + 3.0 + SMALL.size;
        for (index, line) in notice.into_iter().enumerate() {
            sheet.text(SMALL, LEFT, footer + index as f32 * leading(SMALL), line);
        }
        Self { sheet, top: (top + 6.0).round(), bottom: bottom - 4.0, footer }
    }

    /// The chrome without the page's number.
    pub fn sheet(&self) -> &StaticContent {
        &self.sheet
    }

    /// The number of page `number` of `pages`, from 1.
    pub fn number(&self, faces: &Faces, number: usize, pages: usize) -> StaticContent {
        let mut sheet = StaticContent::default();
        sheet.text_to(faces, Style { colour: style::INK, ..SMALL }, RIGHT, self.footer, format!("Page {number} of {pages}"));
        sheet
    }
}

/// The filters, and the page of the selection, as one short paragraph.
fn filter_lines(report: &Report, faces: &Faces) -> Vec<String> {
    let page = report.page.map(|page| format!("  ·  Page {} of {} of the selection", page.number, page.of)).unwrap_or_default();
    let lines = broken(faces, SMALL, WIDTH, &format!("Filters: {}{page}", filters(report)));
    if lines.len() <= FILTER_LINES {
        return lines;
    }
    vec![format!("Filters: {}, listed on page 1{page}", report.filters.len())]
}

/// The filters as one sentence.
pub fn filters(report: &Report) -> String {
    if report.filters.is_empty() { "none, all numbers are shown".to_owned() } else { report.filters.join("; ") }
}
