//! The options of scheduled runs and of the runs that are kept.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::groups::ColorArgs;

/// `portstatus run`.
#[derive(Debug, Clone, Default, Args)]
pub struct RunArgs {
    /// Job file; see portstatus job
    #[arg(value_name = "JOB", required_unless_present = "resume")]
    pub job: Option<PathBuf>,
    /// Finish the deliveries of this run, a folder of the history (or its name, after JOB), and start no other
    #[arg(long, value_name = "RUN", conflicts_with_all = ["dry_run", "force", "as_of"])]
    pub resume: Option<PathBuf>,
    /// Make the reports, say what would go where, keep nothing and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Make and deliver the reports although the period had its run, or is a holiday: as another revision
    #[arg(long)]
    pub force: bool,
    /// Instant the reports speak of (default: now)
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<String>,
    /// What is done about periods that were missed: none, latest (the last of them is run, the others are named) or all (one after
    /// another) (default: what the job file says, or latest)
    #[arg(long, value_name = "WHICH", value_enum, hide_possible_values = true)]
    pub catch_up: Option<CatchUpChoice>,
    /// Send mails again of which nobody knows whether they arrived
    #[arg(long)]
    pub resend_unknown: bool,
    /// What standard error is told of: text (problems), or json (everything that happens, a JSON object a line)
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text, hide_possible_values = true, help_heading = "Messages")]
    pub log: LogFormat,
    /// Print nothing but errors, and the outcome unless everything arrived
    #[arg(long, short, help_heading = "Messages")]
    pub quiet: bool,
    /// Print what was done, or what went wrong, as JSON
    #[arg(long, help_heading = "Messages")]
    pub json: bool,
    /// Colours.
    #[command(flatten)]
    pub color: ColorArgs,
}

/// What standard error is told of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Problems, for people.
    #[default]
    Text,
    /// Everything that happens, a JSON object a line.
    Json,
}

/// What is done about periods that were missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CatchUpChoice {
    /// Nothing.
    None,
    /// The last of them is run.
    Latest,
    /// All of them are run.
    All,
}

/// `portstatus history`.
#[derive(Debug, Clone, Args)]
pub struct HistoryArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: HistoryAction,
}

/// What `portstatus history` does.
#[derive(Debug, Clone, Subcommand)]
pub enum HistoryAction {
    /// List the runs of a history folder, the earliest first
    List {
        /// History folder of a job
        #[arg(value_name = "FOLDER", default_value = "runs")]
        folder: PathBuf,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print what a run did, and what became of each delivery
    Show {
        /// Folder of the run, such as runs/latest
        #[arg(value_name = "RUN")]
        run: PathBuf,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove runs that are not to be kept; the latest of each job always is
    Prune {
        /// History folder of a job
        #[arg(value_name = "FOLDER", default_value = "runs")]
        folder: PathBuf,
        /// How many runs of a job to keep
        #[arg(long, value_name = "N", required_unless_present = "keep_days")]
        keep_runs: Option<u32>,
        /// How many days to keep runs; with --keep-runs, those beyond both go
        #[arg(long, value_name = "N")]
        keep_days: Option<u32>,
        /// Say which would go, and remove nothing
        #[arg(long)]
        dry_run: bool,
    },
}
