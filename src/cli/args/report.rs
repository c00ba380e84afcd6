//! What `portstatus report` takes, and `actions`, which writes a report of its own.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::groups::{ClassificationArgs, MessageArgs, PushdownArgs, ReadingArgs, inputs_help};
use crate::cli::args::query::QueryArgs;
use crate::deliver::transport::target::is_mailbox;
use crate::domain::density::Density;
use crate::domain::paper::{Orientation, Paper};

/// `portstatus report`.
#[derive(Debug, Clone, Default, Args)]
pub struct ReportArgs {
    /// What to read.
    #[arg(value_name = "INPUT", help = inputs_help())]
    pub inputs: Vec<PathBuf>,
    /// Folder, file (its ending chooses the format), or - for standard output
    #[arg(long, short, value_name = "PLACE", default_value = "out", help_heading = "Output")]
    pub out: String,
    /// Formats: csv, xlsx, pdf, html, docx, ods, json, jsonl, xml, parquet, table (default: the first three, or the ending of --out); see
    /// portstatus formats
    #[arg(long, value_name = "FORMAT,…", value_delimiter = ',', help_heading = "Output")]
    pub format: Vec<String>,
    /// Tell what changed since an earlier report: a folder of runs (its newest before this one), a manifest, a report, or an input as
    /// it was
    #[arg(long, value_name = "PREVIOUS", help_heading = "Output")]
    pub since: Option<PathBuf>,
    /// Report what a run of a job had, in the place of inputs: of the runs in this folder the last one, or with --as-of the last up to
    /// that day or instant
    #[arg(long, value_name = "FOLDER", help_heading = "Reading")]
    pub history: Option<PathBuf>,
    /// Write a report of its own for each value of a column, in a folder of its own: partner, account or another column
    #[arg(long, value_name = "COLUMN", help_heading = "Output")]
    pub split_by: Option<String>,
    /// File for all rejected rows and cells (default: beside the report, if there are any; in a report for an account or partner
    /// only those known to be theirs)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub rejects: Option<PathBuf>,
    /// Dialect of CSV outputs: rfc4180; excel, a byte order mark and, in it alone, phone numbers as ="+15551234567", which keep their + in
    /// Excel and are of no use elsewhere; tsv, tabs; pipe, | (text that holds the delimiter or a line end stands in quotes in all)
    #[arg(long, value_parser = ["rfc4180", "excel", "tsv", "pipe"], value_name = "DIALECT", default_value = "rfc4180")]
    #[arg(hide_possible_values = true, help_heading = "Output")]
    pub csv_dialect: String,
    /// Begin CSV outputs with a byte order mark
    #[arg(long, help_heading = "Output")]
    pub csv_bom: bool,
    /// Delimiter of CSV outputs: one character, or tab (default: that of the dialect, else a comma)
    #[arg(long, value_name = "CHARACTER", allow_hyphen_values = true, help_heading = "Output")]
    pub csv_delimiter: Option<String>,
    /// Text in CSV outputs that a spreadsheet would run as a formula: apostrophe (prefixed with one) or raw (as it is)
    #[arg(long, value_parser = ["apostrophe", "raw"], value_name = "GUARD", default_value = "apostrophe")]
    #[arg(hide_possible_values = true, help_heading = "Output")]
    pub csv_guard: String,
    /// Paper of what is printed: letter, a4, legal, tabloid or a3 (default: that of the template, else letter for PDF, tabloid for
    /// XLSX, scaled to its width)
    #[arg(long, value_parser = Paper::NAMES, value_name = "PAPER", hide_possible_values = true, help_heading = "Output")]
    pub paper: Option<String>,
    /// Which side of the paper is up: landscape or portrait (default: that of the template, else landscape)
    #[arg(long, value_parser = Orientation::NAMES, value_name = "SIDE", hide_possible_values = true, help_heading = "Output")]
    pub orientation: Option<String>,
    /// Type of the tables of a PDF: compact or readable, about a fifth larger (default: that of the template, else compact)
    #[arg(long, value_parser = Density::NAMES, value_name = "SIZE", hide_possible_values = true, help_heading = "Output")]
    pub density: Option<String>,
    /// Font (.ttf or .otf) for characters of a PDF that the shipped fonts lack; repeat it for several. Those in fonts/ of the templates
    /// folder come after it
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub font: Vec<PathBuf>,
    /// Address of the porting team: in HTML, PDF, XLSX and ODS, rows that wait for the partner begin a mail to it, with case and number as the subject
    #[arg(long, value_name = "ADDRESS", value_parser = mail_address, help_heading = "Output")]
    pub porting_team_email: Option<String>,
    /// File with a password, which only you may read: workbooks are encrypted with it (AES-256) and ask for it when they are opened,
    /// whatever else is written goes into an encrypted archive (AES-256 ZIP). PORTSTATUS_PASSWORD may hold the password instead
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub password_file: Option<PathBuf>,
    /// Leave out of a PDF what its parts are, which screen readers want: the file is smaller, by 10,000 rows a ninth
    #[arg(long, help_heading = "Output")]
    pub pdf_untagged: bool,
    /// Write a PDF of more than 10,000 rows as several files of 10,000, each of which says what its parts are
    #[arg(long, conflicts_with = "pdf_untagged", help_heading = "Output")]
    pub pdf_volumes: bool,
    /// Which rows.
    #[command(flatten)]
    pub query: QueryArgs,
    /// End with exit code 5 when the report has no rows; it is written all the same
    #[arg(long, help_heading = "Output")]
    pub fail_if_empty: bool,
    /// Name of the operator of the porting team, which the notice gives
    #[arg(long, value_name = "NAME", help_heading = "Columns, order and page")]
    pub operator: Option<String>,
    /// What a row is: a number, or a request with the counts of its numbers; filters then choose the requests of the numbers that pass
    #[arg(long, value_name = "number|request", value_parser = ["number", "request"], default_value = "number")]
    #[arg(hide_possible_values = true, help_heading = "Columns, order and page")]
    pub by: String,
    /// Report template: partner-port-status, its translation partner-port-status-fr-CA, numbers, foc, requests or one of your own (default: partner-port-status, or requests with --by request)
    #[arg(long, value_name = "NAME", help_heading = "Columns, order and page")]
    pub template: Option<String>,
    /// How numbers are classified.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
    /// What databases are asked.
    #[command(flatten)]
    pub pushdown: PushdownArgs,
    /// Fail, before anything is published, if a row is rejected or two profiles read a file differently
    #[arg(long, help_heading = "Rejected rows")]
    pub strict: bool,
    /// Fail, before anything is published, if more rows than this are rejected
    #[arg(long, value_name = "N|N%", overrides_with = "strict", allow_negative_numbers = true, help_heading = "Rejected rows")]
    pub max_rejects: Option<String>,
    /// End with exit code 0, not 3, when rows were rejected
    #[arg(long, help_heading = "Rejected rows")]
    pub rejects_ok: bool,
    /// What is printed.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// The address that `text` is.
///
/// # Errors
/// What to write, for what is none.
pub(in crate::cli) fn mail_address(text: &str) -> Result<String, &'static str> {
    if is_mailbox(text) { Ok(text.to_owned()) } else { Err("write an address such as porting@example.com, ASCII only") }
}

/// `portstatus actions`.
///
/// Write a file, as CSV, XLSX or JSON, of what to ask the porting team for, one number a row: allowed, with the state that it goes
/// to, or refused, with the reason. The filters say of which numbers.
#[derive(Debug, Clone, Default, Args)]
pub struct ActionsArgs {
    /// What is to be done: assign-configuration-profile (with numbers that are ready), cancel or resubmit
    #[arg(value_name = "ACTION", value_parser = ["assign-configuration-profile", "cancel", "resubmit"], hide_possible_values = true)]
    pub action: String,
    /// Configuration profile to assign to every number (default: the one that the rules choose)
    #[arg(long, value_name = "PROFILE", conflicts_with = "rules", help_heading = "Actions")]
    pub configuration_profile: Option<String>,
    /// File of configuration profiles and rules (default: rules/configuration-profiles.toml of the templates)
    #[arg(long, value_name = "FILE", help_heading = "Actions")]
    pub rules: Option<PathBuf>,
    /// CSV file of events to which the allowed actions are added, so that the next report shows them; made if there is none
    #[arg(long, value_name = "FILE", help_heading = "Actions")]
    pub apply_to: Option<PathBuf>,
    /// What is read, selected and written, as for a report.
    #[command(flatten)]
    pub report: ReportArgs,
}
