//! Which column a word means: by its key, an alias or its caption, whatever the case, spaces and punctuation.

use crate::domain::columns::{COLUMNS, ColumnDef, column, suggest};
use crate::domain::record::Field;
use crate::domain::status::{Spelling, fold, folds_to};
use crate::error::{Error, Place, Result};

/// Columns that one option may name; there are fewer.
const MAX_LISTED: usize = 200;

/// Commas in the longest caption that is looked for.
const MAX_COMMAS: usize = 16;

/// The names columns go by in one report: keys, aliases, and the captions of the report's template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The caption of each column of the template, by key.
    pub captions: Vec<(&'static str, String)>,
    /// The keys of the columns shown when none are asked for.
    pub defaults: Vec<&'static str>,
    /// How the report spells statuses and details.
    pub spelling: Spelling,
}

impl Names {
    /// The caption of `key`; the key itself where it has none.
    pub fn caption<'a>(&'a self, key: &'a str) -> &'a str {
        self.captions.iter().find(|(known, _)| *known == key).map_or(key, |(_, caption)| caption)
    }

    /// The key of the report's column that `word` means, if any: a key or alias first, else a caption.
    pub fn find(&self, word: &str) -> Option<&'static str> {
        self.meant(word, ColumnDef::is_in_reports).map(|column| column.key)
    }

    /// The input column that `word` means, if any. Status, detailed status and number type are known to users without
    /// the word that marks them as given by the source.
    pub fn input(&self, word: &str) -> Option<Field> {
        let given = |decided: &ColumnDef| column(&format!("given_{}", decided.key))?.input;
        let meant = self.meant(word, |_| true)?;
        meant.input.or_else(|| given(meant))
    }

    fn meant(&self, word: &str, fits: impl Fn(&ColumnDef) -> bool) -> Option<&'static ColumnDef> {
        let folded = fold(word);
        if folded.is_empty() {
            return None;
        }
        let mut columns = COLUMNS.iter().filter(|column| fits(column));
        columns
            .clone()
            .find(|column| column.answers_to(word))
            .or_else(|| columns.find(|column| folds_to(self.caption(column.key), &folded)))
    }

    /// The key that `word` means, for the option with the key `option`.
    ///
    /// # Errors
    /// [`Error::usage`] that names the nearest column when `word` is none.
    pub fn key(&self, option: &'static str, word: &str) -> Result<&'static str> {
        self.find(word).ok_or_else(|| unknown(option, word.trim()))
    }

    /// The columns of texts that hold one or several each, separated by commas. Captions may hold commas themselves, so
    /// the longest run of pieces that `read` understands is taken.
    pub(crate) fn list<T>(option: &'static str, texts: &[String], read: impl Fn(&str) -> Result<Option<T>>) -> Result<Vec<T>> {
        let listed: usize = texts.iter().map(|text| text.split(',').count()).sum();
        if listed > MAX_LISTED {
            let what = format!("names {listed} columns; at most {MAX_LISTED} are supported");
            return Err(Error::usage(Place::option(option), what, "name each column once"));
        }
        let mut found = Vec::new();
        for text in texts {
            let pieces: Vec<&str> = text.split(',').collect();
            let mut rest = pieces.as_slice();
            while let [first, ..] = rest {
                let run = |length: usize| read(&rest[..length].join(",")).transpose().map(|column| (column, length));
                let (column, length) =
                    (1..=rest.len().min(MAX_COMMAS + 1)).rev().find_map(run).ok_or_else(|| unknown(option, first.trim()))?;
                found.push(column?);
                rest = &rest[length..];
            }
        }
        Ok(found)
    }
}

fn unknown(option: &'static str, word: &str) -> Error {
    if word.is_empty() {
        return Error::usage(Place::option(option), "a column has no name", "write keys or captions, as in phone_number,status");
    }
    let columns = COLUMNS.iter().filter(|column| column.is_in_reports());
    Error::usage(Place::option(option), format!("there is no column '{word}'"), suggest(word, columns))
}
