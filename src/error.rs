//! What can go wrong, as a closed list: every error says what, where and what to do, and has one exit code.

use std::fmt;

/// The result of anything in portstatus that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What happened, where, and what the reader can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: `orders.xlsx, sheet Jan, row 17, column FOC date`, a path, an option. May be empty.
    pub place: String,
    /// What: one sentence in lower case, without a trailing stop.
    pub what: String,
    /// What to do. May be empty.
    pub help: String,
}

/// The exit code of a read or write that failed midway.
pub const INPUT_OUTPUT: u8 = 74;

/// An error that ends the run. The variants follow sysexits; [`Error::code`] gives the exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The command line is wrong (64).
    Usage(Fault),
    /// The input is not what it should be (65).
    Data(Fault),
    /// An input does not exist or cannot be opened (66).
    NoInput(Fault),
    /// A bug in portstatus: a promise of its own was broken (70).
    Internal(Fault),
    /// The operating system refused memory, descriptors or processes (71).
    System(Fault),
    /// An output cannot be created (73).
    CannotCreate(Fault),
    /// Reading or writing failed midway (74).
    InputOutput(Fault),
    /// Something is busy; the same command may work later (75).
    TryLater(Fault),
    /// Permission denied (77).
    Permission(Fault),
    /// A configuration, template or rules file is wrong (78).
    Config(Fault),
    /// A signal asked the run to stop; the number is the signal's (128 + number).
    Interrupted(i32),
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $variant:ident;)*) => {
        impl Error {
            $($(#[$doc])*
            pub fn $name(place: impl Into<String>, what: impl Into<String>, help: impl Into<String>) -> Self {
                Self::$variant(Fault { place: place.into(), what: what.into(), help: help.into() })
            })*
        }
    };
}

constructors! {
    /// A wrong command line (64).
    usage => Usage;
    /// Wrong data (65).
    data => Data;
    /// A missing input (66).
    no_input => NoInput;
    /// A broken promise of our own (70).
    internal => Internal;
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
    /// A wrong configuration (78).
    config => Config;
}

impl Error {
    /// The process exit code (sysexits; 128 + signal when interrupted).
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 64,
            Self::Data(_) => 65,
            Self::NoInput(_) => 66,
            Self::Internal(_) => 70,
            Self::System(_) => 71,
            Self::CannotCreate(_) => 73,
            Self::InputOutput(_) => INPUT_OUTPUT,
            Self::TryLater(_) => 75,
            Self::Permission(_) => 77,
            Self::Config(_) => 78,
            Self::Interrupted(signal) => 128u8.saturating_add(*signal as u8),
        }
    }

    /// The fault inside, if this variant carries one.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Usage(f)
            | Self::Data(f)
            | Self::NoInput(f)
            | Self::Internal(f)
            | Self::System(f)
            | Self::CannotCreate(f)
            | Self::InputOutput(f)
            | Self::TryLater(f)
            | Self::Permission(f)
            | Self::Config(f) => Some(f),
            Self::Interrupted(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(fault) = self.fault() else {
            return f.write_str("interrupted");
        };
        if !fault.place.is_empty() {
            write!(f, "{}: ", fault.place)?;
        }
        f.write_str(&fault.what)?;
        if !fault.help.is_empty() {
            write!(f, "; {}", fault.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<polars::error::PolarsError> for Error {
    fn from(error: polars::error::PolarsError) -> Self {
        Self::internal("", error.to_string(), "please report this with the command that was run")
    }
}

/// The system's own words for an error, in lower case and without its number.
pub fn system_words(error: &std::io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
