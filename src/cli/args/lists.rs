//! What the commands take that list what there is to choose from, show settings or verify files.

use std::path::PathBuf;

use clap::Args;

use crate::classify::sql::dialect::Dialect;

/// `portstatus sources`.
#[derive(Debug, Clone, Default, Args)]
pub struct SourcesArgs {
    /// What to do instead of listing: print what a profile says, check a file that is one, or print the JSON Schema of such files
    #[arg(value_name = "ACTION", value_enum)]
    pub action: Option<SourcesAction>,
    /// The profile to show, or the file to check
    #[arg(value_name = "PROFILE OR FILE", required_if_eq_any([("action", "show"), ("action", "check")]))]
    pub what: Option<String>,
    /// As other lists.
    #[command(flatten)]
    pub list: ListArgs,
}

/// What `portstatus sources` does with one profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SourcesAction {
    /// Print its headers and words, each with what it means
    Show,
    /// Check a file, and name the line and column of a fault
    Check,
    /// Print the JSON Schema of profile files
    Schema,
}

/// `portstatus template`.
#[derive(Debug, Clone, Default, Args)]
pub struct TemplateArgs {
    /// What to do instead of listing: write a commented template, check one, or print the JSON Schema of such files
    #[arg(value_name = "ACTION", value_enum)]
    pub action: Option<TemplateAction>,
    /// The template's file (for init, by default templates/reports/my-report.toml)
    #[arg(value_name = "FILE", required_if_eq("action", "check"))]
    pub file: Option<PathBuf>,
    /// As other lists.
    #[command(flatten)]
    pub list: ListArgs,
}

/// What `portstatus template` does with one template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TemplateAction {
    /// Write a commented template, which replaces none
    Init,
    /// Check a file, and name the line and column of a fault
    Check,
    /// Print the JSON Schema of templates
    Schema,
}

/// `portstatus calendars`.
#[derive(Debug, Clone, Default, Args)]
pub struct CalendarsArgs {
    /// What to do: list the calendars, print the holidays of one, or make one of an iCalendar file (.ics)
    #[arg(value_name = "ACTION", value_enum)]
    pub action: Option<CalendarsAction>,
    /// The calendar to show, or the file to import
    #[arg(value_name = "CALENDAR OR FILE", required_if_eq_any([("action", "show"), ("action", "import")]))]
    pub what: Option<PathBuf>,
    /// Year whose holidays are shown (default: this year)
    #[arg(long, value_name = "YEAR", allow_negative_numbers = true)]
    pub year: Option<i32>,
    /// Name of the calendar that is imported, as readers see it (default: the one that the file gives, or else that of the file)
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// File to which the imported calendar is written, FOLDER/calendars/NAME.toml for --templates FOLDER (default: standard output)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// As other lists.
    #[command(flatten)]
    pub list: ListArgs,
}

/// What `portstatus calendars` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CalendarsAction {
    /// List the calendars
    List,
    /// Print the holidays of one, on the days on which they are observed
    Show,
    /// Make a calendar of the all-day events of an iCalendar file
    Import,
}

/// `portstatus formats`.
#[derive(Debug, Clone, Default, Args)]
pub struct FormatsArgs {
    /// What to do instead of listing: print what describes the files of a format to programs
    #[arg(value_name = "ACTION", value_enum)]
    pub action: Option<FormatsAction>,
    /// The format: json and jsonl (a JSON Schema), xml (an XML Schema) or parquet (the types of the columns)
    #[arg(value_name = "FORMAT", required_if_eq("action", "schema"))]
    pub format: Option<String>,
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
}

/// What `portstatus formats` does with one format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FormatsAction {
    /// Print the schema of its files
    Schema,
}

/// `portstatus rules`.
#[derive(Debug, Clone, Default, Args)]
pub struct RulesArgs {
    /// Print all of them as one SELECT: spark, duckdb, postgres, sqlite, clickhouse, datafusion, snowflake, bigquery, trino or sqlserver
    #[arg(long, value_name = "DIALECT", value_parser = clap::builder::PossibleValuesParser::new(dialects()), hide_possible_values = true)]
    pub sql: Option<String>,
    /// Table of orders that the SELECT reads, as it stands after FROM (default: port_orders)
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// Table of days that --days makes: with it the SELECT says data-quality flags and what depends on time, too
    #[arg(long, value_name = "NAME")]
    pub days_table: Option<String>,
    /// Print the statements that make that table (default: port_days) instead
    #[arg(long, conflicts_with_all = ["table", "as_of", "setting"])]
    pub days: bool,
    /// Calendar of business days; see portstatus calendars
    #[arg(long, value_name = "NAME", default_value = "us-federal")]
    pub calendar: String,
    /// Instant that the verdicts speak of: 2026-11-21T10:00:00Z, or a Pacific date or time (default: now)
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<String>,
    /// Setting of the classification rules, such as not_portable=waiting; repeatable; see portstatus settings
    #[arg(long, value_name = "NAME=VALUE")]
    pub setting: Vec<String>,
    /// File to which the SELECT is written (default: standard output)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// As other lists.
    #[command(flatten)]
    pub list: ListArgs,
}

fn dialects() -> Vec<&'static str> {
    Dialect::ALL.iter().map(|dialect| dialect.code()).collect()
}

/// What lists take: `portstatus columns`, `sources`, `calendars`, `settings`, `flags`.
#[derive(Debug, Clone, Default, Args)]
pub struct ListArgs {
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
    /// Folder laid out like templates/ whose files replace the shipped ones
    #[arg(long, value_name = "FOLDER")]
    pub templates: Option<PathBuf>,
}

/// `portstatus config`.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// What to do
    #[arg(value_name = "ACTION", value_enum)]
    pub action: ConfigAction,
    /// The command whose options are shown (default: all)
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
    /// Say which file and line, or which variable, set it
    #[arg(long)]
    pub origin: bool,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// What `portstatus config` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ConfigAction {
    /// Print what options are set to
    Show,
}

/// `portstatus states`.
#[derive(Debug, Clone, Default, Args)]
pub struct StatesArgs {
    /// Only the edges of the published diagram
    #[arg(long)]
    pub strict: bool,
    /// As a mermaid diagram
    #[arg(long)]
    pub mermaid: bool,
    /// Folder laid out like templates/ whose files replace the shipped ones
    #[arg(long, value_name = "FOLDER")]
    pub templates: Option<PathBuf>,
}

/// `portstatus verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// Folder of a run, all of whose manifests are meant, or a manifest
    #[arg(value_name = "PLACE", required = true)]
    pub places: Vec<PathBuf>,
    /// Also compare files that a manifest lists by their whole path, such as a rejects file in another folder
    #[arg(long)]
    pub elsewhere: bool,
    /// Print what was found, or what went wrong, as JSON
    #[arg(long)]
    pub json: bool,
}
