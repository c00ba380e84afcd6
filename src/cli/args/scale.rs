//! The options of runs on several machines.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::LogFormat;

/// `portstatus scale`.
#[derive(Debug, Clone, Args)]
pub struct ScaleArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: ScaleAction,
}

/// What `portstatus scale` does.
#[derive(Debug, Clone, Subcommand)]
pub enum ScaleAction {
    /// Make the place of a run: its plan, the job, and what an engine is to be told
    Plan {
        /// What is planned.
        #[command(flatten)]
        plan: ScalePlanArgs,
        /// What is printed.
        #[command(flatten)]
        messages: ScaleMessages,
    },
    /// Share the rows out, render every shard, and add everything up; goes on where it ended when started again
    Run {
        /// What is planned.
        #[command(flatten)]
        plan: ScalePlanArgs,
        /// Where the rows are shared out: an engine, or here
        #[arg(long, value_name = "URL|here", default_value = "here")]
        engine: String,
        /// Where shards are rendered: by the engine, or here (default: where the rows are shared out)
        #[arg(long, value_name = "WHERE", value_enum, hide_possible_values = true)]
        render: Option<RenderWhere>,
        /// Share the rows out and render nothing: another scheduler does
        #[arg(long, conflicts_with = "render")]
        only_share: bool,
        /// What is printed.
        #[command(flatten)]
        messages: ScaleMessages,
    },
    /// Compare what was counted, what was rendered and what arrived; fails with the names of those that differ
    Reconcile {
        /// Job file, if it is to be the one that the run was planned by
        #[arg(value_name = "JOB")]
        job: Option<PathBuf>,
        /// Place of the run
        #[arg(long, value_name = "PLACE")]
        run: PathBuf,
        /// Engine that counts once more
        #[arg(long, value_name = "URL")]
        engine: Option<String>,
        /// What is printed.
        #[command(flatten)]
        messages: ScaleMessages,
    },
}

/// How a run on several machines is planned.
#[derive(Debug, Clone, Args)]
pub struct ScalePlanArgs {
    /// Job file; see portstatus job
    #[arg(value_name = "JOB")]
    pub job: PathBuf,
    /// Place of the run: a folder that every machine sees, which is made
    #[arg(long, value_name = "PLACE")]
    pub run: PathBuf,
    /// How many shards the rows are shared out to: some four to eight for each core
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub shards: u32,
    /// Instant the reports speak of (default: now)
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<String>,
    /// Table of the engine that meets the record schema, as it stands after FROM (default: the job's input, a Parquet file)
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// Columns of that table by which the rows of a recipient stand in the order in which they were read
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', default_value = "row")]
    pub order: Vec<String>,
    /// Where the machines of the engine have this program (default: where it is here)
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
}

/// What is printed of a run on several machines.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Messages")]
pub struct ScaleMessages {
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// Print what was done, or what went wrong, as JSON
    #[arg(long)]
    pub json: bool,
}

/// Where shards are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RenderWhere {
    /// By tasks of the engine.
    Engine,
    /// By this process.
    Here,
}

/// `portstatus render`.
#[derive(Debug, Clone, Args)]
pub struct RenderArgs {
    /// Place of the run
    #[arg(long, value_name = "PLACE")]
    pub run: PathBuf,
    /// Shard to render, from 0; the number of shards means those who may see everything; - reads numbers from standard input, one a line
    #[arg(long, value_name = "I")]
    pub shard: String,
    /// How many shards there are, as the run was planned
    #[arg(long, value_name = "N")]
    pub shards: u32,
    /// What standard error is told of: text (problems), or json (everything that happens, a JSON object a line)
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text, hide_possible_values = true, help_heading = "Messages")]
    pub log: LogFormat,
    /// Send mails again of which nobody knows whether they arrived
    #[arg(long)]
    pub resend_unknown: bool,
    /// End with 0, not 4, when a delivery did not arrive: the lines say so, and portstatus scale reconcile ends with 4
    #[arg(long)]
    pub undelivered_ok: bool,
}
