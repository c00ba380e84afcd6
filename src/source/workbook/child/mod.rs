//! The process that reads a workbook on another's behalf: it bounds itself, answers through pipes, and never opens a file.

mod cell_refs;
mod cell_text;
mod chunk_sender;
mod container;
mod limits;

use std::error::Error as _;
use std::io::{self, Cursor, Read, Write};
use std::ops::ControlFlow;

use calamine::{
    Data, DataRef, Ods, OdsError, Range, Reader, SheetType, SheetVisible, Sheets, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError,
};

use crate::domain::text::letters;
use crate::source::workbook::child::cell_text::Value;
use crate::source::workbook::child::chunk_sender::ChunkSender;
use crate::source::workbook::child::container::Format;
use crate::source::workbook::protocol::{
    Book, Done, MAX_SHEET_COLUMNS, MAX_SHEET_ROWS, PreviewRow, Refusal, RefusalKind, Reply, Request, RowRequest, Sheet, Task, Visibility,
    receive, send,
};

const PREVIEW_ROWS: usize = 30;

/// Reads a task, the workbook's bytes and requests from `input` and answers to `output`, until `input` ends.
///
/// # Errors
/// Only those of the pipes; whatever is wrong with the workbook is an answer.
pub fn serve(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let task: Task = receive(&mut input)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    limits::limit_process(&task, task.size / 4);
    let mut bytes = Vec::with_capacity(usize::try_from(task.size).unwrap_or(0));
    (&mut input).take(task.size).read_to_end(&mut bytes)?;
    let mut opened = match open(&bytes, &task) {
        Ok(opened) => opened,
        Err(refusal) => return send(&mut output, &Reply::Refused(refusal)),
    };
    send(&mut output, &Reply::Book(opened.book()))?;
    while let Some(request) = receive(&mut input)? {
        let answered = match request {
            Request::Preview(sheet) => opened.preview(sheet).map(Reply::Preview),
            Request::Read(request) => opened.read(&request, &mut output).map(Reply::Done),
        };
        match answered.and_then(|reply| Ok(send(&mut output, &reply)?)) {
            Ok(()) => {}
            Err(Stop::Refused(refusal)) => return send(&mut output, &Reply::Refused(refusal)),
            Err(Stop::Pipe(error)) => return Err(error),
        }
    }
    Ok(())
}

/// Why reading stopped early.
#[derive(Debug)]
enum Stop {
    /// The workbook is at fault.
    Refused(Refusal),
    /// The asking side is gone.
    Pipe(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::FileTooLarge => {
                Self::Refused(Refusal::new(RefusalKind::TooLarge, "a cell or the first rows hold more text than can be read"))
            }
            _ => Self::Pipe(error),
        }
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

struct OpenWorkbook<'a> {
    workbook: Sheets<Cursor<&'a [u8]>>,
    format: Format,
    sheets: Vec<Sheet>,
}

fn open<'a>(bytes: &'a [u8], task: &Task) -> Result<OpenWorkbook<'a>, Refusal> {
    let format = container::examine(bytes, task)?;
    let cursor = Cursor::new(bytes);
    let workbook = match format {
        Format::Xlsx => Sheets::Xlsx(Xlsx::new(cursor).map_err(unreadable)?),
        Format::Xlsb => Sheets::Xlsb(Xlsb::new(cursor).map_err(unreadable)?),
        Format::Xls => Sheets::Xls(Xls::new(cursor).map_err(unreadable)?),
        Format::Ods => Sheets::Ods(Ods::new(cursor).map_err(unreadable)?),
    };
    let sheets: Vec<Sheet> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| Sheet {
            name: sheet.name.clone(),
            visibility: if sheet.visible == SheetVisible::Visible { Visibility::Shown } else { Visibility::Hidden },
        })
        .collect();
    if sheets.is_empty() {
        return Err(Refusal::damaged("it has no worksheet"));
    }
    Ok(OpenWorkbook { workbook, format, sheets })
}

impl OpenWorkbook<'_> {
    fn book(&self) -> Book {
        Book { format: self.format.name().to_owned(), sheets: self.sheets.clone() }
    }

    /// The first rows that have a cell at all.
    fn preview(&mut self, sheet: u32) -> Result<Vec<PreviewRow>, Stop> {
        let mut rows: Vec<PreviewRow> = Vec::new();
        self.visit_cells(sheet, |row, column, value| {
            if rows.last().is_none_or(|last| last.line != row + 1) {
                if rows.len() == PREVIEW_ROWS {
                    return Ok(ControlFlow::Break(()));
                }
                rows.push(PreviewRow { line: row + 1, cells: Vec::new() });
            }
            let Some(PreviewRow { cells, .. }) = rows.last_mut() else {
                return Ok(ControlFlow::Break(()));
            };
            let column = column as usize;
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            value.write(&mut cells[column]);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    /// Sends the rows below the header.
    fn read(&mut self, request: &RowRequest, output: &mut impl Write) -> Result<Done, Stop> {
        let mut sender = ChunkSender::new(request, output);
        self.visit_cells(request.sheet, |row, column, value| {
            if row >= request.header_line {
                sender.add_cell(row + 1, column, value)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let mut done = sender.finish()?;
        if let Sheets::Xlsx(book) = &self.workbook {
            done.dates_from_1904 = Some(book.has_1904_epoch());
        }
        Ok(done)
    }

    /// Visits every cell that is not empty, row by row.
    fn visit_cells(&mut self, sheet: u32, visit: impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Stop>) -> Result<(), Stop> {
        let Some(sheet) = self.sheets.get(sheet as usize) else {
            return Ok(());
        };
        let mut visit = require_order(visit);
        match &mut self.workbook {
            Sheets::Xlsx(book) => {
                let mut cells = match book.worksheet_cells_reader(&sheet.name) {
                    Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
                    other => other.map_err(unreadable)?,
                };
                while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(unreadable)? {
                    let value = match (&cell.value, &cell.formula) {
                        (DataRef::Empty, Some(_)) => Value::Uncalculated,
                        (value, _) => Value::from(value),
                    };
                    if visit(cell.pos.0, cell.pos.1, value)?.is_break() {
                        break;
                    }
                }
                Ok(())
            }
            Sheets::Xlsb(book) => {
                let mut cells = book.worksheet_cells_reader(&sheet.name).map_err(unreadable)?;
                while let Some(cell) = cells.next_cell().map_err(unreadable)? {
                    let (row, column) = cell.get_position();
                    if visit(row, column, Value::from(cell.get_value()))?.is_break() {
                        break;
                    }
                }
                Ok(())
            }
            Sheets::Xls(book) => visit_range(&book.worksheet_range(&sheet.name).map_err(unreadable)?, visit),
            Sheets::Ods(book) => visit_range(&book.worksheet_range(&sheet.name).map_err(unreadable)?, visit),
        }
    }
}

fn visit_range(range: &Range<Data>, mut visit: impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Stop>) -> Result<(), Stop> {
    let Some((first_row, first_column)) = range.start() else {
        return Ok(());
    };
    for (row, cells) in range.rows().enumerate() {
        for (column, data) in cells.iter().enumerate() {
            let value = Value::from(data);
            if !value.is_empty() && visit(first_row + row as u32, first_column + column as u32, value)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Passes on the cells that are not empty; refuses places that no sheet has, rows that go backwards, and a cell given twice.
fn require_order(
    mut visit: impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Stop>,
) -> impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Stop> {
    let mut last_row = 0;
    // The columns of this row that had a cell, a bit each.
    let mut seen = Vec::<u64>::new();
    move |row, column, value| {
        if value.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        if row >= MAX_SHEET_ROWS || column >= MAX_SHEET_COLUMNS {
            return Err(Refusal::outside_sheet().into());
        }
        if row < last_row {
            return Err(Refusal::damaged(format!("row {} comes after row {}", row + 1, last_row + 1)).into());
        }
        if row > last_row {
            seen.clear();
        }
        last_row = row;
        let (word, bit) = (column as usize / 64, 1 << (column % 64));
        if seen.len() <= word {
            seen.resize(word + 1, 0);
        }
        if seen[word] & bit != 0 {
            return Err(Refusal::damaged(format!("cell {}{} is given twice", letters(column as usize), row + 1)).into());
        }
        seen[word] |= bit;
        visit(row, column, value)
    }
}

fn unreadable(error: impl Into<calamine::Error>) -> Refusal {
    use calamine::Error;
    match error.into() {
        Error::Xlsx(XlsxError::Password)
        | Error::Xlsb(XlsbError::Password)
        | Error::Xls(XlsError::Password)
        | Error::Ods(OdsError::Password) => Refusal::encrypted(),
        // Without the name of the format, which stands in front of every error of this library.
        other => Refusal::damaged(other.source().map_or_else(|| other.to_string(), ToString::to_string)),
    }
}
