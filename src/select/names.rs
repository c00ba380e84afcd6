//! Which column or value a word means: by its key or code, an alias or its caption, whatever the case, spaces and punctuation.

use crate::domain::columns::{COLUMNS, ColumnDef, ColumnType, LIST, column, suggest};
use crate::domain::record::Field;
use crate::domain::status::{UNKNOWN, fold, folds_to};
use crate::domain::text::{fill, thousands};
use crate::error::{Error, Part, Place, Result};
use crate::source::Origin;

/// Columns that one option may name; there are fewer.
const MAX_LISTED: usize = 200;

/// Commas in the longest caption that is looked for.
const MAX_COMMAS: usize = 16;

/// The names that columns and their values go by in one report: keys, codes, aliases, and the words of the report's template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The caption of each column of the template, by key.
    pub captions: Vec<(&'static str, String)>,
    /// The keys of the columns shown when none are asked for.
    pub defaults: Vec<&'static str>,
    /// The words for the values of each closed list, in its order, by the key of its column; of a status and a detail the last
    /// are the words for what is not known. Of a column of yes and no they are no and yes.
    pub terms: Vec<(&'static str, Vec<String>)>,
    /// The words for the parts of files.
    pub parts: PartWords,
}

/// The words for a part of a file, in which `{file}` and `{sheet}` or `{table}` stand for the names; of a query only the file
/// is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartWords {
    /// A sheet of a workbook.
    pub sheet_of_file: String,
    /// A table of a database.
    pub table_of_file: String,
}

impl PartWords {
    /// What a report calls the table that rows were read from.
    pub fn caption(&self, origin: &Origin) -> String {
        let (words, key, name) = match &origin.part {
            Some(Part::Sheet(name)) => (&self.sheet_of_file, "sheet", name),
            Some(Part::Table(name)) => (&self.table_of_file, "table", name),
            Some(Part::Query(_) | Part::Records(_)) | None => return origin.file.clone(),
        };
        if words.is_empty() { origin.place() } else { fill(words, &[("file", &origin.file), (key, name)]) }
    }
}

impl Names {
    /// The caption of `key`; the key itself where it has none.
    pub fn caption<'a>(&'a self, key: &'a str) -> &'a str {
        self.captions.iter().find(|(known, _)| *known == key).map_or(key, |(_, caption)| caption)
    }

    /// The words for the values of `column`, in the order of its list: the template's, else the usual ones; none for a column
    /// that has no list.
    pub fn terms_of(&self, column: &ColumnDef) -> Vec<&str> {
        match self.terms.iter().find(|(key, _)| *key == column.key) {
            Some((_, terms)) => terms.iter().map(String::as_str).collect(),
            None if column.column_type == ColumnType::Bool => vec!["no", "yes"],
            None => {
                let unknown = has_unknown(column).then_some(UNKNOWN);
                column.choices.iter().map(|choice| choice.caption).chain(unknown).collect()
            }
        }
    }

    /// The place of the value of `column` that `word` means among those of [`Names::terms_of`]: by the words of the template
    /// first, else by its code, its usual words or another of its names.
    pub fn term(&self, column: &ColumnDef, word: &str) -> Option<usize> {
        let folded = fold(word);
        if folded.is_empty() {
            return None;
        }
        let worded = self.terms_of(column).iter().position(|term| folds_to(term, &folded));
        let known = || column.choices.iter().position(|choice| choice.answers_to(word));
        worded.or_else(known).or_else(|| (has_unknown(column) && folds_to(UNKNOWN, &folded)).then_some(column.choices.len()))
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
            let what = format!("names {} columns; at most {MAX_LISTED} are supported", thousands(listed as u64));
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

/// Whether a value of the column may be one that is not known.
fn has_unknown(column: &ColumnDef) -> bool {
    matches!(column.key, "status" | "detail")
}

fn unknown(option: &'static str, word: &str) -> Error {
    if word.is_empty() {
        return Error::usage(Place::option(option), "a column has no name", "write keys or captions, as in phone_number,status");
    }
    let columns = COLUMNS.iter().filter(|column| column.is_in_reports());
    Error::usage(Place::option(option), format!("there is no column '{word}'"), suggest(word, columns)).with_list(LIST)
}
