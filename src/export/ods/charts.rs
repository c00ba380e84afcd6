//! Draws the series of a report as charts beside the tables that hold their figures: documents of their own within the package.

use crate::domain::status::Status;
use crate::domain::text::letters;
use crate::export::markup::Markup;
use crate::export::ods::document::{colour, open};
use crate::export::ods::sheets::Sheet;
use crate::report::palette::Palette;
use crate::report::{Content, Report, Section, SectionId, Series, Shape, Term};

/// What a chart is, in the list of the package's parts.
pub const MEDIA_TYPE: &str = "application/vnd.oasis.opendocument.chart";
/// Centimetres of a chart, and from one to the next.
const WIDTH: f32 = 16.4;
const HEIGHT: f32 = 8.7;
const GAP: f32 = 0.5;
/// Charts below each other; further ones stand beside them.
const BELOW: usize = 2;
/// From the top of the sheet to the first.
const TOP: f32 = 0.9;

/// Where the figures of a section stand on its sheet: labels in the first column, counts in the second.
pub struct Figures {
    /// The section.
    pub section: SectionId,
    /// The first row of figures, from 1.
    pub first: usize,
    /// How many rows of figures, totals aside.
    pub rows: usize,
}

/// A chart, and the cells that it draws.
pub struct Chart<'a> {
    section: &'a Section,
    series: &'a Series,
    /// The sheet of the figures, their first row, from 1, and the last.
    sheet: &'a str,
    rows: (usize, usize),
    /// The column of the labels, and those of the counts, each with its status where there are several.
    labels: usize,
    counts: Vec<(usize, Option<Status>)>,
}

/// The charts of `sheet`: of each series whose figures are on it, or are a list among `sheets`.
pub fn of_sheet<'a>(sheet: &Sheet<'a>, figures: &[Figures], sheets: &[Sheet<'a>]) -> Vec<Chart<'a>> {
    let chart = |section: &'a Section| {
        let Content::Series(series) = &section.content else { return None };
        if let Some(figures) = figures.iter().find(|figures| figures.section == series.table) {
            let rows = (figures.first, figures.first + figures.rows.max(1) - 1);
            return Some(Chart { section, series, sheet: sheet.name, rows, labels: 0, counts: vec![(1, None)] });
        }
        let is_meant = |other: &&Sheet<'a>| other.list.is_some_and(|(id, _)| id == series.table);
        let (name, (_, table)) = sheets.iter().find(is_meant).and_then(|other| Some((other.name, other.list?)))?;
        let counts = (0..).zip(&table.columns).filter_map(|(place, column)| Some((place, Some(Status::from_code(&column.key)?))));
        let rows = (2, series.points.len().max(1) + 1);
        Some(Chart { section, series, sheet: name, rows, labels: series.label_column, counts: counts.collect() })
    };
    sheet.sections.iter().filter_map(|section| chart(section)).collect()
}

/// The frames of `charts` on their sheet, whose tables end `left` centimetres from its edge; the first is object `first` of the package.
pub fn frames(markup: &mut Markup, charts: &[Chart<'_>], first: usize, left: f32) {
    if charts.is_empty() {
        return;
    }
    markup.raw("<table:shapes>");
    for (place, chart) in charts.iter().enumerate() {
        let (x, y) = (left + (place / BELOW) as f32 * (WIDTH + GAP), TOP + (place % BELOW) as f32 * (HEIGHT + GAP));
        let name = object_name(first + place);
        markup.raw(&format!(
            "<draw:frame draw:z-index=\"{place}\" draw:name=\"{name}\" svg:x=\"{x:.2}cm\" svg:y=\"{y:.2}cm\" svg:width=\"{WIDTH}cm\" \
             svg:height=\"{HEIGHT}cm\"><draw:object draw:notify-on-update-of-ranges=\""
        ));
        markup.text(&chart.ranges().join(" "));
        markup.raw(&format!("\" xlink:href=\"./{name}\" xlink:type=\"simple\" xlink:show=\"embed\" xlink:actuate=\"onLoad\"/>"));
        markup.element("svg:title", &chart.section.heading).element("svg:desc", &chart.section.explanation).raw("</draw:frame>");
    }
    markup.raw("</table:shapes>");
}

/// The folder of object `place` of the package, from 0.
pub fn object_name(place: usize) -> String {
    format!("Object {}", place + 1)
}

impl Chart<'_> {
    /// The content of the chart, in the colours of `report`.
    pub fn content(&self, report: &Report) -> Markup {
        let mut markup = Markup::default();
        let spaces = " xmlns:chart=\"urn:oasis:names:tc:opendocument:xmlns:chart:1.0\" \
                      xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"";
        open(&mut markup, "document-content", spaces);
        self.styles(&mut markup, report);
        markup.raw(&format!(
            "<office:body><office:chart><chart:chart chart:class=\"chart:bar\" xlink:type=\"simple\" xlink:href=\"..\" \
             svg:width=\"{WIDTH}cm\" svg:height=\"{HEIGHT}cm\" chart:style-name=\"frame\"><chart:title chart:style-name=\"title\">"
        ));
        markup.element("text:p", &self.section.heading).raw("</chart:title>");
        if self.is_stacked() {
            markup.raw("<chart:legend chart:legend-position=\"bottom\" chart:style-name=\"words\"/>");
        }
        markup.raw("<chart:plot-area chart:style-name=\"plot\" chart:data-source-has-labels=\"none\" table:cell-range-address=\"");
        markup.text(&self.ranges().join(" ")).raw("\">");
        markup.raw("<chart:axis chart:dimension=\"x\" chart:name=\"primary-x\" chart:style-name=\"labels\"><chart:categories table:cell-range-address=\"");
        markup.text(&self.range(self.labels)).raw("\"/></chart:axis>");
        markup.raw("<chart:axis chart:dimension=\"y\" chart:name=\"primary-y\" chart:style-name=\"counts\">");
        if self.is_stacked() {
            markup.raw("<chart:grid chart:class=\"major\" chart:style-name=\"rule\"/>");
        }
        markup.raw("</chart:axis>");
        for (place, (column, _)) in self.counts.iter().enumerate() {
            markup.raw("<chart:series chart:class=\"chart:bar\" chart:values-cell-range-address=\"").text(&self.range(*column)).raw("\"");
            if self.is_stacked() {
                let name = format!("'{}'.${}$1", self.sheet, letters(*column));
                markup.raw(" chart:label-cell-address=\"").text(&name).raw("\"");
            }
            markup.raw(&format!(" chart:style-name=\"series{place}\">"));
            if self.series.shape == Shape::Bars {
                for point in 0..self.series.points.len() {
                    markup.raw(&format!("<chart:data-point chart:style-name=\"point{point}\"/>"));
                }
            }
            markup.raw("</chart:series>");
        }
        markup.raw("<chart:wall chart:style-name=\"wall\"/></chart:plot-area></chart:chart></office:chart></office:body></office:document-content>\n");
        markup
    }

    fn is_stacked(&self) -> bool {
        self.counts.iter().any(|(_, status)| status.is_some())
    }

    fn styles(&self, markup: &mut Markup, report: &Report) {
        let palette = &report.look.palette;
        let rule = format!("draw:stroke=\"solid\" svg:stroke-color=\"{}\"", colour(palette.rule));
        let (heading, ink) = (colour(palette.heading_ink()), colour(palette.ink));
        let ink = format!("<style:text-properties fo:font-size=\"9pt\" fo:color=\"{ink}\"/>");
        let is_lying = self.series.shape != Shape::Columns;
        let visible = |is_visible: bool| format!("chart:visible=\"{is_visible}\" chart:display-label=\"{is_visible}\"");
        markup.raw("<office:automatic-styles>");
        markup.raw("<number:number-style style:name=\"Nc\"><number:number number:decimal-places=\"0\" number:min-integer-digits=\"1\" number:grouping=\"true\"/></number:number-style>");
        let mut style = |name: &str, data: &str, properties: &str| {
            markup.raw(&format!("<style:style style:name=\"{name}\" style:family=\"chart\"{data}>{properties}</style:style>"));
        };
        let counted = " style:data-style-name=\"Nc\"";
        style("frame", "", &format!("<style:graphic-properties {rule} draw:fill=\"solid\" draw:fill-color=\"#ffffff\"/>"));
        style("title", "", &format!("<style:text-properties fo:font-size=\"13pt\" fo:font-weight=\"bold\" fo:color=\"{heading}\"/>"));
        style("words", "", &format!("<style:graphic-properties draw:stroke=\"none\" draw:fill=\"none\"/>{ink}"));
        style(
            "plot",
            "",
            &format!(
                "<style:chart-properties chart:vertical=\"{is_lying}\" chart:stacked=\"{}\" chart:include-hidden-cells=\"true\" chart:auto-position=\"true\" chart:auto-size=\"true\"/>",
                self.is_stacked()
            ),
        );
        // Bars are stacked from the bottom up; reversed, they stand in the order of the table.
        style(
            "labels",
            "",
            &format!(
                "<style:chart-properties {} chart:reverse-direction=\"{is_lying}\" chart:link-data-style-to-source=\"true\"/>\
             <style:graphic-properties {rule}/>{ink}",
                visible(true)
            ),
        );
        style(
            "counts",
            counted,
            &format!(
                "<style:chart-properties {} chart:minimum=\"0\" chart:gap-width=\"45\" chart:overlap=\"{}\"/><style:graphic-properties {rule}/>{ink}",
                visible(self.is_stacked()),
                if self.is_stacked() { 100 } else { 0 }
            ),
        );
        style("rule", "", &format!("<style:graphic-properties {rule}/>"));
        style("wall", "", "<style:graphic-properties draw:stroke=\"none\" draw:fill=\"none\"/>");
        for (place, (_, status)) in self.counts.iter().enumerate() {
            let bar = palette.status(status.or(self.section.accent)).bar;
            let label = if self.is_stacked() { "" } else { "<style:chart-properties chart:data-label-number=\"value\"/>" };
            style(&format!("series{place}"), counted, &format!("{label}{}{ink}", filled(bar)));
        }
        if self.series.shape == Shape::Bars {
            self.series.points.iter().enumerate().for_each(|(place, point)| {
                let bar = bar_of(palette, self.section, &point.label);
                style(&format!("point{place}"), "", &filled(bar));
            });
        }
        markup.raw("</office:automatic-styles>");
    }

    /// The cells of the labels and of the counts.
    fn ranges(&self) -> Vec<String> {
        std::iter::once(self.labels).chain(self.counts.iter().map(|(column, _)| *column)).map(|column| self.range(column)).collect()
    }

    fn range(&self, column: usize) -> String {
        let (sheet, letters, (first, last)) = (self.sheet, letters(column), self.rows);
        format!("'{sheet}'.${letters}${first}:'{sheet}'.${letters}${last}")
    }
}

/// The colour of a bar: that of its term, or the accent of the section.
fn bar_of(palette: &Palette, section: &Section, label: &Term) -> u32 {
    palette.term(label).unwrap_or(palette.status(section.accent)).bar
}

fn filled(fill: u32) -> String {
    format!("<style:graphic-properties draw:stroke=\"none\" draw:fill=\"solid\" draw:fill-color=\"{}\"/>", colour(fill))
}
