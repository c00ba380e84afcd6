//! Writes the report as a workbook: each list of numbers as a flat table, the other sections on the sheets that the template names.

mod blocks;
mod charts;
mod days;
mod format;
mod links;
mod logo;
mod marks;
mod measure;
mod numbers;
mod package;
mod page;
mod read_back;
mod refusal;
mod rows;
mod text;

use std::borrow::Cow;
use std::io::Write;

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Workbook};

use crate::domain::columns::ColumnType;
use crate::domain::note::Note;
use crate::error::Result;
use crate::export::exporter::Isolation;
use crate::export::package::LEVEL;
use crate::export::{ExportSummary, Exporter, Options, sheet_names};
use crate::report::words::Words;
use crate::report::{Report, Section, SectionId, named_figures};
use blocks::Surroundings;
use format::Formats;
use numbers::TableSheet;
use package::FORMAT;
use page::PageSetup;
use refusal::refused;
use text::CellEscaper;

/// Rows of data one worksheet holds below its header.
const SHEET_ROWS: usize = 1_048_575;

/// The workbook format.
pub struct Xlsx;

impl Exporter for Xlsx {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        if !places.iter().any(|(section, _)| *section == SectionId::Numbers) {
            return Err("the section numbers needs a sheet".to_owned());
        }
        sheet_names::check(places, text::units)
    }

    fn isolation(&self) -> Isolation {
        Isolation::ReadBack(read_back::rows)
    }

    fn text_read_back<'t>(&self, text: &'t str, _kind: ColumnType, _options: &Options, words: &Words) -> Cow<'t, str> {
        text::fitted(text, words).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        write_with(report, SHEET_ROWS, options, out)
    }
}

/// Writes the workbook with at most `sheet_rows` rows of data on a sheet (at most 1,048,575); further rows
/// continue on further sheets, each a table of its own.
///
/// The library lays out everything but the rows of the tables, which are then streamed into their sheets: no
/// memory a row, no temporary file, and a refused write is an error.
///
/// # Errors
/// [`crate::error::Error::input_output`] when `out` refuses the bytes.
pub fn write(report: &Report, sheet_rows: usize, out: &mut dyn Write) -> Result<ExportSummary> {
    write_with(report, sheet_rows, &Options::default(), out)
}

/// As [`write`], on the paper of `options`, counting the rows of the numbers there.
fn write_with(report: &Report, sheet_rows: usize, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
    let sheet_rows = sheet_rows.clamp(1, SHEET_ROWS);
    let formats = Formats::new(report);
    let mut escaper = CellEscaper { words: &report.words, cut: Vec::new(), escaped: 0 };
    let mut workbook = Workbook::new();
    // Parts without rows are copied as the library packs them.
    workbook.set_zip_compression_level(LEVEL);
    workbook.set_properties(&properties(report)?);
    let page = PageSetup::of(report, options);
    // Where every row stands is known before the first sheet is laid out: links lead to them.
    let mut tables = plan(report, sheet_rows)?;
    let mut notes = links::add_mail(&mut tables, report, options)?;
    notes.extend(links::notes(&tables));
    for (index, section) in report.sections.iter().enumerate() {
        let Some(name) = section.place(FORMAT) else { continue };
        if report.list(section).is_some() {
            for sheet in tables.iter_mut().filter(|sheet| sheet.section == section.id) {
                let laid_out = numbers::lay_out(&mut workbook, sheet, report, &page, &formats)?;
                if let Some(accent) = section.accent {
                    laid_out.set_tab_color(Color::RGB(report.look.palette.status(Some(accent)).bar));
                }
            }
            continue;
        }
        let here = |other: &&Section| other.place(FORMAT) == Some(name);
        if !report.sections[..index].iter().any(|other| here(&other)) {
            let sections: Vec<&Section> = report.sections[index..].iter().filter(here).collect();
            let surroundings = Surroundings { report, page: &page, formats: &formats, tables: &tables };
            let names = blocks::lay_out(&mut workbook, name, &sections, &surroundings, &mut escaper)?;
            names.iter().try_for_each(|(name, cell)| workbook.define_name(name, cell).map(drop)).map_err(refused)?;
        }
    }
    if report.section(SectionId::Names).is_some_and(|section| section.place(FORMAT).is_some()) {
        let instant = report.cover.as_of.utc().format("=DATE(%-Y,%-m,%-d)+TIME(%-H,%-M,%-S)").to_string();
        workbook.define_name(named_figures::AS_OF, &instant).map_err(refused)?;
    }
    let skeleton = workbook.save_to_buffer().map_err(refused)?;
    let stats = package::splice(skeleton, &tables, &mut escaper, &options.written, out)?;
    escaper.escaped += stats.iter().map(|sheet| sheet.changed).sum::<u64>();
    let captions = report.numbers.columns.iter().map(|column| column.caption.as_str());
    let notes = escaper.note().into_iter().chain(escaper.cut_note()).chain(page.notes).chain(text::caption_notes(captions)).chain(notes);
    let notes = notes.map(Note::from).collect();
    let numbers = || tables.iter().zip(&stats).filter(|(sheet, _)| sheet.section == SectionId::Numbers);
    let rows = numbers().map(|(_, stats)| stats.rows).sum();
    Ok(ExportSummary { rows, pages: Some(numbers().count() as u64), notes })
}

/// The sheets of all lists, in order.
fn plan(report: &Report, sheet_rows: usize) -> Result<Vec<TableSheet<'_>>> {
    let mut tables = Vec::new();
    for section in &report.sections {
        if let Some((name, table)) = section.place(FORMAT).zip(report.list(section)) {
            tables.extend(numbers::plan(name, section.id, table, sheet_rows, &report.words)?);
        }
    }
    Ok(tables)
}

fn properties(report: &Report) -> Result<DocProperties> {
    let created = ExcelDateTime::from_timestamp(report.cover.as_of.utc().timestamp()).map_err(refused)?;
    Ok(DocProperties::new()
        .set_title(text::plain(&report.cover.title))
        .set_subject(text::plain(&report.as_of_line()))
        .set_author(text::plain(&report.cover.operator))
        .set_comment(text::plain(&report.cover.notice))
        .set_creation_datetime(&created))
}
