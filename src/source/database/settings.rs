//! The settings of a connection, under the names that libpq gives them, whatever they come from: the first to say one wins.

use std::collections::BTreeMap;
use std::fmt;

/// A kind of database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    MySql,
}

impl Server {
    /// What its URLs begin with.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }

    /// The port where none is given.
    pub const fn port(self) -> u16 {
        match self {
            Self::Postgres => 5432,
            Self::MySql => 3306,
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
        })
    }
}

/// Settings of a connection. One of them is the password: none is ever printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// What they connect to.
    pub server: Server,
    values: BTreeMap<String, String>,
}

impl Settings {
    /// No settings.
    pub const fn new(server: Server) -> Self {
        Self { server, values: BTreeMap::new() }
    }

    /// The value of a setting.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Adds a setting unless there is one of that name, or the value is empty.
    pub fn add(&mut self, name: &str, value: String) {
        if !value.is_empty() {
            self.values.entry(name.to_owned()).or_insert(value);
        }
    }

    /// Sets a setting, whatever it was before; an empty value leaves it.
    pub fn set(&mut self, name: &str, value: String) {
        if !value.is_empty() {
            self.values.insert(name.to_owned(), value);
        }
    }

    /// Whether a secret is among them.
    pub fn has_secret(&self) -> bool {
        ["password", "sslpassword"].iter().any(|name| self.values.contains_key(*name))
    }
}

impl fmt::Debug for Settings {
    /// The names alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("server", &self.server).field("names", &self.values.keys()).finish()
    }
}
