//! Writes the report as a PDF: first pages with the sections that the template places there, then the table of numbers.

mod blocks;
mod chart;
mod fonts;
mod glyph_runs;
mod lists;
mod outline;
mod page_chrome;
mod static_content;
mod summary;
mod table;

use std::io::Write;

use krilla::graphic::Graphic;
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use crate::domain::note::Note;
use crate::domain::text::numbered;
use crate::error::{Error, Result, system_words};
use crate::export::exporter::Isolation;
use crate::export::layout::cell_text;
use crate::export::layout::fonts::{Face, Faces};
use crate::export::layout::pages::{PageArea, TableLayout};
use crate::export::{ExportSummary, Exporter, Options, RowsWritten};
use crate::report::words::Words;
use crate::report::{Report, SectionId, Table};

use fonts::Fonts;
use lists::ListSheets;
use page_chrome::PageChrome;
use static_content::StaticContent;

/// Pages drawn before the thread that draws helps with compressing, so that raw pages never pile up: a few hundred
/// kilobytes each.
const PAGES_AHEAD: usize = 16;

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
        let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(2));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|_| "pdf".to_owned())
            .build()
            .map_err(|error| Error::system("pdf", system_words(&error), "allow the program more threads"))?;
        // Pages are compressed by the pool of the thread that draws them: a pool of our own keeps other work out of it.
        let (bytes, written) = pool.install(|| document(report, &options.written))?;
        out.write_all(&bytes).map_err(|error| Error::unwritten("pdf", error))?;
        Ok(written)
    }
}

/// A report on pages: the cover, then the lists, then the table, all in the same chrome.
pub struct Layout {
    chrome: PageChrome,
    cover: Vec<StaticContent>,
    lists: Vec<ListSheets>,
    /// The table, which comes last.
    pub table: TableLayout,
}

impl Layout {
    /// Lays out `report` and its `numbers`.
    ///
    /// # Errors
    /// As [`TableLayout::new`].
    pub fn new(report: &Report, numbers: &Table, faces: &Faces) -> Result<Self> {
        let chrome = PageChrome::new(report, faces);
        let cover = summary::sheets(report, faces, &chrome);
        let lists = lists::lay_out(report, faces, &chrome)?;
        let area =
            PageArea { left: page_chrome::LEFT, width: page_chrome::WIDTH, top: chrome.top, next_top: chrome.top, bottom: chrome.bottom };
        let table = TableLayout::new(numbers, faces, area)?;
        Ok(Self { chrome, cover, lists, table })
    }

    /// All pages.
    pub fn pages(&self) -> usize {
        self.before() + self.table.pages()
    }

    /// Pages before the table.
    fn before(&self) -> usize {
        self.cover.len() + self.lists.last().map_or(0, |list| list.pages.end)
    }
}

fn document(report: &Report, written: &RowsWritten) -> Result<(Vec<u8>, ExportSummary)> {
    let fonts = Fonts::load()?;
    let numbers = cell_text::group_counts(report.numbers.table(0..report.numbers.rows)?, &report.words);
    let layout = Layout::new(report, &numbers, fonts.faces)?;
    let settings = SerializeSettings { enable_tagging: false, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    document.set_metadata(outline::metadata(report));
    let lists = (layout.lists.as_slice(), layout.cover.len());
    document.set_outline(outline::bookmarks(report, (&numbers, &layout.table), lists, fonts.faces));
    let Drawn { rows, missing, cut } = draw_pages(&mut document, &report.words, &numbers, &layout, &fonts, written)?;
    let bytes = document.finish().map_err(|error| Error::internal("pdf", format!("{error:?}")))?;
    let note = || format!("{missing} characters are in no shipped face and are shown as \u{FFFD}");
    let cut = (cut > 0).then(|| {
        let (one, many) = (
            "cell longer than 32,767 characters is cut; the CSV has it whole",
            "cells longer than 32,767 characters are cut; the CSV has them whole",
        );
        numbered(cut, one, many)
    });
    let notes = (missing > 0).then(note).into_iter().chain(cut).map(Note::from).collect();
    Ok((bytes, ExportSummary { rows, pages: Some(layout.pages() as u64), notes }))
}

/// What was drawn.
struct Drawn {
    /// Rows of the table.
    rows: u64,
    /// Characters that had no face.
    missing: u64,
    /// Cells that were cut.
    cut: u64,
}

/// Draws every page.
fn draw_pages(
    document: &mut Document,
    words: &Words,
    numbers: &Table,
    layout: &Layout,
    fonts: &Fonts,
    written: &RowsWritten,
) -> Result<Drawn> {
    let size =
        PageSettings::from_wh(page_chrome::PAGE.0, page_chrome::PAGE.1).ok_or_else(|| Error::internal("pdf", "the page has no size"))?;
    let mut painter = table::TablePainter::new(&layout.table);
    let mut list_painters: Vec<_> = layout.lists.iter().map(|list| table::TablePainter::new(&list.layout)).collect();
    let mut missing = 0;
    // What is the same on every page is in the file once.
    let (mut chrome, mut captions) = (None, None);
    for index in 0..layout.pages() {
        let mut page = document.start_page_with(size.clone());
        let mut surface = page.surface();
        if index == 0 {
            number_glyphs(&mut surface, fonts);
        }
        let chrome = chrome.get_or_insert_with(|| form_xobject(&mut surface, fonts, &layout.chrome.sheet)).clone();
        surface.draw_graphic(chrome);
        layout.chrome.number(words, fonts.faces, index + 1, layout.pages()).draw(&mut surface, fonts);
        match layout.cover.get(index) {
            Some(content) => missing += content.draw(&mut surface, fonts),
            None if index < layout.before() => {
                let here = layout.lists.iter().zip(&mut list_painters);
                missing +=
                    here.map(|(list, painter)| list.draw_page(painter, fonts, index - layout.cover.len(), &mut surface)).sum::<u64>();
            }
            None => {
                let captions =
                    captions.get_or_insert_with(|| form_xobject(&mut surface, fonts, &table::captions(numbers, &layout.table, 0))).clone();
                surface.draw_graphic(captions);
                let before = painter.rows;
                painter.draw_page(numbers, &layout.table, fonts, index - layout.before(), &mut surface);
                written.add(painter.rows - before);
            }
        }
        surface.finish();
        page.finish();
        if index % PAGES_AHEAD == PAGES_AHEAD - 1 {
            while rayon::yield_now() == Some(rayon::Yield::Executed) {}
        }
    }
    // A cell that is cut in several lists, or in the numbers too, is one cell.
    let of_lists = list_painters.iter().fold((0, 0), |sum, list| (sum.0 + list.text.missing, sum.1.max(list.cut)));
    Ok(Drawn { rows: painter.rows, missing: missing + painter.text.missing + of_lists.0, cut: painter.cut.max(of_lists.1) })
}

/// A drawing of `content` that pages can refer to.
fn form_xobject(surface: &mut Surface<'_>, fonts: &Fonts, content: &StaticContent) -> Graphic {
    let mut builder = surface.stream_builder();
    let mut drawing = builder.surface();
    content.draw(&mut drawing, fonts);
    drawing.finish();
    Graphic::new(builder.finish(), false)
}

/// Has the writer number the accents before the letters and digits, on a drawing that is thrown away.
/// A string of glyphs numbered from 128 is written as hexadecimal, four characters a glyph; of the lower
/// numbers most would be written as octal escapes, twice as long and twice the work to compress.
fn number_glyphs(surface: &mut Surface<'_>, fonts: &Fonts) {
    let mut builder = surface.stream_builder();
    let mut scratch = builder.surface();
    let mut batch = glyph_runs::GlyphBatch::new(1.0);
    let accents: String = ('\u{300}'..='\u{36F}')
        .chain('\u{2B0}'..='\u{2D0}')
        .filter(|accent| fonts.faces.regular.glyph(*accent).face == Face::Regular)
        .collect();
    batch.write(&fonts.faces.regular, 0.0, 0.0, &accents);
    batch.draw(&mut scratch, fonts, 0);
    scratch.finish();
    drop(builder.finish());
}
