//! What can go wrong, as a closed list: every error says where, what and what to do, keeps its cause, and has one exit code.

mod place;

use std::fmt;
use std::sync::Arc;

pub use crate::error::place::{Part, Place};

/// The result of anything in portstatus that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of error ended the run, with its exit code as sysexits has it. In JSON a kind is its name: `no_input`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// What was asked for is wrong.
    Usage = 64,
    /// The input is not what it should be.
    Data = 65,
    /// An input does not exist or cannot be opened.
    NoInput = 66,
    /// A server cannot be reached or trusted.
    Unavailable = 69,
    /// A bug in portstatus: a promise of its own was broken.
    Internal = 70,
    /// The operating system refused memory, descriptors or processes.
    System = 71,
    /// An output cannot be created.
    CannotCreate = 73,
    /// Reading or writing failed midway.
    InputOutput = 74,
    /// Something is busy; the same command may work later.
    TryLater = 75,
    /// Permission denied.
    Permission = 77,
    /// A configuration, template or rules file is wrong.
    Config = 78,
    /// Whoever read the output went away: the run ends as SIGPIPE would end it, 128 + 13.
    ReaderGone = 141,
}

impl ErrorKind {
    /// The exit code of the process.
    pub const fn exit_code(self) -> u8 {
        self as u8
    }
}

/// An error that ends the run, or what it was asked to do.
///
/// ```
/// use portstatus::error::{Error, Part, Place};
///
/// let error = Error::data(Place::row("orders.xlsx", Some(Part::Sheet("Jan".to_owned())), 17), "'31/02/2026' is not a date", "write yyyy-mm-dd");
/// assert_eq!(error.to_string(), "orders.xlsx, sheet Jan, row 17: '31/02/2026' is not a date; write yyyy-mm-dd");
/// assert_eq!(error.code(), 65);
/// ```
#[derive(Debug, Clone)]
pub struct Error(Box<Fault>);

/// What an [`Error`] says.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What kind of error it is.
    pub kind: ErrorKind,
    /// Where.
    pub place: Place,
    /// What: one sentence in lower case, without a trailing stop.
    pub what: String,
    /// What to do. May be empty.
    pub help: String,
    /// The option by which the help can be followed.
    pub remedy: Option<Place>,
    /// The list, by its name, of all that could have been written.
    pub list: Option<&'static str>,
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
    /// A server that cannot be reached or trusted (69).
    unavailable => Unavailable;
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
                Place::Config { file, line: row.map(|row| row as usize), column: None, entry: column }
            }
            place => place,
        };
        // An error is told on one line, whatever the data that it quotes.
        let what = what.replace(char::is_control, " ");
        Self(Box::new(Fault { kind, place, what, help, remedy: None, list: None, cause: None }))
    }

    /// A broken promise of our own (70), in `part` of the program; what to do is to report it.
    pub fn internal(part: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Internal, Place::Nowhere, format!("{part}: {what}"), REPORT_BUG.to_owned())
    }

    /// The output that `part` writes refused the bytes.
    pub fn unwritten(part: &str, error: std::io::Error) -> Self {
        Self::refused_resource(part.into(), system_words(&error), &error)
            .unwrap_or_else(|| Self::input_output(part, system_words(&error), ""))
            .with_cause(error)
    }

    /// The error of a call that failed at `place` because the process may not open more files or take more memory (71), `what`
    /// saying so; `None` when `error` is another.
    pub fn refused_resource(place: Place, what: String, error: &std::io::Error) -> Option<Self> {
        use rustix::io::Errno;
        match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::MFILE | Errno::NFILE) => Some(Self::system(place, what, "raise the limit of open files (ulimit -n)")),
            Some(Errno::NOMEM | Errno::NOLCK | Errno::NOBUFS) => Some(Self::system(place, what, "free memory and run it again")),
            _ if error.kind() == std::io::ErrorKind::OutOfMemory => Some(Self::system(place, what, "free memory and run it again")),
            _ => None,
        }
    }

    /// Whoever read the output went away (141).
    pub fn reader_gone() -> Self {
        Self::new(ErrorKind::ReaderGone, Place::Nowhere, "interrupted".to_owned(), String::new())
    }

    /// The same error with what caused it, which [`source`](std::error::Error::source) then gives.
    #[must_use]
    pub fn with_cause(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Arc::new(cause));
        self
    }

    /// The same error with something else to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        (self.0.help, self.0.remedy, self.0.list) = (help.into(), None, None);
        self
    }

    /// The same error, and what else came of it.
    #[must_use]
    pub fn and(mut self, what: impl fmt::Display) -> Self {
        self.0.what = format!("{}; {what}", self.0.what);
        self
    }

    /// The same error with the option by which its help can be followed; the command line adds `with --option` to it.
    #[must_use]
    pub fn with_remedy(mut self, option: Place) -> Self {
        self.0.remedy = Some(option);
        self
    }

    /// The same error with the `list`, by its name, of all that could have been written; the command line names the command
    /// that prints it.
    #[must_use]
    pub fn with_list(mut self, list: &'static str) -> Self {
        self.0.list = Some(list);
        self
    }

    /// The same error at a place in a configuration file or a variable, which is what is wrong then.
    #[must_use]
    pub fn in_config(mut self, place: Place) -> Self {
        (self.0.kind, self.0.place) = (ErrorKind::Config, place);
        self
    }

    /// The exit code of the process.
    pub fn code(&self) -> u8 {
        self.kind.exit_code()
    }
}

impl std::ops::Deref for Error {
    type Target = Fault;

    fn deref(&self) -> &Fault {
        &self.0
    }
}

impl fmt::Display for Error {
    /// `where: what; what to do (by which option); see the list of columns`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place != Place::Nowhere {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.what)?;
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        self.remedy.iter().try_for_each(|option| write!(f, " ({option})"))?;
        self.list.iter().try_for_each(|list| write!(f, "; see the list of {list}"))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}

impl From<polars::error::PolarsError> for Error {
    /// What polars says of values is wrong data, what it says of a file is a failed read or write; columns that are
    /// missing, doubled or of unequal length are a promise of ours that was broken.
    fn from(error: polars::error::PolarsError) -> Self {
        use polars::error::PolarsError as Polars;
        let mut inner = &error;
        while let Polars::Context { error, .. } | Polars::ExprContext { error, .. } = inner {
            inner = error;
        }
        let made = match inner {
            Polars::IO { error, .. } => Self::refused_resource(Place::Nowhere, system_words(error), error)
                .unwrap_or_else(|| Self::input_output("", system_words(error), "check the disk and run it again")),
            Polars::ComputeError(_) | Polars::NoData(_) | Polars::OutOfBounds(_) | Polars::SchemaMismatch(_) => {
                Self::data("", inner.to_string(), "check the values of the input")
            }
            Polars::SQLInterface(_) | Polars::SQLSyntax(_) => Self::usage("", inner.to_string(), "check the condition"),
            _ => Self::internal("table", inner),
        };
        made.with_cause(error)
    }
}

/// The system's own words for an error, or those of a library that passes them on, in lower case and without its number.
pub fn system_words(error: &impl fmt::Display) -> String {
    let text = error.to_string().to_lowercase();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
