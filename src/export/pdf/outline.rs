//! What a viewer shows beside the pages: bookmarks, and document metadata that depend on the report alone.

use chrono::{Datelike, Timelike};
use pdf_writer::{Date, Finish, Ref, TextStr};
use xmp_writer::{DateTime, LangId, Timezone, XmpWriter};

use crate::domain::text::one_line;
use crate::error::Result;
use crate::export::pdf::document_layout::Layout;
use crate::export::pdf::file::{PdfFile, after};
use crate::report::{Destination, Report};

/// Characters of a bookmark's label.
const LABEL: usize = 100;
/// What made the document.
const PROGRAM: &str = concat!("portstatus ", env!("CARGO_PKG_VERSION"));

/// A place that a bookmark leads to.
struct Bookmark {
    label: String,
    /// The page, from 0.
    page: usize,
    /// From the top of the page, in points.
    top: f32,
}

/// Writes the bookmarks, whose pages have the numbers from `pages` on; the number of their list.
///
/// # Errors
/// Those of the file.
pub fn write_bookmarks(file: &mut PdfFile<'_>, report: &Report, layout: &Layout<'_>, pages: Ref) -> Result<Ref> {
    let (bookmarks, sheet) = (bookmarks(report, layout), layout.chrome.sheet);
    let (list, first) = (file.reserve(1), file.reserve(bookmarks.len()));
    let last = after(first, bookmarks.len() - 1);
    file.object(list, |chunk| {
        chunk.outline(list).first(first).last(last).count(bookmarks.len() as i32);
    })?;
    for (index, bookmark) in bookmarks.iter().enumerate() {
        let id = after(first, index);
        file.object(id, |chunk| {
            let mut item = chunk.outline_item(id);
            item.title(TextStr(&bookmark.label)).parent(list);
            if index > 0 {
                item.prev(after(first, index - 1));
            }
            if id != last {
                item.next(after(first, index + 1));
            }
            item.dest().page(after(pages, bookmark.page)).xyz(sheet.left(), sheet.height - bookmark.top, None);
        })?;
    }
    Ok(list)
}

/// The bookmarks: the cover, then each list, then each group of rows with its count. There is at least one.
fn bookmarks(report: &Report, layout: &Layout<'_>) -> Vec<Bookmark> {
    let words = &report.words;
    let cover = Bookmark { label: words.cover.clone(), page: 0, top: 0.0 };
    let lists = layout.lists.iter().map(|list| {
        let (page, top) = layout.place_of(Destination::List(list.id));
        Bookmark { label: short(&list.heading, &words.blank), page, top }
    });
    let groups = report.groups.iter().enumerate().map(|(index, (label, first))| {
        let end = report.groups.get(index + 1).map_or(report.numbers.rows, |next| next.1);
        let label = format!("{} ({})", short(label, &words.blank), words.thousands(end.saturating_sub(*first) as u64));
        let (page, top) = layout.place_of(Destination::Row(*first));
        Bookmark { label, page, top }
    });
    [cover].into_iter().chain(lists).chain(groups).collect()
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

/// Writes title, subject, author and dates, as a dictionary and as metadata; the numbers of both. A document that is tagged says of
/// itself that it is PDF/A-2a and PDF/UA-1, another one that it is PDF/A-2u.
///
/// # Errors
/// Those of the file.
pub fn write_metadata(file: &mut PdfFile<'_>, report: &Report, is_tagged: bool) -> Result<(Ref, Ref)> {
    let [information, metadata] = [0; 2].map(|_| file.reserve(1));
    let (title, subject, author) = (one_line(&report.cover.title), one_line(&report.subject()), one_line(&report.cover.operator));
    let instant = report.cover.as_of.utc();
    let small = |value: u32| u8::try_from(value).unwrap_or_default();
    let year = u16::try_from(instant.year()).unwrap_or_default();
    let [month, day, hour, minute, second] =
        [instant.month(), instant.day(), instant.hour(), instant.minute(), instant.second()].map(small);
    file.object(information, |chunk| {
        let date = Date::new(year).month(month).day(day).hour(hour).minute(minute).second(second);
        let mut information = chunk.indirect(information).start::<pdf_writer::writers::DocumentInfo<'_>>();
        information.title(TextStr(&title)).subject(TextStr(&subject)).creator(TextStr(PROGRAM)).producer(TextStr(PROGRAM));
        information.creation_date(date.utc_offset_hour(0).utc_offset_minute(0));
        if !author.is_empty() {
            information.author(TextStr(&author));
        }
    })?;
    let date = DateTime::new(year, month, day, hour, minute, second, Timezone::Utc);
    let mut xmp = XmpWriter::new();
    xmp.title([(None::<LangId<'_>>, title.as_str())]).description([(None::<LangId<'_>>, subject.as_str())]);
    xmp.creator_tool(PROGRAM).producer(PROGRAM).create_date(date).format("application/pdf");
    xmp.language([LangId(&report.language)]).pdf_version("1.7");
    if !author.is_empty() {
        xmp.creator([author.as_str()]);
    }
    xmp.pdfa_part(2).pdfa_conformance(if is_tagged { "A" } else { "U" });
    if is_tagged {
        xmp.pdfua_part(1);
        // What the older standard does not know it wants to have explained.
        xmp.extension_schemas().pdfua_id().properties().describe_part();
    }
    let xmp = xmp.finish(None);
    file.stream(metadata, |chunk| chunk.metadata(metadata, xmp.as_bytes()).finish())?;
    Ok((information, metadata))
}
