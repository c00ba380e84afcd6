//! `portstatus states`: prints the state model. Reads no orders.

use std::io::Write;

use clap::Args;

use crate::domain::lifecycle::{Lifecycle, Mode};
use crate::error::{Error, Result};
use crate::templates::Templates;

/// Options of `states`.
#[derive(Debug, Clone, Default, Args)]
pub struct Arguments {
    /// Only the edges of the published diagram
    #[arg(long)]
    pub strict: bool,
    /// As a mermaid diagram
    #[arg(long)]
    pub mermaid: bool,
}

/// Prints the states, the events that move a number between them, and where each edge comes from.
///
/// # Errors
/// [`Error::config`] when the state model is wrong, [`Error::input_output`] when `out` refuses.
pub fn run(arguments: &Arguments, templates: &Templates, out: &mut dyn Write) -> Result<u8> {
    let file = "rules/lifecycle.toml";
    let lifecycle = Lifecycle::parse(&templates.text(file)?, file)?;
    let mode = if arguments.strict { Mode::Strict } else { Mode::Extended };
    let text = if arguments.mermaid { lifecycle.mermaid(mode) } else { lifecycle.text(mode) };
    out.write_all(text.as_bytes()).map_err(|error| Error::input_output("standard output", error.to_string().to_lowercase(), ""))?;
    Ok(0)
}
