//! Turns arguments and settings into one checked command line. A wrong word becomes one line that says what to write.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches};

use crate::cli::args::{Cli, Command as CliCommand, ReportArgs};
use crate::cli::config::environment;
use crate::cli::config::layers::{InForce, Layers, locate, with_defaults, with_switches_off};
use crate::cli::terminal;
use crate::deliver::standard;
use crate::domain::text::{nearest, suggestion};
use crate::error::{Error, Place, Result};
use crate::export;

/// The command line, and the settings that fill in what it leaves out.
#[derive(Default)]
pub struct CommandLine {
    /// What was asked for; `None` for help or the version, which has been printed.
    pub cli: Option<Cli>,
    /// Whether the result, or what went wrong, is to be JSON.
    pub is_json: bool,
    /// What a person should know of the settings.
    pub notes: Vec<String>,
    /// Everything that settings stand in.
    pub layers: Layers,
    in_force: InForce,
}

impl CommandLine {
    /// Reads `arguments`, the program's name first. Variables and configuration files fill in what they leave out.
    ///
    /// # Errors
    /// [`Error::usage`] in one line; [`Error::config`] for what a variable or a configuration file sets.
    pub fn parse(arguments: &[OsString]) -> Result<Self> {
        let mut command = Cli::command().mut_subcommands(with_switches_off);
        let Some(matches) = matches(&command, arguments).map_err(|error| suggest_report(error, arguments))? else {
            return Ok(Self::default());
        };
        let (name, given) = matches.subcommand().map(|(name, given)| (name, given.clone())).unwrap_or_default();
        let layers = Layers::read(given.try_get_one::<PathBuf>("config").ok().flatten().map(PathBuf::as_path), &Cli::command())?;
        let mut in_force = InForce::default();
        if let Some(subcommand) = command.find_subcommand_mut(name) {
            in_force = layers.in_force(subcommand, &given)?;
            *subcommand = with_defaults(subcommand.clone(), &in_force);
        }
        let filled = command.try_get_matches_from(arguments).map_err(|error| locate(&in_force, from_clap(error, name)))?;
        let is_on = |switch| filled.subcommand().is_some_and(|(_, filled)| filled.try_get_one(switch).ok().flatten() == Some(&true));
        let mut cli = Cli::from_arg_matches(&filled).map_err(|error| from_clap(error, name))?;
        if let Some(messages) = cli.messages() {
            messages.config_files = layers.files.iter().filter(|(path, _)| path.is_file()).map(|(path, _)| path.clone()).collect();
        }
        let near = layers.unknown.iter().filter(|variable| variable.nearest.is_some() && !is_on("quiet") && !is_on("json"));
        let notes = near.map(ToString::to_string).collect();
        Ok(Self { cli: Some(cli), is_json: is_on("json"), notes, layers, in_force })
    }

    /// `error` at the place in the configuration file, or the variable, where the option it is about was set.
    pub fn locate(&self, error: Error) -> Error {
        locate(&self.in_force, error)
    }
}

/// The options of `portstatus report` that `layers` set, without those of any command line; and where each stands.
///
/// # Errors
/// [`Error::config`] for what an option cannot take.
pub fn report_args(layers: &Layers) -> Result<(ReportArgs, InForce)> {
    const NAME: &str = "report";
    let mut command = Cli::command();
    let mut in_force = InForce::default();
    if let Some(subcommand) = command.find_subcommand_mut(NAME) {
        in_force = layers.in_force(subcommand, &ArgMatches::default())?;
        *subcommand = with_defaults(subcommand.clone(), &in_force);
    }
    let filled = command.try_get_matches_from(["portstatus", NAME]);
    let cli = filled.and_then(|filled| Cli::from_arg_matches(&filled)).map_err(|error| locate(&in_force, from_clap(error, NAME)))?;
    match cli.command {
        CliCommand::Report(args) => Ok((*args, in_force)),
        _ => Err(Error::internal("settings", "they are of another command")),
    }
}

/// Whether JSON is asked for, even if `arguments` cannot be parsed.
pub fn wants_json(arguments: &[OsString]) -> bool {
    let has = |option: &str| arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == option);
    has("--json") || environment::is_on("json") && !has("--no-json")
}

/// What `arguments` give `command`, whatever is missing that it needs; `None` for help or the version, which is printed.
fn matches(command: &Command, arguments: &[OsString]) -> Result<Option<ArgMatches>> {
    let parse = |command: Command| command.try_get_matches_from(arguments);
    let matches = parse(command.clone()).or_else(|error| match error.kind() {
        // Settings may fill it in.
        ErrorKind::MissingRequiredArgument => {
            parse(command.clone().mut_subcommands(|command| command.mut_args(|option| option.required(false)))).map_err(|_| error)
        }
        _ => Err(error),
    });
    match matches {
        Ok(matches) => Ok(Some(matches)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            error.print().map_err(|refused| standard::refused(&refused))?;
            Ok(None)
        }
        Err(error) => Err(from_clap(error, arguments.get(1).and_then(|word| command.find_subcommand(word)).map_or("", Command::get_name))),
    }
}

/// `error`, and if it is that a file was named where a command is due, the command that reads it.
fn suggest_report(error: Error, arguments: &[OsString]) -> Error {
    let Some(first) = arguments.get(1).filter(|first| std::path::Path::new(first).exists()) else { return error };
    let first = first.to_string_lossy();
    let is_of_the_file = matches!(&error.place, Place::File { file, .. } if *file == first);
    if is_of_the_file { error.with_help(format!("to report on that file, write portstatus report {first} --out out")) } else { error }
}

/// What clap found wrong with the options of the command `name`, in one line.
fn from_clap(error: clap::Error, name: &str) -> Error {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        terminal::eprint(&error.render().to_string());
        return Error::usage("", "no command was given", "try portstatus report orders.csv --out out");
    }
    let word = |kind| error.get(kind).map(render).unwrap_or_default();
    let (argument, value, prior) = (word(ContextKind::InvalidArg), word(ContextKind::InvalidValue), word(ContextKind::PriorArg));
    let option = match argument.strip_prefix("--") {
        Some(long) => Place::Option { key: long.replace('-', "_").into(), value: None },
        None => Place::from(argument.as_str()),
    };
    let space = if name.is_empty() { "" } else { " " };
    let manual = format!("see portstatus{space}{name} --help");
    let (place, what, help) = match error.kind() {
        ErrorKind::UnknownArgument if !argument.starts_with('-') => (option, "is one word too many".to_owned(), manual),
        // As it was written: a key has no hyphens.
        ErrorKind::UnknownArgument if argument.contains('_') => {
            (Place::Nowhere, format!("{argument} is not an option"), similar_option(name, &argument).unwrap_or(manual))
        }
        ErrorKind::UnknownArgument => (option, "is not an option".to_owned(), similar_option(name, &argument).unwrap_or(manual)),
        ErrorKind::InvalidSubcommand => {
            let (word, root) = (word(ContextKind::InvalidSubcommand), Cli::command());
            let near = similar(&word, &root.get_subcommands().map(Command::get_name).collect::<Vec<_>>());
            (Place::from(&word), "is not a command".to_owned(), near.map_or(manual, |near| format!("did you mean {near}?")))
        }
        ErrorKind::InvalidValue if value.is_empty() => (option, "needs a value".to_owned(), manual),
        ErrorKind::InvalidValue => {
            let known = word(ContextKind::ValidValue);
            (option, format!("'{value}' is not known"), suggestion(&value, &known.split(", ").collect::<Vec<_>>()))
        }
        ErrorKind::ValueValidation => {
            let (what, help) = wrong_value(&value, std::error::Error::source(&error));
            (option, what, help)
        }
        ErrorKind::ArgumentConflict if argument == prior => (option, "is given twice".to_owned(), "give it once".to_owned()),
        ErrorKind::ArgumentConflict => (option, format!("cannot go with {prior}"), "leave one of them out".to_owned()),
        ErrorKind::MissingRequiredArgument => {
            let verb = if argument.contains(", ") { "are" } else { "is" };
            (
                Place::Nowhere,
                format!("{} {verb} missing", argument.replace(['<', '>'], "").replace("...", "").replace(", ", " and ")),
                manual,
            )
        }
        ErrorKind::TooManyValues => (option, format!("is a switch and takes no value, not '{value}'"), manual),
        _ => {
            let text = error.render().to_string();
            let first = text.lines().next().unwrap_or_default();
            (Place::Nowhere, first.trim_start_matches("error: ").to_owned(), manual)
        }
    };
    Error::usage(place, what, help)
}

/// What other programs call our options.
const SYNONYMS: [(&str, &str); 8] = [
    ("output", "out"),
    ("order-by", "sort"),
    ("filter", "where"),
    ("search", "find"),
    ("limit", "page-size"),
    ("separator", "delimiter"),
    ("silent", "quiet"),
    ("fields", "columns"),
];

/// `did you mean …?` for an unknown option of the command `name`, where one is near.
fn similar_option(name: &str, argument: &str) -> Option<String> {
    let word = argument.strip_prefix("--")?;
    let root = Cli::command();
    let command = root.find_subcommand(name).unwrap_or(&root);
    let longs: Vec<&str> = command
        .get_arguments()
        .filter(|option| !option.is_positional())
        .filter_map(Arg::get_long)
        .chain(["help"])
        .chain(name.is_empty().then_some("version"))
        .collect();
    if longs.contains(&"format") && export::format(word).is_some() {
        return Some(format!("did you mean --format {}?", word.to_lowercase()));
    }
    let synonyms = SYNONYMS.iter().filter(|(_, option)| longs.contains(option));
    let names: Vec<&str> = longs.iter().copied().chain(synonyms.clone().map(|(theirs, _)| *theirs)).collect();
    let near = similar(word, &names)?;
    let ours = synonyms.clone().find(|(theirs, _)| *theirs == near).map_or(near, |(_, ours)| *ours);
    Some(format!("did you mean --{ours}?"))
}

/// The one of `names` that `word` is a misspelling of, or else that it is the beginning of, or that it begins with.
fn similar<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    const SHORTEST: usize = 3;
    let is_part = |name: &&&str| name.len().min(word.len()) >= SHORTEST && (name.starts_with(word) || word.starts_with(**name));
    let mut parts = names.iter().filter(is_part);
    nearest(word, names.iter().copied()).or_else(|| parts.next().filter(|_| parts.next().is_none()).copied())
}

/// What is wrong with the `value` of an option that is a number, and what to write.
fn wrong_value(value: &str, cause: Option<&(dyn std::error::Error + 'static)>) -> (String, String) {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    let write = "write a whole number, such as 10".to_owned();
    match cause.and_then(|cause| cause.downcast_ref::<std::num::ParseIntError>()).map(std::num::ParseIntError::kind) {
        Some(PosOverflow | NegOverflow) => (format!("'{value}' is too large a number"), write),
        _ if value.starts_with('-') && value[1..].parse::<f64>().is_ok() => (format!("'{value}' is negative"), write),
        Some(_) => (format!("'{value}' is not a number"), write),
        // The range of a number smaller than the widest is told in words alone.
        None if cause.is_some_and(|cause| cause.to_string().contains(" is not in ")) => (format!("'{value}' is too large a number"), write),
        None => (format!("'{value}' is not understood"), cause.map(ToString::to_string).unwrap_or_default()),
    }
}

fn render(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.split(" <").next().unwrap_or(text).to_owned(),
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::StyledStrs(texts) => texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
