//! The command line: every command and its help.

mod groups;
mod jobs;
mod lists;
mod normalize;
mod numbers;
mod query;
mod report;
mod runs;
mod scale;
mod serve;
mod show;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::cli::args::groups::{input_help, inputs_help};

pub use crate::cli::args::groups::{ClassificationArgs, ColorArgs, MessageArgs, PushdownArgs, ReadingArgs, ServerArgs};
pub use crate::cli::args::jobs::{JobAction, JobArgs, ScheduleArgs, Scheduler};
pub use crate::cli::args::lists::{
    CalendarsAction, CalendarsArgs, ConfigArgs, FormatsAction, FormatsArgs, ListArgs, RulesArgs, SourcesAction, SourcesArgs, StatesArgs,
    TemplateAction, TemplateArgs, VerifyArgs,
};
pub use crate::cli::args::normalize::{NormalizeArgs, RecordFormat};
pub use crate::cli::args::numbers::{DiffArgs, ExplainArgs, TimelineArgs};
pub use crate::cli::args::query::QueryArgs;
pub use crate::cli::args::report::{ActionsArgs, ReportArgs};
pub use crate::cli::args::runs::{CatchUpChoice, HistoryAction, HistoryArgs, LogFormat, RunArgs};
pub use crate::cli::args::scale::{RenderArgs, RenderWhere, ScaleAction, ScaleArgs, ScaleMessages, ScalePlanArgs};
pub use crate::cli::args::serve::{NetworkArgs, ServeArgs};
pub use crate::cli::args::show::ShowArgs;

/// What the program prints when asked for help.
#[derive(Debug, Parser)]
#[command(name = "portstatus", version, about, max_term_width = 110, arg_required_else_help = true)]
#[command(before_help = "Examples:
  portstatus report orders.csv --out out                 CSV, XLSX and PDF of every number
  portstatus report orders.xlsx --status 'waiting for you' --out waiting.pdf")]
#[command(
    after_help = "Exit codes: 0 done; 3 done, but rows were rejected (0 with --rejects-ok); 4 run: some deliveries failed or are unknown;
5 done, but the report is empty and --fail-if-empty was given; 64 usage; 65 data; 66 no input; 69 server unavailable; 70 bug;
71 system; 73 cannot create; 74 input/output; 75 try later; 77 permission; 78 configuration; 129, 130, 143 interrupted;
141 the reader of standard output went away."
)]
pub struct Cli {
    /// TOML file of options, their long names as keys, instead of the user's and the system's; see portstatus config --help
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// What a command that reads orders prints.
    pub fn messages(&mut self) -> Option<&mut MessageArgs> {
        match &mut self.command {
            Command::Report(args) => Some(&mut args.messages),
            Command::Actions(args) => Some(&mut args.report.messages),
            Command::Check(args) => Some(&mut args.messages),
            Command::Normalize(args) => Some(&mut args.messages),
            _ => None,
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the Partner Number Port Status Report
    #[command(before_help = "Examples:
  portstatus report orders.csv --out out
  portstatus report jan.csv feb.xlsx --account A-1001 --status scheduled --out report.xlsx")]
    Report(Box<ReportArgs>),
    /// Write a file of what to ask the porting team for: assign configuration profiles, cancel, resubmit
    #[command(before_help = "Examples:
  portstatus actions cancel orders.csv --request R-1001 --out cancel.csv
  portstatus actions assign-configuration-profile orders.csv --rules profiles.toml --out out
  portstatus actions resubmit orders.csv events.csv --account A-1001 --out resubmit.xlsx --apply-to events.csv")]
    Actions(Box<ActionsArgs>),
    /// Show the numbers in the terminal: page, find, filter; through a pipe as a plain table
    #[command(before_help = "Examples:
  portstatus show orders.csv
  portstatus show orders.xlsx --status 'waiting for you' --columns phone_number,detail,next_step | less -S")]
    Show(Box<ShowArgs>),
    /// Show the report on screen, in a browser
    #[command(before_help = "Examples:
  portstatus serve orders.csv
  portstatus serve sqlite:orders.db --table port_orders --port 0
  portstatus serve orders.csv --proxy 10.0.0.2 --bind 10.0.0.3 --user-header X-Remote-User \
    --users users.csv --public-url https://ports.example")]
    Serve(Box<ServeArgs>),
    /// Check orders without writing a report
    #[command(before_help = "Examples:
  portstatus check orders.csv
  portstatus check orders.xlsx --sheet Orders --json")]
    Check(Box<CheckArgs>),
    /// Print a table exactly as it was read, and what was detected
    #[command(before_help = "Examples:
  portstatus read orders.csv
  portstatus read orders.xlsx --sheet Jan > jan.csv")]
    Read(Box<ReadArgs>),
    /// Write what was made of the inputs as one Parquet table, for a warehouse or another engine
    #[command(before_help = "Examples:
  portstatus normalize orders.csv --to parquet --out record.parquet
  portstatus normalize jan.xlsx feb.xlsx --to parquet --out record.parquet --as-of 2026-11-21")]
    Normalize(Box<NormalizeArgs>),
    /// Print the states of a number and the events between them
    #[command(before_help = "Examples:
  portstatus states
  portstatus states --mermaid --strict")]
    States(Box<StatesArgs>),
    /// List the columns: keys, types, captions, meanings and choices
    #[command(before_help = "Examples:
  portstatus columns
  portstatus columns --json")]
    Columns(ListArgs),
    /// List the profiles of systems that data can come from, show or check one
    #[command(before_help = "Examples:
  portstatus sources
  portstatus sources show telnyx
  portstatus sources check our-templates/sources/acme.toml")]
    Sources(SourcesArgs),
    /// List the calendars of business days, show one, or make one of an iCalendar file
    #[command(
        visible_alias = "calendar",
        before_help = "Examples:
  portstatus calendars
  portstatus calendars show uk-scotland --year 2027
  portstatus calendars import holidays.ics --name 'Our holidays' --out our-templates/calendars/ours.toml"
    )]
    Calendars(CalendarsArgs),
    /// List the classification rules in their order, or print them as SQL for a database that holds the orders
    #[command(before_help = "Examples:
  portstatus rules
  portstatus rules --sql duckdb --table orders --as-of 2026-11-21
  portstatus rules --sql spark --out classification.sql")]
    Rules(RulesArgs),
    /// List the settings of the classification rules and their choices
    #[command(before_help = "Examples:
  portstatus settings
  portstatus settings --json")]
    Settings(ListArgs),
    /// List the data-quality flags
    #[command(before_help = "Examples:
  portstatus flags
  portstatus flags --json")]
    Flags(ListArgs),
    /// List the formats that a report can be written in, or print what describes the files of one to programs
    #[command(before_help = "Examples:
  portstatus formats
  portstatus formats schema json > report.schema.json")]
    Formats(FormatsArgs),
    /// List the templates of reports, write one of your own to begin with, or check one
    #[command(before_help = "Examples:
  portstatus template
  portstatus template init our-templates/reports/weekly.toml
  portstatus template check our-templates/reports/weekly.toml
  portstatus template schema > template.schema.json")]
    Template(TemplateArgs),
    /// Explain which row, facts and rule gave a number its status
    #[command(before_help = "Examples:
  portstatus explain +16505551234 orders.csv
  portstatus explain '(650) 555-1234' jan.csv feb.xlsx --as-of 2026-11-21")]
    Explain(Box<ExplainArgs>),
    /// Print the history of a number: each event with its time and the state after it
    #[command(before_help = "Examples:
  portstatus timeline +16505551234 events.csv
  portstatus timeline '(650) 555-1234' january.csv february.csv --json")]
    Timeline(Box<TimelineArgs>),
    /// Print what happened to each number from one state of the orders to another
    #[command(before_help = "Examples:
  portstatus diff yesterday.csv today.csv
  portstatus diff runs/partner-port-status-2026-11-20.manifest.json orders.csv --json")]
    Diff(Box<DiffArgs>),
    /// Write made-up orders of any size, the same ones for the same seed
    #[command(before_help = "Examples:
  portstatus sample --rows 1000 --seed 7 > orders.csv
  portstatus sample --rows 100000 --format intermedia --out orders.csv")]
    Sample(Box<crate::cli::sample::Arguments>),
    /// Compare the files of a run with what its manifest lists: sizes, SHA-256, what is missing and what is more
    #[command(before_help = "Examples:
  portstatus verify out
  portstatus verify out/partner-port-status-2026-11-21.manifest.json --json")]
    Verify(VerifyArgs),
    /// Print what every option is set to, and where that stands
    ///
    /// What the command line does not give, the first of these does: a variable, PORTSTATUS_OUT for --out (PORTSTATUS_REPORT__OUT for
    /// that of report alone); the file of --config or PORTSTATUS_CONFIG, or else the user's ($XDG_CONFIG_HOME/portstatus/config.toml,
    /// ~/.config/portstatus/config.toml) and the system's (/etc/portstatus/config.toml). In a file the long name of an option is the
    /// key, as in out = "reports"; options of one command stand in a table of its name. In a variable true and false switch
    /// on and off, several values stand in lines of their own or, where the option takes them so, with commas between them, and an
    /// empty variable sets nothing. --no-quiet takes back a switch that was set.
    #[command(before_help = "Examples:
  portstatus config show --origin
  portstatus config show report --json")]
    Config(ConfigArgs),
    /// Do what a job file asks for: one reading, a report for each recipient, kept as a run and delivered
    ///
    /// A period has one run: started again, what has not arrived is delivered, and what has is not. The last line says what came of it.
    #[command(before_help = "Examples:
  portstatus run nightly.toml --dry-run
  portstatus run nightly.toml
  portstatus run --resume runs/latest")]
    Run(Box<RunArgs>),
    /// Do what a job file asks for on several machines: share its rows out, render each shard by a task of its own, add everything up
    ///
    /// The rows are shared out by the values that tell recipients apart, here or by an engine that holds them. Each shard is rendered by
    /// portstatus render, whoever starts it. A run is complete when what was counted, what was rendered and what arrived agree.
    #[command(before_help = "Examples:
  portstatus scale run nightly.toml --run /shared/2026-11-21 --engine sc://spark.example:15002
  portstatus scale run nightly.toml --run /shared/2026-11-21 --shards 64 --only-share
  portstatus scale reconcile --run /shared/2026-11-21")]
    Scale(Box<ScaleArgs>),
    /// Render one shard of a run on several machines, and print a line for each recipient
    #[command(before_help = "Examples:
  portstatus render --run /shared/2026-11-21 --shards 64 --shard 3
  portstatus render --run /shared/2026-11-21 --shards 64 --shard - < numbers")]
    Render(Box<RenderArgs>),
    /// List the runs that are kept, show one, or remove those that are not to be kept
    #[command(before_help = "Examples:
  portstatus history list runs
  portstatus history show runs/latest
  portstatus history prune runs --keep-runs 30 --keep-days 90")]
    History(HistoryArgs),
    /// Check a job file, write one to begin with, or print the JSON Schema of job files
    ///
    /// A job file says what a scheduled run reads, who gets a report of it, where the reports go and when. Relative paths in it are
    /// below its folder. Neither configuration files nor variables change it, but PORTSTATUS_DATABASE_URL.
    #[command(before_help = "Examples:
  portstatus job init nightly.toml
  portstatus job check nightly.toml")]
    Job(JobArgs),
    /// Write what starts the runs of a job file at its times: units of systemd, lines for cron, or a manifest for Kubernetes
    #[command(before_help = "Examples:
  portstatus schedule nightly.toml --for systemd --out /etc/systemd/system
  portstatus schedule nightly.toml --for cron")]
    Schedule(ScheduleArgs),
    /// Print a shell's completion script
    #[command(before_help = "Examples:
  portstatus completions bash > ~/.local/share/bash-completion/completions/portstatus
  portstatus completions zsh > ~/.zfunc/_portstatus")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page of the program or of one command, or write all of them
    #[command(before_help = "Examples:
  portstatus man report | man -l -
  portstatus man --out /usr/local/share/man/man1")]
    Man {
        /// The command; the program itself when left out
        command: Option<String>,
        /// Folder to which the pages of the program and of all commands are written
        #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
        out: Option<PathBuf>,
    },
}

/// `portstatus check`.
#[derive(Debug, Clone, Default, Args)]
pub struct CheckArgs {
    /// What to read.
    #[arg(value_name = "INPUT", help = inputs_help())]
    pub inputs: Vec<PathBuf>,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
    /// How numbers are classified.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// How many rejected rows and cells to print (default: 20, or 1000 with --json)
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Rejected rows")]
    pub show: Option<usize>,
    /// End with exit code 0, not 3, when rows were rejected
    #[arg(long, help_heading = "Rejected rows")]
    pub rejects_ok: bool,
    /// What is printed.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// `portstatus read`.
///
/// Print a table as it was read: plain CSV (RFC 4180 with line feeds) on standard output, what was found as JSON on standard error.
///
/// Every column is printed, not only those of orders, and nothing is guarded or changed. Exit code 3 means that rows were
/// refused; the JSON lists them by line and reason.
#[derive(Debug, Clone, Args)]
pub struct ReadArgs {
    /// What to read.
    #[arg(value_name = "INPUT", help = input_help())]
    pub input: PathBuf,
    /// Encoding of text, such as windows-1252 or utf-16le (default: detected)
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Delimiter of text: one character, or tab (default: detected)
    #[arg(long, value_name = "CHARACTER")]
    pub delimiter: Option<String>,
    /// Sheet of a workbook (default: the first with a table)
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Table or view of a database (default: the first)
    #[arg(long, value_name = "NAME", conflicts_with = "query")]
    pub table: Option<String>,
    /// Query of a database, one SELECT, whose answer is read as a table
    #[arg(long, value_name = "SQL")]
    pub query: Option<String>,
    /// Print headers, rows and what was detected, or what went wrong, as one JSON object on standard output
    #[arg(long)]
    pub json: bool,
    /// How a database server is reached.
    #[command(flatten)]
    pub server: ServerArgs,
}
