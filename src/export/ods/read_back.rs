//! Reads the numbers of a finished spreadsheet back, a row at a time.

use std::fmt::Display;
use std::fs::File;
use std::io::BufReader;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::error::{Error, Result};
use crate::export::read_back::EmptyRemark;
use crate::export::{Options, read_back};
use crate::report::{Report, SectionId};

/// Reads the rows of the sheet of numbers below its header.
pub fn ods_rows(
    file: &mut File,
    report: &Report,
    _options: &Options,
    columns: &[usize],
    each: &mut dyn FnMut(&[String]) -> Result<()>,
) -> Result<()> {
    let section = report.section(SectionId::Numbers);
    let name = section.and_then(|section| section.place("ods").or(Some(&section.heading))).unwrap_or_default();
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
    let part = archive.by_name("content.xml").map_err(unreadable)?;
    let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, part));
    let (mut buffer, mut texts) = (Vec::new(), vec![String::new(); columns.len()]);
    let (mut is_inside, mut is_header, mut cell, mut open, mut is_first_line) = (false, false, 0, None, true);
    let mut remark = EmptyRemark::of(report, 1);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(unreadable)? {
            Event::Eof => return Ok(()),
            Event::Start(tag) if tag.name().as_ref() == "table:table" => is_inside = attribute(&tag, "table:name") == name,
            Event::End(tag) if tag.name().as_ref() == "table:table" => is_inside = false,
            _ if !is_inside => {}
            Event::Start(tag) if tag.name().as_ref() == "table:table-header-rows" => is_header = true,
            Event::End(tag) if tag.name().as_ref() == "table:table-header-rows" => is_header = false,
            Event::Start(tag) if tag.name().as_ref() == "table:table-row" => {
                texts.iter_mut().for_each(String::clear);
                cell = 0;
            }
            Event::End(tag) if tag.name().as_ref() == "table:table-row" && !is_header && !remark.takes(&texts, columns) => each(&texts)?,
            Event::Empty(tag) if tag.name().as_ref() == "table:table-cell" => cell += 1,
            Event::Start(tag) if tag.name().as_ref() == "table:table-cell" => {
                open = columns.iter().position(|column| *column == cell);
                cell += 1;
                is_first_line = true;
            }
            // A paragraph is a line.
            Event::Start(tag) if tag.name().as_ref() == "text:p" && !std::mem::take(&mut is_first_line) => {
                open.into_iter().for_each(|place: usize| texts[place].push('\n'));
            }
            Event::Empty(tag) if tag.name().as_ref() == "text:tab" => open.into_iter().for_each(|place: usize| texts[place].push('\t')),
            Event::End(tag) if tag.name().as_ref() == "table:table-cell" => open = None,
            Event::Empty(tag) if tag.name().as_ref() == "text:s" => {
                let blanks = attribute(&tag, "text:c").parse().unwrap_or(1);
                open.into_iter().for_each(|place: usize| texts[place].push_str(&" ".repeat(blanks)));
            }
            Event::Text(text) => open.into_iter().for_each(|place| texts[place].push_str(&text)),
            Event::GeneralRef(reference) => {
                let text = resolve_xml_entity(&reference).ok_or_else(|| unreadable("an entity that nobody wrote"))?;
                open.into_iter().for_each(|place| texts[place].push_str(text));
            }
            _ => {}
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> String {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == name);
    found.and_then(|attribute| quick_xml::escape::unescape(&attribute.value).ok().map(|text| text.into_owned())).unwrap_or_default()
}

fn unreadable(what: impl Display) -> Error {
    read_back::unreadable("ods", what)
}
