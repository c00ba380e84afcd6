//! Reads a table, a view or what a query answers from a PostgreSQL server: one session, one snapshot, nothing that could change data.

mod catalogue;
mod copy;
mod explain;
mod session;

use std::cell::RefCell;

use crate::error::{Error, Part, Result};
use crate::source::condition::ColumnCondition;
use crate::source::database::address::DatabaseAddress;
use crate::source::database::choice::{Choice, choose};
use crate::source::database::restriction::{AS_GIVEN, Restriction, SqlDialect};
use crate::source::database::rows::RowOrigin;
use crate::source::database::settings::Server;
use crate::source::input::ReadOptions;
use crate::source::open::Candidate;
use crate::source::orders::Origin;
use crate::source::postgres::catalogue::Catalogue;
use crate::source::postgres::session::Session;
use crate::source::redact::brief;
use crate::source::table::{ChunkSink, ColumnProjection, Found, OpenTable, Opened, Source};

/// The source of PostgreSQL databases.
pub struct Postgres;

/// A table, a view or a query whose columns are known.
struct PostgresTable<'a> {
    candidate: &'a Candidate<'a>,
    session: Session,
    catalogue: Catalogue,
    choice: Choice,
    restriction: Restriction,
    found: Found,
}

impl Source for Postgres {
    fn inputs(&self) -> &'static str {
        "a PostgreSQL database by its URL (postgres://…)"
    }

    fn open<'a>(&self, candidate: &'a Candidate<'_>, options: &'a ReadOptions, projection: ColumnProjection<'a>) -> Opened<'a> {
        match candidate.server(Server::Postgres) {
            Some(address) => Ok(Some(Box::new(open(candidate, address, options, projection)?))),
            None => Ok(None),
        }
    }
}

fn open<'a>(
    candidate: &'a Candidate<'_>,
    address: &DatabaseAddress,
    options: &ReadOptions,
    projection: ColumnProjection<'a>,
) -> Result<PostgresTable<'a>> {
    let mut session = candidate.take_session().map_or_else(|| Session::open(address, &options.limits), Ok)?;
    let catalogue = Catalogue::read(&mut session)?;
    let mut notes = options.notes_of_none(&["an encoding", "a delimiter", "a sheet"], "a database");
    notes.extend(session.notes.iter().cloned());
    let name = session.name.clone();
    let choice = {
        let shared = RefCell::new(&mut session);
        let open_part = |part: Part| {
            let headers = match &part {
                Part::Query(query) => copy::headers_of_query(&mut shared.borrow_mut(), query)?,
                Part::Table(table) | Part::Sheet(table) | Part::Records(table) => catalogue.columns(table),
            };
            if headers.is_empty() {
                return Err(Error::permission(
                    &name,
                    format!("table {} has no column that the user may read", brief(part.name())),
                    "have SELECT granted on it",
                ));
            }
            let wanted = projection(&headers)?;
            Ok(Choice { part, headers, wanted })
        };
        let table = options.table.as_deref().map(|table| catalogue.short_name(table));
        choose((options.query.as_deref(), table), &catalogue.names(), &name, open_part)?
    };
    let (choice, chosen) = choice;
    notes.extend(chosen);
    let found = Found { format: "postgresql".to_owned(), tables: catalogue.names(), notes, ..Found::default() };
    let restriction = Restriction::none(SqlDialect::Postgres);
    Ok(PostgresTable { candidate, session, catalogue, choice, restriction, found })
}

impl PostgresTable<'_> {
    fn select(&self) -> copy::Select {
        let Choice { part, headers, wanted } = &self.choice;
        match part {
            Part::Query(query) => copy::Select::of_query(query, wanted),
            Part::Table(table) | Part::Sheet(table) | Part::Records(table) => {
                copy::Select::of_table(&self.catalogue.quoted(table), headers, wanted, &self.restriction.sql())
            }
        }
    }
}

impl OpenTable for PostgresTable<'_> {
    fn headers(&self) -> &[String] {
        &self.choice.headers
    }

    fn origin(&self) -> Origin {
        Origin { file: self.session.name.clone(), part: Some(self.choice.part.clone()), ..Origin::default() }
    }

    fn restrict(&mut self, condition: ColumnCondition<'_>) -> std::result::Result<(), &'static str> {
        let Part::Table(table) = &self.choice.part else { return Err(AS_GIVEN) };
        let days = self.catalogue.days(table, condition.column);
        self.restriction.add(condition, &self.choice.headers, &self.catalogue.quoted(table), days)
    }

    fn statement(&self) -> Option<String> {
        Some([vec![self.select().copy()], self.restriction.values_in_words()].concat().join("\n"))
    }

    fn read(mut self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let select = self.select();
        copy::bind(&mut self.session, &self.restriction)?;
        let Choice { part, headers, wanted } = &self.choice;
        let name = self.session.name.clone();
        let origin = RowOrigin { name: &name, part, headers, candidate: self.candidate };
        let (rows, refused) = copy::read(&mut self.session, &select, origin, wanted, sink)?;
        let table = matches!(part, Part::Table(_)).then(|| part.name().to_owned());
        self.candidate.keep_session(self.session);
        Ok(Found { rows, refused, table, ..self.found })
    }
}
