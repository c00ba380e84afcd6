//! `portstatus config show`: what every option is set to, and where that stands.

use std::path::Path;

use clap::builder::OsStr;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

use crate::cli::args::ConfigArgs;
use crate::cli::config::environment::{self, DATABASE_URL, PASSWORD};
use crate::cli::config::layers::{Chosen, Layers};
use crate::cli::config::option::options;
use crate::cli::config::setting::{Origin, is_repeatable, is_switch};
use crate::cli::list;
use crate::cli::terminal::plain;
use crate::deliver::standard;
use crate::domain::text::suggestion;
use crate::error::{Error, Result};
use crate::source::Input;

/// An option with what it is set to, and the commands for which that is so.
struct Row {
    option: String,
    value: Value,
    origin: Option<Origin>,
    commands: Vec<String>,
}

/// Prints the options of `commands`, or of the one that `args` name, with their values.
///
/// # Errors
/// [`Error::usage`] when there is no such command, [`Error::config`] for settings that are wrong, and when standard output refuses.
pub fn run(args: &ConfigArgs, layers: &Layers, commands: &Command) -> Result<()> {
    let asked = args.command.as_deref();
    let known: Vec<&str> = commands.get_subcommands().map(Command::get_name).collect();
    if let Some(name) = asked.filter(|name| commands.find_subcommand(name).is_none()) {
        return Err(Error::usage(name, "is not a command", suggestion(name, &known)));
    }
    let asked = asked.and_then(|name| commands.find_subcommand(name)).map(Command::get_name);
    let rows = rows(layers, commands.get_subcommands().filter(|command| asked.is_none_or(|name| name == command.get_name())))?;
    if args.json {
        return standard::print(&format!("{}\n", as_json(&rows, layers)));
    }
    let mut keys = vec!["option", "value"];
    keys.extend(args.origin.then_some("origin"));
    keys.extend(asked.is_none().then_some("commands"));
    let row = |row: &Row| {
        let origin = row.origin.as_ref().map_or("built-in".to_owned(), ToString::to_string);
        json!({ "option": row.option, "value": row.value, "origin": origin, "commands": row.commands })
    };
    list::print(&keys, rows.iter().map(row).collect(), false)?;
    if args.origin { standard::print(&sources(layers)) } else { Ok(()) }
}

/// What the options of `commands` are set to; commands of which the same is true are in one row.
fn rows<'a>(layers: &Layers, commands: impl Iterator<Item = &'a Command>) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for command in commands {
        let in_force = layers.in_force(command, &ArgMatches::default())?;
        for (option, key) in options(command) {
            let chosen = in_force.get(option.get_id().as_str());
            let (value, origin) = (shown(option, chosen), chosen.map(|chosen| chosen.origin.clone()));
            match rows.iter_mut().find(|row| row.option == key && row.value == value && row.origin == origin) {
                Some(row) => row.commands.push(command.get_name().to_owned()),
                None => rows.push(Row { option: key.to_owned(), value, origin, commands: vec![command.get_name().to_owned()] }),
            }
        }
    }
    Ok(rows)
}

/// The value of `option`: yes or no of a switch, a list of what may be repeated, else a text or nothing.
fn shown(option: &Arg, chosen: Option<&Chosen>) -> Value {
    let values: &[OsStr] = chosen.map_or_else(|| option.get_default_values(), |chosen| &chosen.values);
    let mut texts = values.iter().map(|value| printable(option, value));
    match (is_switch(option), is_repeatable(option)) {
        (true, _) => Value::Bool(texts.next().as_deref() == Some("true")),
        (_, true) => texts.collect(),
        _ => texts.next().map_or(Value::Null, Value::String),
    }
}

/// `value` as text; an input that is refused may be a URL with a password, which nobody is shown.
fn printable(option: &Arg, value: &OsStr) -> String {
    let text = value.to_string_lossy().into_owned();
    let is_input = option.is_positional() && text.contains(':');
    if is_input && Input::parse(Path::new(value.as_os_str()), None).is_err() { "(refused, and not shown)".to_owned() } else { text }
}

/// Where settings were looked for, in lines for a person.
fn sources(layers: &Layers) -> String {
    let mut text = String::new();
    for (path, is_there) in &layers.files {
        let path = plain(&path.display().to_string());
        text.push_str(&format!("Configuration file {path}: {}\n", if *is_there { "read" } else { "there is none" }));
    }
    for variable in [DATABASE_URL, PASSWORD].into_iter().filter(|variable| environment::value(variable).is_some()) {
        text.push_str(&format!("{variable} is set, and not shown\n"));
    }
    for variable in &layers.unknown {
        text.push_str(&format!("{}\n", plain(&variable.to_string())));
    }
    text
}

fn as_json(rows: &[Row], layers: &Layers) -> Value {
    let origin = |origin: &Option<Origin>| match origin {
        None => json!({ "layer": "built-in" }),
        Some(Origin::Variable(name)) => json!({ "layer": "environment", "variable": name }),
        Some(Origin::File { file, position: (line, _) }) => json!({ "layer": "file", "file": file, "line": line }),
    };
    let row = |row: &Row| json!({ "option": row.option, "value": row.value, "origin": origin(&row.origin), "commands": row.commands });
    json!({
        "options": rows.iter().map(row).collect::<Vec<_>>(),
        "files": layers.files.iter().map(|(path, is_there)| json!({ "file": path.display().to_string(), "read": is_there })).collect::<Vec<_>>(),
        "database_url": environment::value(DATABASE_URL).is_some(),
        "password": environment::value(PASSWORD).is_some(),
        "unknown_variables": layers.unknown.iter().map(|variable| json!({ "name": variable.name, "nearest": variable.nearest })).collect::<Vec<_>>(),
    })
}
