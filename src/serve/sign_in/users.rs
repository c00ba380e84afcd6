//! Reads the table of users: who may see which rows.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::clock::RunTimer;
use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use crate::serve::scope::Scope;
use crate::templates;

/// The columns of the table.
const HEADER: [&str; 3] = ["user", "column", "value"];
/// What the column of a user may be.
const HELP: &str = "write partner or account with a value, or all without one";

/// Seconds for which the table that was read last holds where it cannot be read: somebody may be about to write it.
const GRACE_SECONDS: f64 = 5.0;
/// Seconds until a table that cannot be read is tried again, though nothing about the file has changed.
const TRY_AGAIN_SECONDS: f64 = 1.0;
/// Seconds until it is told again that it cannot be read.
const TELL_AGAIN_SECONDS: f64 = 60.0;

/// The file as it was found: where it is, its length, its rights, and when its bytes and its rights were changed; `None` for one that is
/// gone.
type Stamp = Option<([u64; 3], u32, [i64; 4])>;

/// Who may see which rows, as a file says it; a change of the file holds from the next request on.
#[derive(Debug)]
pub struct Users {
    path: PathBuf,
    table: Box<RwLock<Table>>,
}

/// What the file said last.
#[derive(Debug)]
struct Table {
    stamp: Stamp,
    scopes: BTreeMap<String, Arc<Scope>>,
    failed: Option<Failed>,
}

/// Since when a table cannot be read.
#[derive(Debug, Clone, Copy)]
struct Failed {
    since: RunTimer,
    tried: RunTimer,
    told: RunTimer,
}

impl Users {
    /// Reads the table in the file at `path`: CSV with the columns `user`, `column` and `value`, a row for each value that a user may
    /// see. The column is `partner`, `account` or `all`.
    ///
    /// # Errors
    /// [`Error::config`], with the line, for what cannot be understood: a user left out in silence would be one too few, and a row
    /// misread one too many; [`Error::permission`] for a file that others may change.
    pub fn read(path: &Path) -> Result<Self> {
        let table = Table { stamp: stamp(path), scopes: read(path)?, failed: None };
        Ok(Self { path: path.to_owned(), table: Box::new(RwLock::new(table)) })
    }

    /// Reads the table again if the file has changed. Where that fails, what it said before holds for a few seconds.
    ///
    /// # Errors
    /// As [`Users::read`], once a change and a minute.
    pub fn renew(&self) -> Result<()> {
        let found = stamp(&self.path);
        let is_new = {
            let table = self.held();
            let is_tried = table.failed.is_none_or(|failed| failed.tried.seconds() < TRY_AGAIN_SECONDS);
            if found == table.stamp && is_tried {
                return Ok(());
            }
            found != table.stamp
        };
        let read = read(&self.path);
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        table.stamp = found;
        let error = match read {
            Ok(scopes) => {
                (table.scopes, table.failed) = (scopes, None);
                return Ok(());
            }
            Err(error) => error,
        };
        let now = RunTimer::start();
        let before = table.failed;
        let is_due = is_new || before.is_none_or(|failed| failed.told.seconds() >= TELL_AGAIN_SECONDS);
        let told = before.map_or(now, |failed| if is_due { now } else { failed.told });
        table.failed = Some(Failed { since: before.map_or(now, |failed| failed.since), tried: now, told });
        if is_due { Err(error) } else { Ok(()) }
    }

    /// Whether it is known who may see what: not where the table could not be read for longer than a few seconds, since somebody may have
    /// been taken out of it.
    pub fn are_known(&self) -> bool {
        self.held().failed.is_none_or(|failed| failed.since.seconds() < GRACE_SECONDS)
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

fn stamp(path: &Path) -> Stamp {
    let found = std::fs::metadata(path).ok()?;
    let times = [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()];
    Some(([found.dev(), found.ino(), found.len()], found.mode(), times))
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
