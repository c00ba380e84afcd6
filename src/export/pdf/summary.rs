//! Lays out the first pages: the title, the lines of the cover, and the sections that the template places there.

use crate::export::layout::fonts::{Face, Faces};
use crate::export::pdf::blocks::{self, MUTED_BODY, Strip};
use crate::export::pdf::marks::{Element, Role};
use crate::export::pdf::page_chrome::{PageChrome, Sheet};
use crate::export::pdf::paint::Paint;
use crate::export::pdf::static_content::{BODY, StaticContent, Style};
use crate::report::Report;

const TITLE: Style = Style { face: Face::BOLD, size: 21.0, colour: Paint::Heading };
/// The width and height of the logo, at most, in points.
const LOGO: (f32, f32) = (160.0, 46.0);
/// Between the longest label of the cover and what it says.
const LABEL_GAP: f32 = 14.0;
/// Between the two columns of the cover.
const GAP: f32 = 34.0;
/// Between two sections below each other.
const SECTION_GAP: f32 = 8.0;

/// The places on the first pages that a template may name.
pub const PLACES: [&str; 5] = ["left", "right", "lower left", "lower right", "notice"];

/// The first pages of `report`, at least one.
pub fn sheets(report: &Report, faces: &Faces, frame: &PageChrome) -> Vec<StaticContent> {
    let (sheet, top, bottom) = (frame.sheet, frame.top + 6.0, frame.bottom);
    let mut pages = Pages { report, faces, sheet, top, bottom, sheets: vec![StaticContent::default()] };
    let [left, right] = pages.columns();
    let start = pages.heading();
    let upper = [pages.strips("left", left), pages.strips("right", right)];
    let highest = blocks::height(&upper[0]).max(blocks::height(&upper[1]));
    let start = pages.with_room(start, highest.min(pages.bottom - pages.top));
    let ends = upper.map(|strips| pages.set(strips, start).below(SECTION_GAP + 2.0));
    pages.closing(ends);
    pages.sheets
}

/// A place on the first pages: which page, and how far down, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cursor {
    page: usize,
    y: f32,
}

impl Cursor {
    fn below(self, gap: f32) -> Self {
        Self { y: self.y + gap, ..self }
    }
}

struct Pages<'a> {
    report: &'a Report,
    faces: &'a Faces,
    sheet: Sheet,
    top: f32,
    bottom: f32,
    sheets: Vec<StaticContent>,
}

impl Pages<'_> {
    /// The left edge and the width of everything.
    fn across(&self) -> (f32, f32) {
        (self.sheet.left(), self.sheet.inner_width())
    }

    /// The left edge and the width of each of the two columns.
    fn columns(&self) -> [(f32, f32); 2] {
        let (left, width) = self.across();
        let column = (width - GAP) / 2.0;
        [(left, column), (left + column + GAP, column)]
    }

    /// `cursor`, or the top of the next page where `height` points are not left below it.
    fn with_room(&self, cursor: Cursor, height: f32) -> Cursor {
        if cursor.y + height > self.bottom && cursor.y > self.top { self.next_page(cursor) } else { cursor }
    }

    fn next_page(&self, cursor: Cursor) -> Cursor {
        Cursor { page: cursor.page + 1, y: self.top }
    }

    /// Sets `strips` from `cursor` on, over as many pages as they take; where they end.
    fn set(&mut self, strips: Vec<Strip>, mut cursor: Cursor) -> Cursor {
        for strip in strips {
            cursor = self.with_room(cursor, strip.height);
            while self.sheets.len() <= cursor.page {
                self.sheets.push(StaticContent::default());
            }
            self.sheets[cursor.page].append(strip.content, cursor.y);
            cursor.y += strip.height;
        }
        cursor
    }

    /// The title, and the lines of the cover: label and values.
    fn heading(&mut self) -> Cursor {
        let (report, faces) = (self.report, self.faces);
        let (left, across) = self.across();
        let logo = report.look.logo.as_ref().map(|logo| (logo.fitted(LOGO), &logo.text));
        let width = across - logo.map_or(0.0, |((width, _), _)| width + GAP);
        if let Some(((width, height), text)) = logo {
            self.sheets[0].logo(Element::figure(text.clone()), [left + across - width, self.top, width, height]);
        }
        let start = Cursor { page: 0, y: self.top };
        let mut cursor = self.set(blocks::text(faces, TITLE, left, width, (Role::Title, &report.cover.title), 3.0), start);
        let facts = report.facts();
        let inset = facts.iter().map(|fact| faces.regular.width(&fact.label) * BODY.size).fold(0.0, f32::max) + LABEL_GAP;
        for fact in facts {
            let mut strips = blocks::text(faces, BODY, left + inset, width - inset, (Role::Paragraph, &fact.values.join("; ")), 0.0);
            if let Some(first) = strips.first_mut() {
                // The label is read first, and is a part of the same paragraph.
                let values = std::mem::take(&mut first.content);
                first.content.text(MUTED_BODY, left, MUTED_BODY.size, format!("{} ", fact.label));
                first.content.append_to_paragraph(values);
            }
            cursor = self.set(strips, cursor);
        }
        let below_logo = logo.filter(|_| cursor.page == 0).map_or(0.0, |((_, height), _)| self.top + height);
        Cursor { y: cursor.y.max(below_logo), ..cursor }.below(SECTION_GAP)
    }

    /// The strips of the sections at `place`, below each other.
    fn strips(&self, place: &str, (x, width): (f32, f32)) -> Vec<Strip> {
        let mut strips: Vec<Strip> = Vec::new();
        for section in self.report.sections.iter().filter(|section| section.place("pdf") == Some(place)) {
            strips.last_mut().into_iter().for_each(|last| last.height += SECTION_GAP);
            strips.extend(blocks::strips(section, self.report, self.faces, x, width));
        }
        strips
    }

    /// The lower sections and the notice: all below the columns where they have room, else the notice there and the
    /// sections on a page of their own, else both on the next page. So the notice, which is short, never has a page
    /// to itself.
    fn closing(&mut self, ends: [Cursor; 2]) {
        let [left, right] = self.columns();
        let lower = [self.strips("lower left", left), self.strips("lower right", right)];
        let same_page = ends[0].page == ends[1].page;
        let below = [0, 1].map(|column| ends[column].below(blocks::height(&lower[column])));
        if same_page
            && below.iter().all(|end| end.y <= self.bottom)
            && let Some((across, cursor)) = self.room_for_notice(below.map(|end| end.below(SECTION_GAP)))
        {
            let [left, right] = lower;
            self.set(left, ends[0]);
            self.set(right, ends[1]);
            self.set(self.strips("notice", across), cursor);
            return;
        }
        let last = if ends[0].page >= ends[1].page { ends[0] } else { ends[1] };
        let next = self.next_page(last);
        let noticed = self.room_for_notice(ends).filter(|_| same_page);
        if let Some((across, cursor)) = noticed {
            self.set(self.strips("notice", across), cursor);
        }
        let [left, right] = lower;
        let ends = [self.set(left, next), self.set(right, next)];
        if noticed.is_none() {
            let end = if (ends[0].page, ends[0].y) >= (ends[1].page, ends[1].y) { ends[0] } else { ends[1] };
            self.set(self.strips("notice", self.across()), end.below(if end == next { 0.0 } else { SECTION_GAP + 2.0 }));
        }
    }

    /// Where the notice fits below the ends of the two columns, which are on one page: left edge and width, and place;
    /// across both, else in the shorter one.
    fn room_for_notice(&self, [left, right]: [Cursor; 2]) -> Option<((f32, f32), Cursor)> {
        let columns = self.columns();
        let lower = if left.y >= right.y { left } else { right };
        let shorter = if left.y <= right.y { (columns[0], left) } else { (columns[1], right) };
        let fits = |(across, cursor): &((f32, f32), Cursor)| cursor.y + blocks::height(&self.strips("notice", *across)) <= self.bottom;
        [(self.across(), lower), shorter].into_iter().find(fits)
    }
}
