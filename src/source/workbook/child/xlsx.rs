//! Reads the worksheets of an Office Open XML workbook: straight from their XML where that is written plainly, else by the
//! general reader.

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use calamine::{DataRef, DataType, Reader, Sheet, Xlsx, XlsxError};
use memchr::memmem;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::source::guarded::protocol::Refusal;
use crate::source::workbook::child::cell_text::Value;
use crate::source::workbook::child::cell_xml::CellContext;
use crate::source::workbook::child::container::{Format, check_member, is_worksheet};
use crate::source::workbook::child::errors::unreadable;
use crate::source::workbook::child::number_formats::NumberKind;
use crate::source::workbook::child::parts::{Archive, Parts, zip_refusal};
use crate::source::workbook::child::shared_strings::SharedStrings;
use crate::source::workbook::child::sheet_xml::{self, Progress};

/// Styles that a workbook can have.
const MAX_STYLES: usize = 65_536;
/// Stands before the number of a member in its outline.
const MEMBER: &str = "member ";

/// A workbook of a type that a spreadsheet program has saved since 2007.
pub struct XlsxBook<'a> {
    bytes: &'a [u8],
    sheets: Vec<Sheet>,
    is_1904: bool,
    /// What the direct way needs, where it can be gone.
    direct: Option<Direct>,
    /// Members that were not read to their end yet.
    unchecked: Vec<usize>,
    /// The general reader, once it was needed.
    general: Option<Xlsx<Cursor<&'a [u8]>>>,
}

struct Direct {
    context: CellContext,
    /// For each sheet its member in the zip container.
    members: Vec<Option<usize>>,
}

/// What the general reader made of a workbook without its cells.
struct Outline {
    sheets: Vec<Sheet>,
    members: Vec<Option<usize>>,
    styles: Vec<NumberKind>,
    is_1904: bool,
}

impl<'a> XlsxBook<'a> {
    /// Opens a workbook, of whose members these are still to be checked.
    ///
    /// # Errors
    /// What is wrong with it, in the words of the general reader.
    pub fn open(bytes: &'a [u8], unchecked: Vec<usize>) -> Result<Self, Refusal> {
        if let Some((outline, strings)) = outline(bytes).zip(shared_strings(bytes)) {
            let Outline { sheets, members, styles, is_1904 } = outline;
            let direct = Some(Direct { context: CellContext { strings, styles, is_1904 }, members });
            return Ok(Self { bytes, sheets, is_1904, direct, unchecked, general: None });
        }
        let general = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
        let (sheets, is_1904) = (general.sheets_metadata().to_vec(), general.has_1904_epoch());
        Ok(Self { bytes, sheets, is_1904, direct: None, unchecked, general: Some(general) })
    }

    /// Its sheets of any type.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// Whether dates count from 1904.
    pub fn is_1904(&self) -> bool {
        self.is_1904
    }

    /// Checks the members that nothing has read to their end.
    ///
    /// # Errors
    /// What is wrong with one.
    pub fn check(&mut self) -> Result<(), Refusal> {
        let unchecked = std::mem::take(&mut self.unchecked);
        let mut archive = Archive::new(Cursor::new(self.bytes)).map_err(zip_refusal)?;
        unchecked.into_iter().try_for_each(|member| check_member(&mut archive, member, Format::Xlsx))
    }

    /// Visits the cells of a sheet in the order they stand, row and column from 0, until a visit ends it.
    ///
    /// # Errors
    /// What is wrong with the sheet, and those of the visits.
    pub fn visit_cells(
        &mut self,
        name: &str,
        mut visit: impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Refusal>,
    ) -> Result<(), Refusal> {
        let progress = self.visit_directly(name, &mut visit)?;
        if progress.is_complete { Ok(()) } else { self.visit_generally(name, progress.cells, visit) }
    }

    /// As [`Self::visit_cells`], but only as far as the sheet is written plainly.
    ///
    /// # Errors
    /// Those of the visits.
    pub fn visit_directly(
        &mut self,
        name: &str,
        visit: impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Refusal>,
    ) -> Result<Progress, Refusal> {
        let nothing = Progress::default();
        let Some(direct) = &self.direct else { return Ok(nothing) };
        let member = self.sheets.iter().position(|sheet| sheet.name == name).and_then(|sheet| direct.members[sheet]);
        let (Some(member), Ok(mut archive)) = (member, Archive::new(Cursor::new(self.bytes))) else { return Ok(nothing) };
        let Ok(file) = archive.by_index(member) else { return Ok(nothing) };
        let size = file.size();
        let progress = sheet_xml::visit_cells(file, size, &direct.context, visit)?;
        if progress.is_checked {
            self.unchecked.retain(|unchecked| *unchecked != member);
        }
        Ok(progress)
    }

    /// As [`Self::visit_cells`], but by the general reader alone and without the first cells.
    ///
    /// # Errors
    /// What is wrong with the sheet, and those of the visits.
    pub fn visit_generally(
        &mut self,
        name: &str,
        mut visited: u64,
        mut visit: impl FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Refusal>,
    ) -> Result<(), Refusal> {
        self.check()?;
        let general = match &mut self.general {
            Some(general) => general,
            none => none.insert(Xlsx::new(Cursor::new(self.bytes)).map_err(unreadable)?),
        };
        let mut cells = match general.worksheet_cells_reader(name) {
            Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
            other => other.map_err(unreadable)?,
        };
        while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(unreadable)? {
            if visited > 0 {
                visited -= 1;
                continue;
            }
            let uncalculated = cell.value == DataRef::Empty && cell.formula.is_some();
            if visit(cell.pos.0, cell.pos.1, (!uncalculated).then_some(&cell.value))?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Has the general reader read a copy of the workbook in which each worksheet holds nothing but the number of its member and a
/// cell of each style: so its sheets, their members and the meaning of its styles are as that reader finds them, without the
/// time and memory that the cells would take. `None` when it finds any of them wanting.
fn outline(bytes: &[u8]) -> Option<Outline> {
    let mut archive = Archive::new(Cursor::new(bytes)).ok()?;
    let (parts, strings) = part_beside_workbook(&mut archive, "sharedStrings.xml")?;
    let strings = parts.index(&strings);
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let style_count = style_count(&mut archive)?;
    let mut worksheets = Vec::new();
    for index in 0..archive.len() {
        let name = archive.by_index_raw(index).ok()?.name().ok()?.into_owned();
        if strings == Some(index) {
            continue;
        }
        if is_worksheet(&mut archive, index) {
            worksheets.push(index);
            copy.start_file(name, stored).ok()?;
            copy.write_all(worksheet_outline(index, style_count).as_bytes()).ok()?;
        } else {
            copy.raw_copy_file(archive.by_index_raw(index).ok()?).ok()?;
        }
    }
    let mut book = Xlsx::new(copy.finish().ok()?).ok()?;
    let sheets = book.sheets_metadata().to_vec();
    let mut members = Vec::with_capacity(sheets.len());
    let mut styles = Vec::new();
    for sheet in &sheets {
        // Sheets of one name are one sheet to that reader, and a sheet that was not replaced has none.
        let Ok(mut cells) = book.worksheet_cells_reader(&sheet.name) else {
            members.push(None);
            continue;
        };
        let first = cells.next_cell().ok()?;
        let member = first.as_ref().and_then(|cell| cell.get_value().get_string()?.strip_prefix(MEMBER)?.parse().ok());
        members.push(member.filter(|member| worksheets.contains(member)));
        while let (true, Some(cell)) = (styles.len() < style_count, cells.next_cell().ok()?) {
            styles.push(match cell.get_value() {
                DataRef::DateTime(moment) if moment.is_duration() => NumberKind::Duration,
                DataRef::DateTime(_) => NumberKind::DateTime,
                _ => NumberKind::Plain,
            });
        }
    }
    Some(Outline { sheets, members, styles, is_1904: book.has_1904_epoch() })
}

fn worksheet_outline(member: usize, style_count: usize) -> String {
    let cells: String = (0..style_count).map(|style| format!("<c s=\"{style}\"><v>1</v></c>")).collect();
    format!("<worksheet><sheetData><row><c t=\"str\"><v>{MEMBER}{member}</v></c>{cells}</row></sheetData></worksheet>")
}

/// Styles that the workbook has, at most.
fn style_count(archive: &mut Archive<'_>) -> Option<usize> {
    let (parts, name) = part_beside_workbook(archive, "styles.xml")?;
    let styles = parts.read(archive, &name).ok()?.unwrap_or_default();
    let most = memmem::find_iter(&styles, b"xf").count();
    (most <= MAX_STYLES).then_some(most)
}

/// The shared strings; `None` when they are not written plainly.
fn shared_strings(bytes: &[u8]) -> Option<SharedStrings> {
    let mut archive = Archive::new(Cursor::new(bytes)).ok()?;
    let (parts, name) = part_beside_workbook(&mut archive, "sharedStrings.xml")?;
    match parts.index(&name) {
        Some(index) => SharedStrings::read(archive.by_index(index).ok()?),
        None => Some(SharedStrings::default()),
    }
}

/// The parts of a workbook, and the name of one that the general reader looks for in the workbook's own folder.
fn part_beside_workbook(archive: &mut Archive<'_>, name: &str) -> Option<(Parts, String)> {
    let parts = Parts::of(archive);
    let workbook = parts.workbook(archive, "xl/workbook.xml").ok()?;
    let name = workbook.rsplit_once('/').map_or_else(|| name.to_owned(), |(folder, _)| format!("{folder}/{name}"));
    Some((parts, name))
}
