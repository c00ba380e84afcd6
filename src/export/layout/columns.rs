//! Where the columns of a table are: side by side in one band, or in several bands of a row below each other.

use crate::export::layout::wrap::Line;

/// Blank at either side of a cell, in points: 4.6 between two columns, twice the blank between words.
pub const PADDING: f32 = 2.3;
/// Blank above and below the lines of a row, in points.
pub const ROW_PADDING: f32 = 2.25;
/// Blank above and below the captions of a band, in points.
pub const CAPTION_PADDING: f32 = 2.5;
/// The type size of captions to that of cells: bold capitals look larger than they are.
pub const CAPTION_SCALE: f32 = 0.94;

/// The type size of the caption above a cell to that of the cell.
pub const LABEL_SCALE: f32 = 0.82;

/// Where a column is.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnBox {
    /// Its index in the table.
    pub column: usize,
    /// Which band of the row it is in, from 0.
    pub band: usize,
    /// From the left edge of the page, in points.
    pub left: f32,
    /// Padding included, in points.
    pub width: f32,
    /// Whether its cells stand at the right.
    pub is_figure: bool,
    /// The lines of its caption.
    pub caption: Vec<Line>,
}

/// The columns of a table, in bands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grid {
    /// Every column once, in order.
    pub boxes: Vec<ColumnBox>,
    /// Bands in a row.
    pub bands: usize,
    /// The type size of cells, in points.
    pub size: f32,
    /// From line to line, in points.
    pub leading: f32,
    /// Whether each cell has its caption above it: where a row has so many bands that those at the head of a page are too far away.
    pub is_labelled: bool,
}

impl ColumnBox {
    /// The left edge of a line that is `width` points wide.
    pub fn text_left(&self, width: f32) -> f32 {
        if self.is_figure { self.left + self.width - PADDING - width } else { self.left + PADDING }
    }
}

impl Grid {
    /// The room for a line of a cell, in ems.
    pub fn line_ems(&self, column: &ColumnBox) -> f32 {
        (column.width - 2.0 * PADDING) / self.size
    }

    /// The columns of a band, each with its index in [`Grid::boxes`].
    pub fn band(&self, band: usize) -> impl Iterator<Item = (usize, &ColumnBox)> {
        self.boxes.iter().enumerate().filter(move |(_, column)| column.band == band)
    }

    /// The height of the captions of a band, in points.
    pub fn caption_height(&self, band: usize) -> f32 {
        let lines = self.band(band).map(|(_, column)| column.caption.len()).max().unwrap_or(0);
        lines as f32 * self.leading + 2.0 * CAPTION_PADDING
    }

    /// The height of the captions of all bands, in points.
    pub fn captions_height(&self) -> f32 {
        (0..self.bands).map(|band| self.caption_height(band)).sum()
    }

    /// Lines above the text of each cell: its caption, where rows are labelled.
    pub fn label_lines(&self) -> usize {
        usize::from(self.is_labelled)
    }

    /// The height of a row of `lines` lines, all bands together, in points.
    pub fn row_height(&self, lines: usize) -> f32 {
        lines as f32 * self.leading + 2.0 * ROW_PADDING
    }
}
