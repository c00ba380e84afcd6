//! How a command ends: its exit code, and its error as one line for a person or as JSON for a script.

use serde_json::{Value, json};

use crate::cli::parse;
use crate::cli::terminal;
use crate::error::{Error, ErrorKind, Place};

/// The exit code of a run that was done, but with rejected rows.
pub const REJECTED: u8 = 3;

/// Prints what ended the run on standard error: one line, or one line of JSON if `as_json`. Phone numbers are masked,
/// but not the counts that options take. A reader that went away is told nothing.
pub fn print(error: &Error, as_json: bool) {
    if error.kind == ErrorKind::ReaderGone {
        return;
    }
    let is_count = matches!(&error.place, Place::Option { key, .. } if parse::takes_a_count(key));
    let shown = |text: &str| if is_count { terminal::plain(text) } else { terminal::sentence(text) };
    let line = if as_json { masked(json(error), &shown).to_string() } else { format!("portstatus: {}", shown(&text(error))) };
    terminal::eprint(&(line + "\n"));
}

/// `where: what; what to do`, options as the command line spells them.
fn text(error: &Error) -> String {
    let (place, help) = (spelled(&error.place), help(error));
    let colon = if place.is_empty() { "" } else { ": " };
    let semicolon = if help.is_empty() { "" } else { "; " };
    format!("{place}{colon}{}{semicolon}{help}", error.what)
}

/// `{"error": {"kind", "exit_code", "place", "message", "help", "causes"}}`; a place has a `type` and what that type has.
fn json(error: &Error) -> Value {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    json!({ "error": {
        "kind": error.kind,
        "exit_code": error.code(),
        "place": Some(&error.place).filter(|place| **place != Place::Nowhere),
        "message": error.what,
        "help": help(error),
        "causes": causes.map(ToString::to_string).collect::<Vec<_>>(),
    }})
}

/// What to do, with the option that does it.
fn help(error: &Error) -> String {
    match &error.remedy {
        Some(option) => format!("{} with {}", error.help, spelled(option)),
        None => error.help.clone(),
    }
}

/// An option as it is written on the command line: `--page-size`.
fn spelled(option: &Place) -> String {
    match option {
        Place::Option { key, value } => {
            let value = value.as_ref().map(|value| format!(" {value}")).unwrap_or_default();
            format!("--{}{value}", key.replace('_', "-"))
        }
        other => other.to_string(),
    }
}

fn masked(value: Value, shown: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(shown(&text)),
        Value::Array(values) => values.into_iter().map(|value| masked(value, shown)).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, masked(value, shown))).collect(),
        other => other,
    }
}
