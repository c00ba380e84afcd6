//! Reads the table of users: who may see which rows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use crate::serve::scope::Scope;
use crate::templates;

/// The columns of the table.
const HEADER: [&str; 3] = ["user", "column", "value"];
/// What the column of a user may be.
const HELP: &str = "write partner or account with a value, or all without one";

/// Who may see which rows.
#[derive(Debug, Clone, Default)]
pub struct Users(BTreeMap<String, Arc<Scope>>);

impl Users {
    /// Reads the table in the file at `path`: CSV with the columns `user`, `column` and `value`, a row for each value that a user may
    /// see. The column is `partner`, `account` or `all`.
    ///
    /// # Errors
    /// [`Error::config`], with the line, for what cannot be understood: a user left out in silence would be one too few, and a row
    /// misread one too many.
    pub fn read(path: &Path) -> Result<Self> {
        let text = templates::read(path)?;
        Self::parse(&text, &path.display().to_string())
    }

    /// As [`Users::read`], of this `text` of the file called `file`.
    ///
    /// # Errors
    /// As [`Users::read`].
    pub fn parse(text: &str, file: &str) -> Result<Self> {
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
        Ok(Self(scopes.into_iter().map(|(user, scope)| (user, Arc::new(scope))).collect()))
    }

    /// The rows that `user` may see; `None` for one who is not in the table.
    pub fn scope(&self, user: &str) -> Option<Arc<Scope>> {
        self.0.get(user).cloned()
    }

    /// The keys of the columns by which rows are told apart.
    pub fn keys(&self) -> BTreeSet<&'static str> {
        let key = |scope: &Arc<Scope>| match **scope {
            Scope::Of { key, .. } => Some(key),
            Scope::All => None,
        };
        self.0.values().filter_map(key).collect()
    }
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
