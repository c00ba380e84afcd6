//! What a workbook asks of text: its length and its characters.

use std::borrow::Cow;

use rust_xlsxwriter::{Format, Url, Worksheet};

use crate::domain::text::{CELL_UNITS, counted, letters, numbered, one_line, thousands};
use crate::error::Result;
use crate::export::markup::is_illegal;
use crate::export::xlsx::refusal::refused;
use crate::report::words::{Words, fill};

/// UTF-16 units of a caption that is kept whole; a table's header holds 255.
const CAPTION_UNITS: usize = 245;

/// Cells that a note names, at most.
const NAMED_CELLS: usize = 5;

/// Counts the cells whose characters had to be escaped, and names those whose text had to be cut.
#[derive(Debug)]
pub struct CellEscaper<'a> {
    /// The words for what is cut.
    pub words: &'a Words,
    /// Where text was cut.
    pub cut: Vec<String>,
    /// Cells with characters that XML does not allow, written as `_xHHHH_`, which spreadsheets read back.
    pub escaped: u64,
}

impl CellEscaper<'_> {
    /// Writes `text` at `row` and `column` (from 0) of a sheet that the library keeps in memory.
    ///
    /// # Errors
    /// Whatever the library refuses.
    pub fn put(&mut self, sheet: &mut Worksheet, row: u32, column: u16, text: &str, format: &Format) -> Result<()> {
        let text = self.fitted(sheet, row, column, text);
        sheet.write_string_with_format(row, column, &*text, format).map_err(refused)?;
        Ok(())
    }

    /// As [`CellEscaper::put`], with a link to the cell `to` of the same workbook.
    ///
    /// # Errors
    /// As [`CellEscaper::put`].
    pub fn put_link(&mut self, sheet: &mut Worksheet, (row, column): (u32, u16), text: &str, to: &str, format: &Format) -> Result<()> {
        let text = self.fitted(sheet, row, column, text);
        let url = Url::new(format!("internal:{to}")).set_text(&*text);
        sheet.write_url_with_format(row, column, url, format).map_err(refused)?;
        Ok(())
    }

    fn fitted<'t>(&mut self, sheet: &Worksheet, row: u32, column: u16, text: &'t str) -> Cow<'t, str> {
        self.escaped += u64::from(text.chars().any(is_illegal));
        let cut = fitted(text, self.words);
        if cut.is_some() {
            self.cut.push(format!("sheet {}, row {}, column {}", sheet.name(), row + 1, letters(usize::from(column))));
        }
        cut.map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// One sentence about the cells that were escaped, if there were any.
    pub fn note(&self) -> Option<String> {
        let cells = numbered(self.escaped, "cell holds", "cells hold");
        let note = format!("xlsx: {cells} characters that XML does not allow; they are written as _xHHHH_, which spreadsheets read back");
        (self.escaped > 0).then_some(note)
    }

    /// One sentence about the cells that were cut, if there were any.
    pub fn cut_note(&self) -> Option<String> {
        let named = self.cut.iter().take(NAMED_CELLS).cloned().collect::<Vec<_>>().join("; ");
        let others = self.cut.len().saturating_sub(NAMED_CELLS);
        let others = if others > 0 { format!("; and {} more", counted(others as u64, "cell")) } else { String::new() };
        let most = thousands(CELL_UNITS as u64);
        let note =
            format!("xlsx: a cell holds {most} characters; longer text is cut in the workbook alone, and marked there: {named}{others}");
        (!self.cut.is_empty()).then_some(note)
    }
}

/// `text` cut to what a cell holds, with a mark at its end that says how long it is; `None` where it fits.
pub fn fitted(text: &str, words: &Words) -> Option<String> {
    // A UTF-16 unit takes at least one byte: short text needs no counting.
    let units = if text.len() <= CELL_UNITS { 0 } else { units(text) };
    (units > CELL_UNITS).then(|| {
        let mark = cut(&fill(&words.cell_cut, &[("characters", &words.thousands(units as u64))]), CAPTION_UNITS);
        format!("{}{mark}", cut(text, CELL_UNITS - self::units(&mark)))
    })
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
