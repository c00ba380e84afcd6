//! What surrounds every page: title, as-of, filters, notice and page number. Only the number differs between pages.

use crate::domain::paper::Paper;
use crate::export::Options;
use crate::export::layout::fonts::{Face, Faces};
use crate::export::pdf::paint::Paint;
use crate::export::pdf::static_content::{MUTED, StaticContent, Style, TextLine, broken, leading};
use crate::report::Report;
use crate::report::words::{Words, fill};

/// A sheet of paper, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sheet {
    /// How wide it is.
    pub width: f32,
    /// How high it is.
    pub height: f32,
}

/// The blank at the left and the right of everything.
const SIDE: f32 = 26.0;
/// The blank above and below.
const TOP: f32 = 24.0;
const BOTTOM: f32 = 22.0;

impl Sheet {
    /// The paper of `options` or `report`, else US Letter: with these margins that prints on A4 at full size as well.
    pub fn of(report: &Report, options: &Options) -> Self {
        let (paper, orientation) = options.sheet(report, Paper::Letter);
        let (width, height) = paper.size(orientation);
        Self { width, height }
    }

    /// The left edge of everything.
    pub const fn left(self) -> f32 {
        SIDE
    }

    /// The width of everything.
    pub const fn inner_width(self) -> f32 {
        self.width - 2.0 * SIDE
    }

    /// The right edge of everything.
    pub const fn right(self) -> f32 {
        self.width - SIDE
    }
}

/// Filters that take more lines than this are told in full on the first page alone.
const FILTER_LINES: usize = 3;
/// Room is left beside the notice for the number of as many pages.
const LONGEST_PAGES: usize = 99_999;

const TITLE: Style = Style { face: Face::BOLD, size: 9.5, colour: Paint::Heading };
const FACT: Style = Style { face: Face::REGULAR, size: 7.6, colour: Paint::Ink };
const SMALL: Style = Style { face: Face::REGULAR, size: 6.8, colour: MUTED };

/// The chrome of a page, and what they leave.
pub struct PageChrome {
    /// The paper.
    pub sheet: Sheet,
    /// What is the same on all pages.
    pub content: StaticContent,
    /// The upper edge of what is free, in points from the top of the page.
    pub top: f32,
    /// The lower edge of what is free.
    pub bottom: f32,
    footer: f32,
}

impl PageChrome {
    /// The chrome for `report` on sheets of `sheet`.
    pub fn new(report: &Report, faces: &Faces, sheet: Sheet) -> Self {
        let (left, width, right) = (sheet.left(), sheet.inner_width(), sheet.right());
        let mut content = StaticContent::default();
        let mut y = TOP + TITLE.size * 0.8;
        let (cover, words) = (&report.cover, &report.words);
        let as_of = report.as_of_line();
        let reserved = faces.regular.width(&as_of) * FACT.size + 20.0;
        content.text_to(faces, FACT, right, y, as_of);
        let heading = if cover.operator.is_empty() { cover.title.clone() } else { format!("{}  ·  {}", cover.title, cover.operator) };
        y = content.lines(TITLE, (left, y), broken(faces, TITLE, width - reserved, &heading)) - leading(TITLE) + leading(SMALL) + 1.4;
        y = content.lines(SMALL, (left, y), filter_lines(report, faces, width));
        let top = y - leading(SMALL) + 5.0;
        content.patch(Paint::HeaderFill, left, top, width, 0.8);

        let number = faces.regular.width(&number_of(words, LONGEST_PAGES, LONGEST_PAGES)) * SMALL.size;
        let notice = broken(faces, SMALL, width - number - 24.0, &cover.notice);
        let bottom = sheet.height - BOTTOM - notice.len().max(1) as f32 * leading(SMALL) - 3.0;
        content.patch(Paint::Rule, left, bottom, width, 0.6);
        let footer = bottom + 3.0 + SMALL.size;
        content.lines(SMALL, (left, footer), notice);
        Self { sheet, content, top: (top + 6.0).round(), bottom: bottom - 4.0, footer }
    }

    /// The number of page `number` of `pages`, from 1.
    pub fn number(&self, words: &Words, faces: &Faces, number: usize, pages: usize) -> StaticContent {
        let mut content = StaticContent::default();
        let text = number_of(words, number, pages);
        content.text_to(faces, Style { colour: Paint::Ink, ..SMALL }, self.sheet.right(), self.footer, text);
        content
    }
}

fn number_of(words: &Words, number: usize, pages: usize) -> String {
    fill(&words.page_number, &[("page", &number.to_string()), ("pages", &pages.to_string())])
}

/// The filters, and the page of the selection, as one short paragraph.
fn filter_lines(report: &Report, faces: &Faces, width: f32) -> Vec<TextLine> {
    let words = &report.words;
    let line = |filters: &str| match report.cover.page {
        None => fill(&words.filters_line, &[("filters", filters)]),
        Some(page) => {
            let values = [("filters", filters), ("page", &words.thousands(page.number)), ("pages", &words.thousands(page.of))];
            fill(&words.filters_page_line, &values)
        }
    };
    let lines = broken(faces, SMALL, width, &line(&report.filters()));
    if lines.len() <= FILTER_LINES {
        return lines;
    }
    let count = words.thousands(report.cover.filters.len() as u64);
    broken(faces, SMALL, width, &line(&fill(&words.filters_elsewhere, &[("count", &count)])))
}
