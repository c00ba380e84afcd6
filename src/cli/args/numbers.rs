//! What the commands take that tell of one number.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::groups::{ClassificationArgs, ColorArgs, ReadingArgs, inputs_help};

/// `portstatus explain`.
#[derive(Debug, Clone, Default, Args)]
pub struct ExplainArgs {
    /// The number, in any format
    #[arg(value_name = "NUMBER", allow_hyphen_values = true)]
    pub number: String,
    /// What to read.
    #[arg(value_name = "INPUT", required = true, help = inputs_help())]
    pub inputs: Vec<PathBuf>,
    /// How numbers are classified.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
    /// Print the explanation, or what went wrong, as JSON
    #[arg(long, help_heading = "Messages")]
    pub json: bool,
    /// Colours.
    #[command(flatten)]
    pub color: ColorArgs,
}

/// `portstatus timeline`.
///
/// Print the events of a number in their order, each with its time and the state after it, and last the current state.
///
/// An input is a table of events when its headers give a number, an event and a time, and no status. An event that its state
/// does not allow is shown as such, and the number takes the state that the event leads to.
#[derive(Debug, Clone, Default, Args)]
pub struct TimelineArgs {
    /// The number, in any format
    #[arg(value_name = "NUMBER", allow_hyphen_values = true)]
    pub number: String,
    /// What to read.
    #[arg(value_name = "INPUT", required = true, help = inputs_help())]
    pub inputs: Vec<PathBuf>,
    /// How numbers are classified.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
    /// Print the history, or what went wrong, as JSON
    #[arg(long, help_heading = "Messages")]
    pub json: bool,
    /// Colours.
    #[command(flatten)]
    pub color: ColorArgs,
}

/// `portstatus diff`.
///
/// Print what happened to each number from one state of the orders to another: new, moved from status to status, confirmed date set,
/// moved or lost, sent back, completed, gone. Each state is a folder of runs (its newest), a manifest, a report as CSV, XLSX, Parquet or
/// JSON, or an input.
#[derive(Debug, Clone, Default, Args)]
pub struct DiffArgs {
    /// The earlier state
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// The later state
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
    /// How numbers are classified.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
    /// Print what happened, or what went wrong, as JSON
    #[arg(long, help_heading = "Messages")]
    pub json: bool,
    /// Colours.
    #[command(flatten)]
    pub color: ColorArgs,
}
