//! Completion scripts and the manual pages, made from the one description of the command line.

use clap::CommandFactory;

use crate::cli::args::Cli;
use crate::deliver::standard;
use crate::domain::text::suggestion;
use crate::error::{Error, Result};

/// Prints the completion script of `shell` on standard output.
///
/// # Errors
/// When standard output refuses.
pub fn completions(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "portstatus", &mut script);
    standard::print(&String::from_utf8_lossy(&script))
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
    let unwritten = |error: std::io::Error| Error::internal("manual", &error).with_cause(error);
    standard::print(&manual(page.clone()).map_err(unwritten)?)
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
