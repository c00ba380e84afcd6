//! The commands: each turns options into the stages' own types, calls them, and prints what came of it. Holds no rules of the trade.

pub mod args;
pub mod check;
pub mod completions;
pub mod explain;
pub mod progress;
pub mod read;
pub mod report;
pub mod sample;
pub mod signals;
pub mod states;
pub mod summary;
pub mod terminal;
pub mod usage;
pub mod wanted;
pub mod workbook_child;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use crate::clock::Watch;
use crate::deliver::standard::Standard;
use crate::deliver::{Delivery, RunId, name};
use crate::error::{Error, Result};
use crate::job::{self, run::Rulebook};
use crate::settings::Templates;
use args::{Cli, Command, ExplainArgs, StatesArgs};
use progress::Bar;
use usage::Asked;

/// The exit code of a run that was done, but with rejected rows.
pub const REJECTED: u8 = 3;

/// Runs the command that the program's arguments ask for; the exit code is that of the table in the help.
pub fn main() -> ExitCode {
    signals::forbid_core_files();
    signals::keep_files_private();
    if std::env::args_os().nth(1).is_some_and(|argument| argument == crate::source::workbook::ARGUMENT) {
        return workbook_child::run();
    }
    signals::quieten_panics();
    let outcome = catch_unwind(AssertUnwindSafe(|| dispatch(std::env::args_os().collect())));
    ExitCode::from(match outcome {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            tell(&error);
            error.code()
        }
        Err(_panic) => signals::panic_code(),
    })
}

fn dispatch(arguments: Vec<OsString>) -> Result<u8> {
    let cli = match usage::parse(arguments)? {
        Asked::Command(cli) => *cli,
        Asked::Help => return Ok(0),
    };
    signals::raise_descriptors()?;
    signals::watch()?;
    obey(cli)
}

fn obey(cli: Cli) -> Result<u8> {
    match cli.command {
        Command::Report(args) => report::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Read(args) => read::run(&args),
        Command::States(args) => print_states(&args),
        Command::Explain(args) => explain_number(&args),
        Command::Sample(args) => make_sample(&args),
        Command::Completions { shell } => completions::completions(shell),
        Command::Man { command } => completions::man(command.as_deref()),
    }
}

/// Prints the state model.
fn print_states(args: &StatesArgs) -> Result<u8> {
    let templates = Templates::new(args.templates.as_deref())?;
    let mut text = Vec::new();
    let code = states::run(&args.what, &templates, &mut text)?;
    terminal::say(&String::from_utf8_lossy(&text))?;
    Ok(code)
}

/// Says why a number has its status.
fn explain_number(args: &ExplainArgs) -> Result<u8> {
    let (inputs, read, templates) = (wanted::inputs(&args.what.inputs)?, wanted::reading(&args.read)?, wanted::templates(&args.read)?);
    let rulebook = Rulebook::read(&templates, &wanted::judging(&args.judging)?)?;
    let (_ledger, classified) = {
        let bar = Bar::new(true);
        job::run::look(&inputs, &read, &templates, rulebook, &bar)?
    };
    let mut text = Vec::new();
    let code = explain::run(&args.what.number, &classified, &mut text)?;
    terminal::say(&String::from_utf8_lossy(&text))?;
    Ok(code)
}

/// Writes a sample to the file it names, whole or not at all, else to standard output.
fn make_sample(args: &sample::Arguments) -> Result<u8> {
    let Some(path) = &args.out else {
        let mut out = Standard::open()?;
        sample::run(args, &mut out).map_err(|told| out.cause(told))?;
        out.finish()?;
        return Ok(0);
    };
    let (folder, name) = name::split(path)?;
    let mut delivery = Delivery::new(RunId::new(Watch::start().began().timestamp_micros()), Vec::new());
    let mut staged = delivery.stage(&folder, &name)?;
    sample::run(args, &mut staged).map_err(|told| staged.cause(told))?;
    delivery.publish(vec![staged.finish()?], None, &[])?;
    Ok(0)
}

/// Says on standard error, in one line, what ended the run: numbers masked, but not the counts that options take. A
/// reader that went away needs no telling.
fn tell(error: &Error) {
    if !matches!(error, Error::Interrupted(_)) {
        let said = error.to_string();
        let counts = error.fault().is_some_and(|fault| usage::takes_a_count(&fault.place));
        let said = if counts { terminal::plain(&said) } else { terminal::sentence(&said) };
        terminal::tell(&format!("portstatus: {said}\n"));
    }
}
