//! Draws the table: captions, stripes, status colours and the cells of a page. Never decides where anything goes.

use krilla::surface::Surface;

use crate::domain::columns::ColumnType;
use crate::export::pdf::cells;
use crate::export::pdf::columns::{CAPTION_SCALE, PADDING};
use crate::export::pdf::fonts::{Face, Faces};
use crate::export::pdf::glyph_runs::{GlyphBatch, Rects};
use crate::export::pdf::layout::{CAPTION_PADDING, Layout, RowFragment, text_left};
use crate::export::pdf::page_chrome;
use crate::export::pdf::row_lines::RowLines;
use crate::export::pdf::static_content::{StaticContent, Style};
use crate::report::{Table, style};

/// Every second row.
const STRIPE: u32 = 0xF0F3F7;
/// How far the ink of a status reaches into its cell from the left, in points.
const BAR: f32 = 1.6;

/// What is needed to draw pages one after the other; its buffers are reused.
pub struct TablePainter {
    pen: GlyphBatch,
    lines: RowLines,
    stripes: Rects,
    rules: Rects,
    tints: StatusFills,
    begun: u64,
}

impl TablePainter {
    /// A painter for the table.
    pub fn new(layout: &Layout) -> Self {
        Self {
            pen: GlyphBatch::new(layout.grid.size),
            lines: RowLines::default(),
            stripes: Rects::default(),
            rules: Rects::default(),
            tints: StatusFills::default(),
            begun: 0,
        }
    }

    /// Draws page `page` of the table, from 0.
    pub fn page(&mut self, numbers: &Table, layout: &Layout, faces: &Faces, page: usize, surface: &mut Surface<'_>) {
        let Self { pen, lines, stripes, rules, tints, begun } = self;
        let mut bottom = layout.table_top();
        layout.walk(numbers, faces, page, lines, &mut |strip, row| {
            *begun += u64::from(strip.band == 0 && strip.lines.0 == 0);
            if strip.row % 2 == 1 {
                stripes.push(page_chrome::LEFT, strip.top, page_chrome::WIDTH, strip.bottom - strip.top);
            }
            tints.strip(numbers, layout, strip, row);
            ink(layout, faces, strip, row, pen);
            bottom = strip.bottom;
        });
        stripes.draw(surface, STRIPE);
        tints.draw(surface);
        rules.push(page_chrome::LEFT, bottom - 0.15, page_chrome::WIDTH, 0.6);
        rules.draw(surface, style::RULE);
        pen.draw(surface, faces, style::INK);
    }

    /// Rows whose first line was drawn so far; a row that runs over a page counts once.
    pub fn rows(&self) -> u64 {
        self.begun
    }

    /// Characters drawn so far that no face has.
    pub fn missing(&self) -> u64 {
        self.pen.missing
    }
}

/// The colours of the status cells of a page. Neighbours of one status are one rectangle.
#[derive(Default)]
struct StatusFills {
    /// Fill and bar of each status, in the order of [`style::STATUSES`].
    patches: [(Rects, Rects); style::STATUSES.len()],
    /// Rectangles that may still grow downwards.
    open: Vec<StatusFill>,
}

/// A rectangle of one status: which, in which slot, from where to where.
struct StatusFill {
    place: usize,
    slot: usize,
    left: f32,
    width: f32,
    top: f32,
    bottom: f32,
}

impl StatusFills {
    /// Takes up the status cells of a strip.
    fn strip(&mut self, table: &Table, layout: &Layout, strip: RowFragment, row: &RowLines) {
        for (index, slot) in layout.grid.boxes.iter().enumerate() {
            if slot.band != strip.band || table.columns[slot.column].kind != ColumnType::Status {
                continue;
            }
            let place = style::place(style::status_of(row.cell(index)));
            let same = |tint: &&mut StatusFill| tint.slot == index && tint.place == place && tint.bottom == strip.top;
            if let Some(tint) = self.open.iter_mut().find(same) {
                tint.bottom = strip.bottom;
                continue;
            }
            if let Some(old) = self.open.iter().position(|tint| tint.slot == index) {
                let tint = self.open.swap_remove(old);
                self.close(&tint);
            }
            self.open.push(StatusFill { place, slot: index, left: slot.left, width: slot.width, top: strip.top, bottom: strip.bottom });
        }
    }

    fn close(&mut self, tint: &StatusFill) {
        let (fill, bar) = &mut self.patches[tint.place];
        let height = tint.bottom - tint.top;
        fill.push(tint.left, tint.top, tint.width - 1.0, height);
        bar.push(tint.left - BAR / 2.0, tint.top, BAR, height);
    }

    fn draw(&mut self, surface: &mut Surface<'_>) {
        for tint in std::mem::take(&mut self.open) {
            self.close(&tint);
        }
        for ((fill, bar), status) in self.patches.iter_mut().zip(style::STATUSES) {
            let colours = style::status_colour(status);
            fill.draw(surface, colours.fill);
            bar.draw(surface, colours.bar);
        }
    }
}

/// Takes up the text of a strip, line by line across the cells, so that a line is one run of glyphs.
fn ink(layout: &Layout, faces: &Faces, strip: RowFragment, row: &RowLines, pen: &mut GlyphBatch) {
    // Quarters of a point are short to write.
    let mut baseline = strip.text_top + ((layout.grid.leading * 0.5 + layout.grid.size * 0.35) * 4.0).round() / 4.0;
    for line in strip.lines.0..strip.lines.1 {
        for (index, slot) in layout.grid.boxes.iter().enumerate() {
            if slot.band != strip.band {
                continue;
            }
            if let Some((text, ems)) = row.line(index, line) {
                pen.write(&faces.regular, text_left(&layout.grid, slot, ems), baseline, text);
            }
        }
        baseline += layout.grid.leading;
    }
}

/// The captions, the same on every page.
pub fn captions(table: &Table, layout: &Layout) -> StaticContent {
    let mut sheet = StaticContent::default();
    let mut top = layout.frame.top;
    let size = layout.grid.size * CAPTION_SCALE;
    let style = Style { face: Face::Bold, size, colour: style::HEADER_INK };
    sheet.patch(style::HEADER_FILL, page_chrome::LEFT, top, page_chrome::WIDTH, layout.captions_height());
    for band in 0..layout.grid.bands {
        if band > 0 {
            sheet.patch(page_chrome::MUTED, page_chrome::LEFT, top - 0.2, page_chrome::WIDTH, 0.4);
        }
        for slot in layout.grid.boxes.iter().filter(|slot| slot.band == band) {
            let mut baseline = top + CAPTION_PADDING + layout.grid.leading * 0.5 + size * 0.35;
            let text = &table.columns[slot.column].caption;
            for line in &slot.caption {
                let left = match slot.edge {
                    cells::Align::Left => slot.left + PADDING,
                    cells::Align::Right => slot.left + slot.width - PADDING - line.width * size,
                };
                sheet.text(style, left, baseline, &text[line.start..line.end]);
                baseline += layout.grid.leading;
            }
        }
        top += layout.caption_height(band);
    }
    sheet
}
