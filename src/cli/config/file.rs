//! Reads configuration files: TOML whose keys are the long options of commands, those of one command in a table of its name.

use std::path::{Path, PathBuf};

use clap::Command;
use toml::de::DeTable;
use toml::{Table, Value};

use crate::cli::config::option::{find, options};
use crate::cli::config::setting::{Given, Origin, Setting};
use crate::domain::text::nearest;
use crate::error::{Error, Result};
use crate::templates;

/// The path of a configuration file within a folder of such files.
const USUAL: &str = "portstatus/config.toml";

/// Where configuration files stand that no option names, those that come before others first: the user's, then the system's.
pub fn usual_places() -> Vec<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let user = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")));
    let system = std::env::var_os("XDG_CONFIG_DIRS").unwrap_or_default();
    let system = std::env::split_paths(&system).filter(|folder| folder.is_absolute()).collect::<Vec<_>>();
    user.into_iter().chain(system).chain([PathBuf::from("/etc")]).map(|folder| folder.join(USUAL)).collect()
}

/// Reads the file at `path`, whose keys are options of `commands`.
///
/// # Errors
/// [`Error::config`] when it cannot be read, is not TOML, or has a key that no command has.
pub fn read(path: &Path, commands: &Command) -> Result<Vec<Setting>> {
    let (file, text) = (path.display().to_string(), templates::read(path)?);
    let table: Table = templates::parse_to_the_column(&text, &file, "write key = \"value\", one a line")?;
    // The same text again, for where its keys stand.
    let positions = DeTable::parse(&text).map(toml::Spanned::into_inner).unwrap_or_default();
    let origin = |start: Option<usize>| Origin::File { file: file.clone(), position: templates::position_at(&text, start.unwrap_or(0)) };
    let mut settings = Vec::new();
    for (key, value) in table {
        let position = positions.get_key_value(key.as_str());
        let (command, value) = match (value, commands.find_subcommand(&key)) {
            (Value::Table(options), Some(command)) => (command.get_name().to_owned(), options),
            (value, _) => {
                let origin = origin(position.map(|(key, _)| key.span().start));
                settings.push(Setting { command: None, key, origin, given: Given::Value(value) });
                continue;
            }
        };
        let positions = position.and_then(|(_, value)| value.get_ref().as_table());
        settings.extend(of_command(&command, value, positions, &origin));
    }
    settings.iter().try_for_each(|setting| known(setting, commands))?;
    Ok(settings)
}

/// The settings of the table `options`, which are those of `command`; `origin` tells where each stands, from its byte in the file.
fn of_command(command: &str, options: Table, positions: Option<&DeTable<'_>>, origin: &impl Fn(Option<usize>) -> Origin) -> Vec<Setting> {
    let setting = |(key, value): (String, Value)| {
        let start = positions.and_then(|within| within.get_key_value(key.as_str())).map(|(key, _)| key.span().start);
        Setting { command: Some(command.to_owned()), origin: origin(start), key, given: Given::Value(value) }
    };
    options.into_iter().map(setting).collect()
}

/// The settings of `command`, one of `commands`, that the table called as it is in `text`, which is TOML, holds; `file` is where
/// that stands.
///
/// # Errors
/// [`Error::config`] for a key that is no option of the command.
pub fn read_table(command: &str, text: &str, file: &str, commands: &Command) -> Result<Vec<Setting>> {
    let mut table: Table = templates::parse_to_the_column(text, file, "write key = \"value\", one a line")?;
    let positions = DeTable::parse(text).map(toml::Spanned::into_inner).unwrap_or_default();
    let positions = positions.get(command).and_then(|value| value.get_ref().as_table());
    let origin = |start: Option<usize>| Origin::File { file: file.to_owned(), position: templates::position_at(text, start.unwrap_or(0)) };
    let Some(Value::Table(options)) = table.remove(command) else { return Ok(Vec::new()) };
    let settings = of_command(command, options, positions, &origin);
    settings.iter().try_for_each(|setting| known(setting, commands))?;
    Ok(settings)
}

/// Refuses a setting whose key no option has that it could be for.
fn known(setting: &Setting, commands: &Command) -> Result<()> {
    let name = setting.command.as_deref();
    let candidates = || commands.get_subcommands().filter(|command| name.is_none_or(|name| name == command.get_name()));
    if candidates().any(|command| find(command, &setting.key).is_some()) {
        return Ok(());
    }
    let is_table = matches!(setting.given, Given::Value(Value::Table(_)));
    let names: Vec<&str> = candidates().flat_map(options).map(|(_, key)| key).collect();
    let what = match name {
        Some(name) => format!("is not an option of portstatus {name}"),
        None if is_table => "is not a command".to_owned(),
        None => "is not an option of any command".to_owned(),
    };
    let help = match (nearest(&setting.key, names), name) {
        _ if is_table => "write the options without a section, or those of one command below its name".to_owned(),
        (Some(option), _) => format!("did you mean {option}?"),
        (None, Some(name)) => format!("see portstatus {name} --help"),
        (None, None) => "'portstatus config show' lists all".to_owned(),
    };
    Err(Error::config(setting.place(true), what, help))
}
