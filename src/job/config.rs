//! Reads a settings file: TOML whose keys are the long options. Knows nothing of what the options mean.

use std::path::Path;

use toml::Value;

use crate::error::{Error, Result};
use crate::templates;

/// One option of a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The option's long name.
    pub key: String,
    /// What it is set to.
    pub value: Given,
}

/// What a settings file gives an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// On or off.
    Switch(bool),
    /// One value, or several of an option that may be repeated.
    Texts(Vec<String>),
}

/// Reads the settings in the file at `path`, in the order of their keys.
///
/// # Errors
/// [`Error::config`] when it is no TOML, or a value is a table or a list of anything but texts, numbers and dates.
pub fn read(path: &Path) -> Result<Vec<Setting>> {
    let place = path.display().to_string();
    let table: toml::Table = templates::read(path)?.parse().map_err(|error: toml::de::Error| {
        let what = error.message().lines().collect::<Vec<_>>().join(", ");
        Error::config(&place, what, "write key = \"value\", one a line")
    })?;
    table.into_iter().map(|(key, value)| setting(&place, key, value)).collect()
}

fn setting(place: &str, key: String, value: Value) -> Result<Setting> {
    let unfit =
        || Error::config(format!("{place}, key {key}"), "is no text, number, date, switch or list of them", "see portstatus report --help");
    let given = match value {
        Value::Boolean(switch) => Given::Switch(switch),
        Value::Array(values) => Given::Texts(values.into_iter().map(text).collect::<Option<_>>().ok_or_else(unfit)?),
        value => Given::Texts(vec![text(value).ok_or_else(unfit)?]),
    };
    Ok(Setting { key, value: given })
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Datetime(instant) => Some(instant.to_string()),
        Value::Boolean(_) | Value::Array(_) | Value::Table(_) => None,
    }
}
