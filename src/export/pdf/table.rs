//! Draws the table: captions, stripes, status colours and the cells of a page. The layout says where everything goes.

use std::sync::Arc;

use crate::domain::columns::ColumnType;
use crate::export::layout::columns::{CAPTION_PADDING, CAPTION_SCALE, LABEL_SCALE};
use crate::export::layout::fonts::{Face, Faces};
use crate::export::layout::pages::{RowFragment, TableLayout};
use crate::export::layout::paragraph::ShapedLine;
use crate::export::layout::row_lines::{RowLine, RowLines};
use crate::export::layout::table_rows::RowBlock;
use crate::export::mail::MailLink;
use crate::export::pdf::content::Content;
use crate::export::pdf::links::{LINK_INK, Target};
use crate::export::pdf::marks::Mark;
use crate::export::pdf::paint::Paint;
use crate::export::pdf::static_content::{MUTED, StaticContent, Style, TextLine};
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

/// Draws page `page` of `table`, from 0, whose rows are in `block`. The text waits until what is below it is drawn.
pub fn draw_page(content: &mut Content, block: &RowBlock<'_>, table: &LongTable<'_>, faces: &Faces, page: usize) -> Drawn {
    let layout = table.layout;
    let (mut lines, mut drawn, mut fragments) = (RowLines::default(), Drawn::default(), Vec::new());
    let mut texts = Texts::default();
    layout.walk(block, faces, page, &mut lines, &mut |fragment, row| {
        if fragment.band == 0 && fragment.lines.0 == 0 {
            drawn.add(Drawn { rows: 1, cut: row.cut });
        }
        texts.take(layout, &block.table.columns, fragment, row);
        fragments.push(fragment);
    });
    content.part_of(None);
    draw_fills(content, block, layout, &fragments);
    let bottom = |shift: f32| fragments.iter().rfind(|fragment| fragment.shift == shift).map_or(layout.rows_top(page), |last| last.bottom);
    let rule = |shift: f32| [layout.area.left + shift, bottom(shift) - 0.15, layout.area.width, 0.6];
    content.rectangles(Paint::Rule, layout.shifts(page).map(rule));
    texts.draw(content, faces, (table, block));
    drawn
}

/// The lines of text of a page, cell by cell, until what is below them is drawn.
#[derive(Default)]
struct Texts {
    text: String,
    /// Where each line begins on the page, how wide it is in ems, and where it ends in `text`.
    lines: Vec<(f32, f32, f32, usize)>,
    /// The cell of each line: row and column.
    cells: Vec<(usize, usize)>,
    /// The lines that are captions above their cells, by their number, in order.
    labels: Vec<usize>,
    /// The lines that were shaped, by their number, in order.
    shaped: Vec<(usize, Arc<ShapedLine>)>,
}

impl Texts {
    /// Takes up the text of a fragment in reading order: a cell after the other, each with its lines below each other.
    fn take(&mut self, layout: &TableLayout, columns: &[Column], fragment: RowFragment, row: &RowLines) {
        let grid = &layout.grid;
        // Quarters of a point are short to write.
        let first = fragment.text_top + ((grid.leading * 0.5 + grid.size * HALF_CAPITAL_EM) * 4.0).round() / 4.0;
        for (index, column) in grid.band(fragment.band) {
            for line in fragment.lines.0..fragment.lines.1 {
                let baseline = first + (line - fragment.lines.0) as f32 * grid.leading;
                let Some(of_text) = line.checked_sub(grid.label_lines()) else {
                    self.text.push_str(&columns[column.column].caption);
                    self.labels.push(self.lines.len());
                    self.lines.push((column.text_left(0.0) + fragment.shift, baseline, 0.0, self.text.len()));
                    self.cells.push((fragment.row, column.column));
                    continue;
                };
                let Some(RowLine { text, ems, shaped }) = row.line(index, of_text) else { break };
                self.text.push_str(text);
                if let Some(shaped) = shaped {
                    self.shaped.push((self.lines.len(), Arc::clone(shaped)));
                }
                self.lines.push((column.text_left(ems * grid.size) + fragment.shift, baseline, ems, self.text.len()));
                self.cells.push((fragment.row, column.column));
            }
        }
    }

    fn draw(&self, content: &mut Content, faces: &Faces, (table, block): (&LongTable<'_>, &RowBlock<'_>)) {
        let mut start = 0;
        let (mut shaped, mut labels) = (self.shaped.iter().peekable(), self.labels.iter().peekable());
        let mut links = Links::default();
        let size = table.layout.grid.size;
        let label = Style { face: Face::REGULAR, size: size * LABEL_SCALE, colour: MUTED };
        for (number, ((left, baseline, _, end), (row, column))) in self.lines.iter().zip(&self.cells).enumerate() {
            let text = &self.text[start..*end];
            if labels.next_if_eq(&&number).is_some() {
                // What repeats the caption is for the eye alone.
                content.part_of(None);
                content.line(&faces.regular, label, (*left, *baseline), text, None);
                start = *end;
                continue;
            }
            let link = table.mail.and_then(|mail| links.link_of(content, (mail, self, table), block, number));
            if content.is_tagged() {
                content.part_of(Some(Mark::Cell { table: table.number, row: *row, column: *column, link }));
            }
            content.row = Some(row + 1);
            let shaped = shaped.next_if(|shaped| shaped.0 == number).map(|shaped| &*shaped.1);
            let colour = if link.is_some() { LINK_INK } else { Paint::Ink };
            content.line(&faces.regular, Style { face: Face::REGULAR, size, colour }, (*left, *baseline), text, shaped);
            start = *end;
        }
        content.row = None;
        content.part_of(None);
    }

    /// Where the lines of the cell are whose first is line `first`: left and top edge, width and height, of type of `size` points.
    fn area(&self, first: usize, size: f32) -> [f32; 4] {
        let lines = self.lines[first..].iter().zip(&self.cells[first..]).take_while(|(_, cell)| **cell == self.cells[first]);
        let (mut left, mut right, mut top, mut bottom) = (f32::MAX, 0.0f32, f32::MAX, 0.0f32);
        for ((begins, baseline, ems, _), _) in lines {
            (left, right) = (left.min(*begins), right.max(begins + ems * size));
            (top, bottom) = (top.min(baseline - size * ASCENT_EM), bottom.max(baseline + size * DESCENT_EM));
        }
        [left, top, right - left, bottom - top]
    }
}

/// The links of the rows of a page, one a row, as they are met.
#[derive(Default)]
struct Links {
    /// The row that was met last, and the column of its cell that leads to a mail.
    row: Option<(usize, usize)>,
    /// The cell that was linked last, and the place of its link among those of the page.
    linked: Option<((usize, usize), usize)>,
}

impl Links {
    /// The place, among the links of the page, of that of the cell of line `number`; `None` for a cell that leads nowhere.
    fn link_of(
        &mut self,
        content: &mut Content,
        (mail, texts, table): (&MailLink<'_>, &Texts, &LongTable<'_>),
        block: &RowBlock<'_>,
        number: usize,
    ) -> Option<usize> {
        let (row, column) = texts.cells[number];
        let (columns, place) = (&block.table.columns, block.place(row));
        if self.row.is_none_or(|known| known.0 != row) {
            self.row = Some((row, mail.column(columns, place)));
        }
        if self.row != Some((row, column)) {
            return None;
        }
        if let Some((_, link)) = self.linked.filter(|linked| linked.0 == (row, column)) {
            return Some(link);
        }
        let link = content.next_link();
        self.linked = Some(((row, column), link));
        let mark = Mark::Cell { table: table.number, row, column, link: Some(link) };
        let area = texts.area(number, table.layout.grid.size);
        content.link(mark, area, Target::Address(mail.target(columns, place)), mail.caption(columns, place));
        Some(link)
    }
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
