//! Draws the table: captions, stripes, status colours and the cells of a page. The layout says where everything goes.

use crate::domain::columns::ColumnType;
use crate::export::layout::columns::{CAPTION_PADDING, CAPTION_SCALE};
use crate::export::layout::fonts::{Face, Faces};
use crate::export::layout::pages::{RowFragment, TableLayout};
use crate::export::layout::row_lines::{RowLine, RowLines};
use crate::export::layout::table_rows::RowBlock;
use crate::export::pdf::content::Content;
use crate::export::pdf::marks::Mark;
use crate::export::pdf::static_content::{MUTED, StaticContent, Style, TextLine};
use crate::export::pdf::text_lines::LineSetting;
use crate::report::{Column, Table, style};

/// The colour of every second row.
const STRIPE: u32 = 0xF0F3F7;
/// The width of the bar at the left edge of a status, in points; half of it is in the cell.
const STATUS_BAR: f32 = 1.6;
/// How far a capital reaches above the middle of a line, in ems: half the height of a capital, so that text is
/// centred in its line.
const HALF_CAPITAL_EM: f32 = 0.35;

/// What was drawn of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Rows whose first line was drawn; a row that runs over a page counts once.
    pub rows: u64,
    /// Cells of these rows that are longer than a page shows.
    pub cut: u64,
}

impl Drawn {
    /// Adds what was drawn elsewhere.
    pub const fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.cut += other.cut;
    }
}

/// Draws page `page` of a table, from 0, whose rows are in `block`; it is the long table number `table` of the document.
pub fn draw_page(content: &mut Content, block: &RowBlock<'_>, (table, layout): (usize, &TableLayout), faces: &Faces, page: usize) -> Drawn {
    let (mut drawn, mut fragments) = (Drawn::default(), Vec::new());
    content.part_of(None);
    let text = content.begin_layer();
    layout.walk(block, faces, page, &mut |fragment, row| {
        if fragment.band == 0 && fragment.lines.0 == 0 {
            drawn.add(Drawn { rows: 1, cut: row.cut });
        }
        draw_text(content, faces, (table, layout), fragment, row);
        fragments.push(fragment);
    });
    content.row = None;
    content.part_of(None);
    let below = content.begin_layer();
    draw_fills(content, block, layout, &fragments);
    let (left, width) = (layout.area.left, layout.area.width);
    let bottom = fragments.last().map_or(layout.rows_top(page), |fragment| fragment.bottom);
    content.rectangles(style::RULE, [[left, bottom - 0.15, width, 0.6]]);
    content.put_below(text, below);
    drawn
}

/// Draws the text of a fragment in reading order: a cell after the other, each with its lines below each other.
fn draw_text(content: &mut Content, faces: &Faces, (table, layout): (usize, &TableLayout), fragment: RowFragment, row: &RowLines<'_>) {
    let grid = &layout.grid;
    let style = Style { face: Face::REGULAR, size: grid.size, colour: style::INK };
    // Quarters of a point are short to write.
    let first = fragment.text_top + ((grid.leading * 0.5 + grid.size * HALF_CAPITAL_EM) * 4.0).round() / 4.0;
    content.row = Some(fragment.row + 1);
    for (index, column) in grid.band(fragment.band) {
        for line in fragment.lines.0..fragment.lines.1 {
            let Some(RowLine { text, ems, shaped }) = row.line(index, line) else { break };
            if content.is_tagged() {
                content.part_of(Some(Mark::Cell { table, row: fragment.row, column: column.column }));
            }
            let baseline = first + (line - fragment.lines.0) as f32 * grid.leading;
            let setting = shaped.map_or(LineSetting::Plain, |shaped| LineSetting::Shaped(shaped));
            content.set_line(&faces.regular, style, (column.text_left(ems * grid.size), baseline), text, setting);
        }
    }
}

/// Draws the stripes, and then the status cells in the order of [`style::STATUSES`].
fn draw_fills(content: &mut Content, block: &RowBlock<'_>, layout: &TableLayout, fragments: &[RowFragment]) {
    let (left, width) = (layout.area.left, layout.area.width);
    let striped = fragments.iter().filter(|fragment| fragment.row % 2 == 1);
    content.rectangles(STRIPE, striped.map(|fragment| [left, fragment.top, width, fragment.bottom - fragment.top]));
    let mut fills = Vec::new();
    fragments.iter().for_each(|fragment| add_fills(&mut fills, block, layout, *fragment));
    for (place, status) in style::STATUSES.into_iter().enumerate() {
        let of_status = || fills.iter().filter(|fill| fill.place == place);
        let colours = style::status_colour(status);
        content.rectangles(colours.fill, of_status().map(|fill| [fill.left, fill.top, fill.width - 1.0, fill.bottom - fill.top]));
        let bars = of_status().map(|fill| [fill.left - STATUS_BAR / 2.0, fill.top, STATUS_BAR, fill.bottom - fill.top]);
        content.rectangles(colours.bar, bars);
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
fn add_fills(fills: &mut Vec<StatusFill>, block: &RowBlock<'_>, layout: &TableLayout, fragment: RowFragment) {
    let table: &Table = &block.table;
    for (index, column) in layout.grid.band(fragment.band) {
        if table.columns[column.column].kind != ColumnType::Status {
            continue;
        }
        let term = table.columns[column.column].values.term(block.place(fragment.row));
        let place = term.and_then(style::status_place).unwrap_or(style::place(None));
        let above = fills.iter_mut().rev().find(|fill| fill.index == index);
        if let Some(above) = above.filter(|above| above.place == place && above.bottom == fragment.top) {
            above.bottom = fragment.bottom;
            continue;
        }
        fills.push(StatusFill { place, index, left: column.left, width: column.width, top: fragment.top, bottom: fragment.bottom });
    }
}

/// The captions of `columns` on page `page` of the long table number `table`, from 0: the same on all pages but the first.
pub fn captions(columns: &[Column], (table, layout): (usize, &TableLayout), page: usize) -> StaticContent {
    let (grid, area) = (&layout.grid, layout.area);
    let mut content = StaticContent::default();
    let mut top = layout.top(page);
    let size = grid.size * CAPTION_SCALE;
    let style = Style { face: Face::BOLD, size, colour: style::HEADER_INK };
    content.patch(style::HEADER_FILL, area.left, top, area.width, grid.captions_height());
    for band in 0..grid.bands {
        if band > 0 {
            content.patch(MUTED, area.left, top - 0.2, area.width, 0.4);
        }
        for (_, column) in grid.band(band) {
            let mut baseline = top + CAPTION_PADDING + grid.leading * 0.5 + size * HALF_CAPITAL_EM;
            let caption = &columns[column.column].caption;
            for line in &column.caption {
                let text = TextLine::of(caption, line);
                content.text(style, column.text_left(line.width * size), baseline, text);
                baseline += grid.leading;
            }
            content.mark_text(&Mark::Caption { table, column: column.column });
        }
        top += grid.caption_height(band);
    }
    content
}
