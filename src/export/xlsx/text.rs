//! What a workbook asks of text: its length and its characters.

use rust_xlsxwriter::{Format, Worksheet};

use crate::domain::text::{letters, numbered, one_line};
use crate::error::{Error, Place, Result};
use crate::export::markup::is_illegal;
use crate::export::xlsx::refusal::refused;
use crate::report::words::{Words, fill};

/// UTF-16 units one cell holds.
const CELL_UNITS: usize = 32_767;
/// UTF-16 units of a caption that is kept whole; a table's header holds 255.
const CAPTION_UNITS: usize = 245;

/// Counts the cells whose characters had to be escaped.
#[derive(Debug, Default)]
pub struct CellEscaper {
    /// Cells with characters that XML does not allow, written as `_xHHHH_`, which spreadsheets read back.
    pub escaped: u64,
}

impl CellEscaper {
    /// Writes `text` at `row` and `column` (from 0) of a sheet that the library keeps in memory.
    ///
    /// # Errors
    /// [`Error::data`] when it is longer than a cell holds.
    pub fn put(&mut self, sheet: &mut Worksheet, row: u32, column: u16, text: &str, format: &Format) -> Result<()> {
        self.escaped += u64::from(text.chars().any(is_illegal));
        let place = || format!("xlsx, sheet {}, row {}, column {}", sheet.name(), row + 1, letters(usize::from(column)));
        check_length(text, place, "shorten it where it was set, or leave xlsx out")?;
        sheet.write_string_with_format(row, column, text, format).map_err(refused)?;
        Ok(())
    }

    /// One sentence about the cells that were escaped, if there were any.
    pub fn note(&self) -> Option<String> {
        let cells = numbered(self.escaped, "cell holds", "cells hold");
        let note = format!("xlsx: {cells} characters that XML does not allow; they are written as _xHHHH_, which spreadsheets read back");
        (self.escaped > 0).then_some(note)
    }
}

/// Refuses text that is longer than a cell holds.
///
/// # Errors
/// [`Error::data`] that names `place` and says `help`.
pub fn check_length(text: &str, place: impl FnOnce() -> String, help: &str) -> Result<()> {
    // A UTF-16 unit takes at least one byte: short text needs no counting.
    if text.len() <= CELL_UNITS {
        return Ok(());
    }
    let units = units(text);
    if units <= CELL_UNITS {
        return Ok(());
    }
    Err(Error::data(place(), format!("a text of {units} characters does not fit; a workbook cell holds {CELL_UNITS}"), help)
        .with_remedy(Place::option_value("format", "csv,pdf")))
}

/// `text` on one line without control characters, for places that hold no escapes: captions, document properties.
pub fn plain(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() || is_illegal(c) { ' ' } else { c }).collect();
    one_line(&spaced)
}

/// One sentence about the captions that [`captions`] shortens, if it does.
pub fn caption_notes<'a>(mut captions: impl Iterator<Item = &'a str>) -> Option<String> {
    let long = captions.any(|caption| units(&plain(caption)) > CAPTION_UNITS);
    long.then(|| {
        format!("xlsx: captions of more than {CAPTION_UNITS} characters are shortened to that, since a table's header holds no more")
    })
}

/// Captions as a table needs them: on one line, not empty, at most 255 units, each one once (blind to case).
pub fn captions<'a>(wanted: impl Iterator<Item = &'a str>, words: &Words) -> Vec<String> {
    let mut captions: Vec<String> = Vec::new();
    for (index, caption) in wanted.enumerate() {
        let plain = cut(&plain(caption), CAPTION_UNITS);
        let base = if plain.is_empty() { fill(&words.unnamed_column, &[("number", &(index + 1).to_string())]) } else { plain };
        let mut unique = base.clone();
        let mut count = 2;
        while captions.iter().any(|taken| taken.to_lowercase() == unique.to_lowercase()) {
            unique = format!("{base} ({count})");
            count += 1;
        }
        captions.push(unique);
    }
    captions
}

/// The UTF-16 units of `text`, in which a workbook's limits count.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// At most `room` UTF-16 units of `text`, with an ellipsis when some were cut.
fn cut(text: &str, room: usize) -> String {
    if units(text) <= room {
        return text.to_owned();
    }
    let mut used = 1;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += c.len_utf16();
            used <= room
        })
        .collect();
    format!("{kept}…")
}
