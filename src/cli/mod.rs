//! The commands: each turns options into the stages' own types, calls them, and prints what came of it.

pub mod actions;
pub mod args;
pub mod calendars;
pub mod catalogue;
pub mod check;
pub mod completions;
pub mod config;
pub mod diff;
pub mod exit;
pub mod explain;
pub mod formats;
mod given_fonts;
pub mod guarded_child;
pub mod history;
pub mod job;
pub mod job_file;
pub mod list;
pub mod normalize;
pub mod options;
pub mod parse;
pub mod progress;
mod public_file;
pub mod read;
pub mod render;
pub mod report;
pub mod rules;
pub mod run;
mod run_log;
pub mod sample;
pub mod scale;
#[cfg(feature = "spark")]
mod scale_engine;
pub mod schedule;
pub mod serve;
mod serve_network;
mod shipments;
pub mod show;
pub mod signals;
pub mod sources;
mod starter;
pub mod states;
pub mod summary;
pub mod template;
pub mod terminal;
pub mod timeline;
pub mod verify;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use crate::clock::RunTimer;
use crate::deliver::{Delivery, RunFiles, name, standard};
use crate::domain::text::counted;
use crate::error::Result;
use args::{Cli, Command};
use clap::CommandFactory;
use parse::CommandLine;

/// Runs the command that the program's arguments ask for; the exit code is that of the table in the help.
pub fn main() -> ExitCode {
    signals::forbid_core_files();
    signals::keep_files_private();
    if std::env::args_os().nth(1).is_some_and(|argument| argument == crate::source::guarded::ARGUMENT) {
        return guarded_child::run();
    }
    let files = RunFiles::new(RunTimer::start().began().timestamp_micros());
    signals::exit_on_panic(files.clone());
    // A library's own advice would reach standard error past us.
    polars::error::set_warning_function(|_, _| ());
    let arguments: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(dispatch(&arguments, &files))
}

/// Does what `arguments` ask for; what went wrong is printed.
fn dispatch(arguments: &[OsString], files: &RunFiles) -> u8 {
    let (result, is_json) = match CommandLine::parse(arguments) {
        Ok(line) => (execute(&line, files).map_err(|error| line.locate(error)), line.is_json),
        Err(error) => (Err(error), parse::wants_json(arguments)),
    };
    result.unwrap_or_else(|error| {
        let left = files.left_behind();
        let error = if left.is_empty() { error } else { error.and(left) };
        exit::print(&error, is_json);
        error.code()
    })
}

fn execute(line: &CommandLine, files: &RunFiles) -> Result<u8> {
    let Some(cli) = &line.cli else { return Ok(0) };
    line.notes.iter().for_each(|note| terminal::eprint(&format!("portstatus: {}\n", terminal::plain(note))));
    signals::raise_descriptors()?;
    signals::watch(files.clone())?;
    match &cli.command {
        Command::Report(args) => return report::run(args, files),
        Command::Actions(args) => return actions::run(args, files),
        Command::Run(args) => return run::run(args, files),
        Command::Scale(args) => return scale::run(args, files),
        Command::Render(args) => return render::run(args, files),
        Command::Show(args) => return show::run(args),
        Command::Serve(args) => serve::run(args, files),
        Command::Check(args) => return check::run(args),
        Command::Read(args) => return read::run(args),
        Command::Normalize(args) => return normalize::run(args, files),
        Command::States(args) => states::run(args),
        Command::Columns(args) => catalogue::columns(args),
        Command::Sources(args) => sources::run(args),
        Command::Calendars(args) => calendars::run(args, files),
        Command::Rules(args) => rules::run(args, files),
        Command::Settings(args) => catalogue::settings(args),
        Command::Flags(args) => catalogue::flags(args),
        Command::Formats(args) => formats::run(args),
        Command::Template(args) => template::run(args, files),
        Command::Explain(args) => explain::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Config(args) => config::show::run(args, &line.layers, &Cli::command()),
        Command::Timeline(args) => timeline::run(args),
        Command::Diff(args) => diff::run(args),
        Command::History(args) => history::run(args, files),
        Command::Sample(args) => make_sample(args, files),
        Command::Job(args) => job::run(args, files),
        Command::Schedule(args) => schedule::run(args, files),
        Command::Completions { shell } => completions::completions(*shell),
        Command::Man { out: Some(folder), .. } => write_manual(folder, files),
        Command::Man { command, .. } => completions::man(command.as_deref()),
    }?;
    Ok(0)
}

/// Writes the manual pages of all commands to `folder`, all of them or none, for everybody to read.
fn write_manual(folder: &Path, files: &RunFiles) -> Result<()> {
    let manuals = completions::manuals()?;
    public_file::write_all(folder, manuals.iter().map(|(name, text)| (name.as_str(), text.as_str())), "manual", files)?;
    let pages = counted(manuals.len() as u64, "manual page");
    standard::print(&format!("Wrote {}: {pages}\n", terminal::plain(&folder.display().to_string())))
}

/// Writes a sample to the file it names, whole or not at all, else to standard output.
fn make_sample(args: &sample::Arguments, files: &RunFiles) -> Result<()> {
    let Some(path) = &args.out else {
        let mut out = standard::open()?;
        sample::run(args, &mut out).map_err(|error| out.cause(error))?;
        return out.finish().map(drop);
    };
    let (folder, name) = name::split(path)?;
    let mut delivery = Delivery::new(files, Vec::new());
    let mut staged = delivery.stage(&folder, &name)?;
    sample::run(args, &mut staged.writer).map_err(|error| staged.writer.cause(error))?;
    delivery.publish(vec![staged.finish()?], None, None)
}
