//! Reads workbooks (`.xlsx`, `.xls`, `.xlsb`, `.ods`) through a process of its own; the asking process never parses one.
//!
//! A process of the same program bounds its own memory and CPU time, checks every member of the
//! file, and sends the sheets, their first rows and the cells as text. Which sheet, header and
//! columns are read is decided here.

pub mod child;
mod chunk_builder;
mod process;
pub mod protocol;

use std::sync::OnceLock;

use crate::domain::text::counted;
use crate::error::{Error, Result};
use crate::source::input::ReadOptions;
use crate::source::open::{self, Candidate, InputBytes};
use crate::source::orders::TableOrigin;
use crate::source::redact;
use crate::source::table::{ChunkSink, ColumnProjection, Found, OpenTable, Opened, Source, TableChunk};
use crate::source::workbook::chunk_builder::ChunkBuilder;
use crate::source::workbook::process::WorkbookProcess;
use crate::source::workbook::protocol::{Book, CellCount, Done, PreviewRow, Refusal, Reply, Request, RowRequest};

pub use crate::source::workbook::process::ARGUMENT;

/// The source of workbooks.
pub struct Workbook;

impl Source for Workbook {
    fn name(&self) -> &'static str {
        "workbook"
    }

    fn inputs(&self) -> &'static str {
        "an XLSX, XLSM, XLSB, XLS or ODS file"
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
    process: WorkbookProcess,
    book: Book,
    order: Vec<u32>,
    /// `None` when every sheet is empty.
    choice: Option<Choice>,
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
    let (mut process, book) = WorkbookProcess::start(opened, options)?;
    let order = sheet_order(&opened.name, &book, options.sheet.as_deref())?;
    let choice = choose_sheet(&mut process, &order, projection)?;
    Ok(WorkbookTable { opened, options, projection, process, book, order, choice })
}

impl OpenTable for WorkbookTable<'_> {
    fn headers(&self) -> &[String] {
        self.choice.as_ref().map_or(&[], |choice| &choice.headers)
    }

    fn origin(&self) -> TableOrigin {
        self.opened.origin(self.choice.as_ref().map(|choice| self.book.sheets[choice.sheet as usize].name.clone()))
    }

    fn read(self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let Self { opened, options, projection, mut process, book, order, choice } = *self;
        let Some(choice) = choice else {
            let empty = if order.len() == 1 { "its sheet is empty" } else { "all its sheets are empty" };
            return Ok(Found { notes: vec![empty.to_owned()], ..describe_book(opened, &book) });
        };
        let (sheet, header_line, wanted) = (choice.sheet, choice.line, choice.wanted.clone());
        let request = RowRequest { sheet, header_line, wanted, extra_columns: options.columns_without_header };
        let memory_bytes = options.limits.memory_bytes;
        let failure = OnceLock::new();
        // The sink works on a chunk while the next ones are read.
        let found = rayon::in_place_scope(|scope| -> Result<Found> {
            let (mut chunks, failure) = (0.., &failure);
            let done = read_rows(&mut process, request, memory_bytes, |chunk| {
                let index = chunks.next().unwrap_or_default();
                scope.spawn(move |_| drop(sink(index, chunk).map_err(|error| failure.set(error))));
            })?;
            let mut found = describe_sheet(opened, &book, &choice, &done, options);
            found.notes.extend(other_sheets_note(&mut process, &book, &order, choice.sheet, projection));
            // Its memory is not needed while the last chunk is worked on.
            drop(process);
            Ok(found)
        })?;
        failure.into_inner().map_or(Ok(found), Err)
    }
}

/// Has the rows sent and hands them over in chunks, at least one.
fn read_rows(process: &mut WorkbookProcess, request: RowRequest, memory_bytes: u64, mut hand_over: impl FnMut(TableChunk)) -> Result<Done> {
    let mut builder = ChunkBuilder::new(&request.wanted, memory_bytes);
    let mut reply = process.ask(&Request::Read(request))?;
    loop {
        let taken = match &reply {
            Reply::Rows(lines) => builder.begin_rows(lines),
            Reply::Column(cells) => builder.add_cells(cells).map(|()| None),
            Reply::Done(done) if done.rows == builder.rows() as u64 => {
                let done = *done;
                hand_over(builder.finish_chunk().map_err(|refusal| process.refusal_error(refusal))?);
                return Ok(done);
            }
            _ => Err(Refusal::Protocol),
        };
        taken.map_err(|refusal| process.refusal_error(refusal))?.into_iter().for_each(&mut hand_over);
        reply = process.reply()?;
    }
}

/// A sheet and its header row.
struct Choice {
    sheet: u32,
    line: u32,
    skipped: usize,
    headers: Vec<String>,
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
            let names = redact::listed(book.sheets.iter().map(|sheet| &sheet.name));
            Err(Error::data(name, format!("there is no sheet {}", redact::brief(asked)), format!("its sheets are: {names}")))
        }
    }
}

/// The first sheet and row whose cells are accepted as headers; rows of a single cell are tried last. `None` when there
/// is nothing in any sheet and no headers are accepted as well.
fn choose_sheet(process: &mut WorkbookProcess, order: &[u32], projection: ColumnProjection<'_>) -> Result<Option<Choice>> {
    let mut refusals = Vec::new();
    for (single, sheet) in [false, true].into_iter().flat_map(|single| order.iter().map(move |sheet| (single, *sheet))) {
        let Reply::Preview(preview) = process.ask(&Request::Preview(sheet))? else {
            return Err(process.refusal_error(Refusal::Protocol));
        };
        match accepted_header(sheet, &preview, projection, single) {
            Ok(choice) => return Ok(Some(choice)),
            Err(refused) => refusals.extend(refused),
        }
    }
    // Of several header rows or sheets that do not fit, the widest is the one the user means.
    match refusals.into_iter().rev().max_by_key(|(width, _)| *width) {
        Some((_, reason)) => Err(reason),
        None => projection(&[]).map(|_| None),
    }
}

/// The first row, of those with a `single` cell or of those with more, that is accepted as the header, or why the first of
/// them is not.
fn accepted_header(
    sheet: u32,
    preview: &[PreviewRow],
    projection: ColumnProjection<'_>,
    single: bool,
) -> std::result::Result<Choice, Option<(usize, Error)>> {
    let width = preview.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let mut refusal = None;
    let filled_cells = |row: &PreviewRow| row.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    for (skipped, row) in preview.iter().enumerate().filter(|(_, row)| filled_cells(row) > 0 && (filled_cells(row) == 1) == single) {
        let mut headers = row.cells.clone();
        headers.resize(width, String::new());
        match projection(&headers) {
            Ok(mut wanted) => {
                wanted.resize(width, false);
                return Ok(Choice { sheet, line: row.line, skipped, headers, wanted });
            }
            Err(reason) => _ = refusal.get_or_insert((width, reason)),
        }
    }
    Err(refusal)
}

/// A note of the sheets that could have been read just as well. It is asked for at the end, so that a sheet nobody
/// reads cannot fail the run.
fn other_sheets_note(
    process: &mut WorkbookProcess,
    book: &Book,
    order: &[u32],
    chosen: u32,
    projection: ColumnProjection<'_>,
) -> Option<String> {
    let mut fitting = Vec::new();
    for index in order.iter().filter(|index| **index != chosen) {
        let Ok(Reply::Preview(preview)) = process.ask(&Request::Preview(*index)) else { break };
        if accepted_header(*index, &preview, projection, false).is_ok() {
            let sheet = &book.sheets[*index as usize];
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

fn describe_book(opened: &InputBytes, book: &Book) -> Found {
    Found {
        format: book.format.clone(),
        compression: opened.compression.clone(),
        sheets: book.sheets.iter().map(|sheet| sheet.name.clone()).collect(),
        ..Found::default()
    }
}

fn describe_sheet(opened: &InputBytes, book: &Book, choice: &Choice, done: &Done, options: &ReadOptions) -> Found {
    let sheet = &book.sheets[choice.sheet as usize];
    let mut notes = Vec::new();
    if book.sheets.len() > 1 && options.sheet.is_none() {
        notes.push(format!("only sheet {} was read, one of {}", redact::brief(&sheet.name), book.sheets.len()));
    }
    if sheet.is_hidden {
        notes.push(format!("sheet {} is hidden", redact::brief(&sheet.name)));
    }
    if choice.skipped > 0 {
        notes.push(format!("{} above the header in row {} left out", counted(choice.skipped as u64, "row"), choice.line));
    }
    let kinds = [
        (done.extra_cells, "right of the header's columns left out", ""),
        (done.error_values, "with an error value such as #N/A", ""),
        (done.uncalculated, "with a formula that was never calculated", ": open the file in a spreadsheet program and save it"),
    ];
    let found = kinds.iter().filter(|(count, ..)| count.cells > 0);
    notes.extend(found.map(|(CellCount { cells, first_line }, what, help)| {
        format!("{} {what}, the first in row {first_line}{help}", counted(*cells, "cell"))
    }));
    let idle = [("an encoding", options.encoding.is_some()), ("a delimiter", options.delimiter.is_some())];
    notes.extend(idle.iter().filter(|(_, given)| *given).map(|(what, _)| format!("{what} was specified, but a workbook has none")));
    Found {
        sheet: Some(sheet.name.clone()),
        dates_from_1904: done.dates_from_1904,
        header_line: choice.line,
        rows: done.rows,
        notes,
        ..describe_book(opened, book)
    }
}
