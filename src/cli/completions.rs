//! Completion scripts and the manual pages, made from the one description of the command line.

use clap::CommandFactory;
use clap::builder::PossibleValuesParser;

use crate::cli::args::Cli;
use crate::deliver::standard;
use crate::domain::columns::COLUMNS;
use crate::domain::status::{Choice, Detail, NumberType, Status};
use crate::domain::text::suggestion;
use crate::error::{Error, Result};
use crate::export::FORMATS;
use crate::source::recognition::AUTO;
use crate::templates::Templates;

/// Prints the completion script of `shell` on standard output.
///
/// # Errors
/// When standard output refuses.
pub fn completions(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    let mut command = Cli::command().mut_subcommands(with_words);
    clap_complete::generate(shell, &mut command, "portstatus", &mut script);
    standard::print(&String::from_utf8_lossy(&script))
}

/// `command` with the words that its options take, which their own parsers read in more spellings than a script should offer.
fn with_words(command: clap::Command) -> clap::Command {
    let named: Vec<(String, Vec<String>)> = command
        .get_arguments()
        .filter(|option| option.get_possible_values().is_empty())
        .filter_map(|option| Some((option.get_id().to_string(), words(option.get_id().as_str())?)))
        .collect();
    named
        .into_iter()
        .fold(command, |command, (id, words)| command.mut_arg(id, |option| option.value_parser(PossibleValuesParser::new(words.clone()))))
}

/// The words that the option with this id takes; `None` where any text may be one, or clap knows them.
fn words(id: &str) -> Option<Vec<String>> {
    let codes = |choices: &[Choice]| choices.iter().map(|choice| choice.code.to_owned()).collect();
    let files = |folder: &str| Some(Templates::default().names(folder));
    match id {
        "status" => Some(codes(Status::CHOICES)),
        "detail" => Some(codes(Detail::CHOICES)),
        "number_type" => Some(codes(NumberType::CHOICES)),
        "columns" | "sort" => Some(COLUMNS.iter().filter(|column| column.is_in_reports()).map(|column| column.key.to_owned()).collect()),
        "format" => Some(FORMATS.iter().map(|format| format.name().to_owned()).collect()),
        "calendar" => files("calendars"),
        "source" => files("sources").map(|names| std::iter::once(AUTO.to_owned()).chain(names).collect()),
        "template" => files("reports"),
        _ => None,
    }
}

/// Prints the manual page of the program, or of the command named, on standard output. The page of the program
/// refers to those of the commands, which are named as `portstatus-report` is.
///
/// # Errors
/// [`Error::usage`] when there is no such command, and when standard output refuses.
pub fn man(command: Option<&str>) -> Result<()> {
    // The page refers to every command; that of clap's own help has none.
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let Some(page) = command.map_or(Some(&root), |name| root.find_subcommand(name)) else {
        let name = command.unwrap_or_default();
        let known: Vec<&str> = root.get_subcommands().map(clap::Command::get_name).collect();
        return Err(Error::usage(name, "is not a command", suggestion(name, &known)));
    };
    standard::print(&manual(page.clone()).map_err(unwritten)?)
}

/// The manual pages of the program and of all commands, by the names of their files.
///
/// # Errors
/// [`Error::internal`] when one cannot be written.
pub fn manuals() -> Result<Vec<(String, String)>> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let pages = std::iter::once(&root).chain(root.get_subcommands());
    let named = |page: &clap::Command| Some((format!("{}.1", page.get_display_name().unwrap_or(page.get_name())), page.clone()));
    pages.filter_map(named).map(|(name, page)| Ok((name, manual(page).map_err(unwritten)?))).collect()
}

fn unwritten(error: std::io::Error) -> Error {
    Error::internal("manual", &error).with_cause(error)
}

/// The page of one command in the language of man: what clap makes of it, its examples, and exit codes under their name.
fn manual(command: clap::Command) -> std::io::Result<String> {
    let examples = command.get_before_help().map(ToString::to_string).unwrap_or_default();
    let man = clap_mangen::Man::new(command).source(concat!("portstatus ", env!("CARGO_PKG_VERSION")));
    let mut text = Vec::new();
    man.render(&mut text)?;
    let text = String::from_utf8_lossy(&text).replace(".SH EXTRA\n", ".SH \"EXIT STATUS\"\n");
    let examples: Vec<String> =
        examples.lines().skip(1).map(|line| line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq")).collect();
    Ok(format!("{text}.SH EXAMPLES\n.nf\n{}\n.fi\n", examples.join("\n")))
}
