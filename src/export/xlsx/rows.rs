//! Writes the rows of a table as worksheet XML: inline strings, numbers, nothing for an empty cell.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Mutex;

use crate::domain::columns::ColumnType;
use crate::domain::date::text::days_and_seconds;
use crate::domain::text::{decimal, letters};
use crate::export::cells::{Cell, Cells};
use crate::export::chunks::{ChunkRows, ChunkStats};
use crate::export::markup::is_illegal;
use crate::export::xlsx::days::serial;
use crate::export::xlsx::numbers::{TableSheet, shared_cell};
use crate::export::xlsx::{measure, text};
use crate::report::style::{self, STATUSES};
use crate::report::words::Words;
use crate::report::{Term, Values};

/// Knows how the rows of one sheet are written.
pub struct RowWriter<'a> {
    sheet: &'a TableSheet<'a>,
    columns: Vec<ColumnWriter>,
    seconds: Vec<u8>,
    /// What follows the row number before text that was cut.
    cut: Vec<u8>,
    words: &'a Words,
    /// The cells whose text was cut: row, from 1, and column.
    cut_cells: Mutex<Vec<(usize, usize)>>,
}

/// The parts of a column's cells that do not change from row to row.
struct ColumnWriter {
    /// `<c r="A`.
    open: Vec<u8>,
    /// What follows the row number before text.
    text: Vec<u8>,
    /// What follows the row number where the cell is a term, by the place of the term.
    terms: Vec<(Vec<u8>, CellInfo)>,
    /// The format of text of several lines, if it looks different, and what follows the row number before it.
    lines: Option<(u32, Vec<u8>)>,
    /// In digits of the body face.
    width: f64,
    /// Text of so many bytes is never wider.
    surely_fits: usize,
    /// What follows the row number before a number.
    number: Vec<u8>,
}

/// What the library gave the probe cells of a sheet, by cell, as in `B4`.
#[derive(Default)]
pub struct Probes {
    /// The numbers of their formats.
    pub styles: HashMap<String, u32>,
    /// The numbers of their shared strings.
    pub strings: HashMap<String, u32>,
}

/// What a cell has to tell about itself.
#[derive(Clone, Copy, Default)]
struct CellInfo {
    illegal: bool,
    lines: usize,
}

impl<'a> RowWriter<'a> {
    /// Of the rows of `sheet`. The probe cells in its second and third row have the numbers of the formats; a cell without
    /// one has the default format. A term without a shared string is written in each cell.
    pub fn new(sheet: &'a TableSheet<'a>, probes: &Probes, words: &'a Words) -> Self {
        let style = |row: u32, column: usize| probes.styles.get(&format!("{}{row}", letters(column))).copied().unwrap_or(0);
        let columns = sheet.data.columns.iter().enumerate().map(|(index, column)| {
            let mut writer = ColumnWriter {
                open: format!("<c r=\"{}", letters(index)).into_bytes(),
                text: before_text(style(2, index)),
                terms: Vec::new(),
                lines: (column.kind == ColumnType::Text).then(|| style(3, STATUSES.len() + 1)).map(|style| (style, before_text(style))),
                width: sheet.widths[index],
                surely_fits: (sheet.widths[index] / measure::WIDEST_BYTE) as usize,
                number: before_number(style(2, index)),
            };
            if let Values::Terms { terms, .. } = &column.values {
                let status = |term: &Term| style::status_place(term).map_or_else(|| style(2, index), |place| style(3, place));
                let shared = |place: usize| probes.strings.get(&shared_cell(index, place)).copied();
                let term = |(place, term): (usize, &Term)| writer.term(term, status(term), shared(place));
                writer.terms = terms.iter().enumerate().map(term).collect();
            }
            writer
        });
        Self {
            sheet,
            columns: columns.collect(),
            seconds: before_number(style(3, STATUSES.len())),
            cut: before_text(style(3, STATUSES.len() + 2)),
            words,
            cut_cells: Mutex::default(),
        }
    }

    /// Where text was cut, in the order of the rows.
    pub fn cut_cells(&self) -> Vec<String> {
        let mut cells = self.cut_cells.lock().map(|cells| cells.clone()).unwrap_or_default();
        cells.sort_unstable();
        let name =
            |(row, column): &(usize, usize)| format!("sheet {}, row {row}, column {}", self.sheet.name, self.sheet.captions[*column]);
        cells.iter().map(name).collect()
    }

    /// The XML of row `number`, which says below a table that it is empty.
    pub fn remark(&self, number: usize) -> Vec<u8> {
        let mut xml = format!("<row r=\"{number}\"><c r=\"A{number}\" t=\"inlineStr\"><is><t>").into_bytes();
        escape(&self.sheet.empty, &mut xml);
        xml.extend_from_slice(b"</t></is></c></row>");
        xml
    }

    /// Appends the XML of the rows of `chunk`; counts as changed the cells that held illegal characters.
    pub fn write(&self, chunk: ChunkRows, out: &mut Vec<u8>) -> ChunkStats {
        let mut stats = ChunkStats::default();
        // Rows count from 1, and the header is the first.
        let first = chunk.first - self.sheet.rows.start + 2;
        let columns: Vec<_> = self.columns.iter().zip(chunk.columns).map(|(writer, column)| (writer, Cells::of(&column.values))).collect();
        for (row, row_number) in chunk.rows.zip(first..) {
            let mut number = itoa::Buffer::new();
            let number = number.format(row_number);
            out.extend_from_slice(b"<row r=\"");
            out.extend_from_slice(number.as_bytes());
            out.push(b'"');
            let height = out.len();
            let mut lines = 1;
            out.push(b'>');
            for (index, (column, cells)) in columns.iter().enumerate() {
                if let Some(cell) = cells.cell(row) {
                    out.extend_from_slice(&column.open);
                    out.extend_from_slice(number.as_bytes());
                    let told = self.cell(index, column, cell, row_number, out);
                    out.extend_from_slice(b"</c>");
                    stats.changed += u64::from(told.illegal);
                    lines = lines.max(told.lines);
                }
            }
            out.extend_from_slice(b"</row>");
            if lines > 1 {
                let points = measure::POINTS_A_LINE * lines.min(measure::MOST_LINES);
                let attributes = format!(" ht=\"{points}\" customHeight=\"1\"");
                out.splice(height..height, attributes.into_bytes());
            }
            stats.rows += 1;
        }
        stats
    }

    fn cell(&self, index: usize, column: &ColumnWriter, cell: Cell<'_>, row: usize, out: &mut Vec<u8>) -> CellInfo {
        match cell {
            Cell::Text(text) => {
                let Some(cut) = text::fitted(text, self.words) else { return column.text_after(&column.text, text, out) };
                self.cut_cells.lock().into_iter().for_each(|mut cells| cells.push((row, index)));
                return cut_text(&self.cut, &cut, out);
            }
            Cell::Term(place, _) => {
                let (xml, info) = &column.terms[place];
                out.extend_from_slice(xml);
                return *info;
            }
            Cell::Share(share) => number(&column.number, out, |out| out.extend_from_slice(share.to_string().as_bytes())),
            Cell::Date(days) => match serial(days) {
                Some(serial) => number(&column.number, out, |out| write_count(out, i64::from(serial))),
                None => return column.iso(out, |iso| self.words.dates.write_date(iso, days)),
            },
            Cell::Instant(micros) => {
                let (days, seconds) = days_and_seconds(micros);
                match serial(days) {
                    Some(serial) => number(&column.number, out, |out| fraction(out, serial, seconds)),
                    None => return column.iso(out, |iso| self.words.dates.write_instant(iso, micros)),
                }
            }
            Cell::Time(seconds) => {
                let seconds = seconds.rem_euclid(86_400) as u32;
                let before = if seconds.is_multiple_of(60) { &column.number } else { &self.seconds };
                number(before, out, |out| fraction(out, 0, seconds));
            }
            Cell::Amount(hundredths) => number(&column.number, out, |out| out.extend_from_slice(decimal(hundredths).as_bytes())),
            Cell::Count(count) => number(&column.number, out, |out| write_count(out, count)),
        }
        CellInfo::default()
    }
}

impl ColumnWriter {
    /// The cell of a term, which is the same in every row, in format `style`, by its shared string if it has one.
    fn term(&self, term: &Term, style: u32, shared: Option<u32>) -> (Vec<u8>, CellInfo) {
        let mut xml = Vec::new();
        let lines = self.lines_of(&term.caption);
        let info = match shared {
            Some(string) => {
                let style = style_attribute(self.lines.as_ref().filter(|_| lines > 1).map_or(style, |(style, _)| *style));
                xml.extend(format!("\"{style} t=\"s\"><v>{string}</v>").into_bytes());
                CellInfo { illegal: false, lines }
            }
            None => self.text_after(&before_text(style), &term.caption, &mut xml),
        };
        (xml, info)
    }

    /// Lines that text takes in a cell of this column; one where it is never broken.
    fn lines_of(&self, text: &str) -> usize {
        if self.lines.is_some() { self.shown_lines(text) } else { 1 }
    }

    /// Appends text that has `before` before it unless it takes several lines.
    fn text_after(&self, before: &[u8], text: &str, out: &mut Vec<u8>) -> CellInfo {
        let lines = self.lines_of(text);
        out.extend_from_slice(self.lines.as_ref().filter(|_| lines > 1).map_or(before, |(_, before)| before));
        let edge = |c: char| c.is_whitespace();
        out.extend_from_slice(if text.starts_with(edge) || text.ends_with(edge) { b"<t xml:space=\"preserve\">" } else { b"<t>" });
        let illegal = escape(text, out);
        out.extend_from_slice(b"</t></is>");
        CellInfo { illegal, lines }
    }

    /// Lines that text takes in a cell of this column.
    fn shown_lines(&self, text: &str) -> usize {
        let fits = text.len() <= self.surely_fits || measure::digits(text) <= self.width;
        if fits && memchr::memchr(b'\n', text.as_bytes()).is_none() { 1 } else { measure::lines(text, self.width) }
    }

    /// Appends what a workbook cannot count as text.
    fn iso(&self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) -> CellInfo {
        let mut iso = Vec::new();
        write(&mut iso);
        self.text_after(&self.text, &String::from_utf8_lossy(&iso), out)
    }
}

/// Appends text that was cut, which fills as many lines as are shown.
fn cut_text(before: &[u8], text: &str, out: &mut Vec<u8>) -> CellInfo {
    out.extend_from_slice(before);
    out.extend_from_slice(b"<t xml:space=\"preserve\">");
    let illegal = escape(text, out);
    out.extend_from_slice(b"</t></is>");
    CellInfo { illegal, lines: measure::MOST_LINES }
}

fn before_text(style: u32) -> Vec<u8> {
    format!("\"{} t=\"inlineStr\"><is>", style_attribute(style)).into_bytes()
}

fn before_number(style: u32) -> Vec<u8> {
    format!("\"{}><v>", style_attribute(style)).into_bytes()
}

fn style_attribute(style: u32) -> String {
    if style == 0 { String::new() } else { format!(" s=\"{style}\"") }
}

fn number(before: &[u8], out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(before);
    write(out);
    out.extend_from_slice(b"</v>");
}

fn write_count(out: &mut Vec<u8>, count: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
}

fn fraction(out: &mut Vec<u8>, serial: i32, seconds: u32) {
    // A Vec never refuses.
    let _ = write!(out, "{}", f64::from(serial) + f64::from(seconds) / 86_400.0);
}

/// Which bytes may need another spelling in XML; 0xEF is the first one of U+FFFE and U+FFFF.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < special.len() {
        special[byte] = matches!(byte as u8, 0..=0x08 | 0x0b..=0x1f | b'&' | b'<' | b'>' | b'_' | 0xef);
        byte += 1;
    }
    special
};

/// Appends `text` spelt for XML: markup as entities, what XML does not allow (and the carriage return, which its
/// readers would change) as `_xHHHH_`, and an underscore that would begin such a spelling as `_x005F_`.
/// Returns whether there was a character that XML does not allow.
fn escape(text: &str, out: &mut Vec<u8>) -> bool {
    if !text.bytes().any(|byte| SPECIAL[usize::from(byte)]) {
        out.extend_from_slice(text.as_bytes());
        return false;
    }
    let mut illegal = false;
    for (at, character) in text.char_indices() {
        match character {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '_' if spells_character(&text.as_bytes()[at..]) => out.extend_from_slice(b"_x005F_"),
            '\r' => out.extend_from_slice(b"_x000D_"),
            character if is_illegal(character) => {
                illegal = true;
                // A Vec never refuses.
                let _ = write!(out, "_x{:04X}_", u32::from(character));
            }
            character => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    illegal
}

/// Whether `bytes` begin with `_xHHHH_`.
fn spells_character(bytes: &[u8]) -> bool {
    matches!(bytes, [b'_', b'x' | b'X', a, b, c, d, b'_', ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()))
}
