//! Reads a table, a view or what a query answers from a MySQL or MariaDB server: one session, one snapshot, nothing that could change data.

mod explain;
mod rows;
mod session;

use std::cell::RefCell;

use crate::error::{Part, Result};
use crate::source::condition::ColumnCondition;
use crate::source::database::address::DatabaseAddress;
use crate::source::database::choice::{Choice, choose};
use crate::source::database::restriction::{AS_GIVEN, DayColumn, Restriction, SqlDialect};
use crate::source::database::rows::RowOrigin;
use crate::source::database::settings::Server;
use crate::source::database::sql::{all_columns, quoted, select_list};
use crate::source::input::ReadOptions;
use crate::source::mysql::rows::Select;
use crate::source::mysql::session::Session;
use crate::source::open::Candidate;
use crate::source::orders::Origin;
use crate::source::table::{ChunkSink, ColumnProjection, Found, OpenTable, Opened, Source};

/// The source of MySQL and MariaDB databases.
pub struct MySql;

/// A table, a view or a query whose columns are known.
struct MySqlTable<'a> {
    candidate: &'a Candidate<'a>,
    session: Session,
    choice: Choice,
    /// How its columns hold days.
    days: Vec<DayColumn>,
    restriction: Restriction,
    found: Found,
}

impl Source for MySql {
    fn inputs(&self) -> &'static str {
        "a MySQL or MariaDB database by its URL (mysql://…)"
    }

    fn open<'a>(&self, candidate: &'a Candidate<'_>, options: &'a ReadOptions, projection: ColumnProjection<'a>) -> Opened<'a> {
        match candidate.server(Server::MySql) {
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
) -> Result<MySqlTable<'a>> {
    let mut session = candidate.take_session().map_or_else(|| Session::open(address, &options.limits), Ok)?;
    let tables = session.tables()?;
    let names: Vec<String> = tables.iter().map(|(name, _)| name.clone()).collect();
    let mut notes = options.notes_of_none(&["an encoding", "a delimiter", "a sheet"], "a database");
    notes.extend(session.notes.iter().cloned());
    let name = session.name.clone();
    let (choice, chosen) = {
        let shared = RefCell::new(&mut session);
        let open_part = |part: Part| {
            let headers = match &part {
                Part::Query(query) => rows::headers_of_query(&mut shared.borrow_mut(), query)?,
                Part::Table(table) | Part::Sheet(table) | Part::Records(table) => tables
                    .iter()
                    .find(|(name, _)| name == table)
                    .map(|(_, columns)| columns.iter().map(|(column, _)| column.clone()).collect())
                    .unwrap_or_default(),
            };
            let wanted = projection(&headers)?;
            Ok(Choice { part, headers, wanted })
        };
        let in_database =
            |table: &String| table.split_once('.').filter(|(schema, _)| *schema == address.database).map(|(_, table)| table.to_owned());
        let table = options.table.as_ref().map(|table| match names.contains(table) {
            true => table.clone(),
            false => in_database(table).unwrap_or_else(|| table.clone()),
        });
        choose((options.query.as_deref(), table.as_deref()), &names, &name, open_part)?
    };
    notes.extend(chosen);
    let found = Found { format: "mysql".to_owned(), tables: names, notes, ..Found::default() };
    let of_table = tables.into_iter().find(|(name, _)| *name == choice.part.name());
    let days = of_table.map(|(_, columns)| columns.into_iter().map(|(_, days)| days).collect()).unwrap_or_default();
    let restriction = Restriction::none(SqlDialect::MySql);
    Ok(MySqlTable { candidate, session, choice, days, restriction, found })
}

impl MySqlTable<'_> {
    fn select(&self) -> Select {
        let Choice { part, headers, wanted } = &self.choice;
        match part {
            Part::Query(query) => Select { sql: query.clone(), columns: all_columns(wanted) },
            Part::Table(table) | Part::Sheet(table) | Part::Records(table) => {
                let (list, columns) = select_list(headers, wanted, '`');
                Select { sql: format!("SELECT {list} FROM {}{}", quoted(table, '`'), self.restriction.sql()), columns }
            }
        }
    }
}

impl OpenTable for MySqlTable<'_> {
    fn headers(&self) -> &[String] {
        &self.choice.headers
    }

    fn origin(&self) -> Origin {
        Origin { file: self.session.name.clone(), part: Some(self.choice.part.clone()), ..Origin::default() }
    }

    fn restrict(&mut self, condition: ColumnCondition<'_>) -> std::result::Result<(), &'static str> {
        let Part::Table(table) = &self.choice.part else { return Err(AS_GIVEN) };
        let days = self.days.get(condition.column).copied().unwrap_or(DayColumn::Other);
        self.restriction.add(condition, &self.choice.headers, &quoted(table, '`'), days)
    }

    fn statement(&self) -> Option<String> {
        Some([vec![self.select().sql], self.restriction.values_in_words()].concat().join("\n"))
    }

    fn read(mut self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let select = self.select();
        rows::bind(&mut self.session, &self.restriction)?;
        let Choice { part, headers, wanted } = &self.choice;
        let name = self.session.name.clone();
        let origin = RowOrigin { name: &name, part, headers, candidate: self.candidate };
        let (rows, refused) = rows::read(&mut self.session, &select, origin, wanted, sink)?;
        let table = matches!(part, Part::Table(_)).then(|| part.name().to_owned());
        self.candidate.keep_session(self.session);
        Ok(Found { rows, refused, table, ..self.found })
    }
}
