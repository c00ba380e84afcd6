//! Reads the numbers of a finished XML document back, a row at a time.

use std::fmt::Display;
use std::fs::File;
use std::io::BufReader;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use crate::error::{Error, Result};
use crate::export::Options;
use crate::export::read_back::{self, keys};
use crate::report::Report;

/// Reads the rows within the element of the numbers.
pub(crate) fn xml_rows(
    file: &mut File,
    report: &Report,
    _options: &Options,
    columns: &[usize],
    each: &mut dyn FnMut(&[String]) -> Result<()>,
) -> Result<()> {
    let keys = keys(report, columns);
    let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, file));
    let mut buffer = Vec::new();
    let (mut is_inside, mut cells, mut open) = (false, vec![String::new(); keys.len()], None);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(unreadable)? {
            Event::Eof => return Ok(()),
            Event::Start(tag) if tag.name().as_ref() == "numbers" => is_inside = true,
            Event::End(tag) if tag.name().as_ref() == "numbers" => is_inside = false,
            _ if !is_inside => {}
            Event::Start(tag) if tag.name().as_ref() == "row" => cells.iter_mut().for_each(String::clear),
            Event::End(tag) if tag.name().as_ref() == "row" => each(&cells)?,
            Event::Start(tag) => open = keys.iter().position(|key| *key == tag.name().as_ref()),
            Event::End(_) => open = None,
            Event::Text(text) => open.into_iter().for_each(|place: usize| cells[place].push_str(&text)),
            Event::GeneralRef(reference) => {
                let numbered = reference.resolve_char_ref().map_err(unreadable)?;
                let mut bytes = [0; 4];
                let text = numbered.map(|letter| &*letter.encode_utf8(&mut bytes)).or_else(|| resolve_xml_entity(&reference));
                let text = text.ok_or_else(|| unreadable("an entity that nobody wrote"))?;
                open.into_iter().for_each(|place: usize| cells[place].push_str(text));
            }
            _ => {}
        }
    }
}

fn unreadable(what: impl Display) -> Error {
    read_back::unreadable("xml", what)
}
