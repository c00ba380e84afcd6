//! A scheduled run: what a job file asks for.

pub mod baseline;
pub mod due;
pub mod floor;
pub mod kept;
pub mod log;
pub mod maker;
pub mod message;
pub mod metrics;
pub mod plan;
pub mod result;
pub mod retention;
pub mod run;
pub mod seal;
pub mod ship;
pub mod state;

use std::path::PathBuf;

use crate::classify::Classified;
use crate::deliver::transport::TransportSettings;
use crate::domain::schedule::Schedule;
use crate::error::{Place, Result};
use crate::export::Exporter;
use crate::job::JobSpec;
use crate::job::condition::Condition;
use crate::select::Query;

/// What a job file asks for, checked whole before a row is read. Relative paths are below the folder of the job file.
pub struct ScheduledJob {
    /// Its name: letters, digits, `-` and `_`.
    pub name: String,
    /// The job file.
    pub file: PathBuf,
    /// What to read and how to report it; where its outputs go is the run's to say.
    pub report: JobSpec,
    /// Who gets a report.
    pub recipients: RecipientSource,
    /// Where the reports go.
    pub deliveries: Vec<DeliveryRule>,
    /// The runs that were.
    pub history: HistorySpec,
    /// When it runs; whenever it is started, if not given.
    pub schedule: Option<Schedule>,
    /// What is done about periods that were missed.
    pub catch_up: CatchUp,
    /// How few rows there may be.
    pub floor: InputFloor,
    /// Whether rejected rows change no exit code.
    pub rejects_ok: bool,
    /// Where the figures of the run are written for Prometheus.
    pub metrics_file: Option<PathBuf>,
    /// What else its rows have to be.
    pub check: Option<RowsCheck>,
}

/// Refuses rows before a report is made of them.
pub type RowsCheck = Box<dyn Fn(&Classified) -> Result<()> + Send + Sync>;

/// Who gets a report.
pub enum RecipientSource {
    /// Every value of a column.
    Values {
        /// The column, as the user names it.
        split_by: String,
        /// When.
        condition: Condition,
    },
    /// Those of a table.
    Table {
        /// The column whose values they have, as the user names it.
        split_by: String,
        /// The active ones.
        recipients: Vec<RecipientSpec>,
    },
}

/// A recipient of the table.
pub struct RecipientSpec {
    /// Where the table has it.
    pub place: Place,
    /// What it is called: in names of files, in the manifest.
    pub name: String,
    /// The value whose rows it gets.
    pub value: String,
    /// Its formats, those of the job if there are none.
    pub formats: Vec<&'static dyn Exporter>,
    /// Filters that rows pass besides those of the job; columns in place of the job's.
    pub query: Query,
    /// Its template in place of the job's.
    pub template: Option<String>,
    /// Where its report goes, in place of the job's deliveries.
    pub places: Vec<String>,
    /// The file with the password that its files are encrypted with.
    pub password_file: Option<PathBuf>,
    /// When.
    pub condition: Condition,
}

/// Where reports go.
#[derive(Debug, Clone)]
pub struct DeliveryRule {
    /// What it is called in the manifest.
    pub name: String,
    /// The place, with `{recipient}` and others in it: a path, `s3://…`, `sftp://…` or `mailto:…`; `{place}` is what the table
    /// of recipients says.
    pub to: String,
    /// What files are called, with `{recipient}`, `{date}`, `{format}` and others in it.
    pub file_name: String,
    /// How files are encrypted.
    pub encryption: Encryption,
    /// The file with the password, unless the table of recipients names one.
    pub password_file: Option<PathBuf>,
    /// Whether it is said, where it can be, that there is nothing to send.
    pub announces_nothing: bool,
    /// How it is reached.
    pub settings: TransportSettings,
}

/// How files are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encryption {
    /// Not at all.
    #[default]
    None,
    /// Workbooks by their own password, whatever else there is in an archive.
    Workbook,
    /// All files in a ZIP archive.
    Zip,
}

/// The runs that were.
#[derive(Debug, Clone)]
pub struct HistorySpec {
    /// Their folder.
    pub folder: PathBuf,
    /// How many are kept at least.
    pub keep_runs: Option<u32>,
    /// How many days they are kept.
    pub keep_days: Option<u32>,
}

/// What is done about periods that were missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CatchUp {
    /// Nothing.
    None,
    /// The last of them is run, the others are named.
    #[default]
    Latest,
    /// All of them are run, one after another.
    All,
}

/// How few rows an input may have before it is taken for broken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InputFloor {
    /// Rows that there are at least.
    pub rows: u64,
    /// Hundredths of a percent by which rows may be fewer than the median of the last four runs.
    pub drop: Option<u64>,
}

impl RecipientSource {
    /// The column by whose values they are told apart, as the user names it.
    pub fn split_by(&self) -> &str {
        match self {
            Self::Values { split_by, .. } | Self::Table { split_by, .. } => split_by,
        }
    }
}
