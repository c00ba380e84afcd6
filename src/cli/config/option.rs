//! Which options can be set outside the command line, and what configuration files and variables call them.

use clap::{Arg, ArgAction, Command};

/// What the names of our variables begin with.
pub const PREFIX: &str = "PORTSTATUS_";

/// Options whose name means something else in this command than in the others: what is set for all commands is not for these.
const OWN: &[(&str, &[&str])] = &[
    ("calendars", &["name", "out"]),
    ("man", &["out"]),
    ("normalize", &["out"]),
    ("rules", &["as-of", "out", "table"]),
    ("sample", &["accounts", "format", "out"]),
    ("schedule", &["out"]),
    ("states", &["strict"]),
];

/// The key of `option` in a configuration file; `None` for what can only stand on the command line. Inputs have a key, too.
pub fn key_of(option: &Arg) -> Option<&str> {
    let is_input = option.is_positional() && matches!(option.get_id().as_str(), "inputs" | "input");
    let is_setting = matches!(option.get_action(), ArgAction::Set | ArgAction::Append | ArgAction::SetTrue) && !option.is_hide_set();
    let key = if is_input { Some(option.get_id().as_str()) } else { option.get_long() };
    key.filter(|key| is_setting && *key != "config")
}

/// The options of `command` that can be set, each with its key.
pub fn options(command: &Command) -> impl Iterator<Item = (&Arg, &str)> {
    command.get_arguments().filter_map(|option| Some((option, key_of(option)?)))
}

/// The option of `command` with this key, or with another name that is it.
pub fn find<'a>(command: &'a Command, key: &str) -> Option<&'a Arg> {
    let is_called = |option: &Arg, known: &str| known == key || option.get_all_aliases().unwrap_or_default().contains(&key);
    options(command).find(|(option, known)| is_called(option, known)).map(|(option, _)| option)
}

/// Whether `option` of `command` is what the options of that name in other commands are.
pub fn is_shared(command: &Command, option: &Arg) -> bool {
    let own = OWN.iter().find(|(name, _)| *name == command.get_name()).map_or(&[][..], |(_, own)| own);
    key_of(option).is_some_and(|key| !own.contains(&key))
}

/// The variable for an option with this key in every command: `PORTSTATUS_NUMBER_TYPE`.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('-', "_").to_uppercase())
}

/// The variable for an option with this key in `command` alone: `PORTSTATUS_CHECK__SHOW`. With one line between the two it could be an
/// option of another command, as `--query` of `explain` and `--explain-query` are.
pub fn variable_of(command: &Command, key: &str) -> String {
    variable(&format!("{}__{key}", command.get_name()))
}
