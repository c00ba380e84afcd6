//! The strings that the cells of a workbook share, held in one text.

use std::convert::Infallible;
use std::io::Read;

use crate::source::workbook::child::xml_text::{append_string_item, plain_string_item};
use crate::source::workbook::child::xml_window::{Gap, Look, Window, attributes, enter, expect, until_closing};

/// The strings by their index.
#[derive(Debug, Default)]
pub struct SharedStrings {
    text: String,
    /// Where in `text` each string ends.
    ends: Vec<usize>,
}

impl SharedStrings {
    /// Reads the strings; `None` when they are not written as spreadsheet programs do.
    pub fn read(input: impl Read) -> Option<Self> {
        let mut strings = Self::default();
        let mut is_begun = false;
        let is_read = Window::new(input).read_pieces(|text, at| -> Result<_, Infallible> {
            if !is_begun {
                let start = enter(text, "sst", |_| Ok(()));
                is_begun = start.is_ok();
                return Ok(start);
            }
            Ok(strings.read_item(text, at))
        });
        matches!(is_read, Ok(true)).then_some(strings)
    }

    /// The string of an index.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }

    /// Takes the next string and returns where it ends; `None` behind the last one.
    fn read_item(&mut self, text: &str, mut at: usize) -> Look<Option<usize>> {
        let bytes = text.as_bytes();
        while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            at += 1;
        }
        if bytes.get(at + 1).ok_or(Gap::Cut)? == &b'/' {
            return expect(text, at, "</sst>").map(|_| None);
        }
        let (start, is_empty) = attributes(text, expect(text, at, "<si")?, |_, _| Ok(()))?;
        let mut next = start;
        if !is_empty {
            let (content, end) = until_closing(text, start, "</si>")?;
            match plain_string_item(content) {
                Some(plain) => self.text.push_str(plain),
                None => append_string_item(&mut self.text, content).ok_or(Gap::Unknown)?,
            }
            next = end;
        }
        self.ends.push(self.text.len());
        Ok(Some(next))
    }
}
