//! Puts a table on a screen: the columns that there is room for, each cell cut to the width of its column.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::cli::terminal::Style;
use crate::domain::status::Status;
use crate::export::cells::Cell;
use crate::export::text_table::{ColumnLayout, TableLayout, shown};
use crate::report::{Column, Table};

/// Columns of a terminal that a cell takes at most.
const CELL_WIDTH: usize = 40;
/// Blanks between two columns.
const GAP: usize = 2;

/// Clears the rest of a line and goes to the next.
pub const LINE_END: &str = "\x1b[0m\x1b[K\r\n";

/// Which columns are on the screen: the first one always, and of the others those from one on.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// The first column behind the first one, from 1.
    pub left: usize,
    /// Columns of the terminal.
    pub width: usize,
}

impl Window {
    /// The columns of `layout` that are on the screen, each with the width that it has there.
    fn columns<'a>(&self, layout: &'a TableLayout) -> Vec<(usize, usize, &'a ColumnLayout)> {
        let mut used = 0;
        let mut columns = Vec::new();
        for (place, column) in layout.columns.iter().enumerate().filter(|(place, _)| *place == 0 || *place >= self.left) {
            let gap = if columns.is_empty() { 0 } else { GAP };
            let room = self.width.saturating_sub(used + gap);
            if room == 0 {
                break;
            }
            let width = column.width.clamp(1, CELL_WIDTH).min(room);
            columns.push((place, width, column));
            used += gap + width;
        }
        columns
    }

    /// The line of captions.
    pub fn captions(&self, layout: &TableLayout) -> String {
        let captions = self.columns(layout).into_iter().map(|(_, width, column)| fitted(&column.caption, width, column.is_figure));
        joined(captions)
    }

    /// The line of a row; statuses in their colours by `style`.
    pub fn row(&self, layout: &TableLayout, table: &Table, row: usize, style: Option<&Style>) -> String {
        let cells = self.columns(layout).into_iter().filter_map(|(place, width, column)| {
            let cells = table.columns.get(place)?;
            let text = fitted(&shown(cells, row, layout.dates), width, column.is_figure);
            Some(match (status(cells, row), style) {
                (Some(status), Some(style)) => style.status(status, &text),
                _ => text,
            })
        });
        joined(cells)
    }
}

/// The status that a cell is, if it is one.
fn status(column: &Column, row: usize) -> Option<Option<Status>> {
    match Cell::of(&column.values, row) {
        Some(Cell::Term(_, term)) if term.list == "status" => Some(Status::from_code(&term.code)),
        _ => None,
    }
}

fn joined(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(&" ".repeat(GAP))
}

/// `text` in exactly so many columns of a terminal: filled with blanks, or cut with an ellipsis.
pub fn fitted(text: &str, width: usize, at_the_right: bool) -> String {
    let own = text.width();
    if own <= width {
        let blanks = " ".repeat(width - own);
        return if at_the_right { blanks + text } else { text.to_owned() + &blanks };
    }
    let (mut cut, mut used) = (String::new(), 0);
    for letter in text.chars() {
        let columns = letter.width().unwrap_or(0);
        if used + columns + 1 > width {
            break;
        }
        cut.push(letter);
        used += columns;
    }
    cut.push('…');
    cut + &" ".repeat(width.saturating_sub(used + 1))
}
