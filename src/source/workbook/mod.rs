//! Reads workbooks (`.xlsx`, `.xls`, `.xlsb`, `.ods`) through a guarded process; the asking process never parses one.
//!
//! A process of the same program bounds its own memory and CPU time, checks every member of the
//! file, and sends cells as text. It tells the sheets and their first rows; which sheet, header
//! and columns are read is decided here.

mod batch;
mod cell_refs;
mod cells;
pub mod child;
mod columns;
mod guard;
mod message;
mod process;
mod redact;
mod wire;

use crate::error::{Error, Place, Result};
use crate::source::ReadOptions;
use crate::source::open::InputBytes;
use crate::source::table::{ColumnProjection, Found, Table};
use crate::source::workbook::columns::Columns;
use crate::source::workbook::message::{Book, Done, ExtraColumns, PreviewRow, Reading, Reply, Request, Visibility};
use crate::source::workbook::process::WorkbookProcess;

pub use crate::source::workbook::process::ARGUMENT;

/// Reads one sheet as text.
///
/// The sheet is the one that `options.sheet` names (in any case), else the first whose headers
/// `wanted` accepts, hidden sheets last. The header is the first accepted row with two cells or
/// more among a sheet's first thirty; rows above it are left out and noted. When every sheet is
/// empty, `wanted` is asked about no headers at all: if it accepts these, the table is empty.
/// Cells right of the header's columns are counted in a note. Rows without a cell are left out; lines are the sheet's
/// row numbers.
///
/// # Errors
/// `Data` when the workbook is damaged, encrypted, too large or none, when `options.sheet` is not
/// in it, and when no sheet has headers that are accepted; `System` when no process can be started.
pub fn read(opened: &InputBytes, options: &ReadOptions, wanted: ColumnProjection<'_>) -> Result<Table> {
    sheet(opened, options, wanted, ExtraColumns::Counted)
}

/// [`read`], and the columns right of the header's too, with empty headers: for who wants to see all of a sheet.
///
/// # Errors
/// As [`read`].
pub fn read_whole(opened: &InputBytes, options: &ReadOptions, wanted: ColumnProjection<'_>) -> Result<Table> {
    sheet(opened, options, wanted, ExtraColumns::Sent)
}

fn sheet(opened: &InputBytes, options: &ReadOptions, wanted: ColumnProjection<'_>, beyond: ExtraColumns) -> Result<Table> {
    let (mut reader, book) = WorkbookProcess::start(opened, options)?;
    let order = sheet_order(&opened.name, &book, options.sheet.as_deref())?;
    let mut heads = Vec::with_capacity(order.len());
    let Some(choice) = choose(&mut reader, &order, &mut heads, wanted)? else {
        return nothing(opened, &book, &order, &heads, wanted);
    };
    let reading = Reading { sheet: choice.sheet, header_line: choice.line, beyond, wanted: choice.wanted.clone() };
    let mut columns = Columns::new(&choice.wanted, options.limits.memory_bytes);
    let mut reply = reader.ask(&Request::Read(reading))?;
    let done = loop {
        match reply {
            Reply::Batch(batch) => columns.take(&batch).map_err(|error| reader.reply_error(&error))?,
            Reply::Done(done) => break done,
            _ => return Err(reader.protocol_error()),
        }
        reply = reader.reply()?;
    };
    let (columns, lines) = columns.finish().map_err(|error| reader.reply_error(&error))?;
    if lines.len() as u64 != done.rows {
        return Err(reader.protocol_error());
    }
    let mut headers = choice.headers.clone();
    headers.resize(columns.len(), String::new());
    let mut found = found(opened, &book, &choice, &done, options);
    found.notes.extend(others(&mut reader, &book, &order, choice.sheet, wanted));
    Ok(Table { headers, columns, lines, blank: Vec::new(), refused: Vec::new(), found })
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
    let indexes = 0..book.sheets.len() as u32;
    let is = |index: &u32, visibility| book.sheets[*index as usize].visibility == visibility;
    let Some(asked) = sheet else {
        let shown = indexes.clone().filter(|index| is(index, Visibility::Shown));
        return Ok(shown.chain(indexes.clone().filter(|index| is(index, Visibility::Hidden))).collect());
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

/// The first sheet and row whose cells are accepted as headers; rows of a single cell are tried last.
fn choose(
    reader: &mut WorkbookProcess,
    order: &[u32],
    heads: &mut Vec<Vec<PreviewRow>>,
    wanted: ColumnProjection<'_>,
) -> Result<Option<Choice>> {
    for sheet in order {
        let Reply::Preview(head) = reader.ask(&Request::Preview(*sheet))? else {
            return Err(reader.protocol_error());
        };
        let choice = accepted(*sheet, &head, wanted, |filled| filled >= 2);
        heads.push(head);
        if choice.is_some() {
            return Ok(choice);
        }
    }
    let mut tried = order.iter().zip(heads.iter());
    Ok(tried.find_map(|(sheet, head)| accepted(*sheet, head, wanted, |filled| filled == 1)))
}

fn accepted(sheet: u32, head: &[PreviewRow], wanted: ColumnProjection<'_>, fits: impl Fn(usize) -> bool) -> Option<Choice> {
    let width = head.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let candidates = head.iter().enumerate().filter(|(_, row)| fits(filled(row)));
    candidates.into_iter().find_map(|(skipped, row)| {
        let mut headers = row.cells.clone();
        headers.resize(width, String::new());
        let mut wanted = wanted(&headers)?;
        wanted.resize(width, false);
        Some(Choice { sheet, line: row.line, skipped, headers, wanted })
    })
}

/// A note of the sheets that could have been read just as well. It is asked for at the end, so that a sheet nobody
/// reads cannot fail the run.
fn others(reader: &mut WorkbookProcess, book: &Book, order: &[u32], chosen: u32, wanted: ColumnProjection<'_>) -> Option<String> {
    let mut fitting = Vec::new();
    for index in order.iter().filter(|index| **index != chosen) {
        let Ok(Reply::Preview(head)) = reader.ask(&Request::Preview(*index)) else { break };
        if accepted(*index, &head, wanted, |filled| filled >= 2).is_some() {
            let sheet = &book.sheets[*index as usize];
            let hidden = if sheet.visibility == Visibility::Hidden { " (hidden)" } else { "" };
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

fn filled(row: &PreviewRow) -> usize {
    row.cells.iter().filter(|cell| !cell.trim().is_empty()).count()
}

/// No sheet was accepted: an empty table if even no headers are, else an error that says what there is.
fn nothing(opened: &InputBytes, book: &Book, order: &[u32], heads: &[Vec<PreviewRow>], wanted: ColumnProjection<'_>) -> Result<Table> {
    if heads.iter().flatten().all(|row| filled(row) == 0) {
        let empty = if order.len() == 1 { "its sheet is empty" } else { "all its sheets are empty" };
        if wanted(&[]).is_none() {
            return Err(Error::data(&opened.name, format!("no rows: {empty}"), "give a workbook with a header row and orders below it"));
        }
        let found = Found { notes: vec![empty.to_owned()], ..basics(opened, book) };
        return Ok(Table { headers: Vec::new(), columns: Vec::new(), lines: Vec::new(), blank: Vec::new(), refused: Vec::new(), found });
    }
    let seen: Vec<String> = order
        .iter()
        .zip(heads)
        .map(|(sheet, head)| {
            let name = redact::brief(&book.sheets[*sheet as usize].name);
            match head.iter().find(|row| filled(row) >= 2).or_else(|| head.iter().find(|row| filled(row) == 1)) {
                Some(row) => format!("sheet {name}, row {}: {}", row.line, redact::listed(&row.cells)),
                None => format!("sheet {name}: empty"),
            }
        })
        .collect();
    Err(Error::data(
        &opened.name,
        format!("no sheet has the headers that are needed ({})", seen.join("; ")),
        "name a sheet, or map its headers",
    )
    .with_remedy(Place::option_value("map", "\"their header=our column\"")))
}

fn basics(opened: &InputBytes, book: &Book) -> Found {
    Found {
        format: book.format.clone(),
        compression: opened.compression.clone(),
        sheets: book.sheets.iter().map(|sheet| sheet.name.clone()).collect(),
        ..Found::default()
    }
}

fn found(opened: &InputBytes, book: &Book, choice: &Choice, done: &Done, options: &ReadOptions) -> Found {
    let sheet = &book.sheets[choice.sheet as usize];
    let mut notes = Vec::new();
    if book.sheets.len() > 1 && options.sheet.is_none() {
        notes.push(format!("only sheet {} was read, one of {}", redact::brief(&sheet.name), book.sheets.len()));
    }
    if sheet.visibility == Visibility::Hidden {
        notes.push(format!("sheet {} is hidden", redact::brief(&sheet.name)));
    }
    if choice.skipped > 0 {
        notes.push(format!("{} above the header in row {} left out", counted(choice.skipped as u64, "row"), choice.line));
    }
    if done.beyond > 0 {
        let cells = counted(done.beyond, "cell");
        notes.push(format!("{cells} right of the header's columns left out, the first in row {}", done.beyond_line));
    }
    if done.errors > 0 {
        notes.push(format!("{} with an error value such as #N/A", counted(done.errors, "cell")));
    }
    if done.uncalculated > 0 {
        let (cells, line) = (counted(done.uncalculated, "cell"), done.uncalculated_line);
        notes.push(format!(
            "{cells} with a formula that was never calculated, the first in row {line}: open the file in a spreadsheet program and save it"
        ));
    }
    let idle = [("an encoding", options.encoding.is_some()), ("a delimiter", options.delimiter.is_some())];
    notes.extend(idle.iter().filter(|(_, given)| *given).map(|(what, _)| format!("{what} was specified, but a workbook has none")));
    Found {
        sheet: Some(sheet.name.clone()),
        dates_from_1904: done.dates_from_1904,
        header_line: choice.line,
        rows: done.rows,
        notes,
        ..basics(opened, book)
    }
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
