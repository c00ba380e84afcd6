//! What to read and how, as the user asked for it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::domain::lifecycle::{Mode, State};
use crate::domain::note::Note;
use crate::domain::record::Field;
use crate::domain::status::Detail;
use crate::error::{Error, Result};
use crate::source::condition::RowCondition;
use crate::source::database::address::{self, DatabaseAddress};
use crate::source::database::connection_string::ConnectionString;
use crate::source::database::url;
use crate::source::redact::printable;

/// One input of a run, as its user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Standard,
    /// An SQLite database, by its file.
    Sqlite(PathBuf),
    /// A file of a folder, or of those that a pattern matches.
    Member(Box<Member>),
    /// A database on a server.
    Server(Box<DatabaseAddress>),
    /// A database behind an ODBC driver.
    Odbc(ConnectionString),
}

/// A file of a folder, or of those that a pattern matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Where it is.
    pub path: PathBuf,
    /// Its path within the folder.
    pub name: String,
    /// What the names of the folders around it say of its rows: `account=A-7` is a column `account` with one value.
    pub keys: Vec<(String, String)>,
}

/// What stands before the file of an SQLite database where it is not to be told by its first bytes.
const SQLITE_SCHEME: &[u8] = b"sqlite:";

impl Input {
    /// The input that `locator` names: `-` is standard input, `sqlite:FILE` and `postgres://…` a database, anything else a file.
    /// The scheme of a server alone stands for the URL in `url_file`, or in the environment.
    ///
    /// # Errors
    /// A URL with a password, or that is otherwise wrong; one of a server that is none of ours.
    pub fn parse(locator: &Path, url_file: Option<&Path>) -> Result<Self> {
        let name = locator.as_os_str();
        if name == "-" {
            return Ok(Self::Standard);
        }
        if let Some(file) = name.as_bytes().strip_prefix(SQLITE_SCHEME).filter(|file| !file.is_empty()) {
            return Ok(Self::Sqlite(PathBuf::from(OsStr::from_bytes(file))));
        }
        let text = name.to_string_lossy();
        if ConnectionString::is_bare(&text) {
            let none =
                || Error::usage("", "there is no connection string for odbc:", "write it behind it, or into PORTSTATUS_DATABASE_URL");
            return Self::of_environment(url_file)?.ok_or_else(none);
        }
        if let Some(connection) = ConnectionString::parse(&text)? {
            return Self::of_odbc(connection.without_secret()?);
        }
        if let Some(address) = DatabaseAddress::parse(&text, url_file)? {
            return Ok(Self::Server(Box::new(address)));
        }
        match text.split_once("://").filter(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte)))
        {
            // Its password, should it have one, is not repeated.
            Some((scheme, _)) if !locator.exists() => {
                let help = "postgres://, mysql:// and sqlite: are databases; name a file by its path";
                Err(Error::usage("", format!("{scheme}:// is not a kind of input"), help))
            }
            _ => Ok(Self::File(locator.to_path_buf())),
        }
    }

    /// Whether a locator is the scheme of a server alone, which stands for a URL elsewhere.
    pub fn is_bare_scheme(locator: &Path) -> bool {
        let text = locator.to_string_lossy();
        ConnectionString::is_bare(&text) || url::scheme(&text).is_some_and(|(_, rest)| rest.trim_matches('/').is_empty())
    }

    /// The database whose URL stands in `url_file`, else in the environment; `None` when neither has one.
    ///
    /// # Errors
    /// A file that others may read, a URL that is wrong.
    pub fn of_environment(url_file: Option<&Path>) -> Result<Option<Self>> {
        let Some((text, place)) = address::secret_url(url_file)? else { return Ok(None) };
        if let Some(connection) = ConnectionString::parse(&text)? {
            return Self::of_odbc(connection).map(Some);
        }
        Ok(Some(Self::Server(Box::new(DatabaseAddress::of_secret(&text, &place, None)?))))
    }

    fn of_odbc(connection: ConnectionString) -> Result<Self> {
        if cfg!(feature = "odbc") {
            return Ok(Self::Odbc(connection));
        }
        let help = "build it with cargo build --release --features odbc; PostgreSQL, MySQL and MariaDB have sources of their own";
        Err(Error::usage("", "this portstatus was built without ODBC", help))
    }

    /// A file's name without its folder, `standard input`, or a server and the name of its database.
    pub fn name(&self) -> String {
        match self {
            Self::Standard => "standard input".to_owned(),
            Self::Member(member) => printable(&member.name),
            Self::Server(address) => address.name(),
            Self::Odbc(connection) => connection.name(),
            Self::File(path) | Self::Sqlite(path) => printable(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()),
        }
    }

    /// The columns that the folders around a file give it, each with its value.
    pub fn keys(&self) -> &[(String, String)] {
        match self {
            Self::Member(member) => &member.keys,
            _ => &[],
        }
    }

    /// The file that it is or lies in.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) | Self::Sqlite(path) => Some(path),
            Self::Member(member) => Some(&member.path),
            Self::Standard | Self::Server(_) | Self::Odbc(_) => None,
        }
    }
}

/// How to read. Everything is checked before the first row.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The profile to use; detected when absent. `auto` is detected too, and refused where two profiles fit equally, or as well
    /// and read the table differently.
    pub profile: Option<String>,
    /// Headers mapped by hand, each to a canonical column.
    pub maps: Vec<(String, Field)>,
    /// The text encoding, as a WHATWG label; detected when absent.
    pub encoding: Option<String>,
    /// The field delimiter of text files; detected when absent.
    pub delimiter: Option<u8>,
    /// The sheet of workbooks; the one whose headers match when absent.
    pub sheet: Option<String>,
    /// The query of a database; a table of it when absent.
    pub query: Option<String>,
    /// The table or view of a database; the one whose columns match when absent.
    pub table: Option<String>,
    /// Whether cells right of a header are columns too, with empty headers. Otherwise a sheet's are counted in a note, and
    /// rows of a text that has them are refused.
    pub columns_without_header: bool,
    /// Whether a table that two profiles fit and read differently is an error, and no note.
    pub strict: bool,
    /// The edges of the state model that the events of a number may go along; extended when absent.
    pub state_model: Option<Mode>,
    /// The state that each detailed status stands for: by it orders are compared with the events of their numbers.
    pub detail_states: BTreeMap<Detail, State>,
    /// What to note of how the inputs were found.
    pub input_notes: Vec<Note>,
    /// A file that maps account ids to partners.
    pub accounts: Option<PathBuf>,
    /// What rows must be to be in the report: a database may leave out others.
    pub conditions: Vec<RowCondition>,
    /// What else rows must be that no database is asked to judge, in a word or two each: noted where it is asked for anything.
    pub conditions_here: Vec<&'static str>,
    /// Events that are replayed at once while their table is read, at the least; as many as are worth it when absent. What
    /// comes of them is the same for every choice.
    pub events_at_once: Option<usize>,
    /// The file of which the inputs are parts, if they are.
    pub parts_of: Option<WholeFile>,
    /// Limits on what a workbook or compressed file may inflate to.
    pub limits: Limits,
    /// The portstatus program that is the guarded process; this process's own when absent.
    pub guarded_program: Option<PathBuf>,
}

impl ReadOptions {
    /// Notes of the options among `options`, by what they name, that were given although `kind` of input has none.
    pub fn notes_of_none(&self, options: &[&str], kind: &str) -> Vec<String> {
        let all = [
            ("an encoding", self.encoding.is_some()),
            ("a delimiter", self.delimiter.is_some()),
            ("a sheet", self.sheet.is_some()),
            ("a table", self.table.is_some()),
            ("a query", self.query.is_some()),
        ];
        let unused = all.into_iter().filter(|(what, given)| *given && options.contains(what));
        unused.map(|(what, _)| format!("{what} was specified, but {kind} has none")).collect()
    }
}

/// A file whose parts are read in its place: rows stand there, and what repeats in it was settled when it was made.
#[derive(Debug, Clone, Default)]
pub struct WholeFile {
    /// What it is called.
    pub name: String,
    /// The fields for which it has a value somewhere.
    pub present: BTreeSet<Field>,
}

/// Limits against hostile inputs.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// Inflated bytes one file may reach. Default 4 GiB.
    pub inflated_bytes: u64,
    /// Address space of the guarded process, and bytes of the table it sends, at most. Default 8 GiB.
    pub memory_bytes: u64,
    /// CPU seconds of the guarded process. Default 300.
    pub cpu_seconds: u64,
    /// Seconds that a statement may take on a database server. Default 900.
    pub statement_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { inflated_bytes: 4 << 30, memory_bytes: 8 << 30, cpu_seconds: 300, statement_seconds: 900 }
    }
}
