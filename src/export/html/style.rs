//! The style sheet of a page: the one that every page has, the colours of the statuses, and what the columns of its tables ask for.

use std::fmt::Write;

use crate::domain::columns::ColumnType;
use crate::domain::paper::{Orientation, Paper};
use crate::export::Options;
use crate::export::places::{self, LIST};
use crate::report::palette::{MIN_CONTRAST, PAPER, Palette, StatusColour, contrast};
use crate::report::words::fill;
use crate::report::{Column, Content, Report, SectionId};

/// The name of the format.
pub const FORMAT: &str = "html";
/// What every page has.
const SHEET: &str = include_str!("page.css");
/// A logo stands on paper, whatever the head of the page is filled with.
const LOGO: &str = ".logo{flex:none;margin-left:auto;max-width:40vw;height:auto;padding:.4rem .55rem;border-radius:.4rem;background:#ffffff;box-sizing:content-box}\n";
/// The ground of the page in the dark, and the letters on it.
const DARK: u32 = 0x14_1A_22;
const PALE: u32 = 0xFF_FF_FF;
/// The grounds in the dark that letters of a status stand on beside its fill: cards, and every second row.
const DARK_GROUNDS: [u32; 2] = [0x17_1E_27, 0x1D_25_30];
/// The text of the page in the dark.
const DARK_TEXT: u32 = 0xE3_E8_EE;

/// The style sheet of `report`, which is printed as it and `options` ask for.
pub fn sheet(report: &Report, options: &Options) -> String {
    let mut out = String::from(SHEET);
    colours(&mut out, &report.look.palette);
    columns(&mut out, SectionId::Numbers.code(), &report.numbers.columns);
    for section in places::at(report, FORMAT, LIST) {
        if let Content::Rows(rows) = &section.content {
            columns(&mut out, section.id.code(), &rows.columns);
        }
    }
    if report.look.logo.is_some() {
        out.push_str(LOGO);
    }
    margins(&mut out, report);
    paper(&mut out, report, options);
    out
}

/// The colours of the statuses and of the heads of tables, those of all formats, and what becomes of them in the dark.
pub fn colours(out: &mut String, palette: &Palette) {
    for (place, StatusColour { ink, fill, bar }) in palette.statuses.into_iter().enumerate() {
        let (dark_ink, dark_fill) = in_the_dark(bar);
        // A String never refuses.
        let _ = writeln!(
            out,
            ".s{place}{{--ink:light-dark(#{ink:06x},#{dark_ink:06x});--fill:light-dark(#{fill:06x},#{dark_fill:06x});--bar:#{bar:06x}}}"
        );
        if contrast(ink, PAPER) < MIN_CONTRAST {
            // Beside a bar there is no fill behind the words.
            let _ = writeln!(out, ".bars .label.s{place}{{color:light-dark(var(--text),#{dark_ink:06x})}}");
        }
    }
    let Palette { header_fill: head, header_ink: on_head, ink, rule, .. } = palette;
    let _ = writeln!(
        out,
        ":root{{--head:#{head:06x};--on-head:#{on_head:06x};--text:light-dark(#{ink:06x},#{DARK_TEXT:06x});--rule:light-dark(#{rule:06x},#2e3947)}}"
    );
}

/// The ink and the fill, in the dark, of a status with this bar: the more of white in the ink the less it can else be read.
fn in_the_dark(bar: u32) -> (u32, u32) {
    let fill = mixed(DARK, bar, 22);
    let can_be_read = |ink: &u32| DARK_GROUNDS.iter().chain([&fill]).all(|ground| contrast(*ink, *ground) >= MIN_CONTRAST);
    let inks = (0..=13).rev().map(|step| mixed(PALE, bar, step * 5));
    (inks.into_iter().find(can_be_read).unwrap_or(PALE), fill)
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

/// The paper, where it is not the one that every page has.
fn paper(out: &mut String, report: &Report, options: &Options) {
    let (paper, orientation) = options.sheet(report, Paper::Tabloid);
    if (paper, orientation) != (Paper::Tabloid, Orientation::Landscape) {
        let _ = writeln!(out, "@page{{size:{} {}}}", paper.css_name(), orientation.name());
    }
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
    use crate::export::html::style::{DARK_GROUNDS, in_the_dark, mixed, quoted};
    use crate::report::palette::{MIN_CONTRAST, Palette, contrast};

    #[test]
    fn no_text_leaves_a_style_sheet() {
        assert_eq!(quoted("</style>\"}\\ é\n"), "\"\\3c \\2f style\\3e \\22 \\7d \\5c  é\\a \"");
    }

    #[test]
    fn whatever_the_bar_its_words_can_be_read_in_the_dark() {
        let given = (0..=0xFF_u32).step_by(15).flat_map(|red| {
            (0..=0xFF).step_by(15).flat_map(move |green| (0..=0xFF).step_by(15).map(move |blue| red << 16 | green << 8 | blue))
        });
        for bar in given {
            let (ink, fill) = in_the_dark(bar);
            for ground in DARK_GROUNDS.into_iter().chain([fill]) {
                assert!(contrast(ink, ground) >= MIN_CONTRAST, "{bar:06X}: {ink:06X} on {ground:06X}");
            }
        }
        // What is shipped keeps as much of its bar as it ever had.
        for colours in Palette::default().statuses {
            assert_eq!(in_the_dark(colours.bar).0, mixed(0xFF_FF_FF, colours.bar, 65));
        }
    }

    #[test]
    fn colours_are_mixed_by_channel() {
        assert_eq!((mixed(0xFFFFFF, 0, 50), mixed(0x102030, 0x507090, 25)), (0x7F7F7F, 0x203448));
    }
}
