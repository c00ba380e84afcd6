//! What a viewer shows beside the pages: bookmarks, and document metadata that depend on the report alone.

use chrono::{Datelike, Timelike};
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};

use crate::domain::text::one_line;
use crate::export::layout::fonts::Faces;
use crate::export::layout::pages::TableLayout;
use crate::export::pdf::lists::ListSheets;
use crate::export::pdf::page_chrome;
use crate::report::{Report, Table};

/// Characters of a bookmark's label.
const LABEL: usize = 100;

/// The bookmarks: the cover, then each list, which stand after `cover` pages, then each group of rows with its count.
pub fn bookmarks(
    report: &Report,
    (numbers, layout): (&Table, &TableLayout),
    (lists, cover): (&[ListSheets], usize),
    faces: &Faces,
) -> Outline {
    let mut outline = Outline::new();
    outline.push_child(node(report.words.cover.clone(), 0, 0.0));
    for list in lists {
        outline.push_child(node(short(&list.heading, &report.words.blank), cover + list.pages.start, list.top));
    }
    let before = cover + lists.last().map_or(0, |list| list.pages.end);
    for (index, (label, first)) in report.groups.iter().enumerate() {
        let end = report.groups.get(index + 1).map_or(numbers.rows, |next| next.1);
        let text = format!("{} ({})", short(label, &report.words.blank), report.words.thousands(end.saturating_sub(*first) as u64));
        let top = layout.top_of(numbers, faces, *first);
        outline.push_child(node(text, before + layout.page_of(*first), top));
    }
    outline
}

/// A label on one line, as much of it as a list of bookmarks has room for.
fn short(label: &str, blank: &str) -> String {
    let line = one_line(label);
    match line.char_indices().nth(LABEL) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if line.is_empty() => blank.to_owned(),
        None => line,
    }
}

fn node(text: String, page: usize, top: f32) -> OutlineNode {
    OutlineNode::new(text, XyzDestination::new(page, Point::from_xy(page_chrome::LEFT, top)))
}

/// Title, subject, author, dates and an identity that depends on the report alone.
pub fn metadata(report: &Report) -> Metadata {
    let instant = report.cover.as_of.utc();
    let small = |value: u32| u8::try_from(value).unwrap_or_default();
    let date = DateTime::new(u16::try_from(instant.year()).unwrap_or_default())
        .month(small(instant.month()))
        .day(small(instant.day()))
        .hour(small(instant.hour()))
        .minute(small(instant.minute()))
        .second(small(instant.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    let program = concat!("portstatus ", env!("CARGO_PKG_VERSION"));
    let metadata = Metadata::new()
        .title(report.cover.title.clone())
        .description(report.subject())
        .language(report.language.clone())
        .creator(program.to_owned())
        .producer(program.to_owned())
        .creation_date(date);
    if report.cover.operator.is_empty() { metadata } else { metadata.authors(vec![report.cover.operator.clone()]) }
}
