//! Reads a table of a job file key by key; what is wrong is named with its line and column.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::cli::job_file::keys::{Key, Kind, SECRET};
use crate::deliver::transport::Secret;
use crate::domain::text::suggestion;
use crate::error::{Error, Place, Result};
use crate::source::database::files;
use crate::templates::position_at;

/// A text of a job file, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// The text.
    pub text: &'a str,
    start: usize,
    end: usize,
}

/// The file that all is read from.
#[derive(Debug, Clone, Copy)]
pub struct JobText<'a> {
    /// Its name.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// A table of a job file, whose keys are known and hold what they should.
#[derive(Debug, Clone)]
pub struct Section<'a> {
    source: JobText<'a>,
    name: &'static str,
    start: usize,
    table: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    /// The table at `start` of `source`, which may have these `keys`.
    ///
    /// # Errors
    /// [`Error::config`] for a key that is none of them, and for a value that is not of its kind.
    pub fn open(source: JobText<'a>, name: &'static str, start: usize, table: &'a DeTable<'a>, keys: &'static [Key]) -> Result<Self> {
        let section = Self { source, name, start, table };
        for (written, value) in table {
            let Some(key) = keys.iter().find(|key| *key.name == **written.get_ref()) else {
                let known: Vec<&str> = keys.iter().map(|key| key.name).collect();
                let what = format!("is not a key of {name}");
                let place = section.at(written.span().start, written.get_ref());
                return Err(Error::config(place, what, suggestion(written.get_ref(), &known)));
            };
            if let Some((what, help)) = misfit(key.kind, value.get_ref()) {
                return Err(Error::config(section.at(value.span().start, key.name), what, help));
            }
        }
        Ok(section)
    }

    fn at(&self, start: usize, entry: &str) -> Place {
        let (line, column) = position_at(self.source.text, start);
        Place::Config { file: self.source.file.to_owned(), line: Some(line), column: Some(column), entry: Some(entry.to_owned()) }
    }

    /// Where the section begins.
    pub fn place(&self) -> Place {
        self.at(self.start, self.name)
    }

    /// Where the value of `key` stands; the section where there is none.
    pub fn place_of(&self, key: &str) -> Place {
        self.value(key).map_or_else(|| self.place(), |value| self.at(value.span().start, key))
    }

    /// Where `word` stands in the text of `key`; the text where it is not as it was written.
    pub fn place_within(&self, key: &str, text: Written<'_>, word: &str) -> Place {
        let within = self.source.text.get(text.start..text.end).and_then(|written| written.find(word)).unwrap_or(0);
        self.at(text.start + within, key)
    }

    /// An error of the value of `key`, or of its absence.
    pub fn error(&self, key: &str, what: impl Into<String>, help: impl Into<String>) -> Error {
        Error::config(self.place_of(key), what, help)
    }

    /// An error of `text`, one of those of `key`.
    pub fn error_at(&self, key: &str, text: Written<'_>, what: impl Into<String>, help: impl Into<String>) -> Error {
        Error::config(self.at(text.start, key), what, help)
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    /// Whether there is a `key`.
    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// The text of `key`.
    pub fn text(&self, key: &str) -> Option<Written<'a>> {
        self.value(key).and_then(written)
    }

    /// The text of `key` as its own.
    pub fn owned(&self, key: &str) -> Option<String> {
        self.text(key).map(|written| written.text.to_owned())
    }

    /// The text of `key`, which must be there.
    ///
    /// # Errors
    /// [`Error::config`] where it is not; `help` says what to write.
    pub fn required(&self, key: &str, help: &str) -> Result<Written<'a>> {
        self.text(key).ok_or_else(|| Error::config(self.place(), format!("has no {key}"), help))
    }

    /// The texts of `key`.
    pub fn texts(&self, key: &str) -> Vec<Written<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(values) => values.iter().filter_map(written).collect(),
            _ => written(value).into_iter().collect(),
        }
    }

    /// The number of `key`.
    pub fn count(&self, key: &str) -> Option<u64> {
        self.value(key).and_then(|value| count(value.get_ref()))
    }

    /// Whether the switch `key` is on.
    pub fn is_on(&self, key: &str) -> bool {
        self.value(key).and_then(|value| value.get_ref().as_bool()) == Some(true)
    }

    /// The table `key`, called `name` in messages.
    ///
    /// # Errors
    /// Those of [`Section::open`].
    pub fn table(&self, key: &str, name: &'static str, keys: &'static [Key]) -> Result<Option<Self>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        value.get_ref().as_table().map(|table| Self::open(self.source, name, value.span().start, table, keys)).transpose()
    }

    /// The tables of `key`, each called `name` in messages.
    ///
    /// # Errors
    /// Those of [`Section::open`].
    pub fn tables(&self, key: &str, name: &'static str, keys: &'static [Key]) -> Result<Vec<Self>> {
        let values = self.value(key).and_then(|value| value.get_ref().as_array());
        let tables = values.into_iter().flat_map(|values| values.iter());
        let open =
            |value: &'a Spanned<DeValue<'a>>| Some(Self::open(self.source, name, value.span().start, value.get_ref().as_table()?, keys));
        tables.filter_map(open).collect()
    }

    /// The secret `key`, from the variable or the file that it names.
    ///
    /// # Errors
    /// [`Error::config`] for a variable that is not set, and what keeps the file from being read.
    pub fn secret(&self, key: &str) -> Result<Option<Secret>> {
        let Some(section) = self.table(key, "a secret", SECRET)? else { return Ok(None) };
        let secret = match (section.text("env"), section.text("file")) {
            (Some(name), None) => std::env::var(name.text)
                .ok()
                .filter(|value| !value.is_empty())
                .ok_or_else(|| section.error("env", format!("the variable {} is not set", name.text), "set it for whoever runs this"))?,
            (None, Some(path)) => files::secret(Path::new(path.text)).map_err(|error| self.within(key, error))?,
            _ => return Err(self.error(key, "names no place, or two", "write { env = \"NAME\" } or { file = \"PATH\" }")),
        };
        Ok(Some(Secret::new(secret)))
    }

    /// `error` of a file that `key` names, which says so.
    pub fn within(&self, key: &str, error: Error) -> Error {
        let help = if error.help.is_empty() { "it is named".to_owned() } else { error.help.clone() };
        error.with_help(format!("{help} ({})", self.place_of(key)))
    }

    /// `error` of what this section asks for, at the value of `key`.
    pub fn locate(&self, key: &str, error: Error) -> Error {
        error.in_config(self.place_of(key))
    }
}

/// A text, and where it stands.
fn written<'a>(value: &'a Spanned<DeValue<'a>>) -> Option<Written<'a>> {
    let text = value.get_ref().as_str()?;
    Some(Written { text, start: value.span().start, end: value.span().end })
}

fn count(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// What is wrong with a value that is not of its kind, and what to write.
fn misfit(kind: Kind, value: &DeValue<'_>) -> Option<(String, String)> {
    let wrong = |what: &str, help: &str| Some((what.to_owned(), help.to_owned()));
    match kind {
        Kind::Text => match value.as_str() {
            None => wrong("is not a text", "write a text in quotes"),
            Some(text) if text.trim().is_empty() => wrong("is empty", "write something into it, or leave it out"),
            Some(_) => None,
        },
        Kind::Texts => match value {
            DeValue::String(text) if !text.trim().is_empty() => None,
            DeValue::Array(values) if !values.is_empty() && values.iter().all(|value| value.get_ref().is_str()) => None,
            DeValue::String(_) | DeValue::Array(_) => wrong("is empty, or holds something else than texts", "write texts in quotes"),
            _ => wrong("is not a text or a list of texts", "write a text in quotes, or a list of them in brackets"),
        },
        Kind::Count(least) => match count(value) {
            Some(number) if number >= least && number <= u64::from(u32::MAX) => None,
            _ => wrong("is not a whole number that it may be", &format!("write a number from {least}, without quotes")),
        },
        Kind::Switch => match value.as_bool() {
            None => wrong("is a switch", "write true or false"),
            Some(_) => None,
        },
        Kind::Choice(words) => match value.as_str() {
            Some(word) if words.contains(&word) => None,
            Some(word) => Some((format!("'{word}' is not known"), suggestion(word, words))),
            None => wrong("is not a text", &format!("choose from {}", words.join(", "))),
        },
        Kind::Secret if value.is_str() => {
            wrong("is a secret, which does not belong into the file", "write { env = \"NAME\" } or { file = \"PATH\" }")
        }
        Kind::Secret if !value.is_table() => wrong("is not a reference to a secret", "write { env = \"NAME\" } or { file = \"PATH\" }"),
        Kind::Report | Kind::Table(_) if !value.is_table() => wrong("is not a table", "write its keys below its name in brackets"),
        Kind::Tables(_) if !value.as_array().is_some_and(|values| values.iter().all(|value| value.get_ref().is_table())) => {
            wrong("is not a list of tables", "write each below [[deliveries]]")
        }
        Kind::Secret | Kind::Report | Kind::Table(_) | Kind::Tables(_) => None,
    }
}
