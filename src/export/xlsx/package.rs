//! Copies the library's package to the output and streams the rows into its table sheets. A sheet is never held whole.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{Cursor, Read, Write};

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};
use zip::ZipArchive;

use crate::error::{Error, Result};
use crate::export::RowsWritten;
use crate::export::chunks::{self, ChunkRows, ChunkStats};
use crate::export::package::{LEVEL, Package};
use crate::export::xlsx::links;
use crate::export::xlsx::numbers::TableSheet;
use crate::export::xlsx::rows::{Probes, RowWriter};
use crate::export::xlsx::text::CellEscaper;
use crate::report::SectionId;

/// The name of the format.
pub const FORMAT: &str = "xlsx";

/// The level of the lists, which repeat what the numbers say: the fastest.
const LIST_LEVEL: u8 = 1;

/// Writes `skeleton` to `out` with the rows of `sheets` in place of their probe rows; all other parts keep
/// their content. Rows of the numbers are counted in `written`. Returns what was written of each of `sheets`; a changed cell is one
/// that held illegal characters. What is cut is named in `escaper`.
///
/// # Errors
/// [`Error::input_output`] when `out` refuses the bytes; [`Error::internal`] when the skeleton is not laid out as expected.
pub fn splice(
    skeleton: Vec<u8>,
    sheets: &[TableSheet<'_>],
    escaper: &mut CellEscaper<'_>,
    written: &RowsWritten,
    out: &mut dyn Write,
) -> Result<Vec<ChunkStats>> {
    let mut skeleton = ZipArchive::new(Cursor::new(skeleton)).map_err(broken)?;
    let mut output = Output { package: Package::new(FORMAT, out), written, escaper };
    let mut stats = vec![ChunkStats::default(); sheets.len()];
    let (mut filled, mut tables) = (0, 0);
    for index in 0..skeleton.len() {
        let name = skeleton.name_for_index(index).ok_or_else(|| broken("a part has no name"))?.map_err(broken)?.into_owned();
        let mut pairs = sheets.iter().zip(&mut stats);
        let sheet = pairs.find(|(sheet, _)| name == format!("xl/worksheets/sheet{}.xml", sheet.part));
        let sheet = sheet.filter(|(sheet, _)| !sheet.data.columns.is_empty());
        let is_table = name.starts_with("xl/tables/");
        let linked =
            sheets.iter().find(|sheet| sheet.mail.is_some() && name == format!("xl/worksheets/_rels/sheet{}.xml.rels", sheet.part));
        if sheet.is_none() && linked.is_none() && !is_table {
            // As the library packed it.
            let part = skeleton.by_index_raw(index).map_err(broken)?;
            output.package.copy(part)?;
            continue;
        }
        let mut bytes = Vec::new();
        skeleton.by_index(index).map_err(broken)?.read_to_end(&mut bytes).map_err(broken)?;
        let is_list = sheet.as_ref().is_some_and(|(sheet, _)| sheet.section != SectionId::Numbers);
        output.package.start(&name, if is_list || linked.is_some() { LIST_LEVEL } else { LEVEL })?;
        if let Some(sheet) = linked {
            let (relations, end) = text_of(&bytes)?.rsplit_once('<').ok_or_else(|| broken("a sheet has no relations"))?;
            [relations, &links::relations(sheet), "<", end].iter().try_for_each(|part| output.package.write(part.as_bytes()))?;
            continue;
        }
        match sheet {
            Some((sheet, stats)) => {
                *stats = fill_part(text_of(&bytes)?, Some(sheet), sheets, &mut output)?;
                filled += 1;
            }
            None => {
                fill_part(text_of(&bytes)?, None, sheets, &mut output)?;
                tables += 1;
            }
        }
    }
    let expected = sheets.iter().filter(|sheet| !sheet.data.columns.is_empty()).count();
    if filled != expected || tables != expected {
        return Err(broken(format!("{filled} sheets and {tables} tables were filled of {expected}")));
    }
    output.package.finish()?;
    Ok(stats)
}

/// The output package, where the rows of the numbers are counted, and who knows of cells that were changed.
struct Output<'a, 'e> {
    package: Package<'a>,
    written: &'a RowsWritten,
    escaper: &'a mut CellEscaper<'e>,
}

/// The text of a part that is filled; all others are copied byte by byte.
fn text_of(part: &[u8]) -> Result<&str> {
    std::str::from_utf8(part).map_err(broken)
}

/// Writes a part of `sheet`, or the part of a table, with the rows and their ranges in place of those laid out; each of them
/// has to be there.
fn fill_part(xml: &str, sheet: Option<&TableSheet<'_>>, tables: &[TableSheet<'_>], output: &mut Output<'_, '_>) -> Result<ChunkStats> {
    let mut reader = Reader::from_str(xml);
    let mut part = Writer::new(Vec::new());
    let (mut sheet, mut stats) = (sheet, ChunkStats::default());
    let (mut probes, mut filled_probe) = (Probes::default(), String::new());
    let (mut is_probe, mut is_linked) = (false, false);
    // What has to be replaced in a part of this kind, and was not yet.
    let mut missing = if sheet.is_some() { vec!["dimension", "sheetData"] } else { vec!["table", "autoFilter"] };
    loop {
        let event = match reader.read_event().map_err(broken)? {
            Event::Eof => break,
            Event::Start(row) if row.name().as_ref() == "row" && attribute(&row, "r") != "1" => {
                is_probe = true;
                continue;
            }
            Event::Empty(probe) if is_probe => {
                probes.styles.insert(attribute(&probe, "r").into_owned(), attribute(&probe, "s").parse().unwrap_or(0));
                continue;
            }
            Event::Start(probe) if is_probe && probe.name().as_ref() == "c" => {
                filled_probe = attribute(&probe, "r").into_owned();
                continue;
            }
            Event::Text(string) if is_probe => {
                // The library writes shared strings in no other cells of these rows.
                probes.strings.extend(string.parse().ok().map(|number| (std::mem::take(&mut filled_probe), number)));
                continue;
            }
            Event::End(tag) if tag.name().as_ref() == "sheetData" => {
                is_probe = false;
                missing.retain(|tag| *tag != "sheetData");
                output.package.write(&std::mem::take(part.get_mut()))?;
                let sheet = sheet.ok_or_else(|| broken("rows in a part that is not a sheet"))?;
                stats = write_rows(sheet, &probes, output)?;
                Event::End(tag)
            }
            _ if is_probe => continue,
            Event::Start(tag) if tag.name().as_ref() == "table" => {
                let name = attribute(&tag, "name");
                sheet = tables.iter().find(|sheet| sheet.table == name);
                Event::Start(with_all_rows(&tag, sheet, &mut missing))
            }
            Event::Start(tag) => Event::Start(with_all_rows(&tag, sheet, &mut missing)),
            Event::Empty(tag) => Event::Empty(with_all_rows(&tag, sheet, &mut missing)),
            other => other,
        };
        if let Some(sheet) = sheet.filter(|_| !is_linked && ends_data(&event)) {
            output.package.write(&std::mem::take(part.get_mut()))?;
            output.package.write(links::element(sheet, tables).as_bytes())?;
            is_linked = true;
        }
        part.write_event(event).map_err(broken)?;
    }
    if !missing.is_empty() {
        return Err(broken(format!("a part has no {}", missing.join(" and no "))));
    }
    output.package.write(&part.into_inner())?;
    Ok(stats)
}

/// Writes the rows of `sheet`, counting those of the numbers.
fn write_rows(sheet: &TableSheet<'_>, probes: &Probes, output: &mut Output<'_, '_>) -> Result<ChunkStats> {
    let rows = RowWriter::new(sheet, probes, output.escaper.words);
    let written = (sheet.section == SectionId::Numbers).then_some(output.written);
    let format = |range: ChunkRows<'_>, bytes: &mut Vec<u8>| {
        let stats = rows.write(range, bytes);
        written.inspect(|written| written.add(stats.rows));
        Ok(stats)
    };
    let stats = chunks::write(sheet.data, sheet.rows.clone(), format, |bytes| output.package.write(bytes))?;
    if let Some(row) = sheet.remark_row() {
        output.package.write(&rows.remark(row))?;
    }
    output.escaper.cut.extend(rows.cut_cells());
    Ok(stats)
}

/// Whether `event` begins what a worksheet says of printing, before which links stand.
fn ends_data(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(tag) | Event::Empty(tag) if matches!(tag.name().as_ref(), "printOptions" | "pageMargins"))
}

/// A tag, its range that of all rows of the sheet; what was replaced is `missing` no more.
fn with_all_rows(tag: &BytesStart<'_>, sheet: Option<&TableSheet<'_>>, missing: &mut Vec<&str>) -> BytesStart<'static> {
    let (name, range) = match (tag.name().as_ref(), sheet) {
        ("dimension", Some(sheet)) => ("ref", sheet.range(1, sheet.remark_row().unwrap_or(sheet.rows.len() + 1))),
        ("ignoredError" | "conditionalFormatting", Some(sheet)) => ("sqref", sheet.range(2, sheet.last_row())),
        ("table" | "autoFilter", Some(sheet)) => ("ref", sheet.range(1, sheet.last_row())),
        _ => return tag.to_owned(),
    };
    let mut is_replaced = false;
    let changed: Vec<Attribute<'_>> = tag
        .attributes()
        .flatten()
        .map(|other| match other.key.as_ref() == name {
            true => {
                is_replaced = true;
                Attribute { key: other.key, value: Cow::from(&*range) }
            }
            false => other,
        })
        .collect();
    if is_replaced {
        missing.retain(|other| *other != tag.name().as_ref());
    }
    BytesStart::new(tag.name().as_ref().to_owned()).with_attributes(changed)
}

/// The value of an attribute as it is spelled in the tag; empty where there is none.
pub fn attribute<'t>(tag: &'t BytesStart<'_>, name: &str) -> Cow<'t, str> {
    tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == name).map(|attribute| attribute.value).unwrap_or_default()
}

fn broken(what: impl Display) -> Error {
    Error::internal(FORMAT, format!("the empty workbook cannot be filled: {what}"))
}
