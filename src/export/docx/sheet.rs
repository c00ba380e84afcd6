//! The sheets of a document: their size, and how the width of a page is divided among the columns of a table.

use crate::domain::paper::{Orientation, Paper};
use crate::export::Options;
use crate::report::{Column, Report};

/// Twentieths of a point, the unit of all lengths, in a point.
const POINT: f32 = 20.0;
/// Around the text: six tenths of an inch.
pub const MARGIN: u32 = 864;
/// A character of the letters of the numbers, and what stands beside the text of a cell.
const CHARACTER: f32 = 68.0;
const BESIDE: f32 = 90.0;

/// A sheet of paper.
pub struct Sheet {
    /// The width, in twentieths of a point.
    pub width: u32,
    /// The height.
    pub height: u32,
    /// Which side of it is up.
    pub orientation: Orientation,
}

impl Sheet {
    /// The sheet that `options` or `report` ask for, else one on which the columns of its numbers stay readable: letter, else tabloid.
    pub fn of(report: &Report, options: &Options) -> Self {
        let asked: f32 = report.numbers.columns.iter().map(asked).sum();
        let (paper, orientation) = options.sheet(report, Paper::Letter);
        let letter = Self::new(paper, orientation);
        let is_enough = asked <= letter.room() as f32;
        let (wider, _) = options.sheet(report, Paper::Tabloid);
        if is_enough { letter } else { Self::new(wider, orientation) }
    }

    fn new(paper: Paper, orientation: Orientation) -> Self {
        let (width, height) = paper.size(orientation);
        Self { width: (width * POINT) as u32, height: (height * POINT) as u32, orientation }
    }

    /// The width between the margins.
    pub const fn room(&self) -> u32 {
        self.width - 2 * MARGIN
    }

    /// The widths of `columns`: what they ask for, made to fill the page.
    pub fn widths(&self, columns: &[Column]) -> Vec<u32> {
        self.divided(columns, f32::MAX)
    }

    /// The widths of the `columns` of a small table: half more than they ask for, where the page has room.
    pub fn small_widths(&self, columns: &[Column]) -> Vec<u32> {
        self.divided(columns, 1.5)
    }

    fn divided(&self, columns: &[Column], most: f32) -> Vec<u32> {
        let all: f32 = columns.iter().map(asked).sum::<f32>().max(1.0);
        let factor = (self.room() as f32 / all).min(most);
        columns.iter().map(|column| (asked(column) * factor) as u32).collect()
    }
}

/// The width that a column asks for.
fn asked(column: &Column) -> f32 {
    column.width_characters * CHARACTER + BESIDE
}
