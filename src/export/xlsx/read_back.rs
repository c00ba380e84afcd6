//! Reads the numbers of a finished workbook back, row by row, and no more of them than is asked for. Only what this program writes is understood.

use std::borrow::Cow;
use std::fmt::Display;
use std::fs::File;
use std::io::{BufReader, Read, Seek};

use memchr::memmem::{Finder, find};
use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::Event;
use zip::ZipArchive;

use crate::domain::text::letters;
use crate::error::{Error, Result};
use crate::export::read_back::EmptyRemark;
use crate::export::sheet_names::is_further_sheet;
use crate::export::xlsx::package::{FORMAT, attribute};
use crate::export::{Options, read_back};
use crate::report::{Report, SectionId};

/// Bytes of a sheet that are unpacked at once.
const PIECE_BYTES: usize = 1 << 17;

/// Reads the rows of the sheets of numbers below their headers.
///
/// # Errors
/// [`Error::internal`] for a workbook that is not what was written; those of `each`.
pub fn rows(
    file: &mut File,
    report: &Report,
    _options: &Options,
    columns: &[usize],
    each: &mut dyn FnMut(&[String]) -> Result<()>,
) -> Result<()> {
    let name = report.section(SectionId::Numbers).and_then(|section| section.place(FORMAT)).unwrap_or_default();
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
    let sheets = sheet_names(&part(&mut archive, "xl/workbook.xml")?)?;
    let shared = shared_strings(&part(&mut archive, "xl/sharedStrings.xml")?)?;
    let is_of_numbers = |sheet: &str| sheet == name || is_further_sheet(name, sheet);
    let mut reader = RowReader::new(columns, &shared);
    let mut remark = EmptyRemark::of(report, 0);
    let mut each = |cells: &[String]| if remark.takes(cells, columns) { Ok(()) } else { each(cells) };
    for (number, _) in (1..).zip(&sheets).filter(|(_, sheet)| is_of_numbers(sheet)) {
        let sheet = archive.by_name(&format!("xl/worksheets/sheet{number}.xml")).map_err(unreadable)?;
        reader.read(sheet, &mut each)?;
    }
    Ok(())
}

/// The text of a part that is short.
fn part<R: Read + Seek>(archive: &mut ZipArchive<R>, name: &str) -> Result<String> {
    let mut text = String::new();
    archive.by_name(name).map_err(unreadable)?.read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// The names of the sheets: their parts are numbered in their order.
fn sheet_names(workbook: &str) -> Result<Vec<String>> {
    let (mut reader, mut names) = (Reader::from_str(workbook), Vec::new());
    loop {
        match reader.read_event().map_err(unreadable)? {
            Event::Eof => return Ok(names),
            Event::Empty(tag) if tag.name().as_ref() == "sheet" => {
                names.push(unescape(&attribute(&tag, "name")).map_err(unreadable)?.into_owned());
            }
            _ => {}
        }
    }
}

/// The shared strings, by number.
fn shared_strings(part: &str) -> Result<Vec<String>> {
    let (mut reader, mut strings) = (Reader::from_str(part), Vec::<String>::new());
    loop {
        match reader.read_event().map_err(unreadable)? {
            Event::Eof => return Ok(strings.iter().map(|string| spelled_out(string)).collect()),
            Event::Start(tag) if tag.name().as_ref() == "si" => strings.push(String::new()),
            Event::Text(text) => strings.last_mut().into_iter().for_each(|string| string.push_str(&text)),
            Event::GeneralRef(name) => {
                let text = resolve_xml_entity(&name).ok_or_else(|| unreadable(&*name))?;
                strings.last_mut().into_iter().for_each(|string| string.push_str(text));
            }
            _ => {}
        }
    }
}

/// Reads the rows of sheets.
struct RowReader<'a> {
    /// The letters of the columns asked for.
    letters: Vec<String>,
    shared: &'a [String],
    cell: Finder<'static>,
    row_end: Finder<'static>,
    texts: Vec<String>,
}

impl<'a> RowReader<'a> {
    fn new(columns: &[usize], shared: &'a [String]) -> Self {
        Self {
            letters: columns.iter().map(|column| letters(*column)).collect(),
            shared,
            cell: Finder::new("<c r=\""),
            row_end: Finder::new("</row>"),
            texts: vec![String::new(); columns.len()],
        }
    }

    /// Hands the cells of every row but the first, which is the header, to `each`.
    fn read(&mut self, mut sheet: impl Read, each: &mut dyn FnMut(&[String]) -> Result<()>) -> Result<()> {
        let (mut held, mut is_header) = (Vec::with_capacity(2 * PIECE_BYTES), true);
        loop {
            let read = sheet.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut held).map_err(unreadable)?;
            let mut start = 0;
            while let Some(end) = self.row_end.find(&held[start..]) {
                if !std::mem::take(&mut is_header) {
                    self.cells(&held[start..start + end])?;
                    each(&self.texts)?;
                }
                start += end + self.row_end.needle().len();
            }
            held.drain(..start);
            if read == 0 {
                return Ok(());
            }
        }
    }

    /// Reads the cells of a row up to the last one asked for.
    fn cells(&mut self, row: &[u8]) -> Result<()> {
        self.texts.iter_mut().for_each(String::clear);
        let (mut rest, mut found) = (row, 0);
        while let Some(start) = self.cell.find(rest).filter(|_| found < self.letters.len()) {
            rest = &rest[start + self.cell.needle().len()..];
            let name = rest.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
            let Some(place) = self.letters.iter().position(|letters| letters.as_bytes() == &rest[..name]) else { continue };
            let end = find(rest, b"</c>").ok_or_else(|| unreadable("a cell has no end"))?;
            let text = self.text(std::str::from_utf8(&rest[..end]).map_err(unreadable)?)?.into_owned();
            self.texts[place] = text;
            found += 1;
        }
        Ok(())
    }

    /// The text of a cell, from the letters of its column up to its end tag.
    fn text<'c>(&self, cell: &'c str) -> Result<Cow<'c, str>>
    where
        'a: 'c,
    {
        let (tag, content) = cell.split_once('>').ok_or_else(|| unreadable("a cell has no tag"))?;
        let content = content.strip_prefix("<is>").and_then(|content| content.strip_suffix("</is>")).unwrap_or(content);
        let inner = content.split_once('>').and_then(|(_, content)| content.rsplit_once('<')).map_or("", |(inner, _)| inner);
        if tag.ends_with("t=\"s\"") {
            let string = inner.parse().ok().and_then(|number: usize| self.shared.get(number));
            return Ok(Cow::from(&**string.ok_or_else(|| unreadable("a shared string is missing"))?));
        }
        let text = unescape(inner).map_err(unreadable)?;
        Ok(if text.contains("_x") { Cow::from(spelled_out(&text)) } else { text })
    }
}

/// `text` with the characters that stand as `_xHHHH_` in it.
fn spelled_out(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once("_x") {
        out.push_str(before);
        let code =
            after.get(..5).and_then(|code| code.strip_suffix("_")).filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        match code.and_then(char::from_u32) {
            Some(character) => {
                out.push(character);
                rest = &after[5..];
            }
            None => {
                out.push_str("_x");
                rest = after;
            }
        }
    }
    out + rest
}

fn unreadable(what: impl Display) -> Error {
    read_back::unreadable(FORMAT, what)
}
