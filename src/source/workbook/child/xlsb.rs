//! Reads the cells of an `.xlsb` file.

use std::collections::HashMap;
use std::io::{self, BufReader, Read};

use calamine::DataRef;

use crate::source::guarded::protocol::{Refusal, Sheet};
use crate::source::workbook::child::cell_text::CellVisitor;
use crate::source::workbook::child::number_formats::{NumberKind, builtin_kind, error_value, kind_of_code, number_value, rk_number};
use crate::source::workbook::child::ole::{u16_at, u32_at};
use crate::source::workbook::child::parts::{Archive, Parts, Relation, zip_refusal};

const END_SHEET_DATA: u16 = 146;

/// An `.xlsb` file whose workbook, texts and formats are read.
pub struct Xlsb<'a> {
    archive: Archive<'a>,
    /// The worksheets.
    pub sheets: Vec<Sheet>,
    /// The place of each in the archive.
    members: Vec<usize>,
    strings: Vec<String>,
    /// The kind of number of each cell format.
    kinds: Vec<NumberKind>,
    from_1904: bool,
}

impl<'a> Xlsb<'a> {
    /// Opens an archive.
    ///
    /// # Errors
    /// `Damaged`.
    pub fn open(mut archive: Archive<'a>) -> Result<Self, Refusal> {
        let parts = Parts::of(&archive);
        let workbook = parts.workbook(&mut archive, "xl/workbook.bin")?;
        let relations = parts.relations(&mut archive, &workbook)?;
        let related = |kind: &str| relations.iter().find(|relation| relation.kind == kind).map(|relation| relation.target.as_str());
        let formats = parts.read(&mut archive, related("styles").unwrap_or("xl/styles.bin"))?;
        let texts = parts.read(&mut archive, related("sharedStrings").unwrap_or("xl/sharedStrings.bin"))?;
        let main = parts.read(&mut archive, &workbook)?;
        let main = main.ok_or_else(|| Refusal::damaged(format!("its part {workbook} is missing")))?;
        let mut book = Self {
            archive,
            sheets: Vec::new(),
            members: Vec::new(),
            strings: texts.map_or(Ok(Vec::new()), |bytes| read_strings(&bytes))?,
            kinds: formats.map_or(Ok(Vec::new()), |bytes| read_formats(&bytes))?,
            from_1904: false,
        };
        let mut records = Records::of(main.as_slice());
        while let Some((kind, data)) = records.next()? {
            match kind {
                // Properties of the workbook
                153 => book.from_1904 = u32_at(data, 0) & 1 != 0,
                156 => book.take_sheet(data, &parts, &relations)?,
                // The end of the list of sheets
                144 => break,
                _ => {}
            }
        }
        Ok(book)
    }

    /// Takes a sheet of the list if it is a worksheet, neither chart nor macros.
    fn take_sheet(&mut self, data: &[u8], parts: &Parts, relations: &[Relation]) -> Result<(), Refusal> {
        let (id, after) = wide_text(data, 8)?;
        let (name, _) = wide_text(data, after)?;
        let Some(relation) = relations.iter().find(|relation| relation.id == id) else {
            return Ok(());
        };
        if relation.kind != "worksheet" {
            return Ok(());
        }
        let member = parts.index(&relation.target).ok_or_else(|| Refusal::damaged(format!("its part {} is missing", relation.target)))?;
        self.members.push(member);
        self.sheets.push(Sheet { name, is_hidden: u32_at(data, 0) != 0 });
        Ok(())
    }

    /// Visits every cell of a sheet that is not empty, row by row, until a visit says that it was the last.
    pub fn visit_cells(&mut self, sheet: usize, visit: &mut CellVisitor<'_>) -> Result<(), Refusal> {
        let Some(member) = self.members.get(sheet) else { return Ok(()) };
        let mut records = Records::of(BufReader::new(self.archive.by_index(*member).map_err(zip_refusal)?));
        let (mut row, mut last_column) = (0, None);
        while let Some((kind, data)) = records.next()? {
            if kind == 0 {
                (row, last_column) = (u32_at(data, 0), None);
                continue;
            }
            if kind == END_SHEET_DATA {
                return Ok(());
            }
            // Cells in short form leave their column out: it is the one after the last.
            let (column, value_at) = match kind {
                1..=11 | 62 => (u32_at(data, 0), 8),
                12..=18 => (last_column.map_or(0, |column: u32| column.saturating_add(1)), 4),
                _ => continue,
            };
            last_column = Some(column);
            let least = match kind {
                1 | 12 => 0,
                3 | 4 | 10 | 11 | 14 | 15 => 1,
                2 | 7 | 13 | 18 => 4,
                5 | 9 | 16 => 8,
                _ => 5,
            };
            let Some(bytes) = data.get(value_at..).filter(|bytes| bytes.len() >= least) else {
                return Err(Refusal::damaged("the record of a cell is cut short"));
            };
            let style = (u32_at(data, value_at - 4) & 0x00FF_FFFF) as usize;
            let number = |number: f64| number_value(number, self.kinds.get(style).copied().unwrap_or(NumberKind::Plain), self.from_1904);
            let value = match kind {
                1 | 12 => continue,
                2 | 13 => number(rk_number(u32_at(bytes, 0).to_le_bytes())),
                3 | 11 | 14 => error_value(bytes[0]),
                4 | 10 | 15 => DataRef::Bool(bytes[0] != 0),
                5 | 9 | 16 => number(bytes.first_chunk().map_or(0.0, |number| f64::from_le_bytes(*number))),
                7 | 18 => {
                    let text = self.strings.get(u32_at(bytes, 0) as usize);
                    DataRef::SharedString(text.ok_or_else(|| Refusal::damaged("the text of a cell is missing"))?)
                }
                // Text with formats within it has flags in front.
                62 => DataRef::String(wide_text(bytes, 1)?.0),
                _ => DataRef::String(wide_text(bytes, 0)?.0),
            };
            if visit(row, column, Some(&value))?.is_break() {
                return Ok(());
            }
        }
        Err(Refusal::damaged("a sheet of it is cut short"))
    }
}

/// The texts that cells share.
fn read_strings(bytes: &[u8]) -> Result<Vec<String>, Refusal> {
    let mut records = Records::of(bytes);
    let mut strings = Vec::new();
    while let Some((kind, data)) = records.next()? {
        if kind == 19 {
            strings.push(wide_text(data, 1)?.0);
        }
    }
    Ok(strings)
}

/// The kind of number of each cell format.
fn read_formats(bytes: &[u8]) -> Result<Vec<NumberKind>, Refusal> {
    let mut records = Records::of(bytes);
    let (mut codes, mut kinds, mut is_cell_formats) = (HashMap::new(), Vec::new(), false);
    while let Some((kind, data)) = records.next()? {
        match kind {
            44 => _ = codes.insert(u16_at(data, 0), kind_of_code(&wide_text(data, 2)?.0)),
            617 => is_cell_formats = true,
            618 => break,
            47 if is_cell_formats => {
                let id = u16_at(data, 2);
                kinds.push(codes.get(&id).copied().unwrap_or_else(|| builtin_kind(id)));
            }
            _ => {}
        }
    }
    Ok(kinds)
}

/// A text of UTF-16 after its length, and the place behind it. A length of all ones is no text.
fn wide_text(data: &[u8], at: usize) -> Result<(String, usize), Refusal> {
    let cut = || Refusal::damaged("a text in it is longer than its record");
    let start = at + 4;
    let length = match data.get(at..start).map(|_| u32_at(data, at)).ok_or_else(cut)? {
        u32::MAX => 0,
        length => length as usize,
    };
    let end = start + length.saturating_mul(2);
    let units = data.get(start..end).ok_or_else(cut)?.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit));
    Ok((char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(), end))
}

/// The records of a part.
struct Records<R> {
    input: R,
    data: Vec<u8>,
}

impl<R: Read> Records<R> {
    fn of(input: R) -> Self {
        Self { input, data: Vec::new() }
    }

    /// The next record, by its number and its bytes; `None` at the end of the part.
    fn next(&mut self) -> Result<Option<(u16, &[u8])>, Refusal> {
        let Some(first) = self.byte()? else { return Ok(None) };
        let mut kind = u16::from(first);
        if first & 0x80 != 0 {
            kind = u16::from(first & 0x7F) | u16::from(self.byte()?.ok_or_else(cut_short)? & 0x7F) << 7;
        }
        let mut length = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?.ok_or_else(cut_short)?;
            length |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        self.data.clear();
        let read = self.input.by_ref().take(length).read_to_end(&mut self.data).map_err(unreadable)?;
        if (read as u64) < length { Err(cut_short()) } else { Ok(Some((kind, &self.data))) }
    }

    fn byte(&mut self) -> Result<Option<u8>, Refusal> {
        let mut byte = [0];
        match self.input.read_exact(&mut byte) {
            Ok(()) => Ok(Some(byte[0])),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }
}

fn unreadable(error: io::Error) -> Refusal {
    Refusal::damaged(error.to_string().to_lowercase())
}

fn cut_short() -> Refusal {
    Refusal::damaged("it ends within a record")
}
