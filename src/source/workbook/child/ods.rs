//! Reads the sheets of an `.ods` file and their rows.

use std::collections::HashSet;
use std::ops::{ControlFlow, Range};

use calamine::DataRef;
use memchr::memmem;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::source::guarded::protocol::{MAX_SHEET_COLUMNS, MAX_SHEET_ROWS, Refusal, Sheet};
use crate::source::workbook::child::cell_text::CellVisitor;
use crate::source::workbook::child::ods_cells::{Cell, number_of, read_cell, unreadable};
use crate::source::workbook::child::parts::{Archive, Parts, attribute};

const MEDIA_TYPE: &str = "application/vnd.oasis.opendocument.";
/// Cells that may come from repeating others, in one sheet.
const MAX_REPEATED_CELLS: u64 = 20_000_000;

/// An `.ods` file whose list of sheets is read.
pub struct Ods {
    content: String,
    /// The sheets.
    pub sheets: Vec<Sheet>,
    /// The inside of each in the content.
    places: Vec<Range<usize>>,
}

impl Ods {
    /// Opens an archive.
    ///
    /// # Errors
    /// `Encrypted`; `NotAWorkbook` when it holds a text, a drawing and the like; `Damaged`.
    pub fn open(mut archive: Archive<'_>) -> Result<Self, Refusal> {
        let parts = Parts::of(&archive);
        let mut read = |name: &str| parts.read(&mut archive, name);
        let manifest = read("META-INF/manifest.xml")?.unwrap_or_default();
        if parts.has("encrypted-package") || memmem::find(&manifest, b"encryption-data").is_some() {
            return Err(Refusal::Encrypted);
        }
        let media_type = read("mimetype")?.ok_or_else(|| Refusal::damaged("its part mimetype is missing"))?;
        let media_type = String::from_utf8_lossy(&media_type);
        if !media_type.starts_with(&format!("{MEDIA_TYPE}spreadsheet")) {
            return Err(match media_type.trim().strip_prefix(MEDIA_TYPE) {
                Some(kind) => Refusal::NotAWorkbook(format!("it is an OpenDocument file, but of the kind {kind}")),
                None => Refusal::NotAWorkbook("it is no OpenDocument file".to_owned()),
            });
        }
        let content = read("content.xml")?.ok_or_else(|| Refusal::damaged("its part content.xml is missing"))?;
        let content = String::from_utf8(content).map_err(|_| Refusal::damaged("its part content.xml is not UTF-8"))?;
        let mut book = Self { content, sheets: Vec::new(), places: Vec::new() };
        book.find_sheets()?;
        Ok(book)
    }

    fn find_sheets(&mut self) -> Result<(), Refusal> {
        let mut reader = Reader::from_str(self.content.trim_start_matches('\u{FEFF}'));
        let offset = self.content.len() - self.content.trim_start_matches('\u{FEFF}').len();
        let (mut hidden, mut style, mut is_inside) = (HashSet::new(), String::new(), false);
        loop {
            match reader.read_event().map_err(unreadable)? {
                Event::Start(element) => match element.name().as_ref() {
                    "style:style" => style = attribute(&element, "style:name").unwrap_or_default(),
                    "office:spreadsheet" => is_inside = true,
                    "table:table" if is_inside => {
                        let name = attribute(&element, "table:name").unwrap_or_default();
                        let is_hidden = attribute(&element, "table:style-name").is_some_and(|style| hidden.contains(&style));
                        let inside = reader.read_to_end(element.name()).map_err(unreadable)?;
                        let inside = offset + inside.start as usize..offset + inside.end as usize;
                        // What another file's sheet had is kept in a table of its own, which no one sees.
                        if !is_cache(&name, &self.content[inside.clone()]) {
                            self.sheets.push(Sheet { name, is_hidden });
                            self.places.push(inside);
                        }
                    }
                    _ if is_inside => _ = reader.read_to_end(element.name()).map_err(unreadable)?,
                    _ => {}
                },
                Event::Empty(element) if hides_table(&element) => _ = hidden.insert(std::mem::take(&mut style)),
                Event::Eof if is_inside => return Ok(()),
                Event::Eof => return Err(Refusal::damaged("its part content.xml holds no spreadsheet")),
                _ => {}
            }
        }
    }

    /// Visits every cell of a sheet that is not empty, row by row, until a visit says that it was the last.
    pub fn visit_cells(&self, sheet: usize, visit: &mut CellVisitor<'_>) -> Result<(), Refusal> {
        let Some(inside) = self.places.get(sheet) else { return Ok(()) };
        let mut reader = Reader::from_str(&self.content[inside.clone()]);
        // The end of this piece is the end of the sheet, and groups of rows end unseen.
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        let (mut row, mut repeated, mut cells) = (0_u32, 0_u64, Vec::new());
        loop {
            match reader.read_event().map_err(unreadable)? {
                Event::Start(element) => match element.name().as_ref() {
                    "table:table-row" => {
                        read_row(&mut reader, &mut cells)?;
                        let count = number_of(&element, "table:number-rows-repeated");
                        let rows = if cells.is_empty() { 0 } else { count.min(MAX_SHEET_ROWS + 1) };
                        let width: u64 = cells.iter().map(|cell: &Cell| u64::from(cell.count)).sum();
                        repeated += width * u64::from(rows) - cells.len() as u64 * u64::from(rows.min(1));
                        if repeated > MAX_REPEATED_CELLS {
                            return Err(Refusal::TooLarge(format!("it repeats cells more than {MAX_REPEATED_CELLS} times")));
                        }
                        for index in 0..rows {
                            if visit_row(row.saturating_add(index), &cells, visit)?.is_break() {
                                return Ok(());
                            }
                        }
                        row = row.saturating_add(count);
                    }
                    "table:table-rows" | "table:table-header-rows" | "table:table-row-group" => {}
                    _ => _ = reader.read_to_end(element.name()).map_err(unreadable)?,
                },
                Event::Empty(element) if element.name().as_ref() == "table:table-row" => {
                    row = row.saturating_add(number_of(&element, "table:number-rows-repeated"));
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }
}

fn visit_row(row: u32, cells: &[Cell], visit: &mut CellVisitor<'_>) -> Result<ControlFlow<()>, Refusal> {
    for cell in cells {
        for index in 0..cell.count {
            if visit(row, cell.column.saturating_add(index), cell.value.as_ref())?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Reads the cells of a row that are not empty.
fn read_row(reader: &mut Reader<&[u8]>, cells: &mut Vec<Cell>) -> Result<(), Refusal> {
    cells.clear();
    let mut column = 0_u32;
    let mut take = |element: &BytesStart<'_>, content: Option<&mut Reader<&[u8]>>| -> Result<(), Refusal> {
        let count = number_of(element, "table:number-columns-repeated");
        let value = read_cell(element, content)?;
        if value != Some(DataRef::Empty) {
            cells.push(Cell { column, count: count.min(MAX_SHEET_COLUMNS + 1), value });
        }
        column = column.saturating_add(count);
        Ok(())
    };
    loop {
        match reader.read_event().map_err(unreadable)? {
            Event::Start(element) if is_cell(&element) => take(&element, Some(reader))?,
            Event::Empty(element) if is_cell(&element) => take(&element, None)?,
            Event::Start(element) => _ = reader.read_to_end(element.name()).map_err(unreadable)?,
            Event::End(element) if element.name().as_ref() == "table:table-row" => return Ok(()),
            Event::Eof => return Err(Refusal::damaged("a row of it does not end")),
            _ => {}
        }
    }
}

fn is_cell(element: &BytesStart<'_>) -> bool {
    matches!(element.name().as_ref(), "table:table-cell" | "table:covered-table-cell")
}

fn hides_table(element: &BytesStart<'_>) -> bool {
    element.name().as_ref() == "style:table-properties" && attribute(element, "table:display").is_some_and(|display| display == "false")
}

fn is_cache(name: &str, inside: &str) -> bool {
    name.starts_with("'file:") && inside.trim_start().starts_with("<table:table-source")
}
