//! Draws the series of a report as native charts beside the tables that hold their figures.

use rust_xlsxwriter::{Chart, ChartDataLabel, ChartFont, ChartFormat, ChartLine, ChartPoint, ChartSolidFill, Color, Worksheet};

use crate::error::Result;
use crate::export::xlsx::refusal::refused;
use crate::report::{Content, Section, SectionId, Series, Shape, style};

/// The column the charts begin in; the tables stand left of it.
const COLUMN: u16 = 6;
/// The row of the first chart, and the rows from one to the next.
const FIRST_ROW: u32 = 1;
const ROWS_A_CHART: u32 = 18;
const WIDTH_PIXELS: u32 = 620;
const HEIGHT_PIXELS: u32 = 330;

/// Where the figures of a section stand on the sheet: labels in the first column, counts in the second.
pub struct Figures {
    /// The section.
    pub section: SectionId,
    /// The first row of figures, from 0.
    pub first: u32,
    /// How many rows of figures, totals aside.
    pub rows: u32,
}

/// Adds a chart for each series among `sections` whose figures are on the sheet.
///
/// # Errors
/// [`crate::error::Error::internal`] when the library refuses one.
pub fn insert(sheet: &mut Worksheet, name: &str, sections: &[&Section], figures: &[Figures]) -> Result<()> {
    let mut row = FIRST_ROW;
    for section in sections {
        let Content::Series(series) = &section.content else { continue };
        let Some(figures) = figures.iter().find(|figures| figures.section == series.table) else { continue };
        sheet.insert_chart(row, COLUMN, &chart(name, section, series, figures)).map_err(refused)?;
        row += ROWS_A_CHART;
    }
    Ok(())
}

fn chart(name: &str, section: &Section, series: &Series, figures: &Figures) -> Chart {
    let mut chart = match series.shape {
        Shape::Bars => Chart::new_bar(),
        Shape::Columns => Chart::new_column(),
    };
    chart.title().set_name(&section.heading).set_font(ChartFont::new().set_bold().set_size(13).set_color(Color::RGB(style::HEADER_FILL)));
    chart.legend().set_hidden();
    chart.set_width(WIDTH_PIXELS).set_height(HEIGHT_PIXELS);
    chart.chart_area().set_format(ChartFormat::new().set_border(ChartLine::new().set_color(Color::RGB(style::RULE))));
    chart.set_alt_text(&section.explanation);
    let last = figures.first + figures.rows.max(1) - 1;
    let accent = filled(style::status_colour(section.accent).bar);
    let point = |label| style::term_colour(label).map_or_else(|| accent.clone(), |colour| filled(colour.bar));
    let points: Vec<ChartPoint> = series.points.iter().map(|counted| ChartPoint::new().set_format(&mut point(&counted.label))).collect();
    let drawn = chart
        .add_series()
        .set_categories((name, figures.first, 0, last, 0))
        .set_values((name, figures.first, 1, last, 1))
        .set_gap(45)
        .set_data_label(ChartDataLabel::new().show_value().set_num_format("#,##0"));
    match series.shape {
        Shape::Bars => {
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
