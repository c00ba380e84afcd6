//! Reads a table, a view or what a query answers from an SQLite database, which nothing here can change.

mod connection;
mod rows;

use std::path::Path;

use rusqlite::Connection;

use crate::domain::text::{nearest, thousands};
use crate::error::{Error, Part, Place, Result};
use crate::source::input::ReadOptions;
use crate::source::open::Candidate;
use crate::source::orders::Origin;
use crate::source::redact;
use crate::source::table::{ChunkSink, ColumnProjection, Found, OpenTable, Opened, Source};

/// The source of SQLite databases.
pub struct Sqlite;

/// A table, a view or a query whose columns are known.
pub struct SqliteTable<'a> {
    candidate: &'a Candidate<'a>,
    name: String,
    connection: Connection,
    choice: Choice,
    found: Found,
}

/// What is read.
struct Choice {
    part: Part,
    headers: Vec<String>,
    wanted: Vec<bool>,
}

impl Source for Sqlite {
    fn inputs(&self) -> &'static str {
        "an SQLite database"
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".db", ".sqlite", ".sqlite3"]
    }

    fn open<'a>(&self, candidate: &'a Candidate<'_>, options: &'a ReadOptions, projection: ColumnProjection<'a>) -> Opened<'a> {
        match candidate.database() {
            Some(path) => Ok(Some(Box::new(open(candidate, path, options, projection)?))),
            None => Ok(None),
        }
    }
}

/// Opens a database at the query or table that `options` name, else at the first table or view, by name, whose columns
/// `projection` accepts.
fn open<'a>(candidate: &'a Candidate<'_>, path: &Path, options: &ReadOptions, projection: ColumnProjection<'a>) -> Result<SqliteTable<'a>> {
    let name = candidate.input.name();
    let connection = connection::open(path, &name, &options.limits)?;
    let tables = table_names(&connection, &name)?;
    let notes = options.notes_of_none(&["an encoding", "a delimiter", "a sheet"], "a database");
    let mut found = Found { format: "sqlite".to_owned(), tables: tables.clone(), notes, ..Found::default() };
    let choose = |part: Part| {
        let headers = rows::headers(&connection, &part, &name)?;
        let wanted = projection(&headers)?;
        Ok(Choice { part, headers, wanted })
    };
    let choice = match (&options.query, &options.table) {
        (Some(query), _) => choose(Part::Query(query.clone()))?,
        (None, Some(table)) => choose(Part::Table(named(table, &tables, &name)?))?,
        (None, None) => {
            let (mut fitting, refused): (Vec<_>, Vec<_>) =
                tables.iter().map(|table| choose(Part::Table(table.clone()))).partition(Result::is_ok);
            let none = || Error::data(&name, "holds no table: there is no header, and nothing below one", "check the path");
            if fitting.is_empty() {
                return Err(refused.into_iter().find_map(Result::err).unwrap_or_else(none));
            }
            let first = fitting.remove(0)?;
            found.notes.extend(other_tables_note(fitting.iter().flatten()));
            first
        }
    };
    if let (Part::Table(table), true, None) = (&choice.part, tables.len() > 1, &options.table) {
        let count = thousands(tables.len() as u64);
        found.notes.insert(0, format!("only table {} was read, one of {count}", redact::brief(table)));
    }
    Ok(SqliteTable { candidate, name, connection, choice, found })
}

impl OpenTable for SqliteTable<'_> {
    fn headers(&self) -> &[String] {
        &self.choice.headers
    }

    fn origin(&self) -> Origin {
        Origin { file: self.name.clone(), part: Some(self.choice.part.clone()), ..Origin::default() }
    }

    fn read(self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let (rows, refused) = rows::read(&self.connection, &self.choice.part, &self.choice.wanted, (&self.name, self.candidate), sink)?;
        let table = matches!(self.choice.part, Part::Table(_)).then(|| self.choice.part.name().to_owned());
        Ok(Found { rows, refused, table, ..self.found })
    }
}

/// The names of the tables and views, in order. A schema with text that is not UTF-8 is refused here, since SQLite's library
/// takes it for granted later.
fn table_names(connection: &Connection, name: &str) -> Result<Vec<String>> {
    let sql = "SELECT name, type, sql FROM sqlite_schema ORDER BY name";
    let read = || -> rusqlite::Result<Vec<Option<String>>> {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            let (name, kind, _): (String, String, Option<String>) = row.try_into()?;
            Ok((["table", "view"].contains(&kind.as_str()) && !name.starts_with("sqlite_")).then_some(name))
        })?;
        rows.collect()
    };
    let names = read().map_err(|error| match error {
        rusqlite::Error::SqliteFailure(..) => connection::explain(error, name),
        _ => Error::data(
            name,
            "the database is damaged: its schema holds what is not text",
            "have SQLite recover it, and read what it recovered",
        ),
    })?;
    Ok(names.into_iter().flatten().collect())
}

/// The table that is named `asked`, in any case.
fn named(asked: &str, tables: &[String], name: &str) -> Result<String> {
    let exact = tables.iter().find(|table| *table == asked);
    let found = exact.or_else(|| tables.iter().find(|table| table.eq_ignore_ascii_case(asked.trim())));
    found.cloned().ok_or_else(|| {
        let help = match nearest(asked, tables.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {}?", redact::brief(near)),
            None => format!("its tables are: {}", redact::listed(tables)),
        };
        Error::data(name, format!("there is no table {}", redact::printable(asked)), help).with_remedy(Place::option("table"))
    })
}

fn other_tables_note<'a>(others: impl Iterator<Item = &'a Choice>) -> Option<String> {
    let names: Vec<String> = others.map(|other| redact::brief(other.part.name())).collect();
    match names.len() {
        0 => None,
        1 => Some(format!("table {} has fitting columns too and was not read; name the table to read it", names[0])),
        _ => Some(format!("the tables {} have fitting columns too and were not read; name a table to read it", names.join(", "))),
    }
}
