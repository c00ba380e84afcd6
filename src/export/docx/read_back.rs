//! Reads the numbers of a finished document back, row by row.

use std::fs::File;
use std::io::BufReader;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use zip::ZipArchive;

use crate::error::{Error, Result};
use crate::export::Options;
use crate::export::docx::blocks::NUMBERS_MARK;
use crate::export::docx::parts::{BODY, FORMAT};
use crate::export::read_back;
use crate::report::Report;

/// Reads the rows of the table of numbers: hands the cells in `columns` to `each`.
///
/// # Errors
/// [`Error::internal`] for a document that is not what was written; those of `each`.
pub fn rows(
    file: &mut File,
    _report: &Report,
    _options: &Options,
    columns: &[usize],
    each: &mut dyn FnMut(&[String]) -> Result<()>,
) -> Result<()> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
    let part = archive.by_name(BODY).map_err(unreadable)?;
    let mut reader = Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    let (mut is_marked, mut is_table, mut is_text, mut is_head) = (false, false, false, true);
    let (mut row, mut column) = (vec![String::new(); columns.len()], 0);
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(unreadable)?;
        match &event {
            Event::Empty(tag) if tag.name().as_ref() == "w:bookmarkStart" => {
                is_marked |= tag.attributes().flatten().any(|attribute| attribute.value == NUMBERS_MARK);
            }
            Event::Start(tag) => match tag.name().as_ref() {
                "w:tbl" => is_table = is_marked,
                "w:tr" => {
                    row.iter_mut().for_each(String::clear);
                    column = 0;
                }
                "w:t" => is_text = true,
                _ => {}
            },
            Event::End(tag) => match tag.name().as_ref() {
                "w:t" => is_text = false,
                "w:tc" => column += 1,
                // The first row is the head.
                "w:tr" if is_table && !std::mem::take(&mut is_head) => each(&row)?,
                "w:tbl" if is_table => return Ok(()),
                _ => {}
            },
            Event::Eof => return Err(unreadable("the numbers have no end")),
            _ => {}
        }
        if let Some(cell) = columns.iter().position(|wanted| *wanted == column).and_then(|place| row.get_mut(place)) {
            cell.push_str(text_of(&event, is_text)?);
        }
    }
}

/// The text that an event stands for, within the text of a run or outside.
fn text_of<'e>(event: &'e Event<'_>, is_text: bool) -> Result<&'e str> {
    Ok(match event {
        Event::Empty(tag) if tag.name().as_ref() == "w:br" => "\n",
        Event::Empty(tag) if tag.name().as_ref() == "w:tab" => "\t",
        Event::Text(text) if is_text => text,
        Event::GeneralRef(name) if is_text => resolve_xml_entity(name).ok_or_else(|| unreadable(&**name))?,
        _ => "",
    })
}

fn unreadable(what: impl std::fmt::Display) -> Error {
    read_back::unreadable(FORMAT, what)
}
