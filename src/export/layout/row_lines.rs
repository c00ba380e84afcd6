//! A row of the table broken into the lines of its cells.

use crate::export::layout::cell_text;
use crate::export::layout::columns::Grid;
use crate::export::layout::fonts::Faces;
use crate::export::layout::wrap::{Line, wrap};
use crate::report::Table;

/// The text of a row broken into the lines of its cells. Reused from row to row.
#[derive(Default)]
pub struct RowLines {
    text: String,
    lines: Vec<Line>,
    /// Of each column box: where its text starts, its first line, how many lines.
    cells: Vec<(usize, usize, usize)>,
    /// Lines of each band, at least one.
    pub bands: Vec<usize>,
    /// Cells that are longer than a page shows.
    pub cut: u64,
}

impl RowLines {
    /// Reads and breaks row `row`.
    pub fn read(&mut self, table: &Table, grid: &Grid, faces: &Faces, row: usize) {
        self.text.clear();
        self.lines.clear();
        self.cells.clear();
        self.bands.clear();
        self.cut = 0;
        self.bands.resize(grid.bands, 1);
        for column in &grid.boxes {
            let (start, first) = (self.text.len(), self.lines.len());
            self.cut += u64::from(cell_text::write(&table.columns[column.column].values, row, &mut self.text));
            wrap(&faces.regular, &self.text[start..], grid.line_ems(column), &mut self.lines);
            let count = self.lines.len() - first;
            self.cells.push((start, first, count));
            self.bands[column.band] = self.bands[column.band].max(count);
        }
    }

    /// Line `line` of the cell in box `index`, and its width in ems.
    pub fn line(&self, index: usize, line: usize) -> Option<(&str, f32)> {
        let (start, first, count) = self.cells[index];
        (line < count).then(|| {
            let found = self.lines[first + line];
            (&self.text[start + found.start..start + found.end], found.width)
        })
    }

    /// Lines of all bands.
    pub fn total(&self) -> usize {
        self.bands.iter().sum()
    }
}
