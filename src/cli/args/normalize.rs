//! What `portstatus normalize` takes.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::groups::inputs_help;
use crate::cli::args::{ClassificationArgs, MessageArgs, ReadingArgs};

/// `portstatus normalize`.
///
/// Write the record, a row for each usable row of the inputs: numbers in E.164, days, codes of statuses, details and states, reject
/// reasons that free text names, and where each row stood. The SELECT of portstatus rules --sql classifies it.
#[derive(Debug, Clone, Args)]
pub struct NormalizeArgs {
    /// What to read.
    #[arg(value_name = "INPUT", help = inputs_help())]
    pub inputs: Vec<PathBuf>,
    /// Format of the table
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = RecordFormat::Parquet, hide_possible_values = true, help_heading = "Output")]
    pub to: RecordFormat,
    /// File to write
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub out: PathBuf,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
    /// How numbers are classified.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// End with exit code 0, not 3, when rows were rejected
    #[arg(long, help_heading = "Rejected rows")]
    pub rejects_ok: bool,
    /// What is printed.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// How a record is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum RecordFormat {
    /// Apache Parquet
    Parquet,
}
