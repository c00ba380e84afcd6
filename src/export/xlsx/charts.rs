//! Draws the series of a report as native charts beside the tables that hold their figures.

use rust_xlsxwriter::{
    Chart, ChartDataLabel, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartPoint, ChartSolidFill, ChartType, Color, Worksheet,
};

use crate::domain::status::Status;
use crate::error::Result;
use crate::export::xlsx::numbers::TableSheet;
use crate::export::xlsx::refusal::refused;
use crate::report::palette::Palette;
use crate::report::{Content, Section, SectionId, Series, Shape};

/// The column the charts begin in; the tables stand left of it.
const COLUMN: u16 = 6;
/// The row of the first chart, and the rows from one to the next.
const FIRST_ROW: u32 = 1;
const ROWS_A_CHART: u32 = 18;
/// Charts below each other, and the columns from them to those beside them.
const CHARTS_BELOW: u32 = 2;
const COLUMNS_A_CHART: u16 = 10;
/// The width of a column that is given none.
const COLUMN_PIXELS: u32 = 64;
const WIDTH_PIXELS: u32 = 620;
const HEIGHT_PIXELS: u32 = 330;

/// The column from which on charts stand, and how many pixels behind its left edge the last of `charts` ends.
pub const fn right_edge(charts: usize) -> (u16, u32) {
    let beside = (charts as u32).div_ceil(CHARTS_BELOW).saturating_sub(1);
    (COLUMN, beside * COLUMNS_A_CHART as u32 * COLUMN_PIXELS + WIDTH_PIXELS)
}

/// Where the figures of a section stand on the sheet: labels in the first column, counts in the second.
pub struct Figures {
    /// The section.
    pub section: SectionId,
    /// The first row of figures, from 0.
    pub first: u32,
    /// How many rows of figures, totals aside.
    pub rows: u32,
}

/// Adds a chart for each series among `sections` whose figures are on the sheet, or on a sheet of their own among `tables`.
///
/// # Errors
/// [`crate::error::Error::internal`] when the library refuses one.
pub fn insert(
    sheet: &mut Worksheet,
    name: &str,
    sections: &[&Section],
    (figures, tables): (&[Figures], &[TableSheet<'_>]),
    palette: &Palette,
) -> Result<()> {
    let mut drawn = 0;
    for section in sections {
        let Content::Series(series) = &section.content else { continue };
        let on_sheet = figures.iter().find(|figures| figures.section == series.table);
        let of_list = || tables.iter().find(|table| table.section == series.table);
        let chart = match (on_sheet, of_list()) {
            (Some(figures), _) => chart(name, section, series, (figures, palette)),
            (None, Some(table)) => stacked(section, series, (table, palette)),
            (None, None) => continue,
        };
        let (row, column) = (FIRST_ROW + drawn % CHARTS_BELOW * ROWS_A_CHART, COLUMN + (drawn / CHARTS_BELOW) as u16 * COLUMNS_A_CHART);
        sheet.insert_chart(row, column, &chart).map_err(refused)?;
        drawn += 1;
    }
    Ok(())
}

/// The first rows of a list, each count by status a part of its bar.
fn stacked(section: &Section, series: &Series, (table, palette): (&TableSheet<'_>, &Palette)) -> Chart {
    let mut chart = Chart::new(ChartType::BarStacked);
    around(&mut chart, section, palette);
    let (name, last, labels) = (table.name.as_str(), series.points.len().max(1) as u32, series.label_column as u16);
    for (place, column) in (0..).zip(&table.data.columns) {
        let Some(status) = Status::from_code(&column.key) else { continue };
        chart
            .add_series()
            .set_name((name, 0, place))
            .set_categories((name, 1, labels, last, labels))
            .set_values((name, 1, place, last, place))
            .set_gap(45)
            .set_format(&mut filled(palette.status(Some(status)).bar));
    }
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.y_axis().set_reverse();
    let rule = ChartLine::new().set_color(Color::RGB(palette.rule)).clone();
    chart.x_axis().set_num_format("#,##0").set_major_gridlines(true).set_major_gridlines_line(&rule);
    chart
}

/// The title, the size and the frame of a chart.
fn around(chart: &mut Chart, section: &Section, palette: &Palette) {
    chart
        .title()
        .set_name(&section.heading)
        .set_font(ChartFont::new().set_bold().set_size(13).set_color(Color::RGB(palette.heading_ink())));
    chart.set_width(WIDTH_PIXELS).set_height(HEIGHT_PIXELS);
    chart.chart_area().set_format(ChartFormat::new().set_border(ChartLine::new().set_color(Color::RGB(palette.rule))));
    chart.set_alt_text(&section.explanation);
}

fn chart(name: &str, section: &Section, series: &Series, (figures, palette): (&Figures, &Palette)) -> Chart {
    let mut chart = match series.shape {
        Shape::Bars | Shape::Stacked => Chart::new_bar(),
        Shape::Columns => Chart::new_column(),
    };
    around(&mut chart, section, palette);
    chart.legend().set_hidden();
    let last = figures.first + figures.rows.max(1) - 1;
    let accent = filled(palette.status(section.accent).bar);
    let point = |label| palette.term(label).map_or_else(|| accent.clone(), |colour| filled(colour.bar));
    let points: Vec<ChartPoint> = series.points.iter().map(|counted| ChartPoint::new().set_format(&mut point(&counted.label))).collect();
    let drawn = chart
        .add_series()
        .set_categories((name, figures.first, 0, last, 0))
        .set_values((name, figures.first, 1, last, 1))
        .set_gap(45)
        .set_data_label(ChartDataLabel::new().show_value().set_num_format("#,##0"));
    match series.shape {
        Shape::Bars | Shape::Stacked => {
            drawn.set_points(&points);
            // Bars are stacked from the bottom up; reversed, they stand in the order of the table. In a bar chart the
            // library's y axis is the one of the categories.
            chart.y_axis().set_reverse();
            chart.x_axis().set_hidden(true).set_major_gridlines(false);
        }
        Shape::Columns => {
            drawn.set_format(&mut accent.clone());
            chart.x_axis().set_text_axis(true).set_num_format("d mmm");
            chart.y_axis().set_hidden(true).set_major_gridlines(false);
        }
    }
    chart
}

fn filled(colour: u32) -> ChartFormat {
    let mut format = ChartFormat::new();
    format.set_solid_fill(ChartSolidFill::new().set_color(Color::RGB(colour)));
    format
}
