//! Sets what is printed around a sheet: title, as-of, notice and page number.

use rust_xlsxwriter::Worksheet;

use crate::domain::paper::{Orientation, Paper};
use crate::export::Options;
use crate::export::xlsx::measure;
use crate::export::xlsx::text::{plain, units};
use crate::report::words::fill;
use crate::report::{Report, SectionId};

/// UTF-16 units a page header or footer holds, its codes included.
const UNITS: usize = 255;
/// UTF-16 units of each of the template's words around a page, at most.
const WORDS: usize = 80;
/// The 19 columns stay readable on it.
const PAPER: Paper = Paper::Tabloid;

/// The least part of its size to which type of 11 points is scaled: to 5 points.
const LEAST_SCALE: f64 = 0.45;
/// The blank at either side of what is printed, in points.
const SIDE_POINTS: f64 = 0.4 * 72.0;

const TITLE: &str = "&L&\"-,Bold\"&11";
/// What follows the title: the name of the sheet.
const SHEET: &str = "  ·  &A";
/// What begins the notice in the footer, and the rest of it in a second line of the header.
const NOTICE: &str = "&L&8";
const REST: &str = "\n&\"-,Regular\"&8";
const RIGHT: &str = "&R&9";

/// The surroundings of every printed page.
pub struct PageSetup {
    header: String,
    footer: String,
    /// What had to be shortened, one sentence each.
    pub notes: Vec<String>,
    paper: Paper,
    orientation: Orientation,
}

impl PageSetup {
    /// Those of `report`, on the paper of `options`: the notice in the footer; where it is long, the page number makes room for it and its last
    /// sentences move to the header; where that is not enough, its first sentences, and where to read the others.
    pub fn of(report: &Report, options: &Options) -> Self {
        let (header, footer, notes) = Self::surroundings(report);
        let (paper, orientation) = options.sheet(report, PAPER);
        Self { header, footer, notes, paper, orientation }
    }

    /// Header and footer of every page, and what had to be shortened.
    fn surroundings(report: &Report) -> (String, String, Vec<String>) {
        let (cover, words) = (&report.cover, &report.words);
        let as_of = shortened(&report.as_of_line(), WORDS);
        let number = fill(&shortened(&words.page_number, WORDS), &[("page", "&P"), ("pages", "&N")]);
        let numbered = format!("{RIGHT}{as_of}  ·  {number}");
        let sentences = sentences(&cover.notice, &cover.operator);
        let mut notes = Vec::new();
        let footer = format!("{NOTICE}{}{RIGHT}{number}", escaped(&cover.notice));
        if units(&footer) <= UNITS {
            let header = header(&cover.title, "", &format!("{RIGHT}{as_of}"), &mut notes);
            return (header, footer, notes);
        }
        let split = |kept: usize| {
            let (first, rest) = sentences.split_at(kept);
            let rest = if rest.is_empty() { String::new() } else { format!("{REST}{}", escaped(&rest.join(" "))) };
            (format!("{NOTICE}{}", escaped(&first.join(" "))), rest)
        };
        let around = units(TITLE) + units(&escaped(&cover.title)) + units(SHEET) + units(&numbered);
        let fits = |(footer, rest): &(String, String)| units(footer) <= UNITS && around + units(rest) <= UNITS;
        if let Some((footer, rest)) = (1..=sentences.len()).rev().map(split).find(fits) {
            let header = header(&cover.title, &rest, &numbered, &mut notes);
            return (header, footer, notes);
        }
        let sheet = report.section(SectionId::NoticeLine).and_then(|section| section.place("xlsx"));
        let pointer = sheet.map(|sheet| format!(" {}", shortened(&fill(&words.rest_of_notice, &[("sheet", sheet)]), WORDS)));
        let whole = sheet.map(|sheet| format!(", and the sheet {sheet} has all of it")).unwrap_or_default();
        notes.push(format!("xlsx: the notice is too long for the foot of printed pages; they show its beginning{whole}"));
        let pointer = pointer.unwrap_or_default();
        let room = UNITS - units(NOTICE) - units(&pointer);
        let whole = (1..sentences.len()).rev().map(|kept| escaped(&sentences[..kept].join(" "))).find(|text| units(text) <= room);
        let beginning = whole.unwrap_or_else(|| beginning(&cover.notice, room));
        let header = header(&cover.title, "", &numbered, &mut notes);
        (header, format!("{NOTICE}{beginning}{pointer}"), notes)
    }

    /// One page wide, with these surroundings.
    pub fn set_up(&self, sheet: &mut Worksheet) {
        match self.orientation {
            Orientation::Landscape => sheet.set_landscape(),
            Orientation::Portrait => sheet.set_portrait(),
        };
        sheet
            .set_paper_size(self.paper.workbook_code())
            .set_print_fit_to_pages(1, 0)
            .set_header_footer_scale_with_doc(false)
            .set_margins(0.4, 0.4, 0.7, 0.7, 0.3, 0.3)
            .set_header(&self.header)
            .set_footer(&self.footer);
    }
}

impl PageSetup {
    /// How many pages beside each other columns of `widths`, in digits, take: one, unless type would be too small to be read.
    pub fn pages_wide(&self, widths: &[f64]) -> u16 {
        let printed = f64::from(self.paper.size(self.orientation).0) - 2.0 * SIDE_POINTS;
        let whole: f64 = widths.iter().map(|width| measure::pixels(*width) * measure::POINTS_A_PIXEL).sum();
        ((whole * LEAST_SCALE / printed).ceil() as u16).max(1)
    }
}

/// The title and the sheet on the left with `rest` below them, `right` on the right.
fn header(title: &str, rest: &str, right: &str, notes: &mut Vec<String>) -> String {
    let room = UNITS - units(TITLE) - units(SHEET) - units(rest) - units(right);
    let shown = shortened(title, room);
    if units(&escaped(title)) > room {
        notes.push("xlsx: the title is too long for the head of printed pages; they show its beginning".into());
    }
    format!("{TITLE}{shown}{SHEET}{rest}{right}")
}

/// `text` with its ampersands doubled, and only its beginning where it takes more than `room` units.
fn shortened(text: &str, room: usize) -> String {
    let whole = escaped(text);
    if units(&whole) <= room { whole } else { beginning(text, room) }
}

/// `text` on one line with its ampersands doubled. A digit after the size code would change the size: a space guards it.
fn escaped(text: &str) -> String {
    let guard = if plain(text).starts_with(|c: char| c.is_ascii_digit()) { " " } else { "" };
    format!("{guard}{}", plain(text).replace('&', "&&"))
}

/// The first words of `text` that fit `room` units, or characters where the first word does not, and an ellipsis.
fn beginning(text: &str, room: usize) -> String {
    let text = plain(text);
    let fits = |end: &usize| units(&escaped(&text[..*end])) < room;
    let words = text.match_indices(' ').map(|(at, _)| at).take_while(fits).last();
    let end = words.or_else(|| text.char_indices().map(|(at, _)| at).take_while(fits).last()).unwrap_or(0);
    format!("{}…", escaped(&text[..end]))
}

/// The sentences of the notice. A stop within the operator's name ends none.
fn sentences(notice: &str, operator: &str) -> Vec<String> {
    let (notice, operator) = (plain(notice), plain(operator));
    let named: Vec<_> = match operator.len() {
        0 => Vec::new(),
        length => notice.match_indices(&operator).map(|(at, _)| at..at + length).collect(),
    };
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, _) in notice.match_indices(". ").filter(|(at, _)| !named.iter().any(|name| name.contains(at))) {
        sentences.push(notice[start..=at].to_owned());
        start = at + 2;
    }
    sentences.push(notice[start..].to_owned());
    sentences
}
