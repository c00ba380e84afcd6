//! A row of the table broken into the lines of its cells. Never keeps more than one row.

use crate::export::pdf::cells;
use crate::export::pdf::columns::Grid;
use crate::export::pdf::fonts::Faces;
use crate::export::pdf::wrap;
use crate::report::Table;

/// The text of a row broken into the lines of its cells. Reused from row to row.
#[derive(Default)]
pub struct RowLines {
    text: String,
    lines: Vec<wrap::Line>,
    /// Of each slot: where its text starts, its first line, how many lines.
    cells: Vec<(usize, usize, usize)>,
    /// Lines of each band, at least one.
    pub bands: Vec<usize>,
}

impl RowLines {
    /// Reads and breaks row `row`.
    pub fn read(&mut self, table: &Table, grid: &Grid, faces: &Faces, row: usize) {
        self.text.clear();
        self.lines.clear();
        self.cells.clear();
        self.bands.clear();
        self.bands.resize(grid.bands, 1);
        for slot in &grid.boxes {
            let (start, first) = (self.text.len(), self.lines.len());
            cells::write(&table.columns[slot.column].values, row, &mut self.text);
            wrap::wrap(&faces.regular, &self.text[start..], grid.ems(slot), &mut self.lines);
            let count = self.lines.len() - first;
            self.cells.push((start, first, count));
            self.bands[slot.band] = self.bands[slot.band].max(count);
        }
    }

    /// Line `line` of the cell in slot `slot`, and its width in ems.
    pub fn line(&self, slot: usize, line: usize) -> Option<(&str, f32)> {
        let (start, first, count) = self.cells[slot];
        (line < count).then(|| {
            let found = self.lines[first + line];
            (&self.text[start + found.start..start + found.end], found.width)
        })
    }

    /// The whole text of the cell in slot `slot`.
    pub fn cell(&self, slot: usize) -> &str {
        let end = self.cells.get(slot + 1).map_or(self.text.len(), |next| next.0);
        &self.text[self.cells[slot].0..end]
    }

    /// Lines of all bands.
    pub fn total(&self) -> usize {
        self.bands.iter().sum()
    }
}
