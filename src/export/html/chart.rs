//! Draws counts as bars beside their words; a reader who cannot see the bars has the words.

use crate::domain::status::Status;
use crate::export::markup::Markup;
use crate::report::words::Words;
use crate::report::{Point, style};

/// The length of the longest bar in the units of its drawing.
const LENGTH: f64 = 100.0;

/// Bars below each other: label, bar, count and note.
pub fn bars(markup: &mut Markup, points: &[Point], words: &Words) {
    let most = Point::most(points);
    markup.raw("<ul class=\"bars\">\n");
    for point in points {
        let place = style::status_place(&point.label);
        let class = place.map(|place| format!(" s{place}")).unwrap_or_default();
        markup.raw("<li>").element(&format!("b class=\"label{class}\""), &point.label.caption);
        let length = length(point.count, most);
        markup.raw(&format!(
            "<svg class=\"bar{class}\" viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"{length}\" height=\"1\"/></svg> "
        ));
        markup.element("span class=\"figure\"", &words.thousands(point.count)).raw(" ");
        markup.element("span class=\"note\"", &point.note).raw("</li>\n");
    }
    markup.raw("</ul>\n");
}

/// Columns side by side below the heading `label`: count, column and label. Many of them are scrolled, by the keyboard as well.
pub fn columns(markup: &mut Markup, points: &[Point], accent: Option<Status>, words: &Words, label: &str) {
    let most = Point::most(points);
    let accent = style::place(accent);
    markup.raw(&format!("<ul class=\"columns\" aria-labelledby=\"{label}\" tabindex=\"0\">\n"));
    for point in points {
        let length = length(point.count, most);
        markup.raw("<li>").element("span class=\"figure\"", &words.thousands(point.count));
        markup.raw(&format!(
            " <svg class=\"s{accent}\" viewBox=\"0 0 1 100\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect y=\"{}\" width=\"1\" height=\"{length}\"/></svg> ",
            LENGTH - length
        ));
        markup.element("span class=\"label\"", &point.label.caption).raw("</li>\n");
    }
    markup.raw("</ul>\n");
}

/// The length of the bar of `count` where the longest is that of `most`, at least 1: none for nothing, and never too short to be seen.
pub fn length(count: u64, most: u64) -> f64 {
    let length = (count as f64 / most as f64 * LENGTH * 10.0).round() / 10.0;
    if count > 0 { length.max(0.6) } else { 0.0 }
}
