//! Reads a configuration file: TOML whose keys are the long options of a command. Its values become the defaults of these
//! options, so they are checked as those on the command line are, and the command line wins.

use std::collections::BTreeMap;
use std::path::Path;

use clap::builder::OsStr;
use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::{Spanned, Value};

use crate::domain::text::nearest;
use crate::error::{Error, ErrorKind, Place, Result};
use crate::templates;

/// What a configuration file sets: by key, and by the id of the option once it was applied.
#[derive(Debug, Default)]
pub struct ConfigFile {
    file: String,
    settings: BTreeMap<String, Setting>,
}

#[derive(Debug)]
struct Setting {
    line: usize,
    value: Value,
}

impl ConfigFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// [`Error::config`] when it cannot be read or is not TOML.
    pub fn read(path: &Path) -> Result<Self> {
        let (file, text) = (path.display().to_string(), templates::read(path)?);
        let table: BTreeMap<Spanned<String>, Value> = templates::parse(&text, &file, "write key = \"value\", one a line")?;
        let setting = |(key, value): (Spanned<String>, Value)| {
            let line = templates::line_at(&text, key.span().start);
            (key.into_inner(), Setting { line, value })
        };
        Ok(Self { settings: table.into_iter().map(setting).collect(), file })
    }

    /// `command` with the values of the file as defaults of what `given`, the command line, leaves out.
    ///
    /// # Errors
    /// [`Error::config`] for a key that is not an option of the command, or a value that the option cannot take.
    pub fn apply(&mut self, mut command: Command, given: &ArgMatches) -> Result<Command> {
        for (key, setting) in std::mem::take(&mut self.settings) {
            let place = Place::Config { file: self.file.clone(), line: Some(setting.line), column: None, entry: Some(key.clone()) };
            let Some(option) = command.get_arguments().find(|option| is_called(option, &key) && key != "config") else {
                let known: Vec<&str> = command.get_arguments().filter_map(key_of).filter(|known| *known != "config").collect();
                let what = format!("is not an option of portstatus {}", command.get_name());
                let help = match nearest(&key, known) {
                    _ if setting.value.is_table() => "write the options without a section".to_owned(),
                    Some(option) => format!("did you mean {option}?"),
                    None => format!("see portstatus {} --help", command.get_name()),
                };
                return Err(Error::config(place, what, help));
            };
            let id = option.get_id().clone();
            if !is_overridden(given, id.as_str()) {
                let values = values(option, &place, &setting.value)?;
                command = command.mut_arg(&id, |option| option.default_values(values));
            }
            self.settings.insert(id.to_string(), setting);
        }
        Ok(command)
    }

    /// The setting whose value is the path of `file`, or a list with it.
    fn naming(&self, file: &str) -> Option<(&String, &Setting)> {
        let is_it = |path: &str| path == file || Path::new(path).file_name().is_some_and(|name| name == file);
        let names = |value: &Value| value.as_str().is_some_and(is_it);
        self.settings.iter().find(|(_, setting)| names(&setting.value) || setting.value.as_array().is_some_and(|all| all.iter().any(names)))
    }

    /// `error` at the place in the file, if it is about an option that the file sets and `given` leaves out.
    pub fn locate(&self, error: Error, given: &ArgMatches) -> Error {
        let key = match &error.place {
            Place::Option { key, .. } => key,
            // A path that the file names is wrong where it is, and is named here.
            Place::File { file, .. } | Place::Config { file, line: None, .. }
                if matches!(error.kind, ErrorKind::NoInput | ErrorKind::Config) =>
            {
                let Some((key, setting)) = self.naming(file).filter(|(key, _)| !is_overridden(given, key)) else { return error };
                let help = format!("{} in {}, line {}, {}", error.help, self.file, setting.line, key.replace('_', "-"));
                return error.with_help(help);
            }
            _ => return error,
        };
        match self.settings.get(key.as_ref()) {
            Some(setting) if !is_overridden(given, key) => {
                let entry = Some(key.replace('_', "-"));
                let place = Place::Config { file: self.file.clone(), line: Some(setting.line), column: None, entry };
                error.in_config(place)
            }
            _ => error,
        }
    }
}

/// Whether the command line gives the option with this id, or, of the two limits on rejected rows, the other one.
fn is_overridden(given: &ArgMatches, id: &str) -> bool {
    let limits = ["strict", "max_rejects"];
    let ids = if limits.contains(&id) { limits.as_slice() } else { &[id] };
    let is_given = |id: &&str| {
        given.ids().any(|known| known.as_str() == *id) && given.value_source(id) == Some(clap::parser::ValueSource::CommandLine)
    };
    ids.iter().any(is_given)
}

/// Whether `key` is the key of the option or another name of it.
fn is_called(option: &Arg, key: &str) -> bool {
    key_of(option) == Some(key) || option.get_all_aliases().unwrap_or_default().contains(&key)
}

/// The key of an option in a configuration file; inputs have one too.
fn key_of(option: &Arg) -> Option<&str> {
    if option.is_positional() { Some(option.get_id().as_str()) } else { option.get_long() }
}

/// The values of `option` as text, which its own parser then reads.
fn values(option: &Arg, place: &Place, value: &Value) -> Result<Vec<OsStr>> {
    let is_switch = matches!(option.get_action(), ArgAction::SetTrue);
    let is_repeatable = matches!(option.get_action(), ArgAction::Append);
    let texts = match value {
        Value::Boolean(_) if !is_switch => None,
        Value::Array(values) => values.iter().map(text).collect(),
        value => text(value).map(|text| vec![text]),
    };
    let wrong = |what: &str, help: &str| Err(Error::config(place.clone(), what, help));
    match texts {
        _ if is_switch && !value.is_bool() => wrong("is a switch", "write true or false"),
        None if value.is_bool() => wrong("is not a switch", "give it a text, a number or a date"),
        None => wrong("is not a text, number, date, switch or list of them", "see the help of the command"),
        Some(texts) if !is_repeatable && texts.len() != 1 => wrong(&format!("is given {} values", texts.len()), "give it one"),
        Some(texts) => Ok(texts.into_iter().map(OsStr::from).collect()),
    }
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
