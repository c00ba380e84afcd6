//! Decides which rows are on which page and where each cell is; keeps nothing of a row but where pages begin.

use std::ops::Range;

use rayon::prelude::*;

use crate::domain::density::Density;
use crate::error::{Error, Place, Result};
use crate::export::cells::Cells;
use crate::export::layout::column_widths::{flows, grid, measures};
use crate::export::layout::columns::{Grid, ROW_PADDING};
use crate::export::layout::fonts::Faces;
use crate::export::layout::row_lines::{RowLines, TermLines};
use crate::export::layout::table_rows::{RowBlock, TableRows};

/// The part of every page that the table has, captions included: points from the top left of the page. A narrow table has several such
/// parts of a page beside each other, its flows, of which this is the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageArea {
    /// The left edge.
    pub left: f32,
    /// The width.
    pub width: f32,
    /// The upper edge on its first page.
    pub top: f32,
    /// The upper edge on further pages.
    pub next_top: f32,
    /// The lower edge.
    pub bottom: f32,
}

/// Where a flow begins: at a line of a row, which is its first unless the row is higher than a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct PageStart {
    row: u32,
    line: u32,
}

/// A table on pages.
pub struct TableLayout {
    /// The columns.
    pub grid: Grid,
    terms: TermLines,
    /// Where it is on every page.
    pub area: PageArea,
    /// How many flows are beside each other on a page, and how far each is to the right of the one before.
    flows: usize,
    step: f32,
    /// Where each flow begins.
    starts: Vec<PageStart>,
    rows: usize,
    /// The rows that were marked, each with the page on which it begins, from 0, and its upper edge there.
    marked: Vec<(usize, usize, f32)>,
}

/// Rows whose lines are counted at once, and those of them that a thread counts.
const COUNTED_ROWS: usize = 16_384;
const COUNTED_ALONE: usize = 1_024;

/// A band of a row as it lies on a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowFragment {
    /// The row.
    pub row: usize,
    /// The band.
    pub band: usize,
    /// Its first line here, and the one after its last.
    pub lines: (usize, usize),
    /// From the top of the page, in points; the row's padding belongs to its outer bands.
    pub top: f32,
    /// The lower edge.
    pub bottom: f32,
    /// The top of its first line.
    pub text_top: f32,
    /// How far the flow that it is in is to the right of the first.
    pub shift: f32,
}

impl TableLayout {
    /// Lays out `rows` in `area`: reads every row once, and remembers where those are that `marks` names, in order.
    ///
    /// # Errors
    /// [`Error::data`] when there are more rows than a document can number: 4,294,967,295. Those of the table.
    pub fn new(rows: &TableRows<'_>, faces: &Faces, area: PageArea, density: Density, marks: &[usize]) -> Result<Self> {
        let sample = rows.sample()?;
        let measures = measures(&sample, faces);
        let (flows, width) = flows(&measures, area.width, rows.len(), density);
        let step = if flows > 1 { (area.width - width) / (flows - 1) as f32 } else { 0.0 };
        let grid = grid(&sample, &measures, faces, (area.left, width), density);
        let terms = TermLines::new(rows.columns(), &grid, faces);
        let area = PageArea { width, ..area };
        let mut layout = Self { grid, terms, area, flows, step, starts: Vec::new(), rows: rows.len(), marked: Vec::new() };
        layout.paginate(rows, faces, marks)?;
        Ok(layout)
    }

    /// Pages of the table.
    pub fn pages(&self) -> usize {
        self.starts.len().div_ceil(self.flows)
    }

    /// How far each flow on page `page`, from 0, is to the right of the first.
    pub fn shifts(&self, page: usize) -> impl Iterator<Item = f32> {
        let used = self.starts.len().saturating_sub(page * self.flows).clamp(1, self.flows);
        (0..used).map(|flow| flow as f32 * self.step)
    }

    /// Whether page `page`, from 0, begins with the captions: all do, unless each cell has its own.
    pub fn has_captions(&self, page: usize) -> bool {
        page == 0 || !self.grid.is_labelled
    }

    /// Whether all pages begin alike.
    pub fn has_same_captions(&self) -> bool {
        self.flows == 1 && !self.grid.is_labelled
    }

    /// The page of the table, from 0, on which the marked row `row` begins, and its upper edge there in points; the top of the
    /// first page for a row that was not marked.
    pub fn place_of(&self, row: usize) -> (usize, f32) {
        let found = self.marked.binary_search_by_key(&row, |mark| mark.0);
        found.map_or_else(|_| (0, self.rows_top(0)), |index| (self.marked[index].1, self.marked[index].2))
    }

    /// The rows of which a part is on page `page` of the table, from 0.
    pub fn rows_of(&self, page: usize) -> Range<usize> {
        self.rows_between(page * self.flows, (page + 1) * self.flows)
    }

    /// The rows of which a part is in the flows from `first` to the one before `next`.
    fn rows_between(&self, first: usize, next: usize) -> Range<usize> {
        let Some(start) = self.starts.get(first) else { return 0..0 };
        let end = self.start_of(next);
        start.row as usize..end.row as usize + usize::from(end.line > 0)
    }

    /// Where flow `flow` begins; behind the last row for the flow after the last.
    fn start_of(&self, flow: usize) -> PageStart {
        self.starts.get(flow).copied().unwrap_or(PageStart { row: self.rows as u32, line: 0 })
    }

    /// The upper edge of the captions on page `page` of the table, from 0, in points.
    pub fn top(&self, page: usize) -> f32 {
        if page == 0 { self.area.top } else { self.area.next_top }
    }

    /// The top of the first row on page `page` of the table, from 0, in points.
    pub fn rows_top(&self, page: usize) -> f32 {
        self.top(page) + if self.has_captions(page) { self.grid.captions_height() } else { 0.0 }
    }

    /// The lower edge of the last row on page `page` of the table, from 0, in points.
    ///
    /// # Errors
    /// Those of the table.
    pub fn rows_bottom(&self, rows: &TableRows<'_>, faces: &Faces, page: usize) -> Result<f32> {
        let mut bottom = self.rows_top(page);
        let block = rows.block(self.rows_of(page))?;
        self.walk(&block, faces, page, &mut |fragment, _| bottom = f32::max(bottom, fragment.bottom));
        Ok(bottom)
    }

    /// How many rows begin on the first page.
    pub fn rows_on_first_page(&self) -> usize {
        self.starts.get(self.flows).map_or(self.rows, |start| start.row as usize)
    }

    /// Calls `visit` with every fragment of page `page` of the table (from 0), whose rows are in `block`, from top to bottom.
    pub fn walk(&self, block: &RowBlock<'_>, faces: &Faces, page: usize, visit: &mut dyn FnMut(RowFragment, &RowLines<'_>)) {
        let (cells, mut lines) = (Cells::of_table(&block.table), RowLines::default());
        for (flow, shift) in (page * self.flows..).zip(self.shifts(page)) {
            let (start, end) = (self.start_of(flow), self.start_of(flow + 1));
            let mut top = self.rows_top(page);
            for row in self.rows_between(flow, flow + 1) {
                lines.read(&cells, (&self.grid, &self.terms), faces, block.place(row));
                let from = if row == start.row as usize { start.line as usize } else { 0 };
                let to = if row == end.row as usize { end.line as usize } else { lines.total() };
                top = self.walk_row((row, shift), (from, to), top, &lines, visit);
            }
        }
    }

    /// Visits the fragments of the lines `from..to` of a row; the lower edge of the row.
    fn walk_row(
        &self,
        (row, shift): (usize, f32),
        (from, to): (usize, usize),
        top: f32,
        lines: &RowLines<'_>,
        visit: &mut dyn FnMut(RowFragment, &RowLines<'_>),
    ) -> f32 {
        let (mut first, mut edge, mut text_top) = (0, top, top + ROW_PADDING);
        for (band, count) in lines.bands.iter().enumerate() {
            let (begin, end) = (from.max(first), to.min(first + count));
            if begin < end {
                let next_text = text_top + (end - begin) as f32 * self.grid.leading;
                let bottom = if end == to { next_text + ROW_PADDING } else { next_text };
                visit(RowFragment { row, band, lines: (begin - first, end - first), top: edge, bottom, text_top, shift }, lines);
                (edge, text_top) = (bottom, next_text);
            }
            first += count;
        }
        edge
    }

    /// Finds where flows begin: a row that does not fit into a flow begins the next, and is broken only where it is
    /// higher than a whole one.
    fn paginate(&mut self, rows: &TableRows<'_>, faces: &Faces, marks: &[usize]) -> Result<()> {
        if u32::try_from(rows.len()).is_err() {
            let error = Error::data("document", "too many rows for one document", "choose a page of the report");
            return Err(error.with_remedy(Place::option("page")));
        }
        if self.flows > 1 {
            self.balance(rows, faces)?;
        }
        let height = |flow: usize| self.area.bottom - self.rows_top(flow / self.flows);
        let lines_on = |flow: usize| (((height(flow) - 2.0 * ROW_PADDING) / self.grid.leading) as usize).max(1);
        let mut marks = marks.iter().copied().peekable();
        let (mut starts, mut marked) = (Vec::<PageStart>::new(), Vec::new());
        let (mut used, mut room) = (0.0, 0.0);
        for first in (0..rows.len()).step_by(COUNTED_ROWS) {
            let counts = self.line_counts(&rows.block(first..(first + COUNTED_ROWS).min(rows.len()))?, first, faces);
            for (row, total) in (first..).zip(counts) {
                let (number, total) = (row as u32, total as usize);
                let (mut from, mut begins) = (0, None);
                if row == 0 || used + self.grid.row_height(total) > room {
                    while total - from > lines_on(starts.len()) {
                        begins = begins.or(Some(starts.len()));
                        let lines = lines_on(starts.len());
                        starts.push(PageStart { row: number, line: from as u32 });
                        from += lines;
                    }
                    (used, room) = (0.0, height(starts.len()));
                    starts.push(PageStart { row: number, line: from as u32 });
                }
                if marks.next_if_eq(&row).is_some() {
                    let (flow, above) = begins.map_or((starts.len() - 1, used), |flow| (flow, 0.0));
                    let page = flow / self.flows;
                    marked.push((row, page, self.rows_top(page) + above));
                }
                used += self.grid.row_height(total - from);
            }
        }
        (self.starts, self.marked) = (starts, marked);
        Ok(())
    }

    /// Ends the flows of a table that fits on one page where they are about as high as each other.
    fn balance(&mut self, rows: &TableRows<'_>, faces: &Faces) -> Result<()> {
        if rows.len() > COUNTED_ROWS {
            return Ok(());
        }
        let counts = self.line_counts(&rows.block(0..rows.len())?, 0, faces);
        let heights = || counts.iter().map(|lines| self.grid.row_height(*lines as usize));
        let even = heights().sum::<f32>() / self.flows as f32 + heights().fold(0.0, f32::max);
        self.area.bottom = self.area.bottom.min(self.rows_top(0) + even);
        Ok(())
    }

    /// The lines that each of the rows of `block` takes, from row `first` of the table on.
    fn line_counts(&self, block: &RowBlock<'_>, first: usize, faces: &Faces) -> Vec<u32> {
        let rows: Vec<usize> = (first..(first + COUNTED_ROWS).min(self.rows)).collect();
        let cells = Cells::of_table(&block.table);
        let count = |rows: &[usize]| {
            let mut lines = RowLines::default();
            let mut of_row = |row: &usize| {
                lines.read(&cells, (&self.grid, &self.terms), faces, block.place(*row));
                lines.total() as u32
            };
            rows.iter().map(&mut of_row).collect::<Vec<u32>>()
        };
        // A short table is not worth the way to another thread.
        if rows.len() <= COUNTED_ALONE { count(&rows) } else { rows.par_chunks(COUNTED_ALONE).flat_map_iter(count).collect() }
    }
}
