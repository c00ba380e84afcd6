//! The options that commands share, in the groups in which the help shows them.

use std::path::PathBuf;

use clap::Args;

use crate::cli::terminal::Color;
use crate::source::input_kinds;

/// What an INPUT may be.
pub fn input_help() -> String {
    format!("What to read: {}; - for standard input", input_kinds())
}

/// What several of them may be.
pub fn inputs_help() -> String {
    format!("What to read: {}; a folder, or a pattern such as 'exports/*.csv', for its files; - for standard input", input_kinds())
}

/// How inputs are read; shared by every command that reads orders.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadingArgs {
    /// Profile of the system the data comes from; auto refuses to choose between two that fit (default: the one whose own headers or words the file has, else generic); see portstatus sources
    #[arg(long, value_name = "PROFILE")]
    pub source: Option<String>,
    /// Read a header of the input as one of our columns; repeatable
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
    /// Table or view of a database (default: the one whose columns match)
    #[arg(long, value_name = "NAME", conflicts_with = "query")]
    pub table: Option<String>,
    /// Query of a database, one SELECT, whose answer is read as a table
    #[arg(long, value_name = "SQL")]
    pub query: Option<String>,
    /// How a database server is reached.
    #[command(flatten)]
    pub server: ServerArgs,
    /// CSV file with the columns account_id and partner, which says whose accounts they are
    #[arg(long, value_name = "FILE")]
    pub accounts: Option<PathBuf>,
    /// Largest size that one compressed file, workbook or column file may unpack to, such as 512M (default: 4G)
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true)]
    pub max_inflated_bytes: Option<String>,
    /// Largest amount of memory that the process reading a workbook, a column file or a compressed file may use (default: 8G)
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true)]
    pub max_memory_bytes: Option<String>,
    /// Most CPU seconds that the process reading a workbook, a column file or a compressed file may use (default: 300)
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub max_cpu_seconds: Option<u64>,
    /// Folder laid out like templates/ whose files replace the shipped ones
    #[arg(long, value_name = "FOLDER")]
    pub templates: Option<PathBuf>,
}

/// How a database server is reached; shared by every command that reads.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct ServerArgs {
    /// File that holds the URL of a database server, with its password; only its user may be able to read it
    #[arg(long, value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,
    /// Most seconds that a statement may take on a database server (default: 900)
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub statement_timeout: Option<u64>,
}

/// What databases are asked beside their rows.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct PushdownArgs {
    /// Have databases leave out rows of other accounts, requests and dates (--account, --request, --created, --confirmed,
    /// --estimated); flags that look across rows are then judged within the rows read
    #[arg(long)]
    pub pushdown: bool,
    /// Print what would be sent to databases, and read nothing
    #[arg(long)]
    pub explain_query: bool,
}

/// How numbers are classified; shared by every command that classifies.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Classification options")]
pub struct ClassificationArgs {
    /// Instant the report speaks of: 2026-11-21T10:00:00Z, or a Pacific date or time (default: now)
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<String>,
    /// Calendar of business days; see portstatus calendars
    #[arg(long, value_name = "NAME", default_value = "us-federal")]
    pub calendar: String,
    /// Setting of the classification rules, such as not_portable=waiting; repeatable; see portstatus settings
    #[arg(long, value_name = "NAME=VALUE")]
    pub setting: Vec<String>,
}

/// Whether statuses are printed in colour.
#[derive(Debug, Clone, Default, Args)]
pub struct ColorArgs {
    /// Print statuses in colour: auto (on a terminal, unless NO_COLOR is set), always or never
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, hide_possible_values = true, help_heading = "Messages")]
    pub color: Color,
}

/// What is printed.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Messages")]
pub struct MessageArgs {
    /// Print nothing but errors, and one line when rows were rejected (not with --rejects-ok)
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the summary, or what went wrong, as JSON
    #[arg(long)]
    pub json: bool,
    /// Colours.
    #[command(flatten)]
    pub color: ColorArgs,
    /// The configuration files that were read.
    #[arg(skip)]
    pub config_files: Vec<PathBuf>,
}
