//! Writes the report as a workbook: each list of numbers as a flat table, the other sections on the sheets that the template names.

mod blocks;
mod charts;
mod format;
mod links;
mod measure;
mod numbers;
mod package;
mod page;
mod refusal;
mod rows;
mod text;

use std::io::Write;

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Workbook};

use crate::domain::note::Note;
use crate::error::Result;
use crate::export::exporter::Isolation;
use crate::export::package::LEVEL;
use crate::export::read_back::xlsx_rows;
use crate::export::{ExportSummary, Exporter, Options};
use crate::report::{Content, LazyTable, Report, Section, SectionId, style};
use format::Formats;
use numbers::TableSheet;
use page::PageSetup;
use refusal::refused;
use text::CellEscaper;

/// UTF-16 units of a sheet's name in a template: a workbook allows 31, and further sheets of a list are numbered.
const SHEET_NAME_UNITS: usize = 26;

/// The name of the format.
const FORMAT: &str = "xlsx";

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
        for (index, (section, name)) in places.iter().enumerate() {
            if name.trim().is_empty() || text::units(name) > SHEET_NAME_UNITS || name.contains(['[', ']', ':', '*', '?', '/', '\\', '\'']) {
                return Err(format!("a sheet's name has 1 to {SHEET_NAME_UNITS} characters and none of []:*?/\\': '{name}'"));
            }
            let clashes = |(other, taken): &&(SectionId, &str)| {
                taken.to_lowercase() == name.to_lowercase() && (taken != name || other.is_list() || section.is_list())
            };
            if let Some((other, _)) = places[..index].iter().find(clashes) {
                return Err(format!(
                    "{} and {} cannot share the sheet '{name}': a list has a sheet of its own",
                    other.code(),
                    section.code()
                ));
            }
        }
        Ok(())
    }

    fn isolation(&self) -> Isolation {
        Isolation::ReadBack(xlsx_rows)
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
/// [`crate::error::Error::data`] when a text is longer than a cell holds; [`crate::error::Error::input_output`] when `out` refuses the bytes.
pub fn write(report: &Report, sheet_rows: usize, out: &mut dyn Write) -> Result<ExportSummary> {
    write_with(report, sheet_rows, &Options::default(), out)
}

/// As [`write`], on the paper of `options`, counting the rows of the numbers there.
fn write_with(report: &Report, sheet_rows: usize, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
    let sheet_rows = sheet_rows.clamp(1, SHEET_ROWS);
    let formats = Formats::new();
    let mut escaper = CellEscaper::default();
    let mut workbook = Workbook::new();
    // Parts without rows are copied as the library packs them.
    workbook.set_zip_compression_level(LEVEL);
    workbook.set_properties(&properties(report)?);
    let page = PageSetup::of(report, options);
    let mut tables: Vec<TableSheet<'_>> = Vec::new();
    for (index, section) in report.sections.iter().enumerate() {
        let Some(name) = section.place(FORMAT) else { continue };
        let Some((table, help)) = list_of(report, section) else {
            let here = |other: &&Section| other.place(FORMAT) == Some(name);
            if !report.sections[..index].iter().any(|other| here(&other)) {
                let sections: Vec<&Section> = report.sections[index..].iter().filter(here).collect();
                blocks::lay_out(&mut workbook, name, &sections, report, &page, &formats, &mut escaper)?;
            }
            continue;
        };
        let mut sheets = numbers::plan(name, section.id, table, sheet_rows, help, &report.words)?;
        for sheet in &mut sheets {
            let laid_out = numbers::lay_out(&mut workbook, sheet, &page, &formats)?;
            if let Some(accent) = section.accent {
                laid_out.set_tab_color(Color::RGB(style::status_colour(Some(accent)).bar));
            }
        }
        tables.extend(sheets);
    }
    let skeleton = workbook.save_to_buffer().map_err(refused)?;
    let stats = package::splice(skeleton, &tables, &options.written, out)?;
    escaper.escaped += stats.iter().map(|sheet| sheet.changed).sum::<u64>();
    let captions = report.numbers.columns.iter().map(|column| column.caption.as_str());
    let notes = escaper.note().into_iter().chain(page.notes).chain(text::caption_notes(captions)).map(Note::from).collect();
    let numbers = || tables.iter().zip(&stats).filter(|(sheet, _)| sheet.section == SectionId::Numbers);
    let rows = numbers().map(|(_, stats)| stats.rows).sum();
    Ok(ExportSummary { rows, pages: Some(numbers().count() as u64), notes })
}

/// The list of numbers that `section` is, and what to do about a text in it that does not fit a cell.
fn list_of<'a>(report: &'a Report, section: &'a Section) -> Option<(&'a LazyTable, &'static str)> {
    match &section.content {
        Content::Numbers => Some((&report.numbers, "choose other columns, or leave xlsx out")),
        // The lists have their own columns: choosing others for the report does not help.
        Content::Rows(table) => Some((table, "shorten it in the source, or leave xlsx out")),
        _ => None,
    }
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
