//! The opening pages: what the report is, its counts, two charts, what to look at, the caveats. Never holds a phone number.

use crate::export::cells::thousands;
use crate::export::layout::fonts::{Face, Faces};
use crate::export::pdf::chart;
use crate::export::pdf::page_chrome::{LEFT, MUTED, PageChrome, WIDTH, filters};
use crate::export::pdf::static_content::{StaticContent, Style, broken, leading};
use crate::report::summary::Summary;
use crate::report::{Report, style};

const HEAD: Style = Style { face: Face::Bold, size: 21.0, colour: style::HEADER_FILL };
const SECTION: Style = Style { face: Face::Bold, size: 10.5, colour: style::HEADER_FILL };
const BODY: Style = Style { face: Face::Regular, size: 8.6, colour: style::INK };
const STRONG: Style = Style { face: Face::Bold, size: 8.6, colour: style::INK };
const MUTED_BODY: Style = Style { face: Face::Regular, size: 8.6, colour: MUTED };
/// From the top of a section to what follows its heading.
const SECTION_HEIGHT: f32 = SECTION.size + 10.0;
/// Below a caveat.
const CAVEAT_GAP: f32 = 3.0;
/// Between two columns of the cover.
const GAP: f32 = 34.0;
const COLUMN: f32 = (WIDTH - GAP) / 2.0;
const SECOND: f32 = LEFT + COLUMN + GAP;

/// The cover pages of `report`, at least one.
pub fn sheets(report: &Report, faces: &Faces, frame: &PageChrome) -> Vec<StaticContent> {
    let mut cover = CoverPages {
        faces,
        top: frame.top + 6.0,
        bottom: frame.bottom,
        full: Vec::new(),
        sheet: StaticContent::default(),
        y: frame.top + 6.0,
    };
    cover.heading(report);
    let edges = cover.counts(report);
    cover.closing(report, edges);
    cover.break_page();
    cover.full
}

/// The cover as it grows downwards, page after page.
struct CoverPages<'a> {
    faces: &'a Faces,
    top: f32,
    bottom: f32,
    full: Vec<StaticContent>,
    /// The page that is being filled.
    sheet: StaticContent,
    y: f32,
}

impl CoverPages<'_> {
    /// Turns the page unless `height` points are left on it.
    fn ensure_space(&mut self, height: f32) {
        if self.y + height > self.bottom && self.y > self.top {
            self.break_page();
        }
    }

    fn break_page(&mut self) {
        self.full.push(std::mem::take(&mut self.sheet));
        self.y = self.top;
    }

    /// Sets a paragraph line by line, so that it may run over the page.
    fn paragraph(&mut self, style: Style, x: f32, width: f32, text: &str) {
        for line in broken(self.faces, style, width, text) {
            self.ensure_space(leading(style));
            self.y += leading(style);
            let y = self.y - leading(style) + style.size;
            self.sheet.text(style, x, y, line);
        }
    }

    fn heading(&mut self, report: &Report) {
        self.paragraph(HEAD, LEFT, WIDTH, &report.title);
        self.y += 3.0;
        let page =
            report.page.map(|page| format!("Page {} of {} of a selection of {} numbers", page.number, page.of, thousands(page.rows)));
        let numbers = match report.numbers.rows {
            0 => "None: no number matches, so there is no table".to_owned(),
            rows => thousands(rows as u64),
        };
        let facts = [
            ("Operator", report.operator.clone()),
            ("As of", report.as_of.to_string()),
            ("Numbers", numbers),
            ("Part", page.unwrap_or_default()),
            ("Filters", filters(report)),
            ("Order", report.order.clone()),
            ("Made from", report.inputs.join(", ")),
        ];
        for (term, text) in facts.iter().filter(|fact| !fact.1.is_empty()) {
            self.ensure_space(leading(BODY));
            let y = self.y + BODY.size;
            self.sheet.text(MUTED_BODY, LEFT, y, *term);
            self.paragraph(BODY, LEFT + 58.0, WIDTH - 58.0, text);
        }
        self.y += 8.0;
    }

    /// A section's heading at `x`; the top of what follows.
    fn section(&mut self, x: f32, y: f32, width: f32, title: &str) -> f32 {
        let sheet = &mut self.sheet;
        sheet.text(SECTION, x, y + SECTION.size, title);
        sheet.patch(style::RULE, x, y + SECTION.size + 4.0, width, 0.6);
        y + SECTION_HEIGHT
    }

    /// Status bars and weeks on the left, statuses with their details on the right. The lower edges of both.
    fn counts(&mut self, report: &Report) -> [f32; 2] {
        let summary = &report.summary;
        let left = summary.by_status.len() as f32 * 18.0 + 150.0;
        let right = (summary.by_detail.len() + summary.by_status.len()) as f32 * leading(BODY) + 40.0;
        self.ensure_space(left.max(right).min(self.bottom - self.top));
        [self.bars(summary) + 10.0, self.details(summary) + 10.0]
    }

    /// The charts; their lower edge.
    fn bars(&mut self, summary: &Summary) -> f32 {
        let faces = self.faces;
        let mut y = self.section(LEFT, self.y, COLUMN, "Numbers by status");
        y = chart::statuses(&mut self.sheet, faces, summary, (LEFT, y + 2.0), COLUMN);
        if !summary.by_week.is_empty() {
            y = self.section(LEFT, y + 8.0, COLUMN, "Ports ahead, by week (Monday)");
            y = chart::weeks(&mut self.sheet, faces, &summary.by_week, (LEFT, y), COLUMN);
        }
        y
    }

    /// The counts by status and detail; their lower edge.
    fn details(&mut self, summary: &Summary) -> f32 {
        let faces = self.faces;
        let mut y = self.section(SECOND, self.y, COLUMN, "Numbers by status and detail");
        let sheet = &mut self.sheet;
        let line = |sheet: &mut StaticContent, y: f32, x: f32, [words, share]: [Style; 2], name: &str, count: u64| {
            let baseline = y + BODY.size * 0.95;
            sheet.text(words, x, baseline, name);
            sheet.text_to(faces, words, SECOND + COLUMN - 60.0, baseline, thousands(count));
            sheet.text_to(faces, share, SECOND + COLUMN - 6.0, baseline, chart::percent(count, summary.rows));
        };
        for (status, count) in &summary.by_status {
            let colours = style::status_colour(*status);
            sheet.patch(colours.fill, SECOND, y, COLUMN, leading(BODY));
            sheet.patch(colours.bar, SECOND, y, 2.0, leading(BODY));
            let inks = [Style { colour: colours.ink, ..STRONG }, Style { colour: colours.ink, ..BODY }];
            line(sheet, y, SECOND + 7.0, inks, summary.spelling.status(*status), *count);
            y += leading(BODY) + 0.6;
            for (_, detail, count) in summary.by_detail.iter().filter(|entry| entry.0 == *status) {
                let inks = [if *count == 0 { MUTED_BODY } else { BODY }, MUTED_BODY];
                line(sheet, y, SECOND + 16.0, inks, summary.spelling.detail(*detail), *count);
                y += leading(BODY);
            }
        }
        y
    }

    /// Who has most to do and what the checks found, and the caveats: all below the counts where they have room, else
    /// the caveats there and the lists on a page of their own, else both on the next page. So the caveats, which are
    /// short, never have a page to themselves.
    fn closing(&mut self, report: &Report, edges: [f32; 2]) {
        let lists = lists(&report.summary);
        let heights = lists.each_ref().map(|list| self.list_height(list));
        let below = [edges[0] + heights[0], edges[1] + heights[1]];
        let all = Some(below).filter(|below| below.iter().all(|edge| *edge <= self.bottom)).and_then(|below| self.room(report, below));
        if let Some(place) = all {
            self.lists(&lists, edges);
            return self.caveats(report, place);
        }
        if let Some(place) = self.room(report, edges) {
            self.caveats(report, place);
            self.break_page();
            return self.lists(&lists, [self.top; 2]);
        }
        self.break_page();
        self.lists(&lists, [self.top; 2]);
        self.caveats(report, (LEFT, self.top + heights[0].max(heights[1]), WIDTH));
    }

    /// Where the caveats fit below the edges of the two columns: left edge, top and width; across both, else in the shorter one.
    fn room(&self, report: &Report, [left, right]: [f32; 2]) -> Option<(f32, f32, f32)> {
        let shorter = if left <= right { (LEFT, left, COLUMN) } else { (SECOND, right, COLUMN) };
        [(LEFT, left.max(right), WIDTH), shorter].into_iter().find(|(_, top, width)| {
            let lines: usize = report.caveats.iter().map(|caveat| broken(self.faces, BODY, *width, caveat).len()).sum();
            top + lines as f32 * leading(BODY) + report.caveats.len() as f32 * CAVEAT_GAP + SECTION_HEIGHT <= self.bottom
        })
    }

    /// The height of a list, its heading included.
    fn list_height(&self, (_, lines): &List) -> f32 {
        let count: usize = lines.iter().map(|line| broken(self.faces, BODY, COLUMN - 44.0, &line.1).len().max(1)).sum();
        if lines.is_empty() { 0.0 } else { count as f32 * leading(BODY) + SECTION_HEIGHT + 10.0 }
    }

    /// The lists side by side, each from its own edge on.
    fn lists(&mut self, lists: &[List; 2], edges: [f32; 2]) {
        for (((title, lines), x), top) in lists.iter().zip([LEFT, SECOND]).zip(edges).filter(|((list, _), _)| !list.1.is_empty()) {
            self.y = self.section(x, top, COLUMN, title);
            for (count, text) in lines {
                self.listed(x, *count, text);
            }
        }
    }

    /// A count and what it counts.
    fn listed(&mut self, x: f32, count: u64, text: &str) {
        let (faces, y) = (self.faces, self.y + BODY.size);
        self.sheet.text_to(faces, STRONG, x + 34.0, y, thousands(count));
        for line in broken(faces, BODY, COLUMN - 44.0, text) {
            let y = self.y + BODY.size;
            self.sheet.text(BODY, x + 44.0, y, line);
            self.y += leading(BODY);
        }
    }

    fn caveats(&mut self, report: &Report, (x, top, width): (f32, f32, f32)) {
        self.y = self.section(x, top, width, "Please note");
        for caveat in &report.caveats {
            self.paragraph(BODY, x, width, caveat);
            self.y += CAVEAT_GAP;
        }
    }
}

/// A title, and counts with what they count.
type List = (&'static str, Vec<(u64, String)>);

/// Who has most to do, and what the checks found.
fn lists(summary: &Summary) -> [List; 2] {
    let accounts = summary.waiting_accounts.iter().map(|(account, company, count)| (*count, format!("{account}  {company}")));
    let lints = summary.lints.iter().map(|(lint, count)| (*count, lint.sentence().to_owned()));
    [("Accounts with most numbers waiting for you", accounts.collect()), ("Worth a look", lints.collect())]
}
