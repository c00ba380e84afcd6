//! Sets the logo of a report at the top right of its summary: in the row of the title, above the last chart.

use rust_xlsxwriter::{Image, Worksheet};

use crate::error::Result;
use crate::export::xlsx::refusal::refused;
use crate::export::xlsx::{charts, measure, text};
use crate::report::{Content, Report};

/// Pixels of a logo each way, at most.
const MOST: (f32, f32) = (220.0, 52.0);
/// Above and below it.
const GAP_PIXELS: u32 = 3;

/// Whether the logo stands on the sheet `name`: the one with the charts, or else the first that is no list.
pub fn has_logo(report: &Report, name: &str) -> bool {
    let is_drawn = |content: &Content| matches!(content, Content::Series(_));
    let is_whole = |content: &Content| !matches!(content, Content::Numbers | Content::Rows(_));
    let place = |is_meant: &dyn Fn(&Content) -> bool| {
        report.sections.iter().filter(|section| is_meant(&section.content)).find_map(|section| section.place("xlsx"))
    };
    report.look.logo.is_some() && place(&is_drawn).or_else(|| place(&is_whole)) == Some(name)
}

/// Sets the logo of `report`, if it has one, on a sheet whose first columns are so many digits wide and that has so many charts.
///
/// # Errors
/// Whatever the library refuses.
pub fn insert(sheet: &mut Worksheet, report: &Report, widths: &[f64], charts: usize) -> Result<()> {
    let Some(logo) = &report.look.logo else { return Ok(()) };
    let (width, height) = logo.fitted(MOST);
    let image = Image::new_from_buffer(&logo.bytes).map_err(refused)?;
    let image = image.set_scale_to_size(width, height, false).set_alt_text(text::plain(&logo.text));
    sheet.set_row_height(0, (f64::from(height) + f64::from(2 * GAP_PIXELS)) * measure::POINTS_A_PIXEL).map_err(refused)?;
    let (column, right) = match charts {
        0 => (0, widths.iter().map(|digits| measure::pixels(*digits) as u32).sum()),
        charts => charts::right_edge(charts),
    };
    sheet.insert_image_with_offset(0, column, &image, right.saturating_sub(width as u32), GAP_PIXELS).map_err(refused)?;
    Ok(())
}
