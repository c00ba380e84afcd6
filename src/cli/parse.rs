//! Turns arguments and a settings file into one checked command line. A wrong word becomes one line that says what to write.

use std::any::TypeId;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory, FromArgMatches};

use crate::cli::args::Cli;
use crate::cli::terminal;
use crate::domain::text::distance;
use crate::error::{Error, Result};
use crate::job::config::{self, Given, Setting};

/// What was asked for.
pub enum ParsedArgs {
    /// A command.
    Command(Box<Cli>),
    /// Help or the version; it has been printed.
    Help,
}

/// Reads `arguments`, the program's name first. A settings file named by `--config` fills in what they leave out.
///
/// # Errors
/// [`Error::usage`] in one line; [`Error::config`] for the settings file.
pub fn parse(mut arguments: Vec<OsString>) -> Result<ParsedArgs> {
    let matches = match Cli::command().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => return from_clap(error),
    };
    let path = matches.subcommand().and_then(|(_, given)| given.try_get_one::<std::path::PathBuf>("config").ok().flatten().cloned());
    let Some(path) = path else { return read(&matches) };
    let filled = filling(&matches, &path.display().to_string(), config::read(&path)?)?;
    let place =
        matches.subcommand_name().and_then(|name| arguments.iter().position(|argument| argument == name)).map_or(1, |index| index + 1);
    arguments.splice(place..place, filled);
    match Cli::command().try_get_matches_from(&arguments) {
        Ok(matches) => read(&matches),
        Err(error) => from_clap(error),
    }
}

fn read(matches: &ArgMatches) -> Result<ParsedArgs> {
    match Cli::from_arg_matches(matches) {
        Ok(cli) => Ok(ParsedArgs::Command(Box::new(cli))),
        Err(error) => from_clap(error),
    }
}

/// The settings as arguments, without those that the command line gives itself.
fn filling(matches: &ArgMatches, file: &str, settings: Vec<Setting>) -> Result<Vec<OsString>> {
    let root = Cli::command();
    let Some((name, given)) = matches.subcommand() else {
        return Ok(Vec::new());
    };
    let Some(command) = root.find_subcommand(name) else {
        return Ok(Vec::new());
    };
    let mut filled = Vec::new();
    for Setting { key, value } in settings {
        let place = format!("{file}, key {key}");
        let option = command.get_arguments().find(|option| key_of(option) == Some(&key) && key != "config");
        let Some(option) = option else {
            let keys: Vec<&str> = command.get_arguments().filter_map(key_of).filter(|known| *known != "config").collect();
            return Err(Error::config(place, format!("is no option of portstatus {name}"), suggestion(&key, &keys)));
        };
        let id = option.get_id().as_str();
        if given.value_source(id) == Some(ValueSource::CommandLine) {
            continue;
        }
        filled.extend(arguments_of(option, &place, value)?);
    }
    Ok(filled)
}

/// Whether the option with `key` takes a count, so that digits in what is said of it are no phone number.
pub fn takes_a_count(key: &str) -> bool {
    let long = key.replace('_', "-");
    let counts = [TypeId::of::<u64>(), TypeId::of::<usize>()];
    let is_count =
        |option: &Arg| option.get_long() == Some(long.as_str()) && counts.iter().any(|count| option.get_value_parser().type_id() == *count);
    Cli::command().get_subcommands().flat_map(clap::Command::get_arguments).any(is_count)
}

/// The key of an option in a settings file; inputs have one too.
fn key_of(option: &Arg) -> Option<&str> {
    if option.is_positional() { Some(option.get_id().as_str()) } else { option.get_long() }
}

fn arguments_of(option: &Arg, place: &str, value: Given) -> Result<Vec<OsString>> {
    let switch = matches!(option.get_action(), ArgAction::SetTrue);
    let repeatable = matches!(option.get_action(), ArgAction::Append);
    let long = option.get_long();
    match (value, long) {
        (Given::Switch(on), Some(long)) if switch => Ok(on.then(|| format!("--{long}").into()).into_iter().collect()),
        (Given::Texts(texts), _) if !repeatable && texts.len() != 1 => {
            Err(Error::config(place, format!("is given {} values", texts.len()), "give it one"))
        }
        (Given::Texts(texts), Some(long)) if !switch => Ok(texts.iter().map(|text| format!("--{long}={text}").into()).collect()),
        (Given::Texts(texts), None) => Ok(texts.into_iter().map(OsString::from).collect()),
        _ if switch => Err(Error::config(place, "is a switch", "write true or false")),
        _ => Err(Error::config(place, "is no switch", "give it a text, a number or a date")),
    }
}

/// What clap found wrong, in one line; help and version are printed.
fn from_clap(error: clap::Error) -> Result<ParsedArgs> {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        error.print().map_err(|refused| crate::deliver::standard::refused(&refused))?;
        return Ok(ParsedArgs::Help);
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        terminal::eprint(&error.render().to_string());
        return Err(Error::usage("", "no command was given", "try portstatus report orders.csv --out out"));
    }
    let word = |kind| error.get(kind).map(render).unwrap_or_default();
    let similar = [ContextKind::SuggestedArg, ContextKind::SuggestedValue, ContextKind::SuggestedSubcommand]
        .into_iter()
        .find_map(|kind| error.get(kind).map(render))
        .filter(|words| !words.is_empty())
        .map(|words| format!("did you mean {words}?"));
    let option = word(ContextKind::InvalidArg);
    let help = |otherwise: &str| similar.clone().unwrap_or_else(|| otherwise.to_owned());
    Err(match error.kind() {
        ErrorKind::UnknownArgument => Error::usage(option, "is not known", help("see portstatus --help")),
        ErrorKind::InvalidSubcommand => Error::usage(word(ContextKind::InvalidSubcommand), "is no command", help("see portstatus --help")),
        ErrorKind::InvalidValue if word(ContextKind::InvalidValue).is_empty() => {
            Error::usage(option, "needs a value", help("see portstatus --help"))
        }
        ErrorKind::InvalidValue => {
            let choices = format!("choose from {}", word(ContextKind::ValidValue));
            Error::usage(option, format!("'{}' is not known", word(ContextKind::InvalidValue)), help(&choices))
        }
        ErrorKind::ValueValidation => {
            Error::usage(option, format!("'{}' is not understood", word(ContextKind::InvalidValue)), cause(&error))
        }
        ErrorKind::ArgumentConflict if option == word(ContextKind::PriorArg) => Error::usage(option, "is given twice", "give it once"),
        ErrorKind::ArgumentConflict => {
            Error::usage(option, format!("cannot go with {}", word(ContextKind::PriorArg)), "leave one of them away")
        }
        ErrorKind::MissingRequiredArgument => Error::usage("", format!("{} is missing", option), "see portstatus --help"),
        _ => {
            let text = error.render().to_string();
            let first = text.lines().next().unwrap_or_default();
            Error::usage("", first.trim_start_matches("error: "), "see portstatus --help")
        }
    })
}

fn cause(error: &clap::Error) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

fn render(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.split(" <").next().unwrap_or(text).to_owned(),
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::StyledStrs(texts) => texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// `did you mean …?` for the nearest of `known`, else all of them.
pub fn suggestion(word: &str, known: &[&str]) -> String {
    let nearest = known.iter().map(|candidate| (distance(word, candidate), candidate)).min();
    match nearest {
        Some((far, candidate)) if far * 3 <= word.chars().count().max(3) => format!("did you mean {candidate}?"),
        _ => format!("known are {}", known.join(", ")),
    }
}
