//! What can go wrong, as a closed list: every error says where, what and what to do, keeps its cause, and has one exit code.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The result of anything in portstatus that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of error ended the run; the kinds follow sysexits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// What was asked for is wrong.
    Usage,
    /// The input is not what it should be.
    Data,
    /// An input does not exist or cannot be opened.
    NoInput,
    /// A bug in portstatus: a promise of its own was broken.
    Internal,
    /// The operating system refused memory, descriptors or processes.
    System,
    /// An output cannot be created.
    CannotCreate,
    /// Reading or writing failed midway.
    InputOutput,
    /// Something is busy; the same command may work later.
    TryLater,
    /// Permission denied.
    Permission,
    /// A configuration, template or rules file is wrong.
    Config,
    /// A signal asked the run to stop; the number is the signal's.
    Interrupted(u8),
}

impl ErrorKind {
    /// The exit code of the process: 64 to 78, or 128 + the signal.
    pub const fn exit_code(self) -> u8 {
        self.describe().0
    }

    /// The name in JSON: `no_input`.
    pub const fn name(self) -> &'static str {
        self.describe().1
    }

    const fn describe(self) -> (u8, &'static str) {
        match self {
            Self::Usage => (64, "usage"),
            Self::Data => (65, "data"),
            Self::NoInput => (66, "no_input"),
            Self::Internal => (70, "internal"),
            Self::System => (71, "system"),
            Self::CannotCreate => (73, "cannot_create"),
            Self::InputOutput => (74, "input_output"),
            Self::TryLater => (75, "try_later"),
            Self::Permission => (77, "permission"),
            Self::Config => (78, "config"),
            Self::Interrupted(signal) => (128u8.saturating_add(signal), "interrupted"),
        }
    }
}

/// Where something is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Place {
    /// Nowhere in particular.
    #[default]
    Nowhere,
    /// In a file of data, or at a row and column of it.
    File {
        /// Its name, as it was given.
        file: String,
        /// The sheet of a workbook.
        #[serde(skip_serializing_if = "Option::is_none")]
        sheet: Option<String>,
        /// The line of a text file or the row of a sheet, from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        row: Option<u64>,
        /// The column, by its header.
        #[serde(skip_serializing_if = "Option::is_none")]
        column: Option<String>,
    },
    /// In an option of the job. The command line calls it `--` and the key with hyphens.
    Option {
        /// Its key: `page_size`.
        key: Cow<'static, str>,
        /// What it was given, where that helps.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// In a configuration file, a template or a rules file.
    Config {
        /// Its name.
        file: String,
        /// The line, from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<usize>,
        /// The key, section or rule.
        #[serde(skip_serializing_if = "Option::is_none")]
        entry: Option<String>,
    },
    /// A file or folder that is written.
    Path {
        /// Its path.
        path: PathBuf,
    },
}

impl Place {
    /// The option with `key`.
    pub const fn option(key: &'static str) -> Self {
        Self::Option { key: Cow::Borrowed(key), value: None }
    }

    /// The option with `key`, which was given `value`.
    pub fn option_value(key: &'static str, value: impl Into<String>) -> Self {
        Self::Option { key: Cow::Borrowed(key), value: Some(value.into()) }
    }

    /// Row or line `row` (from 1) of `file`, in its `sheet` if it is a workbook.
    pub fn row(file: impl Into<String>, sheet: Option<&str>, row: u64) -> Self {
        Self::File { file: file.into(), sheet: sheet.map(str::to_owned), row: Some(row), column: None }
    }

    /// The key, section or rule `entry` of the configuration file, template or rules file `file`.
    pub fn entry(file: impl Into<String>, entry: impl Into<String>) -> Self {
        Self::Config { file: file.into(), line: None, entry: Some(entry.into()) }
    }

    /// Line `line` (from 1) of the configuration file, template or rules file `file`.
    pub fn line(file: impl Into<String>, line: usize) -> Self {
        Self::Config { file: file.into(), line: Some(line), entry: None }
    }
}

impl From<String> for Place {
    /// A file of that name; nowhere when it is empty.
    fn from(file: String) -> Self {
        if file.is_empty() { Self::Nowhere } else { Self::File { file, sheet: None, row: None, column: None } }
    }
}

impl From<&str> for Place {
    fn from(file: &str) -> Self {
        file.to_owned().into()
    }
}

impl From<&String> for Place {
    fn from(file: &String) -> Self {
        file.clone().into()
    }
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        Self::Path { path: path.to_path_buf() }
    }
}

impl fmt::Display for Place {
    /// `orders.xlsx, sheet Jan, row 17, column FOC date`; an option by its key in words, `page size`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => Ok(()),
            Self::File { file, sheet, row, column } => {
                f.write_str(file)?;
                sheet.iter().try_for_each(|sheet| write!(f, ", sheet {sheet}"))?;
                let row_word = if sheet.is_some() { "row" } else { "line" };
                row.iter().try_for_each(|row| write!(f, ", {row_word} {row}"))?;
                column.iter().try_for_each(|column| write!(f, ", column {column}"))
            }
            Self::Option { key, value } => {
                f.write_str(&key.replace('_', " "))?;
                value.iter().try_for_each(|value| write!(f, " {value}"))
            }
            Self::Config { file, line, entry } => {
                f.write_str(file)?;
                line.iter().try_for_each(|line| write!(f, ", line {line}"))?;
                entry.iter().try_for_each(|entry| write!(f, ", {entry}"))
            }
            Self::Path { path } => write!(f, "{}", path.display()),
        }
    }
}

/// An error that ends the run, or what it was asked to do.
///
/// ```
/// use portstatus::error::{Error, Place};
///
/// let error = Error::data(Place::row("orders.xlsx", Some("Jan"), 17), "'31/02/2026' is not a date", "write yyyy-mm-dd");
/// assert_eq!(error.to_string(), "orders.xlsx, sheet Jan, row 17: '31/02/2026' is not a date; write yyyy-mm-dd");
/// assert_eq!(error.code(), 65);
/// ```
#[derive(Debug, Clone)]
pub struct Error(Box<Fault>);

#[derive(Debug, Clone)]
struct Fault {
    kind: ErrorKind,
    place: Place,
    what: String,
    help: String,
    remedy: Option<Place>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What to do about every bug.
const REPORT_BUG: &str = "this is a bug in portstatus; please report it with the command that was run";

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {
        impl Error {
            $($(#[$doc])*
            pub fn $name(place: impl Into<Place>, what: impl Into<String>, help: impl Into<String>) -> Self {
                Self::new(ErrorKind::$kind, place.into(), what.into(), help.into())
            })*
        }
    };
}

constructors! {
    /// What was asked for is wrong (64).
    usage => Usage;
    /// Wrong data (65).
    data => Data;
    /// A missing input (66).
    no_input => NoInput;
    /// The operating system refused a resource (71).
    system => System;
    /// An output cannot be created (73).
    cannot_create => CannotCreate;
    /// A failed read or write (74).
    input_output => InputOutput;
    /// Busy, try again (75).
    try_later => TryLater;
    /// Permission denied (77).
    permission => Permission;
    /// A wrong configuration, template or rules file (78).
    config => Config;
}

impl Error {
    fn new(kind: ErrorKind, place: Place, what: String, help: String) -> Self {
        let place = match place {
            Place::File { file, row, column, .. } if kind == ErrorKind::Config => {
                Place::Config { file, line: row.map(|row| row as usize), entry: column }
            }
            place => place,
        };
        Self(Box::new(Fault { kind, place, what, help, remedy: None, cause: None }))
    }

    /// A broken promise of our own (70), in `part` of the program; what to do is to report it.
    pub fn internal(part: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Internal, Place::Nowhere, format!("{part}: {what}"), REPORT_BUG.to_owned())
    }

    /// A signal asked the run to stop (128 + `signal`).
    pub fn interrupted(signal: i32) -> Self {
        let signal = u8::try_from(signal).unwrap_or(u8::MAX);
        Self::new(ErrorKind::Interrupted(signal), Place::Nowhere, "interrupted".to_owned(), String::new())
    }

    /// The same error with what caused it, which [`source`](std::error::Error::source) then gives.
    #[must_use]
    pub fn with_cause(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Arc::new(cause));
        self
    }

    /// The same error with the option by which its help can be followed; the command line adds `with --option` to it.
    #[must_use]
    pub fn with_remedy(mut self, option: Place) -> Self {
        self.0.remedy = Some(option);
        self
    }

    /// The same error at another place.
    #[must_use]
    pub fn at(mut self, place: impl Into<Place>) -> Self {
        self.0.place = place.into();
        self
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The exit code of the process.
    pub fn code(&self) -> u8 {
        self.0.kind.exit_code()
    }

    /// Where.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// What: one sentence in lower case, without a trailing stop.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// What to do. May be empty.
    pub fn help(&self) -> &str {
        &self.0.help
    }

    /// The option by which the help can be followed.
    pub fn remedy(&self) -> Option<&Place> {
        self.0.remedy.as_ref()
    }
}

impl PartialEq for Error {
    /// Causes are not compared: they have no equality of their own.
    fn eq(&self, other: &Self) -> bool {
        fn key(error: &Error) -> (ErrorKind, &Place, &str, &str, Option<&Place>) {
            (error.kind(), error.place(), error.what(), error.help(), error.remedy())
        }
        key(self) == key(other)
    }
}

impl Eq for Error {}

impl fmt::Display for Error {
    /// `where: what; what to do (by which option)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self.place() != Place::Nowhere {
            write!(f, "{}: ", self.place())?;
        }
        f.write_str(self.what())?;
        if !self.help().is_empty() {
            write!(f, "; {}", self.help())?;
        }
        self.remedy().iter().try_for_each(|option| write!(f, " ({option})"))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}

impl From<polars::error::PolarsError> for Error {
    /// What polars says of values is wrong data, what it says of a file is a failed read or write; columns that are
    /// missing, doubled or of unequal length are a promise of ours that was broken.
    fn from(error: polars::error::PolarsError) -> Self {
        use polars::error::PolarsError as Polars;
        let mut inner = &error;
        while let Polars::Context { error, .. } = inner {
            inner = error;
        }
        let made = match inner {
            Polars::IO { error, .. } => Self::input_output("", system_words(error), "check the disk and run it again"),
            Polars::ComputeError(_) | Polars::NoData(_) | Polars::OutOfBounds(_) | Polars::SchemaMismatch(_) => {
                Self::data("", inner.to_string(), "check the values of the input")
            }
            Polars::SQLInterface(_) | Polars::SQLSyntax(_) => Self::usage("", inner.to_string(), "check the condition"),
            _ => Self::internal("table", inner),
        };
        made.with_cause(error)
    }
}

/// The system's own words for an error, in lower case and without its number.
pub fn system_words(error: &std::io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
