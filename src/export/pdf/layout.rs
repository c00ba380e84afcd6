//! Decides which rows are on which page and where each cell is; keeps nothing a row but where pages begin.

use crate::error::{Error, Place, Result};
use crate::export::pdf::cells;
use crate::export::pdf::columns::{Grid, PADDING, ROW_PADDING, grid};
use crate::export::pdf::fonts::Faces;
use crate::export::pdf::page_chrome::{self, PageChrome};
use crate::export::pdf::row_lines::RowLines;
use crate::export::pdf::static_content::StaticContent;
use crate::export::pdf::summary;
use crate::report::{Report, Table};

/// Blank above and below the captions of a band, in points.
pub const CAPTION_PADDING: f32 = 2.5;

/// Where a page of the table begins: at a line of a row, which is its first unless the row is higher than a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Start {
    row: u32,
    line: u32,
}

/// The pages of a document.
pub struct Layout {
    /// The columns.
    pub grid: Grid,
    /// What surrounds every page.
    pub frame: PageChrome,
    /// The pages before the table.
    pub cover: Vec<StaticContent>,
    starts: Vec<Start>,
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

impl Layout {
    /// Lays out the whole report: reads every row once.
    ///
    /// # Errors
    /// [`crate::error::Error::data`] when there are more rows than a document can number.
    pub fn new(report: &Report, numbers: &Table, faces: &Faces) -> Result<Self> {
        let frame = PageChrome::new(report, faces);
        let grid = grid(numbers, faces, page_chrome::LEFT, page_chrome::WIDTH);
        let cover = summary::sheets(report, faces, &frame);
        let mut layout = Self { grid, frame, cover, starts: Vec::new(), rows: numbers.rows };
        layout.paginate(numbers, faces)?;
        Ok(layout)
    }

    /// Pages in the document.
    pub fn pages(&self) -> usize {
        self.cover.len() + self.starts.len()
    }

    /// The index of the page, from 0 in the document, on which `row` begins.
    pub fn page_of(&self, row: usize) -> usize {
        let begun = self.starts.partition_point(|start| (start.row as usize) < row || (start.row as usize == row && start.line == 0));
        self.cover.len() + begun.saturating_sub(1)
    }

    /// The upper edge of `row` on the page on which it begins, in points.
    pub fn top_of(&self, table: &Table, faces: &Faces, row: usize) -> f32 {
        let mut top = self.table_top();
        let Some(page) = self.page_of(row).checked_sub(self.cover.len()) else {
            return top;
        };
        self.walk(table, faces, page, &mut RowLines::default(), &mut |strip, _| {
            if strip.row == row && strip.band == 0 {
                top = strip.top;
            }
        });
        top
    }

    /// The top of the first row on a page, in points.
    pub fn table_top(&self) -> f32 {
        self.frame.top + self.captions_height()
    }

    /// The height of the captions, in points.
    pub fn captions_height(&self) -> f32 {
        (0..self.grid.bands).map(|band| self.caption_height(band)).sum()
    }

    /// The height of the captions of one band, in points.
    pub fn caption_height(&self, band: usize) -> f32 {
        self.grid.caption_lines(band) as f32 * self.grid.leading + 2.0 * CAPTION_PADDING
    }

    /// Calls `visit` with every strip of page `page` of the table (from 0), from top to bottom.
    pub fn walk(&self, table: &Table, faces: &Faces, page: usize, lines: &mut RowLines, visit: &mut dyn FnMut(RowFragment, &RowLines)) {
        let Some(start) = self.starts.get(page) else { return };
        let end = self.starts.get(page + 1).copied().unwrap_or(Start { row: self.rows as u32, line: 0 });
        let last = end.row as usize + usize::from(end.line > 0);
        let mut top = self.table_top();
        for row in start.row as usize..last {
            lines.read(table, &self.grid, faces, row);
            let from = if row == start.row as usize { start.line as usize } else { 0 };
            let to = if row == end.row as usize { end.line as usize } else { lines.total() };
            top = self.strips(row, (from, to), top, lines, visit);
        }
    }

    /// The strips of the lines `from..to` of a row; the lower edge of the row.
    fn strips(
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
                let mut bottom = text_top + (end - begin) as f32 * self.grid.leading;
                let next_text = bottom;
                if end == to {
                    bottom += ROW_PADDING;
                }
                visit(RowFragment { row, band, lines: (begin - first, end - first), top: edge, bottom, text_top }, lines);
                (edge, text_top) = (bottom, next_text);
            }
            first += count;
        }
        edge
    }

    fn paginate(&mut self, table: &Table, faces: &Faces) -> Result<()> {
        let area = self.frame.bottom - self.table_top();
        let whole = (((area - 2.0 * ROW_PADDING) / self.grid.leading) as usize).max(1);
        let mut lines = RowLines::default();
        let mut used = area;
        for row in 0..table.rows {
            lines.read(table, &self.grid, faces, row);
            let number = u32::try_from(row).map_err(|_| {
                Error::data("pdf", "too many rows for one document", "choose a page of the report").with_remedy(Place::option("page"))
            })?;
            let (total, mut from) = (lines.total(), 0);
            if used + self.row_height(total) > area {
                while total - from > whole {
                    self.starts.push(Start { row: number, line: from as u32 });
                    from += whole;
                }
                self.starts.push(Start { row: number, line: from as u32 });
                used = 0.0;
            }
            used += self.row_height(total - from);
        }
        Ok(())
    }

    fn row_height(&self, lines: usize) -> f32 {
        lines as f32 * self.grid.leading + 2.0 * ROW_PADDING
    }
}

/// Where a cell, or the part of it that is on this page, lies: points from the top left of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellBox {
    /// The row of the table.
    pub row: usize,
    /// The column of the table.
    pub column: usize,
    /// The left edge.
    pub left: f32,
    /// The upper edge.
    pub top: f32,
    /// The right edge.
    pub right: f32,
    /// The lower edge.
    pub bottom: f32,
}

/// The cells of every page of the document, for whoever checks where words landed; the cover pages have none.
///
/// # Errors
/// As [`Layout::new`]; [`crate::error::Error::internal`] when a shipped face cannot be read.
pub fn cell_boxes(report: &Report) -> Result<Vec<Vec<CellBox>>> {
    let faces = Faces::load()?;
    let numbers = report.numbers.table(0..report.numbers.rows)?;
    let layout = Layout::new(report, &numbers, &faces)?;
    let mut pages = vec![Vec::new(); layout.cover.len()];
    let mut lines = RowLines::default();
    for page in 0..layout.starts.len() {
        let mut boxes = Vec::new();
        layout.walk(&numbers, &faces, page, &mut lines, &mut |strip, _| {
            boxes.extend(layout.grid.boxes.iter().filter(|slot| slot.band == strip.band).map(|slot| CellBox {
                row: strip.row,
                column: slot.column,
                left: slot.left,
                top: strip.top,
                right: slot.left + slot.width,
                bottom: strip.bottom,
            }));
        });
        pages.push(boxes);
    }
    Ok(pages)
}

/// The left edge of a line of text in a slot.
pub fn text_left(grid: &Grid, slot: &crate::export::pdf::columns::ColumnBox, ems: f32) -> f32 {
    match slot.edge {
        cells::Align::Left => slot.left + PADDING,
        cells::Align::Right => slot.left + slot.width - PADDING - ems * grid.size,
    }
}
