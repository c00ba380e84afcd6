//! Opens an SQLite database for reading only, within limits, and says in words what SQLite reports.

use std::path::Path;
use std::time::Duration;

use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::clock::RunTimer;
use crate::error::{Error, Result};
use crate::source::input::Limits;
use crate::source::open;
use crate::source::redact::redacted;

/// How long another program's lock is waited for.
const LOCK_WAIT: Duration = Duration::from_secs(10);
/// Bytes of the longest value.
const MAX_VALUE_BYTES: i32 = 32 << 20;
/// Steps of SQLite's machine between two looks at the clock.
const STEPS: i32 = 100_000;

/// Opens the database at `path` so that nothing in it can be changed and no other file be reached: it is opened read-only,
/// none can be attached, and all statements see one state of the data.
///
/// # Errors
/// A file that is not there or cannot be read; [`Error::data`] when it is no database or damaged, [`Error::try_later`] when another program keeps it locked.
pub fn open(path: &Path, name: &str, limits: &Limits) -> Result<Connection> {
    open::require_readable(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |error| explain(error, name);
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(LOCK_WAIT).map_err(failed)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;").map_err(failed)?;
    for (limit, most) in [(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES), (Limit::SQLITE_LIMIT_ATTACHED, 0)] {
        connection.set_limit(limit, most).map_err(failed)?;
    }
    let (timer, most) = (RunTimer::start(), limits.cpu_seconds as f64);
    connection.progress_handler(STEPS, Some(move || timer.seconds() > most)).map_err(failed)?;
    connection.execute_batch("BEGIN").map_err(failed)?;
    Ok(connection)
}

/// What SQLite says of an error, without whole phone numbers.
pub fn message(error: &rusqlite::Error) -> String {
    redacted(&match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) | rusqlite::Error::SqlInputError { msg: text, .. } => text.clone(),
        other => other.to_string(),
    })
}

/// An error of SQLite for a user.
pub fn explain(error: rusqlite::Error, name: &str) -> Error {
    let message = message(&error);
    let made = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Error::data(name, "is not an SQLite database, or an encrypted one", "check the path"),
        Some(ErrorCode::DatabaseCorrupt) => {
            Error::data(name, format!("the database is damaged ({message})"), "have SQLite recover it, and read what it recovered")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::try_later(name, "the database is locked by another program", "try again when it is done")
        }
        Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
            let help = "its file and its folder must be readable, and the folder writable where the database keeps a write-ahead log";
            Error::permission(name, format!("the database cannot be opened ({message})"), help)
        }
        Some(ErrorCode::OperationInterrupted) => {
            Error::data(name, "reading it took longer than is allowed", "ask for less, or allow more processor time")
        }
        Some(ErrorCode::TooBig) => Error::data(name, "a value is longer than 32 MiB", "leave its column out of the query"),
        Some(ErrorCode::OutOfMemory) => Error::system(name, "there is not enough memory to read it", "ask for less"),
        Some(ErrorCode::SystemIoFailure) => Error::input_output(name, format!("reading failed ({message})"), "try again"),
        _ => Error::data(name, format!("the database cannot be read ({message})"), "look at it with sqlite3"),
    };
    made.with_cause(error)
}
