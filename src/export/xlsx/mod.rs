//! Writes the report as a workbook: the numbers as one flat table, a summary, two task lists and a page about it. Never writes a formula or a link.

mod about;
mod format;
mod lists;
mod measure;
mod numbers;
mod package;
mod page;
mod rows;
mod summary;
mod text;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::error::{Error, Result};
use crate::export::{ExportSummary, Exporter, Options, Sink};
use crate::report::Report;
use format::Formats;
use page::PageSetup;
use text::CellEscaper;

/// Rows of data one worksheet holds below its header.
const SHEET_ROWS: usize = 1_048_575;

/// The workbook format.
pub struct Xlsx;

impl Exporter for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn export(&self, report: &Report, _options: &Options, out: &mut dyn Sink) -> Result<ExportSummary> {
        write(report, SHEET_ROWS, out)
    }
}

/// Writes the workbook with at most `sheet_rows` rows of data on a sheet (at most [`SHEET_ROWS`]); further rows
/// continue on further sheets, each a table of its own.
///
/// The library lays out everything but the rows of the tables, which are then streamed into their sheets: no
/// memory a row, no temporary file, and a refused write is an error.
///
/// # Errors
/// [`Error::data`] when a text is longer than a cell holds; [`Error::input_output`] when `out` refuses the bytes.
pub fn write(report: &Report, sheet_rows: usize, out: &mut dyn Sink) -> Result<ExportSummary> {
    let sheet_rows = sheet_rows.clamp(1, SHEET_ROWS);
    let formats = Formats::new();
    let mut escaper = CellEscaper::default();
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(report)?);
    let page = PageSetup::of(report);
    let help = "choose other columns, or leave xlsx out";
    let mut tables = numbers::plan("Numbers", &report.numbers, sheet_rows, help)?;
    let number_sheets = tables.len();
    for table in &mut tables {
        numbers::lay_out(&mut workbook, table, &page, &formats)?;
    }
    summary::lay_out(&mut workbook, report, &page, &formats, &mut escaper)?;
    tables.extend(lists::lay_out(&mut workbook, report, sheet_rows, &page, &formats, &mut escaper)?);
    about::lay_out(&mut workbook, report, &page, &formats, &mut escaper)?;
    let skeleton = workbook.save_to_buffer().map_err(refused)?;
    let stats = package::splice(skeleton, &tables, out)?;
    escaper.escaped += stats.iter().map(|sheet| sheet.changed).sum::<u64>();
    let captions = report.numbers.columns.iter().map(|column| column.caption.as_str());
    let notes = escaper.notes().into_iter().chain(page.notes).chain(text::caption_notes(captions)).collect();
    let rows = stats.iter().take(number_sheets).map(|sheet| sheet.rows).sum();
    Ok(ExportSummary { rows, pages: Some(number_sheets as u64), notes })
}

fn properties(report: &Report) -> Result<DocProperties> {
    let created = ExcelDateTime::from_timestamp(report.as_of.utc().timestamp()).map_err(refused)?;
    Ok(DocProperties::new()
        .set_title(text::plain(&report.title))
        .set_subject(format!("As of {}", report.as_of))
        .set_author(text::plain(&report.operator))
        .set_comment(text::plain(&report.notice))
        .set_creation_datetime(&created))
}

/// What the library refused, as an error of ours. Whatever is not the writer's fault is ours.
fn refused(error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(error) => Error::input_output("xlsx", error.to_string().to_lowercase(), ""),
        error => Error::internal("xlsx", &error).with_cause(error),
    }
}
