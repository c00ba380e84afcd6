//! Draws counts as bars out of rectangles and text. Never rounds a count.

use crate::domain::status::Status;
use crate::export::cells::thousands;
use crate::export::layout::cell_text::day;
use crate::export::layout::fonts::{Face, Faces};
use crate::export::pdf::page_chrome::MUTED;
use crate::export::pdf::static_content::{StaticContent, Style};
use crate::report::style;
use crate::report::summary::Summary;

const LABEL: Style = Style { face: Face::Regular, size: 8.6, colour: style::INK };
const COUNT: Style = Style { face: Face::Bold, size: 8.6, colour: style::INK };
const NOTE: Style = Style { face: Face::Regular, size: 7.0, colour: MUTED };
const BAR_HEIGHT: f32 = 12.0;
const BAR_STEP: f32 = 18.0;
const WEEKS_HEIGHT: f32 = 62.0;

/// A share in percent with one decimal; nothing of nothing.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { String::new() } else { format!("{:.1}%", part as f64 * 100.0 / whole as f64) }
}

/// Bars by status between `left` and `left + width`, the first below `top`; the lower edge.
pub fn statuses(sheet: &mut StaticContent, faces: &Faces, summary: &Summary, (left, top): (f32, f32), width: f32) -> f32 {
    let most = summary.by_status.iter().map(|entry| entry.1).max().unwrap_or(0).max(1);
    let (bar_left, room) = (left + 74.0, width - 74.0 - 118.0);
    let mut y = top;
    for (status, count) in &summary.by_status {
        let baseline = y + BAR_HEIGHT * 0.5 + LABEL.size * 0.35;
        let colours = style::status_colour(*status);
        let length = (*count as f32 / most as f32 * room).max(if *count > 0 { 1.0 } else { 0.0 });
        sheet.text(LABEL, left, baseline, summary.spelling.status(*status));
        sheet.patch(colours.bar, bar_left, y, length, BAR_HEIGHT);
        sheet.text(COUNT, bar_left + length + 5.0, baseline, thousands(*count));
        let after = bar_left + length + 5.0 + faces.bold.width(&thousands(*count)) * COUNT.size + 4.0;
        let class = summary.by_class.iter().find(|entry| entry.0 == *status).filter(|_| *count > 0);
        let split = class.map(|(_, local, toll_free)| format!("{} local, {} toll-free", thousands(*local), thousands(*toll_free)));
        let share = [Some(percent(*count, summary.rows)), split]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("  ·  ");
        sheet.text(NOTE, after, baseline, share);
        y += BAR_STEP;
    }
    sheet.patch(style::RULE, bar_left - 1.0, top - 3.0, 0.6, y - top + 1.0);
    y
}

/// Upright bars by week between `left` and `left + width`; the lower edge.
pub fn weeks(sheet: &mut StaticContent, faces: &Faces, weeks: &[(i32, u64)], (left, top): (f32, f32), width: f32) -> f32 {
    let most = weeks.iter().map(|week| week.1).max().unwrap_or(0).max(1);
    let floor = top + 10.0 + WEEKS_HEIGHT;
    let step = width / weeks.len().max(1) as f32;
    let step = step.min(48.0);
    for (index, (monday, count)) in weeks.iter().enumerate() {
        let middle = left + (index as f32 + 0.5) * step;
        let height = *count as f32 / most as f32 * WEEKS_HEIGHT;
        let bar = (step * 0.62).min(30.0);
        sheet.patch(style::status_colour(Some(Status::Scheduled)).bar, middle - bar / 2.0, floor - height, bar, height);
        centred(sheet, faces, Style { size: 7.4, ..COUNT }, middle, floor - height - 3.0, &thousands(*count));
        let date = day(*monday);
        centred(sheet, faces, NOTE, middle, floor + 9.0, date.get(5..).unwrap_or(&date));
    }
    sheet.patch(style::RULE, left, floor, step * weeks.len() as f32, 0.6);
    floor + 14.0
}

fn centred(sheet: &mut StaticContent, faces: &Faces, style: Style, middle: f32, y: f32, text: &str) {
    let width = faces.glyph_map(style.face).width(text) * style.size;
    sheet.text(style, middle - width / 2.0, y, text);
}
