//! The sheets of a document: their size, and how the width of a page is divided among the columns of a table.

use crate::domain::paper::{Orientation, PageSetUp, Paper};
use crate::export::Options;
use crate::report::{Column, Report};

/// Twentieths of a point, the unit of all lengths, in a point.
const POINT: f32 = 20.0;
/// Around the text: six tenths of an inch.
pub const MARGIN: u32 = 864;
/// The size of the letters of tables, in half points, and the least that anybody reads.
const LETTERS: u32 = 14;
const LEAST_LETTERS: u32 = 9;
/// Between two columns of text.
pub const COLUMN_GAP: u32 = 500;
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
    /// The size of the letters of tables, in half points.
    pub letters: u32,
    /// Whether the columns of the numbers have less room than such letters need.
    pub is_narrow: bool,
}

impl Sheet {
    /// The sheet that `options` or `report` ask for, else one on which the columns of its numbers stay readable: letter, else tabloid.
    pub fn of(report: &Report, options: &Options) -> Self {
        let asked: f32 = report.numbers.columns.iter().map(asked).sum();
        let on = |usual: Paper| {
            let (paper, orientation) = options.sheet(report, usual);
            let (width, height) = paper.size(orientation);
            Self { width: (width * POINT) as u32, height: (height * POINT) as u32, orientation, letters: LETTERS, is_narrow: false }
        };
        let letter = on(Paper::Letter);
        let mut sheet = if asked <= letter.room() as f32 { letter } else { on(Paper::Tabloid) };
        let PageSetUp { paper, orientation, .. } = options.page.or(report.look.page);
        let is_asked_for = paper.is_some() || orientation.is_some();
        let needed = LETTERS as f32 * sheet.room() as f32 / asked.max(1.0);
        if is_asked_for && needed < LETTERS as f32 {
            // As a workbook is printed: smaller rather than broken within words.
            sheet.letters = (needed as u32).max(LEAST_LETTERS);
            sheet.is_narrow = needed < LEAST_LETTERS as f32;
        }
        sheet
    }

    /// The width between the margins.
    pub const fn room(&self) -> u32 {
        self.width - 2 * MARGIN
    }

    /// The width of each of two columns of text.
    pub const fn column_room(&self) -> u32 {
        (self.room() - COLUMN_GAP) / 2
    }

    /// The widths of `columns`: what they ask for, made to fill the page.
    pub fn widths(&self, columns: &[Column]) -> Vec<u32> {
        divided(columns, self.room(), f32::MAX)
    }
}

/// The widths of the `columns` of a small table on a width of `room`: half more than they ask for, where there is room.
pub fn small_widths(columns: &[Column], room: u32) -> Vec<u32> {
    divided(columns, room, 1.5)
}

fn divided(columns: &[Column], room: u32, most: f32) -> Vec<u32> {
    let all: f32 = columns.iter().map(asked).sum::<f32>().max(1.0);
    let factor = (room as f32 / all).min(most);
    columns.iter().map(|column| (asked(column) * factor) as u32).collect()
}

/// The width that a column asks for.
fn asked(column: &Column) -> f32 {
    column.width_characters * CHARACTER + BESIDE
}
