//! Sets the cover and the sections around the numbers: headings, paragraphs, tables that are read whole, and the beginnings of lists.

use crate::error::Result;
use crate::export::docx::chart;
use crate::export::docx::logo;
use crate::export::docx::sheet::{Sheet, small_widths};
use crate::export::docx::table::{self, Counts, TableRows};
use crate::export::markup::Markup;
use crate::export::places;
use crate::report::words::fill;
use crate::report::{Content, LazyTable, Report, Section, Table};

/// The mark of the table of numbers, which links and readers know it by.
pub const NUMBERS_MARK: &str = "numbers";

/// A table of so many rows is not broken.
const ROWS_TOGETHER: usize = 24;

/// A paragraph in a style.
fn paragraph(markup: &mut Markup, style: &str, text: &str) {
    markup.raw("<w:p><w:pPr><w:pStyle w:val=\"").raw(style).raw("\"/></w:pPr>");
    markup.changed += u64::from(table::run(text, &mut markup.bytes));
    markup.raw("</w:p>");
}

/// The title, and the lines of the cover.
pub fn cover(markup: &mut Markup, report: &Report, sheet: &Sheet) {
    markup.raw("<w:p><w:pPr><w:pStyle w:val=\"Title\"/></w:pPr>");
    report.look.logo.iter().for_each(|logo| logo::run(markup, logo));
    markup.changed += u64::from(table::run(&report.cover.title, &mut markup.bytes));
    markup.raw("</w:p>");
    paragraph(markup, "Remark", &report.cover.notice);
    let label = sheet.room() / 6;
    table::frame(markup, &[label, sheet.room() - label], false, &report.words.cover);
    for fact in report.facts() {
        markup.raw("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        for (style, text) in [("Total", &fact.label), ("Cell", &fact.values.join("\n"))] {
            markup.raw("<w:tc>");
            paragraph(markup, style, text);
            markup.raw("</w:tc>");
        }
        markup.raw("</w:tr>");
    }
    table::close(markup);
}

/// The heading of the numbers, with the mark by which they are known.
pub fn numbers_heading(markup: &mut Markup, report: &Report) {
    let (heading, remark) = places::numbers(report);
    markup.raw("<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:bookmarkStart w:id=\"0\" w:name=\"").raw(NUMBERS_MARK).raw("\"/>");
    markup.changed += u64::from(table::run(heading, &mut markup.bytes));
    markup.raw("<w:bookmarkEnd w:id=\"0\"/></w:p>");
    let remark = if report.numbers.rows == 0 { &report.words.empty_report } else { remark };
    if !remark.is_empty() {
        paragraph(markup, "Remark", remark);
    }
}

/// The heading of a section.
pub fn heading(markup: &mut Markup, section: &Section) {
    paragraph(markup, if section.id.is_list() { "Heading1" } else { "Heading2" }, &section.heading);
}

/// A section below its heading, on a width of `room`; of a list as many rows as pages show.
///
/// # Errors
/// Those of the table.
pub fn section(markup: &mut Markup, section: &Section, report: &Report, (sheet, room): (&Sheet, u32)) -> Result<()> {
    let (rows, totals) = match &section.content {
        Content::Text(paragraphs) => {
            paragraphs.iter().for_each(|text| paragraph(markup, "Normal", text));
            return Ok(());
        }
        Content::Numbers => return Ok(()),
        Content::Rows(rows) => (shown(rows, report.rows_on_pages)?, rows.totals),
        Content::Series(series) => {
            if !section.explanation.is_empty() {
                paragraph(markup, "Remark", &section.explanation);
            }
            chart::bars(markup, section, series, report, room);
            return Ok(());
        }
        Content::Table { table, totals } => (table.clone(), *totals),
    };
    let remark = match &section.content {
        Content::Rows(all) => remark(report, section, all, &rows),
        _ => section.explanation.clone(),
    };
    if !remark.is_empty() {
        paragraph(markup, "Remark", &remark);
    }
    let (columns, widths) = match section.id.has_columns() {
        true => (rows.columns.clone(), sheet.widths(&rows.columns)),
        false => {
            let columns = table::small_columns(&rows);
            let widths = small_widths(&columns, room);
            (columns, widths)
        }
    };
    let start = markup.bytes.len();
    table::open(markup, &columns, &widths, (&section.heading, &report.look.palette));
    TableRows::new(&columns, report, Counts::Grouped).write_all(&rows, totals, markup);
    if !section.id.is_list() && rows.rows <= ROWS_TOGETHER {
        table::keep_together(markup, start);
    }
    table::close(markup);
    Ok(())
}

/// The first rows of a list, and its totals.
fn shown(rows: &LazyTable, most: usize) -> Result<Table> {
    if rows.rows <= most {
        return rows.table(0..rows.rows);
    }
    let mut table = rows.table(0..most.saturating_sub(rows.totals).max(1))?;
    let totals = rows.table(rows.rows - rows.totals..rows.rows)?;
    for (column, totals) in table.columns.iter_mut().zip(totals.columns) {
        column.values = column.values.followed_by(&totals.values)?;
    }
    Table::new(table.rows + totals.rows, table.columns)
}

/// What a list says of itself, and how many of its rows are not shown.
fn remark(report: &Report, section: &Section, all: &LazyTable, shown: &Table) -> String {
    let words = &report.words;
    if shown.rows >= all.rows {
        return section.explanation.clone();
    }
    let pattern = if section.place("xlsx").is_some() { &words.list_cut } else { &words.list_cut_elsewhere };
    let count = |rows: usize| words.thousands(rows as u64);
    let (first, more, rows) = (count(shown.rows - all.totals), count(all.rows - shown.rows), count(all.rows - all.totals));
    let values = [("shown", &*first), ("more", &*more), ("rows", &*rows), ("sheet", section.place("xlsx").unwrap_or_default())];
    [section.explanation.as_str(), &fill(pattern, &values)].join(" ").trim().to_owned()
}
