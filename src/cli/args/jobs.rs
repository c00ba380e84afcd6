//! What the commands take that read job files.

use std::path::PathBuf;

use clap::Args;

/// `portstatus job`.
#[derive(Debug, Clone, Args)]
pub struct JobArgs {
    /// What to do: check a job file and say what it asks for, write a commented one, or print the JSON Schema of such files
    #[arg(value_name = "ACTION", value_enum)]
    pub action: JobAction,
    /// The job file (default: job.toml)
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print what was understood, or what is wrong, as JSON
    #[arg(long)]
    pub json: bool,
}

/// What `portstatus job` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum JobAction {
    /// Read a job file and what it names, but for orders and accounts, and say what it asks for and when it runs next
    Check,
    /// Write a commented job file, which replaces none
    Init,
    /// Print the JSON Schema of job files
    Schema,
}

/// `portstatus schedule`.
#[derive(Debug, Clone, Args)]
pub struct ScheduleArgs {
    /// The job file.
    #[arg(value_name = "FILE", help = "The job file")]
    pub file: PathBuf,
    /// What starts the runs: systemd, cron or kubernetes
    #[arg(long = "for", value_name = "SCHEDULER", value_enum, hide_possible_values = true)]
    pub scheduler: Scheduler,
    /// Folder to which the files are written (default: standard output)
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Zone of the machine whose cron starts the runs (default: that of this machine)
    #[arg(long, value_name = "ZONE")]
    pub machine_zone: Option<String>,
}

/// What can start runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Scheduler {
    /// A service and a timer of systemd.
    Systemd,
    /// Lines of a crontab.
    Cron,
    /// A CronJob.
    Kubernetes,
}
