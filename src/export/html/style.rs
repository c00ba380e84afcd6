//! The style sheet of a page: the one that every page has, the colours of the statuses, and what the columns of its tables ask for.

use std::fmt::Write;

use crate::domain::columns::ColumnType;
use crate::export::places::{self, LIST};
use crate::report::words::fill;
use crate::report::{Column, Content, Report, SectionId, style};

/// The name of the format.
pub const FORMAT: &str = "html";
/// What every page has.
const SHEET: &str = include_str!("page.css");
/// The ground of the page in the dark, and the letters on it.
const DARK: u32 = 0x14_1A_22;
const PALE: u32 = 0xFF_FF_FF;

/// The style sheet of `report`.
pub fn sheet(report: &Report) -> String {
    let mut out = String::from(SHEET);
    colours(&mut out);
    columns(&mut out, SectionId::Numbers.code(), &report.numbers.columns);
    for section in places::at(report, FORMAT, LIST) {
        if let Content::Rows(rows) = &section.content {
            columns(&mut out, section.id.code(), &rows.columns);
        }
    }
    margins(&mut out, report);
    out
}

/// The colours of the statuses and of the heads of tables, those of all formats, and what becomes of them in the dark.
fn colours(out: &mut String) {
    for (place, status) in style::STATUSES.iter().enumerate() {
        let style::StatusColour { ink, fill, bar } = style::status_colour(*status);
        let (dark_ink, dark_fill) = (mixed(PALE, bar, 65), mixed(DARK, bar, 22));
        // A String never refuses.
        let _ = writeln!(
            out,
            ".s{place}{{--ink:light-dark(#{ink:06x},#{dark_ink:06x});--fill:light-dark(#{fill:06x},#{dark_fill:06x});--bar:#{bar:06x}}}"
        );
    }
    let (head, on_head, ink, rule) = (style::HEADER_FILL, style::HEADER_INK, style::INK, style::RULE);
    let _ = writeln!(
        out,
        ":root{{--head:#{head:06x};--on-head:#{on_head:06x};--text:light-dark(#{ink:06x},#e3e8ee);--rule:light-dark(#{rule:06x},#2e3947)}}"
    );
}

/// A colour of so many hundredths of `other` and else `one`.
fn mixed(one: u32, other: u32, hundredths: u32) -> u32 {
    let channel = |shift: u32| (((one >> shift & 0xFF) * (100 - hundredths) + (other >> shift & 0xFF) * hundredths) / 100) << shift;
    channel(16) | channel(8) | channel(0)
}

/// What the columns of the table of `section` ask for: figures at the right, ids and dates on one line, text as wide as the
/// template says.
fn columns(out: &mut String, section: &str, columns: &[Column]) {
    for (index, column) in columns.iter().enumerate() {
        let place = index + 1;
        let _ = match column.kind {
            kind if kind.is_figure() => writeln!(out, "#t-{section} tr>:nth-child({place}){{text-align:right}}"),
            // A width is asked for once, by the head.
            ColumnType::Text | ColumnType::Choice => {
                let width = column.width_characters.clamp(6.0, 32.0);
                writeln!(out, "#t-{section} thead th:nth-child({place}){{min-width:{width}ch}}")
            }
            _ => writeln!(out, "#t-{section} tbody>tr>:nth-child({place}){{white-space:pre}}"),
        };
    }
}

/// The margins of printed pages: the notice, and which page it is of how many.
fn margins(out: &mut String, report: &Report) {
    let number = &report.words.page_number;
    let counted = fill(number, &[("page", "\u{1}"), ("pages", "\u{2}")]);
    let mut content = String::new();
    for piece in counted.split_inclusive(['\u{1}', '\u{2}']) {
        let _ = write!(content, "{} ", quoted(piece.trim_end_matches(['\u{1}', '\u{2}'])));
        content.push_str(match piece.chars().last() {
            Some('\u{1}') => "counter(page) ",
            Some('\u{2}') => "counter(pages) ",
            _ => "",
        });
    }
    let _ = writeln!(
        out,
        "@page{{@top-left{{content:{}}}@bottom-left{{content:{}}}@bottom-right{{content:{content}}}}}",
        quoted(&format!("{}  ·  {}", report.cover.title, report.as_of_line())),
        quoted(&report.cover.notice)
    );
}

/// `text` as a string of a style sheet; nothing in it ends the string or the sheet.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            letter if letter.is_ascii_alphanumeric() || letter == ' ' || u32::from(letter) > 0xA0 => out.push(letter),
            letter => drop(write!(out, "\\{:x} ", u32::from(letter).max(1))),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use crate::export::html::style::{mixed, quoted};

    #[test]
    fn no_text_leaves_a_style_sheet() {
        assert_eq!(quoted("</style>\"}\\ é\n"), "\"\\3c \\2f style\\3e \\22 \\7d \\5c  é\\a \"");
    }

    #[test]
    fn colours_are_mixed_by_channel() {
        assert_eq!((mixed(0xFFFFFF, 0, 50), mixed(0x102030, 0x507090, 25)), (0x7F7F7F, 0x203448));
    }
}
