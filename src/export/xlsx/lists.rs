//! Lays out the two task lists: what to assign now, and what waits for the reader. Says why when there is no list.

use rust_xlsxwriter::{Color, Workbook};

use crate::domain::status::Status;
use crate::error::Result;
use crate::export::xlsx::format::Formats;
use crate::export::xlsx::numbers::{self, TableSheet};
use crate::export::xlsx::page::PageSetup;
use crate::export::xlsx::refused;
use crate::export::xlsx::text::CellEscaper;
use crate::report::{LazyTable, Report, Section, style};

/// The lists have their own columns: choosing others for the report does not help.
const HELP: &str = "shorten it in the source, or leave xlsx out";

/// Adds the sheets of both lists and returns those whose rows are to be streamed in.
///
/// # Errors
/// [`crate::error::Error::internal`] when the library refuses the layout.
pub fn lay_out<'a>(
    workbook: &mut Workbook,
    report: &'a Report,
    sheet_rows: usize,
    page: &PageSetup,
    formats: &Formats,
    escaper: &mut CellEscaper,
) -> Result<Vec<TableSheet<'a>>> {
    let mut tables = Vec::new();
    for (name, section) in [("Assign now", &report.assign_now), ("Needs you", &report.needs_you)] {
        match sentence(name, section) {
            Ok(table) => {
                let mut sheets = numbers::plan(name, table, sheet_rows, HELP)?;
                for sheet in &mut sheets {
                    numbers::lay_out(workbook, sheet, page, formats)?.set_tab_color(colour(name));
                }
                tables.extend(sheets);
            }
            Err(why) => absent(workbook, name, why, report, page, formats, escaper)?,
        }
    }
    Ok(tables)
}

/// The rows of a list, or the sentence that stands for them.
fn sentence<'a>(name: &str, section: &'a Section) -> std::result::Result<&'a LazyTable, &'a str> {
    match section {
        Section::Table(table) if table.rows > 0 => Ok(table),
        Section::Table(_) if name == "Assign now" => Err("No number is ready to be assigned."),
        Section::Table(_) => Err("No number waits for you."),
        Section::Absent(why) => Err(why),
    }
}

fn colour(name: &str) -> Color {
    let status = if name == "Assign now" { Status::Scheduled } else { Status::WaitingForYou };
    Color::RGB(style::status_colour(Some(status)).bar)
}

/// A sheet that says why there is no list.
fn absent(
    workbook: &mut Workbook,
    name: &str,
    why: &str,
    report: &Report,
    page: &PageSetup,
    formats: &Formats,
    escaper: &mut CellEscaper,
) -> Result<()> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(name).map_err(refused)?.set_tab_color(colour(name)).set_screen_gridlines(false);
    sheet.set_column_width(0, 100).map_err(refused)?;
    page.set_up(sheet);
    escaper.put(sheet, 0, 0, name, &formats.title)?;
    escaper.put(sheet, 1, 0, &format!("As of {}", report.as_of), &formats.remark)?;
    escaper.put(sheet, 3, 0, why, &formats.wrapped)
}
