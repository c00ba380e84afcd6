//! Reads a workbook within the guarded process: what it is asked, and where the cells come from.

mod cell_refs;
mod cell_text;
mod cell_xml;
mod chunk_sender;
mod code_pages;
mod container;
mod errors;
mod number_formats;
mod ods;
mod ods_cells;
mod ole;
mod parts;
mod shared_strings;
mod sheet_xml;
mod xls;
mod xls_records;
mod xlsb;
pub mod xlsx;
mod xml_text;
mod xml_window;

use std::io::{self, Cursor, Read, Write};
use std::ops::ControlFlow;

use calamine::{DataType, SheetType, SheetVisible};
use zip::ZipArchive;

use crate::domain::text::letters;
use crate::source::guarded::protocol::{
    Book, Done, MAX_SHEET_COLUMNS, MAX_SHEET_ROWS, PreviewRow, Refusal, Reply, Request, RowRequest, Sheet, receive, send,
};
use crate::source::input::Limits;
use crate::source::workbook::child::cell_text::{Value, write_value};
use crate::source::workbook::child::chunk_sender::ChunkSender;
use crate::source::workbook::child::container::{Container, Format};
use crate::source::workbook::child::ods::Ods;
use crate::source::workbook::child::parts::zip_refusal;
use crate::source::workbook::child::xls::Xls;
use crate::source::workbook::child::xlsb::Xlsb;
use crate::source::workbook::child::xlsx::XlsxBook;

const PREVIEW_ROWS: usize = 30;

/// Answers the requests about the workbook that `bytes` hold, until `input` ends.
///
/// # Errors
/// Only those of the pipes; whatever is wrong with the workbook is an answer.
pub fn serve(mut bytes: Vec<u8>, limits: &Limits, mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let mut opened = match open(&mut bytes, limits) {
        Ok(opened) => opened,
        Err(refusal) => return send(&mut output, &Reply::Refused(refusal)),
    };
    send(&mut output, &Reply::Book(opened.book.clone()))?;
    while let Some(request) = receive(&mut input)? {
        let answered = match request {
            Request::Preview(sheet) => opened.preview(sheet).map(Reply::Preview),
            Request::Check => opened.check().map(|()| Reply::Checked),
            Request::Read(request) => opened.read(&request, &mut output).map(Reply::Done),
            Request::ReadColumns(_) => Err(Refusal::Protocol),
        };
        match answered.and_then(|reply| Ok(send(&mut output, &reply)?)) {
            Ok(()) => {}
            // Where the pipe is at fault, this fails too.
            Err(refusal) => return send(&mut output, &Reply::Refused(refusal)),
        }
    }
    Ok(())
}

struct OpenWorkbook<'a> {
    cells: Cells<'a>,
    book: Book,
}

/// Who reads the cells of a workbook.
enum Cells<'a> {
    Xlsx(Box<XlsxBook<'a>>),
    Xlsb(Box<Xlsb<'a>>),
    Xls(Box<Xls>),
    Ods(Box<Ods>),
}

/// Opens the workbook that `bytes` hold; where its reader stumbles over macro sheets, they hold a copy without these after.
fn open<'a>(bytes: &'a mut Vec<u8>, limits: &Limits) -> Result<OpenWorkbook<'a>, Refusal> {
    let Container { format, unchecked } = container::examine(bytes, limits)?;
    if format == Format::Xlsx
        && let Some(copy) = parts::without_macro_sheets(bytes)?
    {
        *bytes = copy;
    }
    let bytes: &'a [u8] = bytes;
    let archive = || ZipArchive::new(Cursor::new(bytes)).map_err(zip_refusal);
    let (format, cells, sheets) = match format {
        Format::Xlsx => {
            let workbook = XlsxBook::open(bytes, unchecked)?;
            let worksheets = workbook.sheets().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
            let sheet = |sheet: &calamine::Sheet| Sheet { name: sheet.name.clone(), is_hidden: sheet.visible != SheetVisible::Visible };
            let sheets = worksheets.map(sheet).collect();
            ("xlsx", Cells::Xlsx(Box::new(workbook)), sheets)
        }
        Format::Xlsb => {
            let mut workbook = Xlsb::open(archive()?)?;
            let sheets = std::mem::take(&mut workbook.sheets);
            ("xlsb", Cells::Xlsb(Box::new(workbook)), sheets)
        }
        Format::Xls => {
            let mut workbook = Xls::open(bytes)?;
            let sheets = std::mem::take(&mut workbook.sheets);
            ("xls", Cells::Xls(Box::new(workbook)), sheets)
        }
        Format::Ods => {
            let mut workbook = Ods::open(archive()?)?;
            let sheets = std::mem::take(&mut workbook.sheets);
            ("ods", Cells::Ods(Box::new(workbook)), sheets)
        }
    };
    if sheets.is_empty() {
        return Err(Refusal::damaged("it has no worksheet"));
    }
    Ok(OpenWorkbook { cells, book: Book { format: format.to_owned(), sheets } })
}

impl OpenWorkbook<'_> {
    /// The first rows that have a cell at all.
    fn preview(&mut self, sheet: u32) -> Result<Vec<PreviewRow>, Refusal> {
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
            write_value(&mut cells[column], value);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    /// Sends the rows below the header.
    fn read(&mut self, request: &RowRequest, output: &mut impl Write) -> Result<Done, Refusal> {
        let mut sender = ChunkSender::new(request, output);
        self.visit_cells(request.sheet, |row, column, value| {
            if row >= request.header_line {
                sender.add_cell(row + 1, column, value)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let mut done = sender.finish()?;
        self.check()?;
        if let Cells::Xlsx(book) = &self.cells {
            done.dates_from_1904 = Some(book.is_1904());
        }
        Ok(done)
    }

    /// Checks what was not read to its end.
    fn check(&mut self) -> Result<(), Refusal> {
        match &mut self.cells {
            Cells::Xlsx(book) => book.check(),
            Cells::Xlsb(_) | Cells::Xls(_) | Cells::Ods(_) => Ok(()),
        }
    }

    /// Visits every cell that is not empty, row by row, until a visit says that it was the last.
    fn visit_cells(
        &mut self,
        sheet: u32,
        mut visit: impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Refusal>,
    ) -> Result<(), Refusal> {
        let (sheet, mut places) = (sheet as usize, Places::default());
        let mut visit = |row, column, value: Value<'_>| {
            if value.is_some_and(|value| value.is_empty() || value.get_string() == Some("")) {
                return Ok(ControlFlow::Continue(()));
            }
            places.take(row, column)?;
            visit(row, column, value)
        };
        match &mut self.cells {
            Cells::Xlsx(book) => {
                let Some(Sheet { name, .. }) = self.book.sheets.get(sheet) else { return Ok(()) };
                book.visit_cells(name, visit)
            }
            Cells::Xlsb(book) => book.visit_cells(sheet, &mut visit),
            Cells::Xls(book) => book.visit_cells(sheet, &mut visit),
            Cells::Ods(book) => book.visit_cells(sheet, &mut visit),
        }
    }
}

/// The places of the cells that were visited.
#[derive(Default)]
struct Places {
    last_row: u32,
    /// Whether each column of this row had a cell.
    seen: Vec<bool>,
}

impl Places {
    /// Takes the next place; refuses one that no sheet has, a row above the last one, and a cell given twice.
    fn take(&mut self, row: u32, column: u32) -> Result<(), Refusal> {
        if row >= MAX_SHEET_ROWS || column >= MAX_SHEET_COLUMNS {
            return Err(Refusal::outside_sheet());
        }
        if row < self.last_row {
            return Err(Refusal::damaged(format!("row {} comes after row {}", row + 1, self.last_row + 1)));
        }
        if row > self.last_row {
            self.seen.clear();
        }
        self.last_row = row;
        let column = column as usize;
        self.seen.resize(self.seen.len().max(column + 1), false);
        if std::mem::replace(&mut self.seen[column], true) {
            return Err(Refusal::damaged(format!("cell {}{} is given twice", letters(column), row + 1)));
        }
        Ok(())
    }
}
