//! Reads the table of users: who may see which rows.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use crate::serve::file_stamp::{FileStamp, stamp};
use crate::serve::scope::Scope;
use crate::templates;

/// The columns of the table.
const HEADER: [&str; 3] = ["user", "column", "value"];
/// What the column of a user may be.
const HELP: &str = "write partner or account with a value, or all without one";

/// Who may see which rows, as a file says it; a change of the file holds from the next request on.
#[derive(Debug)]
pub struct Users {
    path: PathBuf,
    table: RwLock<Table>,
}

/// What the file said last.
#[derive(Debug)]
struct Table {
    stamp: FileStamp,
    scopes: BTreeMap<String, Arc<Scope>>,
}

impl Users {
    /// Reads the table in the file at `path`: CSV with the columns `user`, `column` and `value`, a row for each value that a user may
    /// see. The column is `partner`, `account` or `all`.
    ///
    /// # Errors
    /// [`Error::config`], with the line, for what cannot be understood: a user left out in silence would be one too few, and a row
    /// misread one too many; [`Error::permission`] for a file that others may change.
    pub fn read(path: &Path) -> Result<Self> {
        let table = Table { stamp: stamp(path), scopes: read(path)? };
        Ok(Self { path: path.to_owned(), table: RwLock::new(table) })
    }

    /// Reads the table again if the file has changed. What it said before holds where that fails.
    ///
    /// # Errors
    /// As [`Users::read`], once a change.
    pub fn renew(&self) -> Result<()> {
        let found = stamp(&self.path);
        if found == self.held().stamp {
            return Ok(());
        }
        let read = read(&self.path);
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        table.stamp = found;
        read.map(|scopes| table.scopes = scopes)
    }

    /// The rows that `user` may see; `None` for one who is not in the table.
    pub fn scope(&self, user: &str) -> Option<Arc<Scope>> {
        self.held().scopes.get(user).cloned()
    }

    /// The keys of the columns by which rows are told apart.
    pub fn keys(&self) -> BTreeSet<&'static str> {
        let key = |scope: &Arc<Scope>| match **scope {
            Scope::Of { key, .. } => Some(key),
            Scope::All => None,
        };
        self.held().scopes.values().filter_map(key).collect()
    }

    fn held(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the file at `path` says.
fn read(path: &Path) -> Result<BTreeMap<String, Arc<Scope>>> {
    let text = templates::read(path)?;
    let mode = std::fs::metadata(path).map_or(0, |data| data.permissions().mode());
    if mode & 0o022 != 0 {
        let help = format!("run chmod 600 {}", path.display());
        return Err(Error::permission(Place::path(path), "says who may see what, and others may change it", help));
    }
    parse(&text, &path.display().to_string())
}

fn parse(text: &str, file: &str) -> Result<BTreeMap<String, Arc<Scope>>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let is_header = reader.headers().is_ok_and(|header| header.iter().eq(HEADER));
    if !is_header {
        return Err(Error::config(file, "has another first line", format!("begin it with {}", HEADER.join(","))));
    }
    let mut scopes: BTreeMap<String, Scope> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| Error::config(file, format!("cannot be read: {error}"), "write one cell a column"))?;
        let line = record.position().map_or(0, csv::Position::line) as usize;
        let wrong = |what: &str, help: &str| {
            let place = Place::Config { file: file.to_owned(), line: Some(line), column: None, entry: None };
            Error::config(place, what, help)
        };
        let (3, Some(user), Some(column), Some(value)) = (record.len(), record.get(0), record.get(1), record.get(2)) else {
            return Err(wrong("has not three cells", "write user, column and value"));
        };
        if user.is_empty() {
            return Err(wrong("names no user", "write what the sign-in calls the user"));
        }
        let scope = scope(column, value).ok_or_else(|| wrong("says nothing of which rows", HELP))?;
        match (scopes.get_mut(user), scope) {
            (None, scope) => drop(scopes.insert(user.to_owned(), scope)),
            (Some(Scope::Of { key, values }), Scope::Of { key: own, values: more }) if *key == own => values.extend(more),
            _ => return Err(wrong("does not go with an earlier line of the same user", "give a user partners, or accounts, or all")),
        }
    }
    if scopes.is_empty() {
        return Err(Error::config(file, "names no user", "write one line for each value that a user may see"));
    }
    Ok(scopes.into_iter().map(|(user, scope)| (user, Arc::new(scope))).collect())
}

fn scope(column: &str, value: &str) -> Option<Scope> {
    let of = |field: Field| Scope::Of { key: field.key(), values: BTreeSet::from([value.to_owned()]) };
    match (column, value) {
        ("all", "") => Some(Scope::All),
        ("partner", value) if !value.is_empty() => Some(of(Field::Partner)),
        ("account", value) if !value.is_empty() => Some(of(Field::AccountId)),
        _ => None,
    }
}
