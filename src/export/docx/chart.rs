//! Draws counts as bars: a table of labels, counts and notes, in whose middle a shaded paragraph is as long as its count is large.

use crate::export::docx::table;
use crate::export::markup::Markup;
use crate::report::{Point, Report, Section, Series, Shape, style};

/// The parts of the width that labels, bars, counts and notes have, in hundredths.
const NOTED: [u32; 4] = [30, 38, 12, 20];
const BARE: [u32; 3] = [34, 52, 14];
/// Beside the text of a cell, on both sides together.
const BESIDE: u32 = 100;
/// A chart of so many bars is not broken.
const ROWS_TOGETHER: usize = 24;
/// The shortest bar of a count that is not nothing.
const SHORTEST: u32 = 20;

/// The counts of `series`, the content of `section`, on a width of `room` twentieths of a point.
pub fn bars(markup: &mut Markup, section: &Section, series: &Series, report: &Report, room: u32) {
    let has_notes = series.points.iter().any(|point| !point.note.is_empty());
    let parts = if has_notes { &NOTED[..] } else { &BARE[..] };
    let widths: Vec<u32> = parts.iter().map(|part| room * part / 100).collect();
    let most = Point::most(&series.points);
    let longest = widths[1] - BESIDE;
    let start = markup.bytes.len();
    table::frame(markup, &widths, false, &section.heading);
    for point in &series.points {
        let place = match series.shape {
            Shape::Columns => style::place(section.accent),
            Shape::Bars | Shape::Stacked => style::status_place(&point.label).unwrap_or(style::place(None)),
        };
        let length = (longest as f64 * point.count as f64 / most as f64) as u32;
        let length = if point.count > 0 { length.max(SHORTEST) } else { 0 };
        markup.raw("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        cell(markup, "Cell", &point.label.caption);
        markup.raw("<w:tc><w:p><w:pPr><w:pStyle w:val=\"Cell\"/>");
        if length > 0 {
            let (bar, right) = (report.look.palette.statuses[place].bar, longest - length);
            markup.raw(&format!("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{bar:06X}\"/><w:ind w:right=\"{right}\"/>"));
        }
        markup.raw("</w:pPr></w:p></w:tc>");
        cell(markup, "TotalFigure", &report.words.thousands(point.count));
        if has_notes {
            cell(markup, "Cell", &point.note);
        }
        markup.raw("</w:tr>");
    }
    if series.points.len() <= ROWS_TOGETHER {
        table::keep_together(markup, start);
    }
    table::close(markup);
}

fn cell(markup: &mut Markup, style: &str, text: &str) {
    markup.raw(&format!("<w:tc><w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>"));
    markup.changed += u64::from(table::run(text, &mut markup.bytes));
    markup.raw("</w:p></w:tc>");
}
