//! Reads the numbers of a finished page back, row by row.

use std::fs::File;
use std::io::{BufRead, BufReader};

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use crate::error::{Error, Result};
use crate::export::Options;
use crate::export::html::style::FORMAT;
use crate::export::read_back::unreadable;
use crate::report::{Report, SectionId};

/// Reads the rows of the table of numbers, which is written as XML would be: hands the cells in `columns` to `each`.
///
/// # Errors
/// [`Error::internal`] for a page that is not what was written; those of `each`.
pub fn rows(
    file: &mut File,
    _report: &Report,
    _options: &Options,
    columns: &[usize],
    each: &mut dyn FnMut(&[String]) -> Result<()>,
) -> Result<()> {
    let mut input = BufReader::new(file);
    skip_to(&mut input, &format!("<table id=\"t-{}\"", SectionId::Numbers.code()))?;
    let mut reader = Reader::from_reader(input);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let (mut buffer, mut row, mut column, mut is_body) = (Vec::new(), Vec::new(), 0, false);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|error| unreadable(FORMAT, error))? {
            Event::Start(tag) => match tag.name().as_ref() {
                "tbody" => is_body = true,
                // A blank stands before the link of a row to a mail.
                "a" if is_body => {
                    if let Some(cell) = wanted(columns, &mut row, column) {
                        cell.pop();
                    }
                }
                "tr" => (row, column) = (vec![String::new(); columns.len()], 0),
                _ => {}
            },
            Event::Text(text) if is_body => wanted(columns, &mut row, column).into_iter().for_each(|cell| cell.push_str(&text)),
            Event::GeneralRef(name) if is_body => {
                let letter = resolve_xml_entity(&name).ok_or_else(|| unreadable(FORMAT, &*name))?;
                wanted(columns, &mut row, column).into_iter().for_each(|cell| cell.push_str(letter));
            }
            Event::End(tag) => match tag.name().as_ref() {
                "td" | "th" => column += 1,
                "tr" if is_body => {
                    each(&row)?;
                    // What stands between two rows is in none.
                    column = usize::MAX;
                }
                "table" => return Ok(()),
                _ => {}
            },
            Event::Eof => return Err(unreadable(FORMAT, "the numbers have no end")),
            _ => {}
        }
    }
}

/// The cell of a row that is wanted of column `column`, if one is.
fn wanted<'r>(columns: &[usize], row: &'r mut [String], column: usize) -> Option<&'r mut String> {
    columns.iter().position(|wanted| *wanted == column).and_then(|place| row.get_mut(place))
}

/// Reads up to the end of the line that begins with `mark`.
fn skip_to(input: &mut impl BufRead, mark: &str) -> Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input
            .read_until(b'\n', &mut line)
            .map_err(|error| Error::input_output(FORMAT, "the page cannot be read back", "").with_cause(error))?;
        if line.starts_with(mark.as_bytes()) {
            return Ok(());
        }
        if read == 0 {
            return Err(Error::internal(FORMAT, "what was written has no table of numbers"));
        }
    }
}
