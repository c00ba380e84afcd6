//! Draws the table: captions, stripes, status colours and the cells of a page. The layout says where everything goes.

use krilla::surface::Surface;

use crate::domain::columns::ColumnType;
use crate::export::layout::columns::{CAPTION_PADDING, CAPTION_SCALE};
use crate::export::layout::fonts::{Face, Faces};
use crate::export::layout::pages::{RowFragment, TableLayout};
use crate::export::layout::row_lines::RowLines;
use crate::export::pdf::fonts::Fonts;
use crate::export::pdf::glyph_runs::{GlyphBatch, Rects};
use crate::export::pdf::static_content::{MUTED, StaticContent, Style};
use crate::report::{Table, style};

/// The colour of every second row.
const STRIPE: u32 = 0xF0F3F7;
/// The width of the bar at the left edge of a status, in points; half of it is in the cell.
const STATUS_BAR: f32 = 1.6;
/// How far a capital reaches above the middle of a line, in ems: half the height of a capital, so that text is
/// centred in its line.
const HALF_CAPITAL_EM: f32 = 0.35;

/// What is needed to draw pages one after the other; its buffers are reused.
pub struct TablePainter {
    /// The text of the page.
    pub text: GlyphBatch,
    lines: RowLines,
    fills: Vec<StatusFill>,
    /// Rows whose first line was drawn so far; a row that runs over a page counts once.
    pub rows: u64,
    /// Cells of these rows that are longer than a page shows.
    pub cut: u64,
}

impl TablePainter {
    /// A painter for the table.
    pub fn new(layout: &TableLayout) -> Self {
        Self { text: GlyphBatch::new(layout.grid.size), lines: RowLines::default(), fills: Vec::new(), rows: 0, cut: 0 }
    }

    /// Draws page `page` of the table, from 0.
    pub fn draw_page(&mut self, table: &Table, layout: &TableLayout, fonts: &Fonts, page: usize, surface: &mut Surface<'_>) {
        let Self { text, lines, fills, rows, cut } = self;
        let (mut stripes, mut rule) = (Rects::default(), Rects::default());
        let (left, width) = (layout.area.left, layout.area.width);
        let mut bottom = layout.rows_top(page);
        layout.walk(table, fonts.faces, page, lines, &mut |fragment, row| {
            if fragment.band == 0 && fragment.lines.0 == 0 {
                *rows += 1;
                *cut += row.cut;
            }
            if fragment.row % 2 == 1 {
                stripes.push(left, fragment.top, width, fragment.bottom - fragment.top);
            }
            add_fills(fills, table, layout, fragment);
            write_fragment(layout, fonts.faces, fragment, row, text);
            bottom = fragment.bottom;
        });
        stripes.draw(surface, STRIPE);
        draw_fills(fills, surface);
        rule.push(left, bottom - 0.15, width, 0.6);
        rule.draw(surface, style::RULE);
        text.draw(surface, fonts, style::INK);
    }
}

/// The rectangle of a status: which, in which column box, from where to where. Neighbours of one status are one rectangle.
struct StatusFill {
    place: usize,
    index: usize,
    left: f32,
    width: f32,
    top: f32,
    bottom: f32,
}

/// Takes up the status cells of a fragment.
fn add_fills(fills: &mut Vec<StatusFill>, table: &Table, layout: &TableLayout, fragment: RowFragment) {
    for (index, column) in layout.grid.band(fragment.band) {
        if table.columns[column.column].kind != ColumnType::Status {
            continue;
        }
        let term = table.columns[column.column].values.term(fragment.row);
        let place = term.and_then(style::status_place).unwrap_or(style::place(None));
        let above = fills.iter_mut().rev().find(|fill| fill.index == index);
        if let Some(above) = above.filter(|above| above.place == place && above.bottom == fragment.top) {
            above.bottom = fragment.bottom;
            continue;
        }
        fills.push(StatusFill { place, index, left: column.left, width: column.width, top: fragment.top, bottom: fragment.bottom });
    }
}

/// Draws the status cells of a page, in the order of [`style::STATUSES`].
fn draw_fills(fills: &mut Vec<StatusFill>, surface: &mut Surface<'_>) {
    for (place, status) in style::STATUSES.into_iter().enumerate() {
        let (mut cells, mut bars) = (Rects::default(), Rects::default());
        for fill in fills.iter().filter(|fill| fill.place == place) {
            let height = fill.bottom - fill.top;
            cells.push(fill.left, fill.top, fill.width - 1.0, height);
            bars.push(fill.left - STATUS_BAR / 2.0, fill.top, STATUS_BAR, height);
        }
        let colours = style::status_colour(status);
        cells.draw(surface, colours.fill);
        bars.draw(surface, colours.bar);
    }
    fills.clear();
}

/// Takes up the text of a fragment, line by line across the cells, so that a line is one run of glyphs.
fn write_fragment(layout: &TableLayout, faces: &Faces, fragment: RowFragment, row: &RowLines, text: &mut GlyphBatch) {
    let grid = &layout.grid;
    // Quarters of a point are short to write.
    let mut baseline = fragment.text_top + ((grid.leading * 0.5 + grid.size * HALF_CAPITAL_EM) * 4.0).round() / 4.0;
    for line in fragment.lines.0..fragment.lines.1 {
        for (index, column) in grid.band(fragment.band) {
            if let Some((words, ems)) = row.line(index, line) {
                text.write(&faces.regular, column.text_left(ems * grid.size), baseline, words);
            }
        }
        baseline += grid.leading;
    }
}

/// The captions on page `page` of the table, from 0: the same on all pages but the first.
pub fn captions(table: &Table, layout: &TableLayout, page: usize) -> StaticContent {
    let (grid, area) = (&layout.grid, layout.area);
    let mut content = StaticContent::default();
    let mut top = layout.top(page);
    let size = grid.size * CAPTION_SCALE;
    let style = Style { face: Face::Bold, size, colour: style::HEADER_INK };
    content.patch(style::HEADER_FILL, area.left, top, area.width, grid.captions_height());
    for band in 0..grid.bands {
        if band > 0 {
            content.patch(MUTED, area.left, top - 0.2, area.width, 0.4);
        }
        for (_, column) in grid.band(band) {
            let mut baseline = top + CAPTION_PADDING + grid.leading * 0.5 + size * HALF_CAPITAL_EM;
            let caption = &table.columns[column.column].caption;
            for line in &column.caption {
                content.text(style, column.text_left(line.width * size), baseline, &caption[line.start..line.end]);
                baseline += grid.leading;
            }
        }
        top += grid.caption_height(band);
    }
    content
}
