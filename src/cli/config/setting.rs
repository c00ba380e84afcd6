//! One setting: an option, what it is given, and where that stands.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use clap::builder::OsStr;
use clap::{Arg, ArgAction};
use toml::Value;

use crate::domain::text::truth;
use crate::error::{Error, Place, Result};

/// Where a setting stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In a configuration file, at a line and a character of it, both from 1.
    File {
        /// The file, as it was named.
        file: String,
        /// The line and the character.
        position: (usize, usize),
    },
    /// In a variable of the environment.
    Variable(String),
}

impl Origin {
    /// The place of the setting with this key; `to_the_column` where the key itself is what is wrong.
    pub fn place(&self, key: &str, to_the_column: bool) -> Place {
        match self {
            Self::File { file, position: (line, column) } => Place::Config {
                file: file.clone(),
                line: Some(*line),
                column: to_the_column.then_some(*column),
                entry: Some(key.to_owned()),
            },
            Self::Variable(name) => Place::Variable { name: name.clone() },
        }
    }
}

impl fmt::Display for Origin {
    /// `nightly.toml, line 2`, or the name of the variable.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, position: (line, _) } => write!(f, "{file}, line {line}"),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// What a setting gives its option.
#[derive(Debug, Clone)]
pub enum Given {
    /// A value of a configuration file.
    Value(Value),
    /// The text of a variable.
    Text(OsString),
}

/// One setting.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The command that it is for; `None` for all that have the option.
    pub command: Option<String>,
    /// The key of the option, as it was written.
    pub key: String,
    /// Where it stands.
    pub origin: Origin,
    /// What it gives.
    pub given: Given,
}

impl Setting {
    /// Its place; see [`Origin::place`].
    pub fn place(&self, to_the_column: bool) -> Place {
        self.origin.place(&self.key, to_the_column)
    }

    /// The values that it gives `option`, as text, which the option's own parser then reads.
    ///
    /// # Errors
    /// [`Error::config`] for what the option cannot take.
    pub fn values(&self, option: &Arg) -> Result<Vec<OsStr>> {
        match &self.given {
            Given::Value(value) => self.of_file(option, value),
            Given::Text(text) => self.of_variable(option, text),
        }
    }

    fn of_file(&self, option: &Arg, value: &Value) -> Result<Vec<OsStr>> {
        let is_switch = is_switch(option);
        let texts = match value {
            Value::Boolean(_) if !is_switch => None,
            Value::Array(values) => values.iter().map(text).collect(),
            value => text(value).map(|text| vec![text]),
        };
        let wrong = |what: &str, help: &str| Err(Error::config(self.place(false), what, help));
        match texts {
            _ if is_switch && !value.is_bool() => wrong("is a switch", "write true or false"),
            None if value.is_bool() => wrong("is not a switch", "give it a text, a number or a date"),
            None => wrong("is not a text, number, date, switch or list of them", "see the help of the command"),
            Some(texts) if !is_repeatable(option) && texts.len() != 1 => wrong(&format!("is given {} values", texts.len()), "give it one"),
            Some(texts) => Ok(texts.into_iter().map(OsStr::from).collect()),
        }
    }

    /// Of an option that may be repeated, each line is a value.
    fn of_variable(&self, option: &Arg, text: &OsString) -> Result<Vec<OsStr>> {
        if is_switch(option) {
            let shown = text.to_string_lossy();
            let is_on = truth(&shown).ok_or_else(|| {
                Error::config(self.place(false), format!("is a switch, and '{shown}' is neither yes nor no"), "write true or false")
            })?;
            return Ok(vec![OsStr::from(is_on.to_string())]);
        }
        if !is_repeatable(option) {
            return Ok(vec![OsStr::from(text.clone())]);
        }
        let lines = text.as_bytes().split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        Ok(lines.filter(|line| !line.is_empty()).map(|line| OsStr::from(OsString::from_vec(line.to_vec()))).collect())
    }
}

/// Whether `option` is on or off.
pub fn is_switch(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::SetTrue)
}

/// Whether `option` may be given several times.
pub fn is_repeatable(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::Append)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Array(_) | Value::Table(_) => None,
        Value::String(text) => Some(text.clone()),
        // TOML writes a whole number of this kind as 5.0.
        Value::Float(number) => Some(number.to_string()),
        plain => Some(plain.to_string()),
    }
}
