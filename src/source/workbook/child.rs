//! The process that reads a workbook on another's behalf: it bounds itself, answers through pipes, and never opens a file.

use std::io::{self, Cursor, Read, Write};
use std::ops::ControlFlow;

use calamine::{Data, DataRef, Ods, OdsError, Range, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError};

use crate::domain::text::letters;
use crate::source::workbook::batch::Batches;
use crate::source::workbook::cell_refs;
use crate::source::workbook::cells::Value;
use crate::source::workbook::guard::{self, Format};
use crate::source::workbook::message::{Book, Done, PreviewRow, Reading, Refusal, Reply, Request, Sheet, Task, Visibility};

/// The exit code of a reading process whose memory did not even hold the file.
pub const OUT_OF_MEMORY: u8 = 71;

const HEAD_ROWS: usize = 30;
/// Rows of the largest sheet.
pub const MOST_ROWS: u32 = 1 << 20;
/// Columns of the widest sheet.
pub const MOST_COLUMNS: u32 = 1 << 14;

/// Reads a task, the workbook's bytes and requests from `input` and answers to `output`, until `input` ends.
///
/// # Errors
/// Only those of the pipes; whatever is wrong with the workbook is an answer.
pub fn serve(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let task = Task::read(&mut input)?;
    guard::restrict(&task, task.size / 4);
    let mut bytes = Vec::with_capacity(usize::try_from(task.size).unwrap_or(0));
    (&mut input).take(task.size).read_to_end(&mut bytes)?;
    let mut opened = match open(&bytes, &task) {
        Ok(opened) => opened,
        Err(refusal) => return Reply::Refused(refusal).write(&mut output),
    };
    Reply::Book(opened.book()).write(&mut output)?;
    while let Some(request) = Request::read(&mut input)? {
        let answer = match request {
            Request::Preview(sheet) => opened.preview(sheet).map(Reply::Preview),
            Request::Read(reading) => opened.read(&reading, &mut output).map(Reply::Done),
        };
        match answer {
            Ok(reply) => reply.write(&mut output)?,
            Err(Stop::Refused(refusal)) => return Reply::Refused(refusal).write(&mut output),
            Err(Stop::Pipe(error)) => return Err(error),
        }
    }
    Ok(())
}

/// Why reading stopped early.
#[derive(Debug)]
pub enum Stop {
    /// The workbook is at fault.
    Refused(Refusal),
    /// Nobody listens any more.
    Pipe(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Pipe(error)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

type Bytes<'a> = Cursor<&'a [u8]>;

enum Workbook<'a> {
    Xlsx(Xlsx<Bytes<'a>>),
    Xlsb(Xlsb<Bytes<'a>>),
    Xls(Xls<Bytes<'a>>),
    Ods(Ods<Bytes<'a>>),
}

struct OpenWorkbook<'a> {
    workbook: Workbook<'a>,
    format: Format,
    sheets: Vec<Sheet>,
}

fn open<'a>(bytes: &'a [u8], task: &Task) -> Result<OpenWorkbook<'a>, Refusal> {
    let format = guard::examine(bytes, task)?;
    let cursor = Cursor::new(bytes);
    let workbook = match format {
        Format::Xlsx => Workbook::Xlsx(Xlsx::new(cursor).map_err(xlsx_trouble)?),
        Format::Xlsb => Workbook::Xlsb(Xlsb::new(cursor).map_err(xlsb_trouble)?),
        Format::Xls => Workbook::Xls(Xls::new(cursor).map_err(xls_trouble)?),
        Format::Ods => Workbook::Ods(Ods::new(cursor).map_err(ods_trouble)?),
    };
    let listed = match &workbook {
        Workbook::Xlsx(book) => book.sheets_metadata(),
        Workbook::Xlsb(book) => book.sheets_metadata(),
        Workbook::Xls(book) => book.sheets_metadata(),
        Workbook::Ods(book) => book.sheets_metadata(),
    };
    let sheets: Vec<Sheet> = listed
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| Sheet {
            name: sheet.name.clone(),
            visibility: if sheet.visible == SheetVisible::Visible { Visibility::Shown } else { Visibility::Hidden },
        })
        .collect();
    if sheets.is_empty() {
        return Err(guard::damaged("it has no worksheet"));
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
        self.scan(sheet, |row, column, value| {
            if rows.last().is_none_or(|last| last.line != row + 1) {
                if rows.len() == HEAD_ROWS {
                    return Ok(ControlFlow::Break(()));
                }
                rows.push(PreviewRow { line: row + 1, cells: Vec::new() });
            }
            let Some(head) = rows.last_mut() else {
                return Ok(ControlFlow::Break(()));
            };
            let column = column as usize;
            if head.cells.len() <= column {
                head.cells.resize(column + 1, String::new());
            }
            let mut text = Vec::new();
            value.write(&mut text);
            head.cells[column] = String::from_utf8_lossy(&text).into_owned();
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    /// Sends the rows below the header.
    fn read(&mut self, reading: &Reading, output: &mut impl Write) -> Result<Done, Stop> {
        let mut batches = Batches::new(reading);
        self.scan(reading.sheet, |row, column, value| {
            if row >= reading.header_line {
                batches.place(row + 1, column, value, output)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let mut done = batches.finish(output)?;
        if let Workbook::Xlsx(book) = &self.workbook {
            done.dates_from_1904 = Some(book.has_1904_epoch());
        }
        Ok(done)
    }

    /// Visits every cell that is not empty, row by row.
    fn scan(&mut self, sheet: u32, visit: impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Stop>) -> Result<(), Stop> {
        let Some(sheet) = self.sheets.get(sheet as usize) else {
            return Ok(());
        };
        let mut visit = in_order(visit);
        match &mut self.workbook {
            Workbook::Xlsx(book) => {
                let mut cells = match book.worksheet_cells_reader(&sheet.name) {
                    Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
                    other => other.map_err(xlsx_trouble)?,
                };
                while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(xlsx_trouble)? {
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
            Workbook::Xlsb(book) => {
                let mut cells = book.worksheet_cells_reader(&sheet.name).map_err(xlsb_trouble)?;
                while let Some(cell) = cells.next_cell().map_err(xlsb_trouble)? {
                    let (row, column) = cell.get_position();
                    if visit(row, column, Value::from(cell.get_value()))?.is_break() {
                        break;
                    }
                }
                Ok(())
            }
            Workbook::Xls(book) => walk(&book.worksheet_range(&sheet.name).map_err(xls_trouble)?, visit),
            Workbook::Ods(book) => walk(&book.worksheet_range(&sheet.name).map_err(ods_trouble)?, visit),
        }
    }
}

fn walk(range: &Range<Data>, mut visit: impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Stop>) -> Result<(), Stop> {
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

/// Passes on the cells that are not empty and refuses places that no sheet has, rows that go backwards, and a cell given twice.
fn in_order(
    mut visit: impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Stop>,
) -> impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Stop> {
    let mut last_row = 0;
    // The columns of this row that had a cell, a bit each.
    let mut seen = Vec::<u64>::new();
    move |row, column, value| {
        if value.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Err(cell_refs::beyond().into());
        }
        if row < last_row {
            return Err(guard::damaged(format!("row {} comes after row {}", row + 1, last_row + 1)).into());
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
            return Err(guard::damaged(format!("cell {}{} is given twice", letters(column as usize), row + 1)).into());
        }
        seen[word] |= bit;
        visit(row, column, value)
    }
}

fn xlsx_trouble(error: XlsxError) -> Refusal {
    match error {
        XlsxError::Password => guard::encrypted(),
        other => guard::damaged(other.to_string()),
    }
}

fn xlsb_trouble(error: XlsbError) -> Refusal {
    match error {
        XlsbError::Password => guard::encrypted(),
        other => guard::damaged(other.to_string()),
    }
}

fn xls_trouble(error: XlsError) -> Refusal {
    match error {
        XlsError::Password => guard::encrypted(),
        other => guard::damaged(other.to_string()),
    }
}

fn ods_trouble(error: OdsError) -> Refusal {
    match error {
        OdsError::Password => guard::encrypted(),
        other => guard::damaged(other.to_string()),
    }
}
