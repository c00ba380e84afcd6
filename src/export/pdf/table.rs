//! Draws the table: captions, stripes, status colours and the cells of a page. The layout says where everything goes.

use crate::domain::columns::ColumnType;
use crate::export::layout::columns::{CAPTION_PADDING, CAPTION_SCALE, LABEL_SCALE};
use crate::export::layout::fonts::{Face, Faces};
use crate::export::layout::pages::{RowFragment, TableLayout};
use crate::export::layout::row_lines::{RowLine, RowLines};
use crate::export::layout::table_rows::RowBlock;
use crate::export::mail::MailLink;
use crate::export::pdf::content::Content;
use crate::export::pdf::links::{LINK_INK, Target};
use crate::export::pdf::marks::Mark;
use crate::export::pdf::paint::Paint;
use crate::export::pdf::static_content::{MUTED, StaticContent, Style, TextLine};
use crate::export::pdf::text_lines::LineSetting;
use crate::report::palette::STRIPE;
use crate::report::{Column, Table, style};

/// The width of the bar at the left edge of a status, in points; half of it is in the cell.
const STATUS_BAR: f32 = 1.6;
/// How far a capital reaches above the middle of a line, in ems: half the height of a capital, so that text is
/// centred in its line.
const HALF_CAPITAL_EM: f32 = 0.35;

/// A table that may run over many pages.
pub struct LongTable<'a> {
    /// Its place among those of the document.
    pub number: usize,
    /// Where everything of it is.
    pub layout: &'a TableLayout,
    /// The mails to which its rows lead.
    pub mail: Option<&'a MailLink<'a>>,
}

/// How far letters reach above and below the line, in ems, for the area of a link.
const ASCENT_EM: f32 = 0.8;
const DESCENT_EM: f32 = 0.25;

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

/// Draws page `page` of `table`, from 0, whose rows are in `block`.
pub fn draw_page(content: &mut Content, block: &RowBlock<'_>, table: &LongTable<'_>, faces: &Faces, page: usize) -> Drawn {
    let layout = table.layout;
    let (mut drawn, mut fragments) = (Drawn::default(), Vec::new());
    content.part_of(None);
    let text = content.begin_layer();
    layout.walk(block, faces, page, &mut |fragment, row| {
        if fragment.band == 0 && fragment.lines.0 == 0 {
            drawn.add(Drawn { rows: 1, cut: row.cut });
        }
        draw_text(content, faces, (table, block), fragment, row);
        fragments.push(fragment);
    });
    content.row = None;
    content.part_of(None);
    let below = content.begin_layer();
    draw_fills(content, block, layout, &fragments);
    let bottom = |shift: f32| fragments.iter().rfind(|fragment| fragment.shift == shift).map_or(layout.rows_top(page), |last| last.bottom);
    let rule = |shift: f32| [layout.area.left + shift, bottom(shift) - 0.15, layout.area.width, 0.6];
    content.rectangles(Paint::Rule, layout.shifts(page).map(rule));
    content.put_below(text, below);
    drawn
}

/// Draws the text of a fragment in reading order: a cell after the other, each with its lines below each other.
fn draw_text(
    content: &mut Content,
    faces: &Faces,
    (table, block): (&LongTable<'_>, &RowBlock<'_>),
    fragment: RowFragment,
    row: &RowLines<'_>,
) {
    let grid = &table.layout.grid;
    // Quarters of a point are short to write.
    let first = fragment.text_top + ((grid.leading * 0.5 + grid.size * HALF_CAPITAL_EM) * 4.0).round() / 4.0;
    let baseline = |line: usize| first + (line - fragment.lines.0) as f32 * grid.leading;
    let (columns, place, labels) = (&block.table.columns, block.place(fragment.row), grid.label_lines());
    let linked = table.mail.map(|mail| (mail, mail.column(columns, place)));
    content.row = Some(fragment.row + 1);
    for (index, column) in grid.band(fragment.band) {
        if fragment.lines.0 < labels && !row.is_empty(index) {
            // What repeats the caption is for the eye alone.
            content.part_of(None);
            let label = Style { face: Face::REGULAR, size: grid.size * LABEL_SCALE, colour: MUTED };
            let caption = &columns[column.column].caption;
            content.line(&faces.regular, label, (column.text_left(0.0) + fragment.shift, baseline(0)), caption, None);
        }
        let shown = fragment.lines.0.max(labels)..fragment.lines.1;
        let lines = shown.map_while(|line| row.line(index, line - labels).map(|found| (line, found)));
        let lines = lines.map(|(line, found)| (column.text_left(found.ems * grid.size) + fragment.shift, baseline(line), found));
        let mut style = Style { face: Face::REGULAR, size: grid.size, colour: Paint::Ink };
        let mut link = None;
        if let Some((mail, _)) = linked.filter(|(_, linked)| *linked == column.column)
            && let Some(area) = area(lines.clone(), grid.size)
        {
            style.colour = LINK_INK;
            link = Some(content.next_link());
            let mark = Mark::Cell { table: table.number, row: fragment.row, column: column.column, link };
            content.link(mark, area, Target::Address(mail.target(columns, place)), mail.caption(columns, place));
        }
        for (left, baseline, RowLine { text, shaped, .. }) in lines {
            if content.is_tagged() {
                content.part_of(Some(Mark::Cell { table: table.number, row: fragment.row, column: column.column, link }));
            }
            let setting = shaped.map_or(LineSetting::Plain, |shaped| LineSetting::Shaped(shaped));
            content.set_line(&faces.regular, style, (left, baseline), text, setting);
        }
    }
}

/// Where `lines` of type of `size` points are: left and top edge, width and height; `None` where there are none.
fn area<'a>(lines: impl Iterator<Item = (f32, f32, RowLine<'a>)>, size: f32) -> Option<[f32; 4]> {
    let edges =
        lines.map(|(left, baseline, line)| [left, baseline - size * ASCENT_EM, left + line.ems * size, baseline + size * DESCENT_EM]);
    let all = edges.reduce(|all, line| [all[0].min(line[0]), all[1].min(line[1]), all[2].max(line[2]), all[3].max(line[3])]);
    all.map(|[left, top, right, bottom]| [left, top, right - left, bottom - top])
}

/// Draws the stripes, and then the status cells in the order of [`style::STATUSES`].
fn draw_fills(content: &mut Content, block: &RowBlock<'_>, layout: &TableLayout, fragments: &[RowFragment]) {
    let (left, width) = (layout.area.left, layout.area.width);
    let striped = fragments.iter().filter(|fragment| fragment.row % 2 == 1);
    content.rectangles(
        Paint::Fixed(STRIPE),
        striped.map(|fragment| [left + fragment.shift, fragment.top, width, fragment.bottom - fragment.top]),
    );
    let mut fills = Vec::new();
    fragments.iter().for_each(|fragment| add_fills(&mut fills, block, layout, *fragment));
    for place in 0..style::STATUSES.len() {
        let of_status = || fills.iter().filter(|fill| fill.place == place);
        content
            .rectangles(Paint::StatusFill(place), of_status().map(|fill| [fill.left, fill.top, fill.width - 1.0, fill.bottom - fill.top]));
        let bars = of_status().map(|fill| [fill.left - STATUS_BAR / 2.0, fill.top, STATUS_BAR, fill.bottom - fill.top]);
        content.rectangles(Paint::StatusBar(place), bars);
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
        let left = column.left + fragment.shift;
        let above = fills.iter_mut().rev().find(|fill| fill.index == index && fill.left == left);
        if let Some(above) = above.filter(|above| above.place == place && above.bottom == fragment.top) {
            above.bottom = fragment.bottom;
            continue;
        }
        fills.push(StatusFill { place, index, left, width: column.width, top: fragment.top, bottom: fragment.bottom });
    }
}

/// The captions of `columns` on page `page` of `table`, from 0: the same on all pages but the first.
pub fn captions(columns: &[Column], table: &LongTable<'_>, page: usize) -> StaticContent {
    let mut content = StaticContent::default();
    if !table.layout.has_captions(page) {
        return content;
    }
    for shift in table.layout.shifts(page) {
        let flow = captions_of_flow(columns, table, (page, shift));
        // What is repeated is read once.
        content.append(if shift > 0.0 { flow.unmarked() } else { flow }, 0.0);
    }
    content
}

/// The captions of the flow that is `shift` points to the right of the first on page `page`.
fn captions_of_flow(columns: &[Column], table: &LongTable<'_>, (page, shift): (usize, f32)) -> StaticContent {
    let (grid, area) = (&table.layout.grid, table.layout.area);
    let (mut content, left) = (StaticContent::default(), area.left + shift);
    let mut top = table.layout.top(page);
    let size = grid.size * CAPTION_SCALE;
    let style = Style { face: Face::BOLD, size, colour: Paint::HeaderInk };
    content.patch(Paint::HeaderFill, left, top, area.width, grid.captions_height());
    for band in 0..grid.bands {
        if band > 0 {
            content.patch(MUTED, left, top - 0.2, area.width, 0.4);
        }
        for (_, column) in grid.band(band) {
            let mut baseline = top + CAPTION_PADDING + grid.leading * 0.5 + size * HALF_CAPITAL_EM;
            let caption = &columns[column.column].caption;
            for line in &column.caption {
                let text = TextLine::of(caption, line);
                content.text(style, column.text_left(line.width * size) + shift, baseline, text);
                baseline += grid.leading;
            }
            content.mark_text(&Mark::Caption { table: table.number, column: column.column });
        }
        top += grid.caption_height(band);
    }
    content
}
