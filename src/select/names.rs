//! Which column a word means: its key or its caption, case-, space- and punctuation-blind. Never guesses.

use crate::classify::columns::COLUMNS;
use crate::domain::status::{Spelling, fold};
use crate::error::{Error, Place, Result};

/// The names columns go by in one report: every key of the catalogue, with the caption of the report's template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    captions: Vec<(&'static str, String)>,
    defaults: Vec<&'static str>,
    spelling: Spelling,
}

impl Names {
    /// Names with the catalogue's captions; the columns shown by default are the first nineteen.
    pub fn of_catalogue() -> Self {
        Self {
            captions: COLUMNS.iter().map(|known| (known.key, known.caption.to_owned())).collect(),
            defaults: COLUMNS.iter().take(19).map(|known| known.key).collect(),
            spelling: Spelling::AsDefined,
        }
    }

    /// The same names with other captions for some keys; keys outside the catalogue are ignored.
    pub fn captioned<'a>(mut self, captions: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        for (key, caption) in captions {
            if let Some(entry) = self.captions.iter_mut().find(|(known, _)| *known == key) {
                caption.clone_into(&mut entry.1);
            }
        }
        self
    }

    /// The same names with other columns shown by default; keys outside the catalogue are ignored.
    pub fn showing<'a>(mut self, defaults: impl IntoIterator<Item = &'a str>) -> Self {
        self.defaults =
            defaults.into_iter().filter_map(|key| self.captions.iter().map(|(known, _)| *known).find(|known| *known == key)).collect();
        self
    }

    /// The same names for a report that spells statuses and details so.
    pub fn spelled(mut self, spelling: Spelling) -> Self {
        self.spelling = spelling;
        self
    }

    /// How the report spells statuses and details.
    pub fn spelling(&self) -> Spelling {
        self.spelling
    }

    /// The keys of the columns shown when none are asked for.
    pub fn defaults(&self) -> &[&'static str] {
        &self.defaults
    }

    /// The caption of `key`; the key itself outside the catalogue.
    pub fn caption<'a>(&'a self, key: &'a str) -> &'a str {
        self.captions.iter().find(|(known, _)| *known == key).map_or(key, |(_, caption)| caption)
    }

    /// The key that `word` means, if any: a key first, else a caption.
    pub fn find(&self, word: &str) -> Option<&'static str> {
        let folded = fold(word);
        if folded.is_empty() {
            return None;
        }
        let by_key = self.captions.iter().find(|(key, _)| *key == word || fold(key) == folded);
        by_key.or_else(|| self.captions.iter().find(|(_, caption)| fold(caption) == folded)).map(|(key, _)| *key)
    }

    /// The key that `word` means, for the option with the key `option`.
    ///
    /// # Errors
    /// [`Error::usage`] that lists the keys when `word` is no column.
    pub fn key(&self, option: &'static str, word: &str) -> Result<&'static str> {
        self.find(word).ok_or_else(|| {
            if word.trim().is_empty() {
                return Error::usage(Place::option(option), "a column has no name", "write keys or captions, as in phone_number,status");
            }
            let keys: Vec<_> = self.captions.iter().map(|(key, _)| *key).collect();
            Error::usage(Place::option(option), format!("there is no column '{}'", word.trim()), format!("columns are {}", keys.join(", ")))
        })
    }

    /// The columns of a comma-separated list. Captions may hold commas themselves, so the longest run of
    /// pieces that names a column is taken; `tail` is cut from a piece before it is looked up.
    pub(crate) fn list<T>(&self, option: &'static str, text: &str, read: impl Fn(&str) -> Result<Option<T>>) -> Result<Vec<T>> {
        let pieces: Vec<&str> = text.split(',').collect();
        let mut found = Vec::new();
        let mut start = 0;
        while start < pieces.len() {
            let mut taken = None;
            for end in (start + 1..=pieces.len()).rev() {
                if let Some(column) = read(&pieces[start..end].join(","))? {
                    taken = Some((column, end));
                    break;
                }
            }
            let Some((column, end)) = taken else {
                self.key(option, pieces[start])?;
                return Err(Error::usage(Place::option(option), format!("'{}' is not understood", pieces[start].trim()), "name a column"));
            };
            found.push(column);
            start = end;
        }
        Ok(found)
    }
}
