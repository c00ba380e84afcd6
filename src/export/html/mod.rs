//! Writes the report as one self-contained page: the summary, the numbers with the tools of a viewer, the lists, and the notes.

mod blocks;
pub mod chart;
mod page;
mod policy;
mod read_back;
pub mod style;
mod table;
mod tools;

use std::borrow::Cow;
use std::io::Write;

use crate::domain::columns::ColumnType;
use crate::domain::note::Note;
use crate::domain::text::{numbered, thousands};
use crate::error::{Error, Place, Result};
use crate::export::chunks::{self, ChunkStats};
use crate::export::exporter::Isolation;
use crate::export::mail::MailLink;
use crate::export::markup::{Markup, text_in_document};
use crate::export::places::{self, LIST, NOTES, SUMMARY};
use crate::export::{ExportSummary, Exporter, Options};
use crate::report::words::Words;
use crate::report::{Content, LazyTable, Report, Section, SectionId};
use style::FORMAT;
use table::{Figures, TableRows};

/// Rows of the numbers that one page holds at most: a browser keeps each cell as several objects.
const MAX_ROWS: usize = 50_000;
/// Rows of the numbers up to which finding and filtering take no time that anybody notices; longer reports are several pages.
const EASY_ROWS: usize = 10_000;

/// The HTML format.
pub struct Html;

impl Exporter for Html {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        places::check(FORMAT, places)
    }

    fn isolation(&self) -> Isolation {
        Isolation::ReadBack(read_back::rows)
    }

    fn text_read_back<'t>(&self, text: &'t str, _kind: ColumnType, _options: &Options, _words: &Words) -> Cow<'t, str> {
        text_in_document(text)
    }

    /// Pages lead to each other by their names, so there are several only where these stay.
    fn rows_of_a_file(&self, options: &Options) -> usize {
        if options.files_stay { EASY_ROWS } else { usize::MAX }
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        if report.numbers.rows > MAX_ROWS {
            let what = numbered(report.numbers.rows as u64, "row does", "rows do");
            let help = "ask for a page of them or fewer rows, or leave html out";
            let error =
                Error::data(FORMAT, format!("{what} not fit; a page that a browser opens holds {}", thousands(MAX_ROWS as u64)), help);
            return Err(error.with_remedy(Place::option_value("format", "csv,xlsx")));
        }
        let mut document = Document { report, options, out, changed: 0 };
        let rows = document.write()?;
        let cells = numbered(document.changed, "text holds", "texts hold");
        let note = format!("html: {cells} characters that a page cannot hold; they are shown as signs that stand for them");
        let notes = (document.changed > 0).then(|| Note::from(note)).into_iter().collect();
        Ok(ExportSummary { rows, pages: None, notes })
    }
}

/// A page on its way out.
struct Document<'a> {
    report: &'a Report,
    options: &'a Options,
    out: &'a mut dyn Write,
    /// Texts with characters that were replaced.
    changed: u64,
}

impl<'a> Document<'a> {
    /// Writes everything, in order; the rows of the numbers.
    fn write(&mut self) -> Result<u64> {
        let report = self.report;
        let mut markup = Markup::default();
        page::open(&mut markup, report, self.options);
        blocks::facts(&mut markup, report);
        blocks::sections(&mut markup, &places::at(report, FORMAT, SUMMARY), &report.words);
        page::end_summary(&mut markup);
        self.emit(&mut markup)?;
        let rows = self.numbers()?;
        for section in places::at(report, FORMAT, LIST) {
            self.list(section)?;
        }
        page::open_notes(&mut markup);
        blocks::sections(&mut markup, &places::at(report, FORMAT, NOTES), &report.words);
        page::close(&mut markup, report);
        self.emit(&mut markup)?;
        self.out.flush().map_err(|error| Error::unwritten(FORMAT, error))?;
        Ok(rows)
    }

    fn emit(&mut self, markup: &mut Markup) -> Result<()> {
        self.changed += std::mem::take(&mut markup.changed);
        self.out.write_all(&markup.bytes).map_err(|error| Error::unwritten(FORMAT, error))?;
        markup.bytes.clear();
        Ok(())
    }

    /// The table of numbers with its tools; its rows.
    fn numbers(&mut self) -> Result<u64> {
        let (numbers, words) = (&self.report.numbers, &self.report.words);
        let mut markup = Markup::default();
        table::open(&mut markup, SectionId::Numbers, places::numbers(self.report), None, numbers.rows, words);
        tools::numbers(&mut markup, self.report);
        let stats = self.rows(markup, SectionId::Numbers, numbers, Figures::Exact)?;
        Ok(stats.rows)
    }

    /// A list of numbers or figures; one without rows says so.
    fn list(&mut self, section: &'a Section) -> Result<()> {
        let mut markup = Markup::default();
        match &section.content {
            Content::Rows(rows) => {
                let (words, counted) = (&self.report.words, rows.rows - rows.totals.min(rows.rows));
                table::open(&mut markup, section.id, (&section.heading, &section.explanation), section.accent, counted, words);
                tools::list(&mut markup, rows, words);
                self.rows(markup, section.id, rows, Figures::Grouped).map(drop)
            }
            _ => {
                blocks::sections(&mut markup, &[section], &self.report.words);
                self.emit(&mut markup)
            }
        }
    }

    /// The rows of `rows` and what stands around them, `markup` first.
    fn rows(&mut self, mut markup: Markup, section: SectionId, rows: &LazyTable, figures: Figures) -> Result<ChunkStats> {
        let is_numbers = section == SectionId::Numbers;
        table::head(&mut markup, section, rows, &self.report.words);
        self.emit(&mut markup)?;
        let mail = MailLink::new(self.options, self.report, section, rows);
        let writer = TableRows::new(rows, &self.report.words, figures, mail);
        let body = 0..rows.rows - rows.totals.min(rows.rows);
        let written = is_numbers.then_some(&self.options.written);
        let out = &mut *self.out;
        let stats = chunks::write(
            rows,
            body.clone(),
            |chunk, bytes| {
                let stats = writer.write(chunk, bytes);
                written.inspect(|written| written.add(stats.rows));
                Ok(stats)
            },
            |bytes| out.write_all(bytes).map_err(|error| Error::unwritten(FORMAT, error)),
        )?;
        self.changed += stats.changed;
        let totals = rows.table(body.end..rows.rows)?;
        table::close(&mut markup, &writer, &totals);
        self.emit(&mut markup)?;
        Ok(stats)
    }
}
