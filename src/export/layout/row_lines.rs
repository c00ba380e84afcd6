//! A row of the table broken into the lines of its cells.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::export::layout::cell_text;
use crate::export::layout::columns::{ColumnBox, Grid};
use crate::export::layout::fonts::Faces;
use crate::export::layout::paragraph::ShapedLine;
use crate::export::layout::wrap::{Line, wrap};
use crate::report::{Column, Table, Values};

/// Terms of which the shaped glyphs are kept: some ten megabytes. Those after them are shaped wherever they are met.
const KEPT_SHAPED_TERMS: usize = 8_192;

/// The lines of a term; `None` where they are not kept.
type KeptLines = Option<Box<[Line]>>;

/// The lines of the terms of a table, each broken where it is first met: by column box and place of the term.
#[derive(Default)]
pub struct TermLines {
    terms: Vec<Vec<OnceLock<KeptLines>>>,
    shaped: AtomicUsize,
}

impl TermLines {
    /// No term broken yet of the columns `columns`, which are in the boxes of `grid`.
    pub fn new(columns: &[Column], grid: &Grid) -> Self {
        let of_box = |column: &ColumnBox| match &columns[column.column].values {
            Values::Terms { terms, .. } => terms.iter().map(|_| OnceLock::new()).collect(),
            _ => Vec::new(),
        };
        Self { terms: grid.boxes.iter().map(of_box).collect(), shaped: AtomicUsize::new(0) }
    }

    /// The lines of the term at `place` in the box `index`, whose words are `text`, at most `width` ems wide.
    fn lines(&self, index: usize, place: usize, faces: &Faces, text: &str, width: f32) -> Option<&[Line]> {
        let lines = self.terms.get(index)?.get(place)?.get_or_init(|| {
            let mut lines = Vec::new();
            wrap(&faces.regular, text, width, &mut lines);
            let is_shaped = lines.iter().any(|line| line.shaped.is_some());
            let is_kept = !is_shaped || self.shaped.fetch_add(1, Ordering::Relaxed) < KEPT_SHAPED_TERMS;
            is_kept.then(|| lines.into_boxed_slice())
        });
        lines.as_deref()
    }
}

/// A line of a cell.
pub struct RowLine<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its width, in ems.
    pub ems: f32,
    /// How it is set, where that is not character by character.
    pub shaped: Option<&'a Arc<ShapedLine>>,
}

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
    /// Reads and breaks row `row`; `terms` are those of the columns in `grid`.
    pub fn read(&mut self, table: &Table, (grid, terms): (&Grid, &TermLines), faces: &Faces, row: usize) {
        self.text.clear();
        self.lines.clear();
        self.cells.clear();
        self.bands.clear();
        self.cut = 0;
        self.bands.resize(grid.bands, 1 + grid.label_lines());
        for (index, column) in grid.boxes.iter().enumerate() {
            let (start, first, width) = (self.text.len(), self.lines.len(), grid.line_ems(column));
            let values = &table.columns[column.column].values;
            self.cut += u64::from(cell_text::write(values, row, &mut self.text));
            let text = &self.text[start..];
            let place = match values {
                Values::Terms { places, .. } => places.get(row),
                _ => None,
            };
            match place.and_then(|place| terms.lines(index, place as usize, faces, text, width)) {
                Some(lines) => self.lines.extend_from_slice(lines),
                None => wrap(&faces.regular, text, width, &mut self.lines),
            }
            let count = self.lines.len() - first;
            self.cells.push((start, first, count));
            self.bands[column.band] = self.bands[column.band].max(count + grid.label_lines());
        }
    }

    /// Line `line` of the text in box `index`.
    pub fn line(&self, index: usize, line: usize) -> Option<RowLine<'_>> {
        let (start, first, count) = self.cells[index];
        (line < count).then(|| {
            let found = &self.lines[first + line];
            let text = &self.text[start + found.start..start + found.end];
            RowLine { text, ems: found.width, shaped: found.shaped.as_ref() }
        })
    }

    /// Lines of all bands.
    pub fn total(&self) -> usize {
        self.bands.iter().sum()
    }
}
