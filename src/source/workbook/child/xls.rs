//! Reads the cells of an `.xls` file (Excel 5 to 2003).

use std::collections::HashMap;

use calamine::DataRef;

use crate::domain::text::letters;
use crate::source::guarded::protocol::{Refusal, Sheet};
use crate::source::workbook::child::cell_text::CellVisitor;
use crate::source::workbook::child::number_formats::{NumberKind, builtin_kind, error_value, kind_of_code, number_value, rk_number};
use crate::source::workbook::child::ole::{Ole, u16_at, u32_at};
use crate::source::workbook::child::xls_records::{Record, Records, TextForm, shared_strings};

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;
const VERSION_8: u16 = 0x0600;
/// What a beginning says that it begins, if a worksheet.
const WORKSHEET: u16 = 0x0010;

/// An `.xls` file whose globals are read.
pub struct Xls {
    stream: Vec<u8>,
    /// The worksheets.
    pub sheets: Vec<Sheet>,
    /// Where each of them begins.
    starts: Vec<usize>,
    text: TextForm,
    strings: Vec<String>,
    /// The kind of number of each cell format.
    kinds: Vec<NumberKind>,
    from_1904: bool,
    /// Whether the program that wrote it calculates. Others write formulas with an empty text for their results.
    is_calculated: bool,
}

/// A cell; without a value it is a formula that was never calculated.
struct Cell<'a> {
    row: u16,
    column: u16,
    value: Option<DataRef<'a>>,
}

impl Xls {
    /// Opens a compound file, or a stream of records without one.
    ///
    /// # Errors
    /// `Encrypted`; `NotAWorkbook` when a compound file holds something else; `Damaged`, also of a version before Excel 5.
    pub fn open(bytes: &[u8]) -> Result<Self, Refusal> {
        if let Some(version) = early_version(bytes) {
            return Err(version_refusal(version));
        }
        if u16_at(bytes, 0) == BOF {
            return Self::read_globals(bytes.to_vec(), false);
        }
        let ole = Ole::open(bytes)?;
        let stream = match ole.stream("Workbook")? {
            Some(stream) => Some(stream),
            None => ole.stream("Book")?,
        };
        match stream {
            Some(stream) => match early_version(&stream) {
                Some(version) => Err(version_refusal(version)),
                None => Self::read_globals(stream, true),
            },
            None => Err(other_document(&ole)),
        }
    }

    fn read_globals(stream: Vec<u8>, in_container: bool) -> Result<Self, Refusal> {
        let version = u16_at(&stream, 4);
        let is_unicode = version == VERSION_8 || version == 0 && in_container;
        let text = if is_unicode { TextForm::Unicode } else { TextForm::code_page(0) };
        let mut book = Self {
            stream: Vec::new(),
            sheets: Vec::new(),
            starts: Vec::new(),
            text,
            strings: Vec::new(),
            kinds: Vec::new(),
            from_1904: false,
            is_calculated: false,
        };
        let mut globals = Globals::default();
        // A lone worksheet has no globals, only cells.
        if u16_at(&stream, 6) == WORKSHEET {
            globals.sheets.push((0, Sheet { name: "Sheet1".to_owned(), is_hidden: false }));
            book.is_calculated = true;
        } else {
            let mut is_whole = false;
            for record in Records::of(&stream) {
                let record = record?;
                if record.kind == EOF {
                    is_whole = true;
                    break;
                }
                book.take_global(&record, &mut globals)?;
            }
            if !is_whole {
                return Err(Refusal::damaged("it ends before its list of sheets does"));
            }
        }
        let kind = |id: &u16| globals.formats.get(id).copied().unwrap_or_else(|| builtin_kind(*id));
        book.kinds = globals.cell_formats.iter().map(kind).collect();
        (book.starts, book.sheets) = globals.sheets.into_iter().unzip();
        book.stream = stream;
        Ok(book)
    }

    fn take_global(&mut self, record: &Record<'_>, globals: &mut Globals) -> Result<(), Refusal> {
        let data = record.data;
        match record.kind {
            // FilePass: obfuscated or encrypted, in one of several ways.
            0x002F => return Err(Refusal::Encrypted),
            // CodePage, which says nothing where text is Unicode.
            0x0042 => {
                if let TextForm::Bytes(..) = self.text {
                    self.text = TextForm::code_page(u16_at(data, 0));
                }
            }
            // Date1904
            0x0022 => self.from_1904 = u16_at(data, 0) != 0,
            // RecalcId
            0x01C1 => self.is_calculated = true,
            // Format
            0x041E => {
                let length_bytes = if matches!(self.text, TextForm::Unicode) { 2 } else { 1 };
                let id = u16_at(data, 0);
                let code = self.text.read(record, 2, length_bytes).unwrap_or_default();
                // The general format has the number 0, whatever it is called in the writer's language.
                globals.formats.insert(id, if id == 0 { NumberKind::Plain } else { kind_of_code(&code) });
            }
            // XF
            0x00E0 => globals.cell_formats.push(u16_at(data, 2)),
            // BoundSheet: worksheets only, neither charts nor macros.
            0x0085 if data.get(5) == Some(&0) => {
                let name = self.text.read(record, 6, 1)?;
                let is_hidden = data[4] & 3 != 0;
                globals.sheets.push((u32_at(data, 0) as usize, Sheet { name, is_hidden }));
            }
            // SST
            0x00FC => self.strings = shared_strings(record)?,
            _ => {}
        }
        Ok(())
    }

    /// Visits every cell of a sheet that is not empty, row by row, until a visit says that it was the last.
    pub fn visit_cells(&self, sheet: usize, visit: &mut CellVisitor<'_>) -> Result<(), Refusal> {
        let mut cells = self.read_cells(self.starts.get(sheet).copied().unwrap_or(usize::MAX))?;
        let place = |cell: &Cell<'_>| (cell.row, cell.column);
        if !cells.is_sorted_by_key(place) {
            cells.sort_by_key(place);
        }
        for (index, cell) in cells.iter().enumerate() {
            // Of two cells at one place the later one is what a spreadsheet program shows.
            let is_last = cells.get(index + 1).is_none_or(|next| place(next) != place(cell));
            if is_last && visit(u32::from(cell.row), u32::from(cell.column), cell.value.as_ref())?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn read_cells(&self, start: usize) -> Result<Vec<Cell<'_>>, Refusal> {
        let Some(stream) = self.stream.get(start..).filter(|stream| u16_at(stream, 0) == BOF) else {
            return Err(Refusal::damaged("a sheet of it does not begin where its list of sheets says"));
        };
        let mut cells = Vec::new();
        let mut depth = 0;
        for record in Records::of(stream) {
            let record = record?;
            match record.kind {
                // Charts and other sheets within this one have cells of their own.
                BOF => depth += 1,
                EOF if depth == 1 => return Ok(cells),
                EOF => depth -= 1,
                _ if depth == 1 => self.take_cells(&record, &mut cells)?,
                _ => {}
            }
        }
        Err(Refusal::damaged("a sheet of it is cut short"))
    }

    /// Adds the cells of a record.
    fn take_cells<'s>(&'s self, record: &Record<'_>, cells: &mut Vec<Cell<'s>>) -> Result<(), Refusal> {
        let (data, row, column) = (record.data, u16_at(record.data, 0), u16_at(record.data, 2));
        let least = match record.kind {
            0x0203 | 0x0006 => 14,
            0x00FD | 0x027E => 10,
            0x0205 => 8,
            0x0204 | 0x00D6 | 0x00BD => 6,
            // String, the result of the formula before it.
            0x0207 => {
                let text = self.text.read(record, 0, 2)?;
                if let Some(cell) = cells.last_mut().filter(|cell| cell.value.is_none()) {
                    cell.value = Some(DataRef::String(text));
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        if data.len() < least {
            return Err(Refusal::damaged(format!("the record of cell {} is cut short", name(row, column))));
        }
        let number = |format: usize, number: f64| {
            let kind = self.kinds.get(usize::from(u16_at(data, format))).copied().unwrap_or(NumberKind::Plain);
            Some(number_value(number, kind, self.from_1904))
        };
        let value = match record.kind {
            0x0203 => number(4, f64_at(data, 6)),
            0x027E => number(4, rk_number(u32_at(data, 6).to_le_bytes())),
            0x00BD => {
                for (column, at) in (column..).zip((4..data.len() - 2).step_by(6)) {
                    let value = number(at, rk_number(u32_at(data, at + 2).to_le_bytes()));
                    cells.push(Cell { row, column, value });
                }
                return Ok(());
            }
            0x0205 if data[7] == 0 => Some(DataRef::Bool(data[6] != 0)),
            0x0205 => Some(error_value(data[6])),
            0x00FD => {
                let text = self.strings.get(u32_at(data, 6) as usize);
                let missing = || Refusal::damaged(format!("the text of cell {} is missing", name(row, column)));
                Some(DataRef::SharedString(text.ok_or_else(missing)?))
            }
            0x0006 => match data[6..14] {
                // A text, which comes in a record of its own.
                [0, .., 0xFF, 0xFF] => None,
                [1, _, truth, .., 0xFF, 0xFF] => Some(DataRef::Bool(truth != 0)),
                [2, _, error, .., 0xFF, 0xFF] => Some(error_value(error)),
                [3, .., 0xFF, 0xFF] => self.is_calculated.then_some(DataRef::Empty),
                [.., 0xFF, 0xFF] => {
                    return Err(Refusal::damaged(format!("the result of the formula in cell {} is unreadable", name(row, column))));
                }
                _ => number(4, f64_at(data, 6)),
            },
            _ => Some(DataRef::String(self.text.read(record, 6, 2)?)),
        };
        cells.push(Cell { row, column, value });
        Ok(())
    }
}

/// What the globals say of sheets and formats.
#[derive(Default)]
struct Globals {
    sheets: Vec<(usize, Sheet)>,
    formats: HashMap<u16, NumberKind>,
    cell_formats: Vec<u16>,
}

/// Whether bytes begin like the records of an `.xls` file without the container that Excel puts them in.
pub fn is_record_stream(bytes: &[u8]) -> bool {
    early_version(bytes).is_some() || matches!(bytes, [0x09, 0x08, 0x08 | 0x10, 0x00, ..])
}

/// The version of Excel that a stream of records begins like, if before 5.
fn early_version(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [0x09, 0x00, 0x04 | 0x06, 0x00, ..] => Some(2),
        [0x09, 0x02, 0x06, 0x00, ..] => Some(3),
        [0x09, 0x04, 0x06, 0x00, ..] => Some(4),
        _ => None,
    }
}

fn version_refusal(version: u8) -> Refusal {
    Refusal::damaged(format!("it is a file of Excel {version}, from before 1993, which is not supported"))
}

/// What a compound file without a workbook is.
fn other_document(ole: &Ole<'_>) -> Refusal {
    let documents = [
        ("WordDocument", "a Word document"),
        ("PowerPoint Document", "a presentation"),
        ("__properties_version1.0", "an Outlook message"),
        ("VisioDocument", "a Visio drawing"),
    ];
    match documents.into_iter().find(|(stream, _)| ole.has(stream)) {
        Some((_, what)) => Refusal::NotAWorkbook(format!("it is {what}")),
        None => Refusal::NotAWorkbook("it is a compound file without a workbook in it".to_owned()),
    }
}

fn name(row: u16, column: u16) -> String {
    format!("{}{}", letters(column.into()), u32::from(row) + 1)
}

fn f64_at(bytes: &[u8], at: usize) -> f64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0.0, |number| f64::from_le_bytes(*number))
}
