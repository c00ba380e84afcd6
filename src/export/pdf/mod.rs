//! Writes the report as a PDF: first pages with the sections that the template places there, then the table of numbers.

mod blocks;
mod chart;
mod colour_profile;
mod content;
mod file;
mod fonts;
mod lists;
mod marks;
mod outline;
mod page_chrome;
mod pages;
mod static_content;
mod structure;
mod summary;
mod table;

use std::io::Write;

use crate::domain::note::Note;
use crate::domain::text::{numbered, thousands};
use crate::error::Result;
use crate::export::exporter::{Isolation, PdfTags};
use crate::export::layout::fonts::Faces;
use crate::export::layout::pages::{PageArea, TableLayout};
use crate::export::layout::table_rows::TableRows;
use crate::export::{ExportSummary, Exporter, Options};
use crate::report::{Report, SectionId};

use file::PdfFile;
use lists::ListSheets;
use page_chrome::{PageChrome, Sheet};
use static_content::StaticContent;

/// Rows up to which a document says what its parts are: 3.4 MB of them, 0.4 MB without.
const TAGGED_ROWS: usize = 10_000;

/// The PDF format.
pub struct Pdf;

impl Exporter for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        let is_right = |section: SectionId, place: &str| match section {
            SectionId::Numbers => false,
            section if section.is_list() => place == lists::PLACE,
            _ => summary::PLACES.contains(&place),
        };
        let wrong = places.iter().find(|(section, place)| !is_right(*section, place));
        wrong.map_or(Ok(()), |(section, place)| match section {
            SectionId::Numbers => Err("the numbers follow the other pages: take pdf out of formats of the section numbers".to_owned()),
            section if section.is_list() => {
                Err(format!("a list is not on the first pages: write \"{}\" in formats of the section {}", lists::PLACE, section.code()))
            }
            _ => Err(format!("'{place}' of the section {} is none of {}", section.code(), summary::PLACES.join(", "))),
        })
    }

    fn isolation(&self) -> Isolation {
        Isolation::Canary
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        let faces = Faces::shared()?;
        let layout = Layout::new(report, options, faces)?;
        let mut file = PdfFile::begin(out)?;
        let drawn = pages::write(&mut file, report, &layout, faces, &options.written)?;
        file.finish(drawn.catalog, drawn.information, &report.subject())?;
        let missing = || format!("{} characters are in no shipped face and are shown as \u{FFFD}", drawn.missing);
        let (one, many) = (
            "cell longer than 32,767 characters is cut; the CSV has it whole",
            "cells longer than 32,767 characters are cut; the CSV has them whole",
        );
        let untagged = (!layout.is_tagged() && options.pdf_tags == PdfTags::UsualLength).then(|| {
            format!("a PDF of more than {} rows does not say what its parts are, which screen readers want", thousands(TAGGED_ROWS as u64))
        });
        let cut = (drawn.cut > 0).then(|| numbered(drawn.cut, one, many));
        let notes = (drawn.missing > 0).then(missing).into_iter().chain(cut).chain(untagged).map(Note::from).collect();
        Ok(ExportSummary { rows: drawn.rows, pages: Some(layout.pages() as u64), notes })
    }
}

/// A report on pages: the cover, then the lists, then the table, all in the same chrome.
pub struct Layout<'a> {
    chrome: PageChrome,
    cover: Vec<StaticContent>,
    lists: Vec<ListSheets<'a>>,
    /// The rows of the table.
    pub rows: TableRows<'a>,
    /// The table, which comes last.
    pub table: TableLayout,
    tags: PdfTags,
}

impl<'a> Layout<'a> {
    /// Lays out `report` on the paper of `options`.
    ///
    /// # Errors
    /// As [`TableLayout::new`].
    pub fn new(report: &'a Report, options: &Options, faces: &Faces) -> Result<Self> {
        let sheet = Sheet::of(options);
        let chrome = PageChrome::new(report, faces, sheet);
        let cover = summary::sheets(report, faces, &chrome);
        let lists = lists::lay_out(report, faces, &chrome)?;
        let (left, width, top, bottom) = (sheet.left(), sheet.inner_width(), chrome.top, chrome.bottom);
        let rows = TableRows::new(report.numbers.clone(), &report.words)?;
        let groups: Vec<usize> = report.groups.iter().map(|group| group.1).collect();
        let table = TableLayout::new(&rows, faces, PageArea { left, width, top, next_top: top, bottom }, &groups)?;
        Ok(Self { chrome, cover, lists, rows, table, tags: options.pdf_tags })
    }

    /// All pages.
    pub fn pages(&self) -> usize {
        self.before() + self.table.pages()
    }

    /// Whether pieces of pages are marked with what they are.
    fn is_tagged(&self) -> bool {
        self.tags == PdfTags::UsualLength && self.long_tables().iter().map(|(_, rows)| rows).sum::<usize>() <= TAGGED_ROWS
    }

    /// Columns and rows of each long table, in reading order.
    fn long_tables(&self) -> Vec<(usize, usize)> {
        let tables = self.lists.iter().map(|list| &list.rows).chain([&self.rows]);
        tables.map(|rows| (rows.columns().len(), rows.len())).collect()
    }

    /// Pages before the table.
    fn before(&self) -> usize {
        self.cover.len() + self.lists.last().map_or(0, |list| list.pages.end)
    }
}
