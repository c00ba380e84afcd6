//! Reads workbooks (`.xlsx`, `.xls`, `.xlsb`, `.ods`) through a process of its own; the asking process never parses one.
//!
//! A guarded process checks every member of the file, and sends the sheets, their first rows and the cells as text. Which sheet, header and
//! columns are read is decided here.

pub mod child;

use crate::domain::text::{counted, nearest};
use crate::error::{Error, Part, Result};
use crate::source::guarded::chunk_builder::receive_rows;
use crate::source::guarded::process::GuardedProcess;
use crate::source::guarded::protocol::{
    Book, CellCount, Content, Done, MAX_SHEET_ROWS, PreviewRow, Refusal, Reply, Request, RowRequest, Sheet,
};
use crate::source::input::ReadOptions;
use crate::source::open::{self, Candidate, InputBytes};
use crate::source::orders::Origin;
use crate::source::redact;
use crate::source::table::{self, ChunkSink, ColumnProjection, Found, OpenTable, Opened, Source};

/// The source of workbooks.
pub struct Workbook;

impl Source for Workbook {
    fn inputs(&self) -> &'static str {
        "an XLSX, XLSM, XLSB, XLS or ODS file"
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"]
    }

    fn open<'a>(&self, candidate: &'a Candidate<'_>, options: &'a ReadOptions, projection: ColumnProjection<'a>) -> Opened<'a> {
        let file = candidate.file()?;
        if !open::is_workbook(&file.name, &file.bytes) {
            return Ok(None);
        }
        Ok(Some(Box::new(open(file, options, projection)?)))
    }
}

/// A sheet whose header is known.
pub struct WorkbookTable<'a> {
    opened: &'a InputBytes,
    options: &'a ReadOptions,
    projection: ColumnProjection<'a>,
    process: GuardedProcess,
    book: Book,
    order: Vec<u32>,
    /// The sheet chosen and its header; `None` when every sheet is empty.
    choice: Option<(Sheet, Header)>,
}

/// Opens one sheet.
///
/// The sheet is the one that `options.sheet` names (in any case), else the first whose headers
/// `projection` accepts, hidden sheets last. The header is the first accepted row with two cells or
/// more among a sheet's first thirty; rows above it are left out and noted. When every sheet is
/// empty, `projection` is asked about no headers at all: if it accepts these, the table is empty.
/// Cells right of the header's columns are counted in a note, or are columns too if the options say so.
/// Rows without a cell are left out; lines are the sheet's row numbers.
///
/// # Errors
/// [`Error::data`] when the workbook is damaged, encrypted, too large or none, and when `options.sheet` is not in it;
/// the projection's error about the widest headers when it accepts none; [`Error::system`] when no process can be started.
pub fn open<'a>(opened: &'a InputBytes, options: &'a ReadOptions, projection: ColumnProjection<'a>) -> Result<WorkbookTable<'a>> {
    let mut process = GuardedProcess::start(&opened.name, &opened.bytes, Content::Workbook, options)?;
    let Reply::Book(book) = process.reply()? else { return Err(process.refusal_error(Refusal::Protocol)) };
    let order = sheet_order(&opened.name, &book, options.sheet.as_deref())?;
    let mut table = WorkbookTable { opened, options, projection, process, book, order, choice: None };
    table.choice = table.choose_sheet()?;
    Ok(table)
}

impl OpenTable for WorkbookTable<'_> {
    fn headers(&self) -> &[String] {
        self.choice.as_ref().map_or(&[], |(_, header)| &header.names)
    }

    fn origin(&self) -> Origin {
        self.opened.origin(self.choice.as_ref().map(|(sheet, _)| Part::Sheet(sheet.name.clone())))
    }

    fn read(mut self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let Some((sheet, header)) = self.choice.take() else {
            let empty = if self.order.len() == 1 { "its sheet is empty" } else { "all its sheets are empty" };
            return Ok(Found { notes: vec![empty.to_owned()], ..self.describe_book() });
        };
        let wanted = header.wanted.clone();
        let request =
            RowRequest { sheet: header.sheet, header_line: header.line, wanted, extra_columns: self.options.columns_without_header };
        let memory_bytes = self.options.limits.memory_bytes;
        table::hand_over(sink, |hand_over| {
            let request = Request::Read(request);
            let done = receive_rows(&mut self.process, &request, (&header.wanted, memory_bytes, MAX_SHEET_ROWS), hand_over)?;
            let mut found = self.describe_sheet(&sheet, &header, &done);
            found.notes.extend(self.other_sheets_note(header.sheet));
            // The process and its memory are not needed while the last chunk is worked on.
            drop(self);
            Ok(found)
        })
    }
}

/// The header row of a sheet.
struct Header {
    /// The sheet, by its index in the book.
    sheet: u32,
    line: u32,
    /// Rows with a cell above it.
    skipped: usize,
    names: Vec<String>,
    wanted: Vec<bool>,
}

/// The sheets to try, by index: the one named, or all, the hidden last.
fn sheet_order(name: &str, book: &Book, sheet: Option<&str>) -> Result<Vec<u32>> {
    let Some(asked) = sheet else {
        let mut order: Vec<u32> = (0..book.sheets.len() as u32).collect();
        order.sort_by_key(|index| book.sheets[*index as usize].is_hidden);
        return Ok(order);
    };
    let exact = book.sheets.iter().position(|sheet| sheet.name == asked);
    let folded = asked.trim().to_lowercase();
    match exact.or_else(|| book.sheets.iter().position(|sheet| sheet.name.trim().to_lowercase() == folded)) {
        Some(index) => Ok(vec![index as u32]),
        None => {
            let help = match nearest(asked, book.sheets.iter().map(|sheet| sheet.name.as_str())) {
                Some(near) => format!("did you mean {}?", redact::brief(near)),
                None => format!("its sheets are: {}", redact::listed(book.sheets.iter().map(|sheet| &sheet.name))),
            };
            Err(Error::data(name, format!("there is no sheet {}", redact::printable(asked)), help))
        }
    }
}

impl WorkbookTable<'_> {
    /// The first sheet and row whose cells are accepted as headers; rows of a single cell are tried last. `None` when there
    /// is nothing in any sheet and no headers are accepted as well.
    fn choose_sheet(&mut self) -> Result<Option<(Sheet, Header)>> {
        let mut refusals = Vec::new();
        for (single, sheet) in [false, true].into_iter().flat_map(|single| self.order.iter().map(move |sheet| (single, *sheet))) {
            let Reply::Preview(preview) = self.process.ask(&Request::Preview(sheet))? else {
                return Err(self.process.refusal_error(Refusal::Protocol));
            };
            match accepted_header(sheet, &preview, self.projection, single) {
                Ok(Some(header)) => return Ok(Some((self.book.sheets[sheet as usize].clone(), header))),
                Ok(None) => {}
                Err(reason) => refusals.push((width(&preview), reason)),
            }
        }
        // Of several header rows or sheets that do not fit, the widest is the one the user means.
        match refusals.into_iter().rev().max_by_key(|(width, _)| *width) {
            // Of headers that do not fit in a damaged workbook, the damage is what to tell.
            Some((_, reason)) => self.process.ask(&Request::Check).and(Err(reason)),
            None => (self.projection)(&[]).map(|_| None),
        }
    }

    /// A note of the sheets that could have been read just as well. It is asked for at the end, so that a sheet nobody
    /// reads cannot fail the run.
    fn other_sheets_note(&mut self, chosen: u32) -> Option<String> {
        let mut fitting = Vec::new();
        for index in self.order.iter().filter(|index| **index != chosen) {
            let Ok(Reply::Preview(preview)) = self.process.ask(&Request::Preview(*index)) else { break };
            if let Ok(Some(_)) = accepted_header(*index, &preview, self.projection, false) {
                let sheet = &self.book.sheets[*index as usize];
                let hidden = if sheet.is_hidden { " (hidden)" } else { "" };
                fitting.push(format!("{}{hidden}", redact::brief(&sheet.name)));
            }
        }
        let names = fitting.join(", ");
        match fitting.len() {
            0 => None,
            1 => Some(format!("sheet {names} has fitting headers too and was not read; name the sheet to read it")),
            _ => Some(format!("the sheets {names} have fitting headers too and were not read; name a sheet to read it")),
        }
    }

    fn describe_book(&self) -> Found {
        Found {
            format: self.book.format.clone(),
            compression: self.opened.compression.clone(),
            sheets: self.book.sheets.iter().map(|sheet| sheet.name.clone()).collect(),
            ..Found::default()
        }
    }

    fn describe_sheet(&self, sheet: &Sheet, header: &Header, done: &Done) -> Found {
        let mut notes = Vec::new();
        if self.book.sheets.len() > 1 && self.options.sheet.is_none() {
            notes.push(format!("only sheet {} was read, one of {}", redact::brief(&sheet.name), self.book.sheets.len()));
        }
        if sheet.is_hidden {
            notes.push(format!("sheet {} is hidden", redact::brief(&sheet.name)));
        }
        if header.skipped > 0 {
            notes.push(format!("{} above the header in row {} left out", counted(header.skipped as u64, "row"), header.line));
        }
        let kinds = [
            (done.extra_cells, "right of the header's columns left out", ""),
            (done.error_values, "with an error value such as #N/A", ""),
            (done.uncalculated, "with a formula that was never calculated", ": open the file in a spreadsheet program and save it"),
        ];
        for (CellCount { cells, first_line }, what, help) in kinds.into_iter().filter(|(count, ..)| count.cells > 0) {
            notes.push(format!("{} {what}, the first in row {first_line}{help}", counted(cells, "cell")));
        }
        notes.extend(self.options.notes_of_none(&["an encoding", "a delimiter", "a table", "a query"], "a workbook"));
        Found {
            sheet: Some(sheet.name.clone()),
            dates_from_1904: done.dates_from_1904,
            header_line: header.line,
            rows: done.rows,
            notes,
            ..self.describe_book()
        }
    }
}

/// The first row, of those with a `single` cell or of those with more, that is accepted as the header; the error about the
/// first of them when none is.
fn accepted_header(sheet: u32, preview: &[PreviewRow], projection: ColumnProjection<'_>, single: bool) -> Result<Option<Header>> {
    let mut refusal = None;
    let filled_cells = |row: &PreviewRow| row.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    for (skipped, row) in preview.iter().enumerate().filter(|(_, row)| filled_cells(row) > 0 && (filled_cells(row) == 1) == single) {
        let mut names = row.cells.clone();
        names.resize(width(preview), String::new());
        match projection(&names) {
            Ok(mut wanted) => {
                wanted.resize(names.len(), false);
                return Ok(Some(Header { sheet, line: row.line, skipped, names, wanted }));
            }
            Err(reason) => _ = refusal.get_or_insert(reason),
        }
    }
    refusal.map_or(Ok(None), Err)
}

fn width(preview: &[PreviewRow]) -> usize {
    preview.iter().map(|row| row.cells.len()).max().unwrap_or(0)
}
