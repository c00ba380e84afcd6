//! Lays out the page about the report: as-of, filters, notice, caveats, counts, and what every column and status means. Holds no row of the report.

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use crate::error::Result;
use crate::export::xlsx::format::Formats;
use crate::export::xlsx::page::PageSetup;
use crate::export::xlsx::text::{self, CellEscaper};
use crate::export::xlsx::{measure, refused, rows};
use crate::report::{Report, style};

/// The width of the column of terms, in digits of the body face.
const TERM_WIDTH: f64 = 44.0;
/// The width of the column of meanings.
const MEANING_WIDTH: f64 = 110.0;

/// Adds the sheet.
///
/// # Errors
/// [`crate::error::Error::data`] when a text is longer than a cell holds.
pub fn lay_out(workbook: &mut Workbook, report: &Report, page: &PageSetup, formats: &Formats, escaper: &mut CellEscaper) -> Result<()> {
    let sheet = workbook.add_worksheet();
    sheet.set_name("About").map_err(refused)?.set_screen_gridlines(false);
    sheet.set_column_width(0, TERM_WIDTH).map_err(refused)?;
    sheet.set_column_width(1, MEANING_WIDTH).map_err(refused)?;
    page.set_up(sheet);
    escaper.put(sheet, 0, 0, &report.title, &formats.title)?;
    let mut row = facts(sheet, report, 2, formats, escaper)? + 1;
    escaper.put(sheet, row, 0, "Use of this report", &formats.heading)?;
    entry(sheet, row + 1, "Notice", &formats.label, &report.notice, formats, escaper)?;
    row += 2;
    for (index, caveat) in report.caveats.iter().enumerate() {
        let label = if index == 0 { "Keep in mind" } else { "" };
        entry(sheet, row, label, &formats.label, caveat, formats, escaper)?;
        row += 1;
    }
    row = counts(sheet, report, row + 1, formats, escaper)?;
    glossary(sheet, report, row + 1, formats, escaper)
}

/// The facts of the run, one a row: name and value. Returns the next free row.
///
/// # Errors
/// [`crate::error::Error::data`] when a text is longer than a cell holds.
pub fn facts(sheet: &mut Worksheet, report: &Report, first: u32, formats: &Formats, escaper: &mut CellEscaper) -> Result<u32> {
    let named = |index: usize, name: &'static str| if index == 0 { name } else { "" };
    let mut facts = vec![("As of", report.as_of.to_string())];
    if !report.operator.is_empty() {
        facts.push(("Operator", report.operator.clone()));
    }
    if report.filters.is_empty() {
        facts.push(("Filters", "none".to_owned()));
    }
    facts.extend(report.filters.iter().enumerate().map(|(index, filter)| (named(index, "Filters"), filter.clone())));
    facts.push(("Order", report.order.clone()));
    if let Some(page) = report.page {
        let words = format!("page {} of {}, {} rows each; the counts are of all {} rows", page.number, page.of, page.size, page.rows);
        facts.push(("Page", words));
    }
    facts.push(("Rows in this file", report.numbers.rows.to_string()));
    facts.extend(report.inputs.iter().enumerate().map(|(index, input)| (named(index, "Made from"), input.clone())));
    for (row, (name, value)) in (first..).zip(&facts) {
        escaper.put(sheet, row, 0, name, &formats.label)?;
        // On a sheet of lines, a value of several would run into the next.
        escaper.put(sheet, row, 1, &text::plain(value), &formats.plain)?;
    }
    Ok(first + facts.len() as u32)
}

/// How many numbers have each status and detail, and how many of them are in this file. Returns the next free row.
fn counts(sheet: &mut Worksheet, report: &Report, first: u32, formats: &Formats, escaper: &mut CellEscaper) -> Result<u32> {
    let summary = &report.summary;
    escaper.put(sheet, first, 0, "Status and detail", &formats.header)?;
    escaper.put(sheet, first, 1, "Numbers", &formats.header)?;
    let mut row = first + 1;
    let mut line = |name: &str, named: &Format, count: u64, format: &Format| -> Result<()> {
        escaper.put(sheet, row, 0, name, named)?;
        sheet.write_number_with_format(row, 1, count as f64, format).map_err(refused)?;
        row += 1;
        Ok(())
    };
    for (status, count) in &summary.by_status {
        let caption = summary.spelling.status(*status);
        line(caption, formats.status(*status), *count, &formats.count_left)?;
        for (_, detail, count) in summary.by_detail.iter().filter(|entry| entry.0 == *status) {
            line(summary.spelling.detail(*detail), &formats.indented, *count, &formats.count_left)?;
        }
    }
    line("All numbers", &formats.total_label, summary.rows, &formats.total_left)?;
    let here = report.page.map_or_else(|| "In this file".to_owned(), |page| format!("In this file, page {} of {}", page.number, page.of));
    line(&here, &formats.label, report.numbers.rows as u64, &formats.count_left)?;
    Ok(row)
}

/// Each group of words under its own heading: the word, and what it means.
fn glossary(sheet: &mut Worksheet, report: &Report, first: u32, formats: &Formats, escaper: &mut CellEscaper) -> Result<()> {
    let mut row = first;
    let mut heading = "";
    for [group, term, meaning] in &report.glossary {
        if group != heading {
            row += u32::from(row > first);
            escaper.put(sheet, row, 0, group, &formats.header)?;
            escaper.put(sheet, row, 1, "Meaning", &formats.header)?;
            heading = group;
            row += 1;
        }
        let status = style::status_of(term);
        let named = if status.is_some() { formats.status(status) } else { &formats.wrapped };
        entry(sheet, row, term, named, meaning, formats, escaper)?;
        row += 1;
    }
    Ok(())
}

/// A word and its meaning, in a row high enough for both.
fn entry(
    sheet: &mut Worksheet,
    row: u32,
    word: &str,
    named: &Format,
    meaning: &str,
    formats: &Formats,
    escaper: &mut CellEscaper,
) -> Result<()> {
    escaper.put(sheet, row, 0, word, named)?;
    escaper.put(sheet, row, 1, meaning, &formats.wrapped)?;
    let lines = measure::lines(meaning, MEANING_WIDTH).max(measure::lines(word, TERM_WIDTH));
    if lines > 1 {
        sheet.set_row_height(row, (rows::POINTS_A_LINE * lines.min(rows::MOST_LINES)) as f64).map_err(refused)?;
    }
    Ok(())
}
