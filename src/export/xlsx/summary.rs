//! Lays out the summary: counts by status, detail, week, account and lint, with native charts. Every figure is a value, never a formula.

use rust_xlsxwriter::{
    Chart, ChartDataLabel, ChartFont, ChartFormat, ChartLine, ChartPoint, ChartSolidFill, Color, Format, Workbook, Worksheet,
};

use crate::domain::status::{Spelling, Status};
use crate::error::Result;
use crate::export::xlsx::format::Formats;
use crate::export::xlsx::page::PageSetup;
use crate::export::xlsx::text::{self, CellEscaper};
use crate::export::xlsx::{about, refused, rows};
use crate::report::summary::Summary;
use crate::report::{Report, style};

const NAME: &str = "Summary";
/// The column the charts begin in; the blocks of figures stand left of it.
const CHARTS: u16 = 6;

/// Adds the sheet and makes it the one a reader sees first.
///
/// # Errors
/// [`crate::error::Error::data`] when a text is longer than a cell holds.
pub fn lay_out(workbook: &mut Workbook, report: &Report, page: &PageSetup, formats: &Formats, escaper: &mut CellEscaper) -> Result<()> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(NAME).map_err(refused)?.set_screen_gridlines(false).set_active(true);
    sheet.set_tab_color(Color::RGB(style::HEADER_FILL));
    for (column, width) in [(0, 34), (1, 16), (2, 10), (3, 18), (4, 12), (5, 3)] {
        sheet.set_column_width(column, width).map_err(refused)?;
    }
    page.set_up(sheet);
    sheet.set_print_fit_to_pages(1, 1);
    escaper.put(sheet, 0, 0, &report.title, &formats.title)?;
    let mut block = Blocks { sheet, formats, escaper, row: 2, spelling: report.summary.spelling };
    block.row = about::facts(block.sheet, report, block.row, formats, block.escaper)? + 1;
    let summary = &report.summary;
    let statuses = block.statuses(summary)?;
    block.details(summary)?;
    let weeks = block.weeks(summary)?;
    block.accounts(summary)?;
    block.lints(summary)?;
    charts(sheet, summary, statuses, weeks)
}

/// Writes blocks below each other.
struct Blocks<'a> {
    sheet: &'a mut Worksheet,
    formats: &'a Formats,
    escaper: &'a mut CellEscaper,
    row: u32,
    spelling: Spelling,
}

impl Blocks<'_> {
    /// Status, numbers, share, local, toll-free. Returns the first row of figures.
    fn statuses(&mut self, summary: &Summary) -> Result<u32> {
        let formats = self.formats;
        self.head("Numbers by status", &["Status", "Numbers", "Share", "Local", "Toll-free"])?;
        let first = self.row;
        for (status, numbers) in &summary.by_status {
            self.status(0, *status)?;
            self.figure(1, *numbers, &formats.count)?;
            self.share(*numbers, summary.rows)?;
            let (local, toll_free) =
                summary.by_class.iter().find(|(of, ..)| of == status).map_or((0, 0), |(_, local, toll_free)| (*local, *toll_free));
            self.figure(3, local, &formats.count)?;
            self.figure(4, toll_free, &formats.count)?;
            self.row += 1;
        }
        let classes = summary.by_class.iter().fold((0, 0), |sum, (_, local, toll_free)| (sum.0 + local, sum.1 + toll_free));
        self.escaper.put(self.sheet, self.row, 0, "All numbers", &formats.total_label)?;
        self.figure(1, summary.rows, &formats.total)?;
        self.sheet.write_blank(self.row, 2, &formats.total).map_err(refused)?;
        self.figure(3, classes.0, &formats.total)?;
        self.figure(4, classes.1, &formats.total)?;
        self.row += 2;
        Ok(first)
    }

    fn details(&mut self, summary: &Summary) -> Result<()> {
        self.head("Numbers by detailed status", &["Detailed status", "Numbers", "Share", "Status"])?;
        for (status, detail, numbers) in &summary.by_detail {
            let caption = summary.spelling.detail(*detail);
            self.escaper.put(self.sheet, self.row, 0, caption, &self.formats.plain)?;
            self.figure(1, *numbers, &self.formats.count)?;
            self.share(*numbers, summary.rows)?;
            self.status(3, *status)?;
            self.row += 1;
        }
        self.row += 1;
        Ok(())
    }

    /// Weeks and numbers. Returns the first row of figures, if there are any.
    fn weeks(&mut self, summary: &Summary) -> Result<Option<u32>> {
        if summary.by_week.is_empty() {
            return Ok(None);
        }
        self.head("Numbers to port, by week", &["Week that begins on Monday", "Numbers"])?;
        let first = self.row;
        for (monday, numbers) in &summary.by_week {
            let serial = f64::from(monday + rows::EPOCH);
            self.sheet.write_number_with_format(self.row, 0, serial, &self.formats.week).map_err(refused)?;
            self.figure(1, *numbers, &self.formats.count)?;
            self.row += 1;
        }
        self.row += 1;
        Ok(Some(first))
    }

    fn accounts(&mut self, summary: &Summary) -> Result<()> {
        if summary.waiting_accounts.is_empty() {
            return Ok(());
        }
        self.head("Accounts with the most numbers waiting for you", &["Company", "Waiting", "", "Account ID"])?;
        for (account, company, numbers) in &summary.waiting_accounts {
            self.escaper.put(self.sheet, self.row, 0, &text::plain(company), &self.formats.plain)?;
            self.figure(1, *numbers, &self.formats.count)?;
            self.escaper.put(self.sheet, self.row, 3, account, &self.formats.verbatim)?;
            self.row += 1;
        }
        self.row += 1;
        Ok(())
    }

    fn lints(&mut self, summary: &Summary) -> Result<()> {
        if summary.lints.is_empty() {
            return Ok(());
        }
        self.head("What is odd about numbers listed all the same", &["Flag", "Numbers", "", "What it means", ""])?;
        for (lint, numbers) in &summary.lints {
            self.escaper.put(self.sheet, self.row, 0, lint.code(), &self.formats.plain)?;
            self.figure(1, *numbers, &self.formats.count)?;
            self.escaper.put(self.sheet, self.row, 3, lint.sentence(), &self.formats.indented)?;
            self.row += 1;
        }
        Ok(())
    }

    /// A heading and a header row.
    fn head(&mut self, heading: &str, captions: &[&str]) -> Result<()> {
        self.escaper.put(self.sheet, self.row, 0, heading, &self.formats.heading)?;
        for (column, caption) in (0..).zip(captions) {
            let format = match *caption {
                "Numbers" | "Waiting" | "Share" | "Local" | "Toll-free" => &self.formats.header_right,
                _ if column == 3 => &self.formats.header_indented,
                _ => &self.formats.header,
            };
            self.escaper.put(self.sheet, self.row + 1, column, caption, format)?;
        }
        self.row += 2;
        Ok(())
    }

    fn status(&mut self, column: u16, status: Option<Status>) -> Result<()> {
        let caption = self.spelling.status(status);
        let format = if column == 0 { self.formats.status(status) } else { self.formats.status_indented(status) };
        self.escaper.put(self.sheet, self.row, column, caption, format)
    }

    fn figure(&mut self, column: u16, figure: u64, format: &Format) -> Result<()> {
        self.sheet.write_number_with_format(self.row, column, figure as f64, format).map_err(refused)?;
        Ok(())
    }

    fn share(&mut self, part: u64, whole: u64) -> Result<()> {
        let share = part as f64 / whole.max(1) as f64;
        self.sheet.write_number_with_format(self.row, 2, share, &self.formats.share).map_err(refused)?;
        Ok(())
    }
}

fn charts(sheet: &mut Worksheet, summary: &Summary, statuses: u32, weeks: Option<u32>) -> Result<()> {
    let points: Vec<ChartPoint> =
        summary.by_status.iter().map(|(status, _)| ChartPoint::new().set_format(&mut filled(style::status_colour(*status).bar))).collect();
    let last = statuses + (summary.by_status.len() as u32).max(1) - 1;
    let mut chart = bare(Chart::new_bar(), "Numbers by status");
    chart
        .add_series()
        .set_categories((NAME, statuses, 0, last, 0))
        .set_values((NAME, statuses, 1, last, 1))
        .set_points(&points)
        .set_gap(45)
        .set_data_label(ChartDataLabel::new().show_value().set_num_format("#,##0"));
    // Bars are stacked from the bottom up; reversed, they stand in the order of the block. In a bar chart the
    // library's y axis is the one of the categories.
    chart.y_axis().set_reverse();
    chart.x_axis().set_hidden(true).set_major_gridlines(false);
    chart.set_alt_text("Bars: how many numbers have each status. The figures are in the block Numbers by status.");
    sheet.insert_chart(1, CHARTS, &chart).map_err(refused)?;
    let Some(first) = weeks else { return Ok(()) };
    let last = first + summary.by_week.len() as u32 - 1;
    let mut chart = bare(Chart::new_column(), "Numbers to port, by week");
    chart
        .add_series()
        .set_categories((NAME, first, 0, last, 0))
        .set_values((NAME, first, 1, last, 1))
        .set_gap(45)
        .set_format(&mut filled(style::status_colour(Some(Status::Scheduled)).bar))
        .set_data_label(ChartDataLabel::new().show_value().set_num_format("#,##0"));
    chart.x_axis().set_text_axis(true).set_num_format("d mmm");
    chart.y_axis().set_hidden(true).set_major_gridlines(false);
    chart.set_alt_text("Columns: how many numbers are due to port in each week. The figures are in the block Numbers to port, by week.");
    sheet.insert_chart(19, CHARTS, &chart).map_err(refused)?;
    Ok(())
}

fn bare(mut chart: Chart, title: &str) -> Chart {
    chart.title().set_name(title).set_font(ChartFont::new().set_bold().set_size(13).set_color(Color::RGB(style::HEADER_FILL)));
    chart.legend().set_hidden();
    chart.set_width(620).set_height(330);
    chart.chart_area().set_format(ChartFormat::new().set_border(ChartLine::new().set_color(Color::RGB(style::RULE))));
    chart
}

fn filled(colour: u32) -> ChartFormat {
    let mut format = ChartFormat::new();
    format.set_solid_fill(ChartSolidFill::new().set_color(Color::RGB(colour)));
    format
}
