//! `portstatus config show`: what every option is set to, and where that stands.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::builder::OsStr;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

use crate::cli::args::ConfigArgs;
use crate::cli::config::environment::{self, DATABASE_URL, PASSWORD};
use crate::cli::config::layers::{Chosen, InForce, Layers};
use crate::cli::config::option::options;
use crate::cli::config::setting::{Origin, is_repeatable, is_switch};
use crate::cli::list;
use crate::cli::terminal::plain;
use crate::deliver::standard;
use crate::domain::density::Density;
use crate::domain::paper::{Orientation, PageSetUp, Paper};
use crate::domain::text::suggestion;
use crate::error::{Error, Result};
use crate::report::template::{STANDARD_TEMPLATE, Template};
use crate::source::Input;
use crate::templates::Templates;

/// An option with what it is set to, and the commands for which that is so.
struct Row {
    option: String,
    value: Value,
    origin: Source,
    commands: Vec<String>,
}

/// Where the value of an option stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    BuiltIn,
    Set(Origin),
    /// In the template that is in force: its file among the templates.
    Template(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in"),
            Self::Set(origin) => origin.fmt(f),
            Self::Template(file) => write!(f, "template {file}"),
        }
    }
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
    let row = |row: &Row| json!({ "option": row.option, "value": row.value, "origin": row.origin.to_string(), "commands": row.commands });
    list::print(&keys, rows.iter().map(row).collect(), false)?;
    if args.origin { standard::print(&sources(layers)) } else { Ok(()) }
}

/// What the options of `commands` are set to; commands of which the same is true are in one row.
fn rows<'a>(layers: &Layers, commands: impl Iterator<Item = &'a Command>) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for command in commands {
        let in_force = layers.in_force(command, &ArgMatches::default())?;
        let page = page_of_template(command, &in_force)?;
        for (option, key) in options(command) {
            let chosen = in_force.get(option.get_id().as_str());
            let of_template = page.as_ref().filter(|_| chosen.is_none()).and_then(|(page, file)| Some((page_value(page, key)?, file)));
            let (value, origin) = match (of_template, chosen) {
                (Some((value, file)), _) => (Value::from(value), Source::Template(file.clone())),
                (None, Some(chosen)) => (shown(option, Some(chosen)), Source::Set(chosen.origin.clone())),
                (None, None) => (shown(option, None), Source::BuiltIn),
            };
            match rows.iter_mut().find(|row| row.option == key && row.value == value && row.origin == origin) {
                Some(row) => row.commands.push(command.get_name().to_owned()),
                None => rows.push(Row { option: key.to_owned(), value, origin, commands: vec![command.get_name().to_owned()] }),
            }
        }
    }
    Ok(rows)
}

/// The page of the template that is in force for `command`, and the template's file; none for commands that print nothing.
fn page_of_template(command: &Command, in_force: &InForce) -> Result<Option<(PageSetUp, String)>> {
    let value = |id: &str| in_force.get(id).and_then(|chosen| chosen.values.first()).map(|value| value.to_string_lossy().into_owned());
    // Other commands have usual templates of their own, none of which says anything of pages.
    let usual = (command.get_name() == "report").then(|| STANDARD_TEMPLATE.to_owned());
    let Some(name) = value("template").or(usual).filter(|_| options(command).any(|(_, key)| key == "paper")) else { return Ok(None) };
    // What is not there is the matter of whoever makes a report by it.
    let Ok(templates) = Templates::new(value("templates").map(PathBuf::from).as_deref()) else { return Ok(None) };
    if !templates.names("reports").contains(&name) {
        return Ok(None);
    }
    let page = Template::load(&templates, &name)?.look.page;
    Ok(Some((page, format!("reports/{name}.toml"))))
}

/// What `page` says of the option with this key.
fn page_value(page: &PageSetUp, key: &str) -> Option<&'static str> {
    match key {
        "paper" => page.paper.map(Paper::name),
        "orientation" => page.orientation.map(Orientation::name),
        "density" => page.density.map(Density::name),
        _ => None,
    }
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
    let origin = |origin: &Source| match origin {
        Source::BuiltIn => json!({ "layer": "built-in" }),
        Source::Set(Origin::Variable(name)) => json!({ "layer": "environment", "variable": name }),
        Source::Set(Origin::File { file, position: (line, _) }) => json!({ "layer": "file", "file": file, "line": line }),
        Source::Template(file) => json!({ "layer": "template", "file": file }),
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
