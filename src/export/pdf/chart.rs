//! Draws counts as bars out of rectangles and text.

use crate::domain::status::Status;
use crate::export::layout::fonts::Faces;
use crate::export::pdf::paint::Paint;
use crate::export::pdf::static_content::{BODY, CAPTION, STRONG, StaticContent, Style};
use crate::report::words::Words;
use crate::report::{Point, style};

const BAR_HEIGHT: f32 = 12.0;
const BAR_STEP: f32 = 18.0;
const COLUMNS_HEIGHT: f32 = 62.0;

/// Horizontal bars between `left` and `left + width`, the first below `top`; the lower edge.
pub fn bars(sheet: &mut StaticContent, faces: &Faces, words: &Words, points: &[Point], (left, top): (f32, f32), width: f32) -> f32 {
    let most = Point::most(points);
    let widest = |text: &dyn Fn(&Point) -> f32| points.iter().map(text).fold(0.0, f32::max);
    let labels = widest(&|point| faces.regular.width(&point.label.caption) * BODY.size).clamp(66.0, width / 3.0) + 8.0;
    let notes =
        widest(&|point| faces.regular.width(&point.note) * CAPTION.size + faces.bold.width(&words.thousands(point.count)) * STRONG.size);
    let (bar_left, room) = (left + labels, (width - labels - notes - 10.0).max(width / 8.0));
    let mut y = top;
    for point in points {
        let baseline = y + BAR_HEIGHT * 0.5 + BODY.size * 0.35;
        let colour = Paint::StatusBar(style::status_place(&point.label).unwrap_or(style::place(None)));
        let length = (point.count as f32 / most as f32 * room).max(if point.count > 0 { 1.0 } else { 0.0 });
        let count = words.thousands(point.count);
        sheet.text(BODY, left, baseline, point.label.caption.as_str());
        sheet.patch(colour, bar_left, y, length, BAR_HEIGHT);
        let after = bar_left + length + 5.0 + faces.bold.width(&count) * STRONG.size + 4.0;
        sheet.text(STRONG, bar_left + length + 5.0, baseline, count);
        sheet.text(CAPTION, after, baseline, point.note.as_str());
        y += BAR_STEP;
    }
    sheet.patch(Paint::Rule, bar_left - 1.0, top - 3.0, 0.6, y - top + 1.0);
    y
}

/// Upright bars between `left` and `left + width`, all in the colour of `accent`; the lower edge.
pub fn columns(
    sheet: &mut StaticContent,
    faces: &Faces,
    words: &Words,
    points: &[Point],
    accent: Option<Status>,
    (left, top): (f32, f32),
    width: f32,
) -> f32 {
    let most = Point::most(points);
    let floor = top + 10.0 + COLUMNS_HEIGHT;
    let step = (width / points.len().max(1) as f32).min(48.0);
    for (index, point) in points.iter().enumerate() {
        let middle = left + (index as f32 + 0.5) * step;
        let height = point.count as f32 / most as f32 * COLUMNS_HEIGHT;
        let bar = (step * 0.62).min(30.0);
        sheet.patch(Paint::StatusBar(style::place(accent)), middle - bar / 2.0, floor - height, bar, height);
        centred(sheet, faces, Style { size: 7.4, ..STRONG }, middle, floor - height - 3.0, &words.thousands(point.count));
        centred(sheet, faces, CAPTION, middle, floor + 9.0, &point.label.caption);
    }
    sheet.patch(Paint::Rule, left, floor, step * points.len() as f32, 0.6);
    floor + 14.0
}

fn centred(sheet: &mut StaticContent, faces: &Faces, style: Style, middle: f32, y: f32, text: &str) {
    let width = faces.glyph_map(style.face).width(text) * style.size;
    sheet.text(style, middle - width / 2.0, y, text);
}
