//! The command line: every command, option and help text. Knows words, not what they lead to.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// What the program prints when asked for help.
#[derive(Debug, Parser)]
#[command(name = "portstatus", version, about, max_term_width = 110, arg_required_else_help = true)]
#[command(before_help = "Examples:
  portstatus report orders.csv --out out                 CSV, XLSX and PDF of every number
  portstatus report orders.xlsx --status 'waiting for you' --out waiting.pdf")]
#[command(after_help = "Exit codes: 0 done; 3 done, rows were rejected; 64 usage; 65 data; 66 no input; 70 bug; 71 system;
73 cannot create; 74 input/output; 75 try later; 77 permission; 78 configuration; 130, 143 interrupted.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the Partner Number Port Status Report
    #[command(before_help = REPORT_EXAMPLES)]
    Report(Box<ReportArgs>),
    /// Read and lint orders without writing a report
    #[command(before_help = CHECK_EXAMPLES)]
    Check(Box<CheckArgs>),
    /// Print a table exactly as it was read, and what was found about it
    #[command(before_help = READ_EXAMPLES)]
    Read(Box<ReadArgs>),
    /// Print the states of a number and the events between them
    #[command(before_help = STATES_EXAMPLES)]
    States(Box<StatesArgs>),
    /// List the profiles of systems that data can come from
    #[command(before_help = SOURCES_EXAMPLES)]
    Sources(ListArgs),
    /// List the calendars of business days
    #[command(before_help = CALENDARS_EXAMPLES)]
    Calendars(ListArgs),
    /// List the settings of the classification rules and their choices
    #[command(before_help = SETTINGS_EXAMPLES)]
    Settings(ListArgs),
    /// List the data-quality flags
    #[command(before_help = FLAGS_EXAMPLES)]
    Flags(ListArgs),
    /// Say which row, facts and rule gave a number its status
    #[command(before_help = EXPLAIN_EXAMPLES)]
    Explain(Box<ExplainArgs>),
    /// Write made-up orders of any size, the same ones for the same seed
    #[command(before_help = SAMPLE_EXAMPLES)]
    Sample(Box<crate::cli::sample::Arguments>),
    /// Print a shell's completion script
    #[command(before_help = "Examples:
  portstatus completions bash > ~/.local/share/bash-completion/completions/portstatus
  portstatus completions zsh > ~/.zfunc/_portstatus")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page of the program or of one command
    #[command(before_help = "Examples:
  portstatus man report | man -l -
  portstatus man > /usr/local/share/man/man1/portstatus.1")]
    Man {
        /// The command; the program itself when left out
        command: Option<String>,
    },
}

const REPORT_EXAMPLES: &str = "Examples:
  portstatus report orders.csv --out out
  portstatus report jan.csv feb.xlsx --account A-1001 --status scheduled --out report.xlsx";

const CHECK_EXAMPLES: &str = "Examples:
  portstatus check orders.csv
  portstatus check orders.xlsx --sheet Orders --json";

const READ_EXAMPLES: &str = "Examples:
  portstatus read orders.csv
  portstatus read orders.xlsx --sheet Jan > jan.csv";

const STATES_EXAMPLES: &str = "Examples:
  portstatus states
  portstatus states --mermaid --strict";

const SOURCES_EXAMPLES: &str = "Examples:
  portstatus sources
  portstatus sources --templates our-templates";

const CALENDARS_EXAMPLES: &str = "Examples:
  portstatus calendars
  portstatus calendars --json";

const SETTINGS_EXAMPLES: &str = "Examples:
  portstatus settings
  portstatus settings --json";

const FLAGS_EXAMPLES: &str = "Examples:
  portstatus flags
  portstatus flags --json";

const EXPLAIN_EXAMPLES: &str = "Examples:
  portstatus explain +16505551234 orders.csv
  portstatus explain '(650) 555-1234' jan.csv feb.xlsx --as-of 2026-11-21";

const SAMPLE_EXAMPLES: &str = "Examples:
  portstatus sample --rows 1000 --seed 7 > orders.csv
  portstatus sample --rows 100000 --format intermedia --out orders.csv";

/// How inputs are read; shared by every command that reads orders.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadingArgs {
    /// Profile of the system the data comes from (default: detected from the headers)
    #[arg(long, value_name = "PROFILE")]
    pub source: Option<String>,
    /// Use their column as ours; repeatable
    #[arg(long, value_name = "THEIR HEADER=OUR COLUMN")]
    pub map: Vec<String>,
    /// Encoding of text files, such as windows-1252 (default: detected)
    #[arg(long, value_name = "ENCODING")]
    pub encoding: Option<String>,
    /// Delimiter of text files: one character, or tab (default: detected)
    #[arg(long, value_name = "CHARACTER", allow_hyphen_values = true)]
    pub delimiter: Option<String>,
    /// Sheet of a workbook (default: the one whose headers match)
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// CSV file that maps account ids to partners
    #[arg(long, value_name = "FILE")]
    pub accounts: Option<PathBuf>,
    /// Most bytes one compressed file or workbook may inflate to; K, M and G are understood (default: 4G)
    #[arg(long, value_name = "BYTES")]
    pub max_inflated_bytes: Option<String>,
    /// Most memory the process that reads a workbook may take (default: 8G)
    #[arg(long, value_name = "BYTES")]
    pub max_memory_bytes: Option<String>,
    /// Most CPU seconds the process that reads a workbook may take (default: 300)
    #[arg(long, value_name = "SECONDS")]
    pub max_cpu_seconds: Option<u64>,
    /// Folder laid out like templates/ whose files replace those shipped
    #[arg(long, value_name = "FOLDER")]
    pub templates: Option<PathBuf>,
}

/// By what numbers are judged; shared by every command that classifies.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Classification")]
pub struct ClassificationArgs {
    /// Instant to judge by: 2026-11-21T10:00:00Z, or a Pacific date or time (default: now)
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<String>,
    /// Calendar of business days
    #[arg(long, value_name = "NAME", default_value = "us-federal")]
    pub calendar: String,
    /// Setting of the classification rules, such as not_portable=waiting or canceled_spelling=canceled; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub setting: Vec<String>,
}

/// Which rows.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which rows (filters combine with and, repeats of one with or)")]
pub struct FilterArgs {
    /// Account id; repeatable
    #[arg(long, value_name = "ID")]
    pub account: Vec<String>,
    /// Canceled, Completed, In Progress, Scheduled (or Confirmed) or Waiting for You; repeatable
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub status: Vec<String>,
    /// Detailed status, such as 'Waiting for LOA'; repeatable
    #[arg(long, value_name = "DETAIL", value_delimiter = ',')]
    pub detail: Vec<String>,
    /// Local or toll-free numbers
    #[arg(long, alias = "class", value_name = "local|toll-free", value_delimiter = ',')]
    pub number_type: Vec<String>,
    /// Partner; needs a partner column or --accounts; repeatable
    #[arg(long, value_name = "NAME")]
    pub partner: Vec<String>,
    /// Request id; repeatable
    #[arg(long, value_name = "ID")]
    pub request: Vec<String>,
    /// Case number; repeatable
    #[arg(long, value_name = "NUMBER")]
    pub case: Vec<String>,
    /// A phone number in any format, or text in any text column or other column shown; repeatable, one is enough
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub find: Vec<String>,
    /// Order creation date, both ends included; either end may be left out
    #[arg(long, value_name = "FROM..TO")]
    pub created: Option<String>,
    /// Confirmed porting date
    #[arg(long, value_name = "FROM..TO")]
    pub confirmed: Option<String>,
    /// Estimated porting date
    #[arg(long, value_name = "FROM..TO")]
    pub estimated: Option<String>,
    /// SQL condition over the columns of the report, such as "overdue and account_id like 'A%'"; repeatable, one is enough
    #[arg(long = "where", value_name = "CONDITION", allow_hyphen_values = true)]
    pub condition: Vec<String>,
    /// Leave out what was completed or canceled before this date
    #[arg(long, value_name = "DATE")]
    pub closed_since: Option<String>,
}

/// Which columns, order and page.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Columns, order and page")]
pub struct ShapeArgs {
    /// Columns, by key or caption, in order (default: the 19 of the report)
    #[arg(long, value_name = "COLUMN,…")]
    pub columns: Vec<String>,
    /// Order (default: status, account_id, request_id, phone_number)
    #[arg(long, value_name = "COLUMN[:desc],…")]
    pub sort: Vec<String>,
    /// Only this page; needs --page-size
    #[arg(long, value_name = "N")]
    pub page: Option<u64>,
    /// Rows on a page
    #[arg(long, value_name = "M")]
    pub page_size: Option<u64>,
    /// Name of the operator of the porting team, for the notice
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// Report template
    #[arg(long, value_name = "NAME", default_value = "partner-port-status")]
    pub template: String,
}

/// Where the outputs go.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Folder, file (its ending chooses the format), or - for standard output
    #[arg(long, short, value_name = "PLACE", default_value = "out")]
    pub out: String,
    /// csv, xlsx, pdf (default: all, or the ending of --out)
    #[arg(long, value_name = "FORMAT,…", value_delimiter = ',')]
    pub format: Vec<String>,
    /// File for rejected rows and cells (default: beside the report, when there are any)
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Begin CSV with a byte order mark
    #[arg(long)]
    pub csv_bom: bool,
    /// Delimiter of CSV outputs: one character, or tab
    #[arg(long, value_name = "CHARACTER", default_value = ",", allow_hyphen_values = true)]
    pub csv_delimiter: String,
    /// Text that a spreadsheet would run as a formula: prefixed with an apostrophe, or as it is
    #[arg(long, value_enum, value_name = "GUARD", default_value_t)]
    pub csv_guard: GuardWord,
}

/// What rejected rows do to a run.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Rejected rows")]
pub struct RejectLimitArgs {
    /// A rejected row fails the run before anything is published
    #[arg(long)]
    pub strict: bool,
    /// More rejected rows than this fail the run before anything is published
    #[arg(long, value_name = "N|N%", overrides_with = "strict")]
    pub max_rejects: Option<String>,
}

/// What is said on the way.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Messages")]
pub struct MessageArgs {
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// The summary as JSON
    #[arg(long)]
    pub json: bool,
    /// TOML file of the same options, their long names as keys; the command line wins
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `portstatus report`.
#[derive(Debug, Clone, Default, Args)]
pub struct ReportArgs {
    /// CSV, TSV, gzipped CSV, XLSX, XLS, XLSB or ODS files; - for standard input
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Where the outputs go.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Which rows.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Which columns, order and page.
    #[command(flatten)]
    pub shape: ShapeArgs,
    /// By what numbers are judged.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
    /// What rejected rows do.
    #[command(flatten)]
    pub reject_limit: RejectLimitArgs,
    /// What is said.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// `portstatus check`.
#[derive(Debug, Clone, Default, Args)]
pub struct CheckArgs {
    /// Files to read; - for standard input
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
    /// By what numbers are judged.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// How many rejects to print
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub show: usize,
    /// What is said.
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
    /// The file to read, or - for standard input
    pub input: PathBuf,
    /// The text encoding, such as windows-1252 or utf-16le; found out when absent
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// The field delimiter of text, one character or `tab`; found out when absent
    #[arg(long, value_name = "CHARACTER")]
    pub delimiter: Option<String>,
    /// The sheet of a workbook; the first with a table when absent
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
}

/// `portstatus states`.
#[derive(Debug, Clone, Default, Args)]
pub struct StatesArgs {
    /// What to print.
    #[command(flatten)]
    pub what: crate::cli::states::Arguments,
    /// Folder laid out like templates/ whose files replace those shipped
    #[arg(long, value_name = "FOLDER")]
    pub templates: Option<PathBuf>,
}

/// What lists take: `portstatus sources`, `calendars`, `settings`, `flags`.
#[derive(Debug, Clone, Default, Args)]
pub struct ListArgs {
    /// The list as JSON
    #[arg(long)]
    pub json: bool,
    /// Folder laid out like templates/ whose files replace those shipped
    #[arg(long, value_name = "FOLDER")]
    pub templates: Option<PathBuf>,
}

/// `portstatus explain`.
#[derive(Debug, Clone, Default, Args)]
pub struct ExplainArgs {
    /// What is asked.
    #[command(flatten)]
    pub what: crate::cli::explain::Arguments,
    /// By what numbers are judged.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
}

/// The values of `--csv-guard`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum GuardWord {
    /// Prefixed with an apostrophe.
    #[default]
    Apostrophe,
    /// As it is.
    Raw,
}
