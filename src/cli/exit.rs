//! How a command ends: its exit code, and its error as one line for a person or as JSON for a script.

use serde_json::{Value, json};

use crate::cli::terminal;
use crate::domain::number::mask_sentence_but;
use crate::domain::text::{counted, thousands};
use crate::error::{Error, ErrorKind, Place};

/// The exit code of a run that was done, but with rejected rows.
pub const REJECTED: u8 = 3;

/// What the code [`REJECTED`] means, in one line and with its line end, when `rejected` of `read` rows were; nothing when none
/// was. `is_ok` when they were to be no reason for that code.
pub fn rejected_line(rejected: u64, read: u64, is_ok: bool) -> String {
    if rejected == 0 {
        return String::new();
    }
    let verb = if rejected == 1 { "was" } else { "were" };
    let code = if is_ok { String::new() } else { format!(": exit code {REJECTED}, or 0 with --rejects-ok") };
    format!("Done, but {} of {} {verb} rejected{code}\n", thousands(rejected), counted(read, "row"))
}

/// The exit code of a run whose report is empty, where that was to be told so.
pub const EMPTY: u8 = 5;

/// What the code [`EMPTY`] means, in one line and with its line end.
pub fn empty_line() -> String {
    format!("Done, but the report is empty: exit code {EMPTY}, as --fail-if-empty asks\n")
}

/// The exit code of a run that rejected so many rows.
pub const fn code_of(rejected: u64, is_ok: bool) -> u8 {
    if rejected > 0 && !is_ok { REJECTED } else { 0 }
}

/// Prints what ended the run on standard error: one line, or one line of JSON if `as_json`. What may hold words of the data
/// is shown without whole phone numbers, what the user typed is shown as it was typed. A reader that went away is told
/// nothing.
pub fn print(error: &Error, as_json: bool) {
    if error.kind == ErrorKind::ReaderGone {
        return;
    }
    let line = if as_json { terminal::escaped(json(error)).to_string() } else { format!("portstatus: {}", terminal::plain(&text(error))) };
    terminal::eprint(&(line + "\n"));
}

/// The words of `error` that come from `text`. Where an error is about the data, text that the user did not type may be of it.
fn shown(error: &Error, text: &str) -> String {
    match error.kind {
        ErrorKind::Data | ErrorKind::Internal => mask_sentence_but(text, &typed()),
        _ => text.to_owned(),
    }
}

/// The arguments of the command line, and the names of the files among them.
fn typed() -> Vec<String> {
    let arguments = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    arguments.flat_map(|argument| [argument.rsplit('/').next().unwrap_or_default().to_owned(), argument]).collect()
}

/// `where: what; what to do`, options as the command line spells them.
fn text(error: &Error) -> String {
    let (what, help) = words(error);
    let semicolon = if help.is_empty() { "" } else { "; " };
    format!("{what}{semicolon}{help}")
}

/// `where: what`, and what to do, options as the command line spells them.
pub fn words(error: &Error) -> (String, String) {
    let (place, what) = (spelled(&error.place), shown(error, &error.what));
    let colon = if place.is_empty() { "" } else { ": " };
    (format!("{place}{colon}{what}"), help(error))
}

/// `{"error": {"kind", "exit_code", "place", "message", "help", "causes"}}`; a place has a `type` and what that type has.
fn json(error: &Error) -> Value {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    json!({ "error": {
        "kind": error.kind,
        "exit_code": error.code(),
        "place": Some(&error.place).filter(|place| **place != Place::Nowhere),
        "message": shown(error, &error.what),
        "help": help(error),
        "causes": causes.map(|cause| shown(error, &cause.to_string())).collect::<Vec<_>>(),
    }})
}

/// What to do, with the option that does it.
fn help(error: &Error) -> String {
    let help = match &error.remedy {
        Some(option) => format!("{} with {}{}", shown(error, &error.help), spelled(option), also(option)),
        None => shown(error, &error.help),
    };
    match error.list {
        None => help,
        Some(list) if help.is_empty() => format!("'portstatus {list}' lists all"),
        // A question has its mark already.
        Some(list) if help.ends_with('?') => format!("{help} 'portstatus {list}' lists all"),
        Some(list) => format!("{help}; 'portstatus {list}' lists all"),
    }
}

/// The command that helps as well as `option` does.
fn also(option: &Place) -> &'static str {
    match option {
        Place::Option { key, .. } if key == "max_rejects" => "; portstatus check lists them all",
        _ => "",
    }
}

/// An option as it is written on the command line: `--page-size`.
pub fn spelled(option: &Place) -> String {
    match option {
        Place::Option { key, value } => {
            let value = value.as_ref().map(|value| format!(" {value}")).unwrap_or_default();
            format!("--{}{value}", key.replace('_', "-"))
        }
        other => other.to_string(),
    }
}
