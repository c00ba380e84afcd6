//! A row of the table broken into the lines of its cells.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::domain::date::text::usual_day;
use crate::export::cells::{Cell, Cells};
use crate::export::layout::cell_text;
use crate::export::layout::columns::{ColumnBox, Grid};
use crate::export::layout::fonts::Faces;
use crate::export::layout::paragraph::ShapedLine;
use crate::export::layout::wrap::{Line, wrap};
use crate::report::{Column, Values};

/// Terms of which the shaped glyphs are kept: some ten megabytes. Those after them are shaped wherever they are met.
const KEPT_SHAPED_TERMS: usize = 8_192;

/// The lines of a term; `None` where they are not kept.
type KeptLines = Option<Box<[Line]>>;

/// The lines of the terms of a table, each broken where it is first met: by column box and place of the term.
#[derive(Default)]
pub struct TermLines {
    terms: Vec<Vec<OnceLock<KeptLines>>>,
    /// By column box, how wide every day is, in ems, where all are equally wide and none is broken.
    days: Vec<Option<f32>>,
    shaped: AtomicUsize,
}

impl TermLines {
    /// No term broken yet of the columns `columns`, which are in the boxes of `grid` and set in `faces`.
    pub fn new(columns: &[Column], grid: &Grid, faces: &Faces) -> Self {
        let of_box = |column: &ColumnBox| match &columns[column.column].values {
            Values::Terms { terms, .. } => terms.iter().map(|_| OnceLock::new()).collect(),
            _ => Vec::new(),
        };
        let digit = faces.regular.glyph('0').advance;
        let are_equal = ('1'..='9').all(|other| faces.regular.glyph(other).advance == digit);
        let width = usual_day(0).and_then(|day| faces.regular.plain_width(day)).filter(|_| are_equal);
        let days = grid.boxes.iter().map(|column| width.filter(|width| *width <= grid.line_ems(column))).collect();
        Self { terms: grid.boxes.iter().map(of_box).collect(), days, shaped: AtomicUsize::new(0) }
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

/// The text of a row broken into the lines of its cells. Reused from row to row; what lies in the table is not copied.
#[derive(Default)]
pub struct RowLines<'a> {
    /// The texts that are made for this row.
    text: String,
    /// The lines that were broken for this row.
    lines: Vec<Line>,
    /// The cell of each column box.
    cells: Vec<BrokenCell<'a>>,
    /// Lines of each band: at least one, but where captions stand above cells and all cells of a band are empty.
    pub bands: Vec<usize>,
    /// Cells that are longer than a page shows.
    pub cut: u64,
}

/// A cell and its lines.
struct BrokenCell<'a> {
    text: CellText<'a>,
    lines: CellLines<'a>,
}

/// The text of a cell.
#[derive(Clone, Copy)]
enum CellText<'a> {
    /// Where it lies in the table.
    There(&'a str),
    /// Among the texts of the row, from one byte to another.
    Here(usize, usize),
}

impl<'a> CellText<'a> {
    /// The text, where `row` are the texts of the row.
    fn of<'t>(self, row: &'t str) -> &'t str
    where
        'a: 't,
    {
        match self {
            Self::There(text) => text,
            Self::Here(start, end) => &row[start..end],
        }
    }
}

/// The lines of a cell.
enum CellLines<'a> {
    /// The whole text on one line, which is so many ems wide.
    One(f32),
    /// Those of its term.
    Kept(&'a [Line]),
    /// Those of the row, from the first on so many.
    Own(usize, usize),
}

impl CellLines<'_> {
    fn count(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Kept(lines) => lines.len(),
            Self::Own(_, count) => *count,
        }
    }
}

impl<'a> RowLines<'a> {
    /// Breaks row `row` of `cells`, which are those of each column; `terms` are those of the columns in `grid`.
    pub fn read(&mut self, cells: &[Cells<'a>], (grid, terms): (&Grid, &'a TermLines), faces: &Faces, row: usize) {
        self.text.clear();
        self.lines.clear();
        self.cells.clear();
        self.bands.clear();
        self.cut = 0;
        // Where each cell has its caption above it, a band in which nothing stands needs no room; the first is where the row begins.
        let least = 1 + grid.label_lines();
        self.bands.resize(grid.bands, if grid.is_labelled { 0 } else { least });
        self.bands.iter_mut().take(1).for_each(|lines| *lines = least);
        for (index, column) in grid.boxes.iter().enumerate() {
            let cell = match cells[column.column].cell(row) {
                None => BrokenCell { text: CellText::There(""), lines: CellLines::Own(0, 0) },
                Some(cell) => self.broken(cell, index, terms, faces, grid.line_ems(column)),
            };
            let lines = cell.lines.count();
            if lines > 0 {
                self.bands[column.band] = self.bands[column.band].max(lines + grid.label_lines());
            }
            self.cells.push(cell);
        }
    }

    fn broken(&mut self, cell: Cell<'a>, index: usize, terms: &'a TermLines, faces: &Faces, width: f32) -> BrokenCell<'a> {
        let text = match cell_text::lying(cell) {
            Some(text) => CellText::There(text),
            None => {
                let start = self.text.len();
                self.cut += u64::from(cell_text::write_cell(cell, &mut self.text));
                CellText::Here(start, self.text.len())
            }
        };
        let words = text.of(&self.text);
        let known = match (cell, text) {
            (Cell::Term(place, _), _) => terms.lines(index, place, faces, words, width).map(CellLines::Kept),
            (Cell::Date(_), CellText::There(_)) => terms.days[index].map(CellLines::One),
            _ => None,
        };
        let one_line = |words: &str| faces.regular.plain_width(words).filter(|ems| *ems <= width).map(CellLines::One);
        let lines = known.or_else(|| one_line(words)).unwrap_or_else(|| {
            let first = self.lines.len();
            wrap(&faces.regular, words, width, &mut self.lines);
            CellLines::Own(first, self.lines.len() - first)
        });
        BrokenCell { text, lines }
    }

    /// Whether nothing stands in box `index`.
    pub fn is_empty(&self, index: usize) -> bool {
        self.cells.get(index).is_none_or(|cell| cell.lines.count() == 0)
    }

    /// Line `line` of the text in box `index`.
    pub fn line(&self, index: usize, line: usize) -> Option<RowLine<'_>> {
        let cell = self.cells.get(index)?;
        let text = cell.text.of(&self.text);
        let found = match cell.lines {
            CellLines::One(ems) if line == 0 => return Some(RowLine { text, ems, shaped: None }),
            CellLines::One(_) => None,
            CellLines::Kept(lines) => lines.get(line),
            CellLines::Own(first, count) => self.lines[first..first + count].get(line),
        }?;
        Some(RowLine { text: &text[found.start..found.end], ems: found.width, shaped: found.shaped.as_ref() })
    }

    /// Lines of all bands.
    pub fn total(&self) -> usize {
        self.bands.iter().sum()
    }
}
