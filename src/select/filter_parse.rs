//! The words of filters: values of closed lists and dates as a person writes them.

use chrono::NaiveDate;

use crate::domain::columns::column;
use crate::domain::text::suggestion;
use crate::error::{Error, Place, Result};

/// Days from one to another, both included, either side open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
}

impl DateRange {
    /// Reads `2026-01-01..2026-01-31`, `2026-01-01..`, `..2026-01-31` or one day, for the option with the key `option`.
    ///
    /// # Errors
    /// [`Error::usage`] when the text is none of these, is open on both sides, or ends before it begins.
    pub fn parse(option: &'static str, text: &str) -> Result<Self> {
        let side = |text: &str| match text.trim() {
            "" => Ok(None),
            text => date(option, text).map(Some),
        };
        let range = match text.split_once("..") {
            Some((from, to)) => Self { from: side(from)?, to: side(to)? },
            None => Self { from: side(text)?, to: side(text)? },
        };
        match (range.from, range.to) {
            (None, None) => {
                Err(Error::usage(Place::option(option), "the range has no date", "write FROM..TO, FROM.. or ..TO with dates as yyyy-mm-dd"))
            }
            (Some(from), Some(to)) if from > to => Err(Error::usage(
                Place::option(option),
                format!("the range ends on {to}, before it begins on {from}"),
                "swap the two dates",
            )),
            _ => Ok(range),
        }
    }
}

/// Reads one day, for the option with the key `option`.
///
/// # Errors
/// [`Error::usage`] when the text is not a date as yyyy-mm-dd.
pub fn date(option: &'static str, text: &str) -> Result<NaiveDate> {
    let text = text.trim();
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|_| text.len() == 10)
        .ok_or_else(|| Error::usage(Place::option(option), format!("'{text}' is not a date"), "write yyyy-mm-dd"))
}

/// Reads a word of the filter by the column with the key `key`: one of its closed list by code, caption or alias, in any
/// case, as its code; other words as they are.
///
/// # Errors
/// [`Error::usage`] that lists the captions.
pub fn word(key: &'static str, word: &str) -> Result<String> {
    let word = word.trim();
    let Some(column) = column(key).filter(|column| column.is_closed_list()) else { return Ok(word.to_owned()) };
    column.choice(word).map(|choice| choice.code.to_owned()).ok_or_else(|| {
        let captions: Vec<_> = column.choices.iter().map(|choice| choice.caption).collect();
        Error::usage(Place::option(key), format!("'{word}' is not known"), suggestion(word, &captions))
    })
}

/// `a`, `a or b`, `a, b or c`.
pub fn join_or(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
