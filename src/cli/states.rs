//! `portstatus states`: prints the state model.

use crate::cli::args::StatesArgs;
use crate::deliver::standard;
use crate::domain::lifecycle::{Lifecycle, Mode};
use crate::error::Result;
use crate::templates::Templates;

/// Prints the states, the events that move a number between them, and where each edge comes from.
///
/// # Errors
/// As [`text`], and when standard output refuses.
pub fn run(args: &StatesArgs) -> Result<()> {
    standard::print(&text(args)?)
}

/// The state model as text or as a diagram.
///
/// # Errors
/// [`crate::error::Error::config`] when the state model is wrong.
pub fn text(args: &StatesArgs) -> Result<String> {
    let file = "rules/lifecycle.toml";
    let lifecycle = Lifecycle::parse(&Templates::new(args.templates.as_deref())?.text(file)?, file)?;
    let mode = if args.strict { Mode::Strict } else { Mode::Extended };
    Ok(if args.mermaid { lifecycle.mermaid(mode) } else { lifecycle.text(mode) })
}
