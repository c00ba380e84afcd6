//! What `portstatus show` takes.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::groups::{ClassificationArgs, ColorArgs, ReadingArgs, inputs_help};
use crate::cli::args::query::QueryArgs;

/// `portstatus show`.
///
/// Show the numbers in the terminal, a line each.
///
/// Keys: arrows, page up and down, space, home and end move; / finds a text or a number in any spelling, n and N go to the next and
/// the one before; f leaves only rows with a text, and an empty one shows all again; q quits. Where standard output is no terminal, the
/// whole table is printed, without colours.
#[derive(Debug, Clone, Default, Args)]
pub struct ShowArgs {
    /// What to read.
    #[arg(value_name = "INPUT", help = inputs_help())]
    pub inputs: Vec<PathBuf>,
    /// Which rows.
    #[command(flatten)]
    pub query: QueryArgs,
    /// Report template, which says what columns are called and which are shown (default: partner-port-status)
    #[arg(long, value_name = "NAME", help_heading = "Columns, order and page")]
    pub template: Option<String>,
    /// How numbers are classified.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
    /// End with exit code 0, not 3, when rows were rejected
    #[arg(long, help_heading = "Rejected rows")]
    pub rejects_ok: bool,
    /// Colours.
    #[command(flatten)]
    pub color: ColorArgs,
}
