//! Decides which rows are on which page and where each cell is; keeps nothing of a row but where pages begin.

use crate::error::{Error, Place, Result};
use crate::export::layout::column_widths::grid;
use crate::export::layout::columns::{Grid, ROW_PADDING};
use crate::export::layout::fonts::Faces;
use crate::export::layout::row_lines::RowLines;
use crate::report::Table;

/// The part of every page that the table has, captions included: points from the top left of the page.
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

/// Where a page begins: at a line of a row, which is its first unless the row is higher than a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct PageStart {
    row: u32,
    line: u32,
}

/// A table on pages.
pub struct TableLayout {
    /// The columns.
    pub grid: Grid,
    /// Where it is on every page.
    pub area: PageArea,
    starts: Vec<PageStart>,
    rows: usize,
}

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
}

impl TableLayout {
    /// Lays out `table` in `area`: reads every row once.
    ///
    /// # Errors
    /// [`Error::data`] when there are more rows than a document can number: 4,294,967,295.
    pub fn new(table: &Table, faces: &Faces, area: PageArea) -> Result<Self> {
        let grid = grid(table, faces, area.left, area.width);
        let mut layout = Self { grid, area, starts: Vec::new(), rows: table.rows };
        layout.paginate(table, faces)?;
        Ok(layout)
    }

    /// Pages of the table.
    pub fn pages(&self) -> usize {
        self.starts.len()
    }

    /// The page of the table, from 0, on which `row` begins.
    pub fn page_of(&self, row: usize) -> usize {
        self.starts.partition_point(|start| *start <= PageStart { row: row as u32, line: 0 }).saturating_sub(1)
    }

    /// The upper edge of `row` on the page on which it begins, in points.
    pub fn top_of(&self, table: &Table, faces: &Faces, row: usize) -> f32 {
        let mut top = self.rows_top(self.page_of(row));
        self.walk(table, faces, self.page_of(row), &mut RowLines::default(), &mut |fragment, _| {
            if fragment.row == row && fragment.band == 0 {
                top = fragment.top;
            }
        });
        top
    }

    /// The upper edge of the captions on page `page` of the table, from 0, in points.
    pub fn top(&self, page: usize) -> f32 {
        if page == 0 { self.area.top } else { self.area.next_top }
    }

    /// The top of the first row on page `page` of the table, from 0, in points.
    pub fn rows_top(&self, page: usize) -> f32 {
        self.top(page) + self.grid.captions_height()
    }

    /// The lower edge of the last row on page `page` of the table, from 0, in points.
    pub fn rows_bottom(&self, table: &Table, faces: &Faces, page: usize) -> f32 {
        let mut bottom = self.rows_top(page);
        self.walk(table, faces, page, &mut RowLines::default(), &mut |fragment, _| bottom = fragment.bottom);
        bottom
    }

    /// How many rows begin on the first page.
    pub fn rows_on_first_page(&self) -> usize {
        self.starts.get(1).map_or(self.rows, |start| start.row as usize)
    }

    /// Calls `visit` with every fragment of page `page` of the table (from 0), from top to bottom.
    pub fn walk(&self, table: &Table, faces: &Faces, page: usize, lines: &mut RowLines, visit: &mut dyn FnMut(RowFragment, &RowLines)) {
        let Some(start) = self.starts.get(page) else { return };
        let end = self.starts.get(page + 1).copied().unwrap_or(PageStart { row: self.rows as u32, line: 0 });
        let last = end.row as usize + usize::from(end.line > 0);
        let mut top = self.rows_top(page);
        for row in start.row as usize..last {
            lines.read(table, &self.grid, faces, row);
            let from = if row == start.row as usize { start.line as usize } else { 0 };
            let to = if row == end.row as usize { end.line as usize } else { lines.total() };
            top = self.walk_row(row, (from, to), top, lines, visit);
        }
    }

    /// Visits the fragments of the lines `from..to` of a row; the lower edge of the row.
    fn walk_row(
        &self,
        row: usize,
        (from, to): (usize, usize),
        top: f32,
        lines: &RowLines,
        visit: &mut dyn FnMut(RowFragment, &RowLines),
    ) -> f32 {
        let (mut first, mut edge, mut text_top) = (0, top, top + ROW_PADDING);
        for (band, count) in lines.bands.iter().enumerate() {
            let (begin, end) = (from.max(first), to.min(first + count));
            if begin < end {
                let next_text = text_top + (end - begin) as f32 * self.grid.leading;
                let bottom = if end == to { next_text + ROW_PADDING } else { next_text };
                visit(RowFragment { row, band, lines: (begin - first, end - first), top: edge, bottom, text_top }, lines);
                (edge, text_top) = (bottom, next_text);
            }
            first += count;
        }
        edge
    }

    /// Finds where pages begin: a row that does not fit on a page begins the next, and is broken only where it is
    /// higher than a whole page.
    fn paginate(&mut self, table: &Table, faces: &Faces) -> Result<()> {
        let height = |page: usize| self.area.bottom - self.rows_top(page);
        let lines_on = |page: usize| (((height(page) - 2.0 * ROW_PADDING) / self.grid.leading) as usize).max(1);
        let mut lines = RowLines::default();
        let mut starts: Vec<PageStart> = Vec::new();
        let (mut used, mut room) = (0.0, 0.0);
        for row in 0..table.rows {
            lines.read(table, &self.grid, faces, row);
            let number = u32::try_from(row).map_err(|_| {
                Error::data("document", "too many rows for one document", "choose a page of the report").with_remedy(Place::option("page"))
            })?;
            let (total, mut from) = (lines.total(), 0);
            if row == 0 || used + self.grid.row_height(total) > room {
                while total - from > lines_on(starts.len()) {
                    let lines = lines_on(starts.len());
                    starts.push(PageStart { row: number, line: from as u32 });
                    from += lines;
                }
                (used, room) = (0.0, height(starts.len()));
                starts.push(PageStart { row: number, line: from as u32 });
            }
            used += self.grid.row_height(total - from);
        }
        self.starts = starts;
        Ok(())
    }
}
