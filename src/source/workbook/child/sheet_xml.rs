//! Reads the cells of a worksheet straight from its XML, as spreadsheet programs write it.
//!
//! Only what is written plainly is read: at anything else reading stops, and the general reader goes on from there. What is
//! read is what that reader makes of it, in a third of its time.

use std::io::Read;
use std::ops::ControlFlow;

use calamine::DataRef;
use quick_xml::events::BytesStart;

use crate::source::guarded::protocol::{MAX_SHEET_COLUMNS, MAX_SHEET_ROWS, Refusal};
use crate::source::workbook::child::cell_text::Value;
use crate::source::workbook::child::cell_xml::{Cell, CellContext, digits, is_range, read_cell};
use crate::source::workbook::child::xml_window::{Gap, Look, Window, attributes, check_attributes, enter, expect};

/// How far a worksheet was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Cells visited, the empty ones too.
    pub cells: u64,
    /// Whether there is nothing more to visit.
    pub is_complete: bool,
    /// Whether it was read to its end and is sound.
    pub is_checked: bool,
}

/// Visits the cells of a worksheet of so many bytes in the order they stand, row and column from 0, until a visit ends it or
/// something is written in a way that is not read here.
///
/// # Errors
/// Those of the visits.
pub fn visit_cells(
    input: impl Read,
    size: u64,
    context: &CellContext,
    mut visit: impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Refusal>,
) -> Result<Progress, Refusal> {
    let mut window = Window::new(input);
    let mut place = Place::default();
    let (mut cells, mut is_begun, mut is_broken_off) = (0, false, false);
    let is_complete = window.read_pieces(|text, at| -> Result<Look<Option<usize>>, Refusal> {
        if !is_begun {
            let start = enter(text, "sheetData", check_property);
            is_begun = start.is_ok();
            return Ok(start);
        }
        let (token, end) = match next_token(text, at) {
            Ok(found) => found,
            Err(gap) => return Ok(Err(gap)),
        };
        match token {
            Token::Row { number, is_empty } => {
                if !place.begin_row(number) {
                    return Ok(Err(Gap::Unknown));
                }
                if is_empty {
                    place.end_row();
                }
            }
            Token::RowEnd if place.is_in_row => place.end_row(),
            Token::End if !place.is_in_row => return Ok(Ok(None)),
            Token::RowEnd | Token::End => return Ok(Err(Gap::Unknown)),
            Token::Cell(cell) => {
                let mut scratch = String::new();
                let (Some((row, column)), Some(value)) = (place.take(cell.place), cell.value(context, &mut scratch)) else {
                    return Ok(Err(Gap::Unknown));
                };
                cells += 1;
                let uncalculated = cell.has_formula && matches!(value, DataRef::Empty);
                if visit(row, column, (!uncalculated).then_some(&value))?.is_break() {
                    is_broken_off = true;
                    return Ok(Ok(None));
                }
            }
        }
        Ok(Ok(Some(end)))
    })?;
    let is_checked = is_complete && !is_broken_off && window.ends_at(size);
    Ok(Progress { cells, is_complete: is_checked || is_broken_off, is_checked })
}

/// Where the next cell is if it does not say so.
#[derive(Default)]
struct Place {
    /// Rows that have begun or are passed over.
    rows: u32,
    is_in_row: bool,
    row: u32,
    column: u32,
}

impl Place {
    /// Whether this row can come next.
    fn begin_row(&mut self, number: Option<u32>) -> bool {
        let number = number.unwrap_or(self.rows + 1);
        let is_next = !self.is_in_row && number > self.rows && number <= MAX_SHEET_ROWS;
        (self.rows, self.row, self.is_in_row) = (number, number.saturating_sub(1), true);
        is_next
    }

    fn end_row(&mut self) {
        self.row += 1;
        (self.column, self.is_in_row) = (0, false);
    }

    /// The place of a cell, unless it is in no row or no sheet has it.
    fn take(&mut self, given: Option<(u32, u32)>) -> Option<(u32, u32)> {
        let (row, column) = given.unwrap_or((self.row, self.column));
        self.column = column + 1;
        (self.is_in_row && row < MAX_SHEET_ROWS && column < MAX_SHEET_COLUMNS).then_some((row, column))
    }
}

/// Whether a tag before the first row is one that the general reader would not refuse.
fn check_property(tag: &BytesStart<'_>) -> Look<()> {
    if tag.local_name().as_ref() != "dimension" {
        return Ok(());
    }
    check_attributes(tag)?;
    match tag.try_get_attribute("ref") {
        Ok(Some(range)) if is_range(&range.value) => Ok(()),
        _ => Err(Gap::Unknown),
    }
}

/// What stands between the tags of `sheetData`.
enum Token<'t> {
    Row { number: Option<u32>, is_empty: bool },
    RowEnd,
    Cell(Cell<'t>),
    End,
}

fn next_token(text: &str, mut at: usize) -> Look<(Token<'_>, usize)> {
    let bytes = text.as_bytes();
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    match bytes.get(at..at + 3).ok_or(Gap::Cut)? {
        [b'<', b'c', b' ' | b'>' | b'/'] => {
            let (cell, end) = read_cell(text, at + 2)?;
            Ok((Token::Cell(cell), end))
        }
        b"</r" => Ok((Token::RowEnd, expect(text, at, "</row>")?)),
        b"<ro" => {
            let mut number = None;
            let (end, is_empty) = attributes(text, expect(text, at, "<row")?, |name, value| {
                if name == b"r" && number.replace(digits(value, 7).filter(|number| *number > 0).ok_or(Gap::Unknown)?).is_some() {
                    return Err(Gap::Unknown);
                }
                Ok(())
            })?;
            Ok((Token::Row { number, is_empty }, end))
        }
        b"</s" => Ok((Token::End, expect(text, at, "</sheetData>")?)),
        _ => Err(Gap::Unknown),
    }
}
