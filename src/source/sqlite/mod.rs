//! Reads a table, a view or what a query answers from an SQLite database, which nothing here can change.

mod connection;
mod rows;

use std::path::Path;

use rusqlite::Connection;

use crate::error::{Error, Part, Result};
use crate::source::condition::ColumnCondition;
use crate::source::database::choice::{Choice, choose};
use crate::source::database::restriction::{AS_GIVEN, DayColumn, Restriction, SqlDialect};
use crate::source::database::rows::RowOrigin;
use crate::source::database::sql::quoted;
use crate::source::input::ReadOptions;
use crate::source::open::Candidate;
use crate::source::orders::Origin;
use crate::source::table::{ChunkSink, ColumnProjection, Found, OpenTable, Opened, Source};

/// The source of SQLite databases.
pub struct Sqlite;

/// A table, a view or a query whose columns are known.
pub struct SqliteTable<'a> {
    candidate: &'a Candidate<'a>,
    name: String,
    connection: Connection,
    choice: Choice,
    restriction: Restriction,
    found: Found,
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
    let connection = candidate.take_session().map_or_else(|| connection::open(path, &name, &options.limits), Ok)?;
    let tables = table_names(&connection, &name)?;
    let notes = options.notes_of_none(&["an encoding", "a delimiter", "a sheet"], "a database");
    let mut found = Found { format: "sqlite".to_owned(), tables: tables.clone(), notes, ..Found::default() };
    let open_part = |part: Part| {
        let headers = rows::headers(&connection, &part, &name)?;
        let wanted = projection(&headers)?;
        Ok(Choice { part, headers, wanted })
    };
    let (choice, notes) = choose((options.query.as_deref(), options.table.as_deref()), &tables, &name, open_part)?;
    found.notes.extend(notes);
    let restriction = Restriction::none(SqlDialect::Sqlite);
    Ok(SqliteTable { candidate, name, connection, choice, restriction, found })
}

impl OpenTable for SqliteTable<'_> {
    fn headers(&self) -> &[String] {
        &self.choice.headers
    }

    fn origin(&self) -> Origin {
        Origin { file: self.name.clone(), part: Some(self.choice.part.clone()), ..Origin::default() }
    }

    fn restrict(&mut self, condition: ColumnCondition<'_>) -> std::result::Result<(), &'static str> {
        let Part::Table(table) = &self.choice.part else { return Err(AS_GIVEN) };
        self.restriction.add(condition, &self.choice.headers, &quoted(table, '"'), DayColumn::Other)
    }

    fn statement(&self) -> Option<String> {
        Some([vec![rows::statement(&self.choice.part, &self.restriction)], self.restriction.values_in_words()].concat().join("\n"))
    }

    fn read(self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let Choice { part, headers, wanted } = &self.choice;
        let origin = RowOrigin { name: &self.name, part, headers, candidate: self.candidate };
        let (rows, refused) = rows::read(&self.connection, origin, (wanted, &self.restriction), sink)?;
        let table = matches!(part, Part::Table(_)).then(|| part.name().to_owned());
        self.candidate.keep_session(self.connection);
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
