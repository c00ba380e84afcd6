//! A connection string of ODBC: its parts, which of them are secrets, and what of it is shown.

use std::fmt;

use crate::error::{Error, Place, Result};
use crate::source::redact::printable;

/// What stands before a connection string.
const SCHEME: &str = "odbc:";
/// The words in the names of attributes that hold secrets.
const SECRETS: [&str; 4] = ["pwd", "password", "passwd", "secret"];

/// A connection string. It may hold a password: it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionString {
    /// The text, for the driver manager.
    pub text: String,
    attributes: Vec<(String, String)>,
}

impl ConnectionString {
    /// The connection string behind `odbc:` in a locator or URL; `None` when it begins otherwise.
    ///
    /// # Errors
    /// [`Error::usage`] for a text that has no attributes; it never repeats it.
    pub fn parse(locator: &str) -> Result<Option<Self>> {
        let is_ours = locator.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME));
        let Some(text) = locator.get(SCHEME.len()..).filter(|_| is_ours) else { return Ok(None) };
        let attributes = attributes(text.trim());
        match attributes.is_empty() || text.contains('\0') {
            true => {
                Err(Error::usage("", "the connection string has no attributes", "write odbc:DSN=name or odbc:Driver={name};Server=host;…"))
            }
            false => Ok(Some(Self { text: text.trim().to_owned(), attributes })),
        }
    }

    /// Whether a locator is the scheme alone, which stands for a connection string elsewhere.
    pub fn is_bare(locator: &str) -> bool {
        locator.trim_end_matches('/').eq_ignore_ascii_case(SCHEME)
    }

    /// Refuses one with a password, which everybody on the machine can read on a command line.
    ///
    /// # Errors
    /// [`Error::usage`] with what to do.
    pub fn without_secret(self) -> Result<Self> {
        let is_secret = |(name, value): &(String, String)| !value.is_empty() && SECRETS.iter().any(|secret| name.contains(secret));
        if !self.attributes.iter().any(is_secret) {
            return Ok(self);
        }
        let what = "the connection string has a password, which a command line shows to everybody on the machine";
        let help = "put it into PORTSTATUS_DATABASE_URL, or into a file that only you may read, and give odbc: instead; name the file";
        Err(Error::usage("", what, help).with_remedy(Place::option("database_url_file")))
    }

    /// Its name for people: the data source or driver, and the database.
    pub fn name(&self) -> String {
        let of = |names: &[&str]| self.attributes.iter().find(|(name, _)| names.contains(&name.as_str())).map_or("", |(_, value)| value);
        let source = of(&["dsn", "driver", "filedsn"]);
        let database = of(&["database", "dbq", "initial catalog"]);
        let database = database.rsplit(['/', '\\']).next().unwrap_or_default();
        printable(&if database.is_empty() { format!("odbc:{source}") } else { format!("odbc:{source}/{database}") })
    }
}

impl fmt::Debug for ConnectionString {
    /// Its name alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConnectionString").field(&self.name()).finish()
    }
}

/// The attributes, names in lower case; a value in braces may hold semicolons, and braces that are doubled.
fn attributes(text: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    let mut rest = text;
    while let Some((name, behind)) = rest.split_once('=') {
        let behind = behind.trim_start();
        let (value, next) = match behind.strip_prefix('{') {
            Some(braced) => within_braces(braced),
            None => behind.split_once(';').map_or((behind.to_owned(), ""), |(value, next)| (value.to_owned(), next)),
        };
        attributes.push((name.trim_start_matches([';', ' ']).trim().to_lowercase(), value.trim().to_owned()));
        rest = next;
    }
    attributes
}

fn within_braces(text: &str) -> (String, &str) {
    let (mut value, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once('}') {
        value.push_str(before);
        match behind.strip_prefix('}') {
            Some(behind) => {
                value.push('}');
                rest = behind;
            }
            None => return (value, behind.trim_start().strip_prefix(';').unwrap_or(behind)),
        }
    }
    (value + rest, "")
}
