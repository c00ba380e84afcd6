//! Reads a table, a view or what a query answers through an ODBC driver: databases that have no source of their own.

mod explain;
mod rows;

use odbc_api::{Connection, ConnectionOptions, ResultSetMetadata, environment};

use crate::error::{Part, Result};
use crate::source::condition::ColumnCondition;
use crate::source::database::choice::{Choice, choose};
use crate::source::database::connection_string::ConnectionString;
use crate::source::database::restriction::AS_GIVEN;
use crate::source::database::rows::RowOrigin;
use crate::source::database::sql::{all_columns, is_select, not_a_select, query_error, quoted, select_list};
use crate::source::input::ReadOptions;
use crate::source::odbc::explain::{explain, message, state};
use crate::source::odbc::rows::Select;
use crate::source::open::Candidate;
use crate::source::orders::Origin;
use crate::source::table::{ChunkSink, ColumnProjection, Found, OpenTable, Opened, Source};

/// Seconds that a connection may take.
const CONNECT_SECONDS: u32 = 10;
/// Schemas of databases' own tables.
const SYSTEM_SCHEMAS: [&str; 3] = ["pg_catalog", "information_schema", "sys"];
/// Schemas whose tables the name alone means.
const DEFAULT_SCHEMAS: [&str; 3] = ["", "public", "dbo"];

/// The source of databases behind ODBC.
pub struct Odbc;

/// A table, a view or a query whose columns are known.
struct OdbcTable<'a> {
    candidate: &'a Candidate<'a>,
    name: String,
    connection: Connection<'static>,
    quote: char,
    timeout: usize,
    choice: Choice,
    found: Found,
}

impl Source for Odbc {
    fn inputs(&self) -> &'static str {
        "a database behind an ODBC driver, by its connection string (odbc:DSN=…)"
    }

    fn open<'a>(&self, candidate: &'a Candidate<'_>, options: &'a ReadOptions, projection: ColumnProjection<'a>) -> Opened<'a> {
        match candidate.odbc() {
            Some(connection) => Ok(Some(Box::new(open(candidate, connection, options, projection)?))),
            None => Ok(None),
        }
    }
}

fn open<'a>(
    candidate: &'a Candidate<'_>,
    connection: &ConnectionString,
    options: &ReadOptions,
    projection: ColumnProjection<'a>,
) -> Result<OdbcTable<'a>> {
    let name = connection.name();
    let failed = |error| explain(&error, &name, true);
    let login = ConnectionOptions { login_timeout_sec: Some(CONNECT_SECONDS), packet_size: None };
    let connection = environment().map_err(failed)?.connect_with_connection_string(&connection.text, login).map_err(failed)?;
    // One transaction, which ends with the connection and is never committed. A driver may have none.
    let _ = connection.set_autocommit(false);
    let quote = connection.identifier_quote_char().ok().flatten().unwrap_or('"');
    let tables = table_names(&connection, &name)?;
    let open_part = |part: Part| {
        let headers = headers(&connection, &part, quote, &name)?;
        let wanted = projection(&headers)?;
        Ok(Choice { part, headers, wanted })
    };
    let mut notes = options.notes_of_none(&["an encoding", "a delimiter", "a sheet"], "a database");
    let (choice, chosen) = choose((options.query.as_deref(), options.table.as_deref()), &tables, &name, open_part)?;
    notes.extend(chosen);
    let found = Found { format: "odbc".to_owned(), tables, notes, ..Found::default() };
    let timeout = usize::try_from(options.limits.statement_seconds).unwrap_or(usize::MAX);
    Ok(OdbcTable { candidate, name, connection, quote, timeout, choice, found })
}

/// The tables and views, without those of the database itself; `schema.table` where the name alone means another.
fn table_names(connection: &Connection<'_>, name: &str) -> Result<Vec<String>> {
    let failed = |error| explain(&error, name, false);
    let text = |value: Option<&str>| value.unwrap_or_default().trim_end().to_owned();
    let mut names = Vec::new();
    for row in connection.tables("", "", "", "").map_err(failed)? {
        let row = row.map_err(failed)?;
        let (schema, table, kind) = (row.schema.as_str(), row.table.as_str(), row.table_type.as_str());
        let (Ok(schema), Ok(table), Ok(kind)) = (schema, table, kind) else { continue };
        let (schema, table, kind) = (text(schema), text(table), text(kind));
        let is_system = SYSTEM_SCHEMAS.iter().any(|system| schema.eq_ignore_ascii_case(system)) || table.starts_with("sqlite_");
        if ["TABLE", "VIEW"].contains(&kind.to_uppercase().as_str()) && !is_system {
            names.push(if DEFAULT_SCHEMAS.contains(&schema.as_str()) { table } else { format!("{schema}.{table}") });
        }
    }
    names.sort();
    Ok(names)
}

/// A table as a statement names it.
fn quoted_table(table: &str, quote: char) -> String {
    table
        .split_once('.')
        .map_or_else(|| quoted(table, quote), |(schema, table)| format!("{}.{}", quoted(schema, quote), quoted(table, quote)))
}

fn headers(connection: &Connection<'_>, part: &Part, quote: char, name: &str) -> Result<Vec<String>> {
    let sql = match part {
        Part::Query(query) if !is_select(query) => return Err(not_a_select()),
        Part::Query(query) => query.clone(),
        Part::Table(table) | Part::Sheet(table) | Part::Records(table) => format!("SELECT * FROM {}", quoted_table(table, quote)),
    };
    let wrong = |error: odbc_api::Error| match part {
        Part::Query(_) if state(&error).starts_with("42") || state(&error).starts_with("HY") => {
            query_error(&format!("is not one that the database can run ({})", message(&error)), "write one SELECT, and try it in isql")
        }
        _ => explain(&error, name, false),
    };
    let mut statement = connection.prepare(&sql).map_err(wrong)?;
    if statement.num_params().unwrap_or_default() > 0 {
        return Err(query_error("has a place for a value", "write the values into the query"));
    }
    let names: std::result::Result<Vec<String>, odbc_api::Error> = statement.column_names().map_err(wrong)?.collect();
    let names = names.map_err(wrong)?;
    match names.is_empty() {
        true => Err(query_error("does more than read", "write one SELECT that reads the tables of this database")),
        false => Ok(names),
    }
}

impl OdbcTable<'_> {
    fn select(&self) -> Select {
        let Choice { part, headers, wanted } = &self.choice;
        match part {
            Part::Query(query) => Select { sql: query.clone(), columns: all_columns(wanted) },
            Part::Table(table) | Part::Sheet(table) | Part::Records(table) => {
                let (list, columns) = select_list(headers, wanted, self.quote);
                Select { sql: format!("SELECT {list} FROM {}", quoted_table(table, self.quote)), columns }
            }
        }
    }
}

impl OpenTable for OdbcTable<'_> {
    fn headers(&self) -> &[String] {
        &self.choice.headers
    }

    fn origin(&self) -> Origin {
        Origin { file: self.name.clone(), part: Some(self.choice.part.clone()), ..Origin::default() }
    }

    fn restrict(&mut self, _condition: ColumnCondition<'_>) -> std::result::Result<(), &'static str> {
        match &self.choice.part {
            Part::Query(_) => Err(AS_GIVEN),
            _ => Err("what a database behind ODBC understands is not known"),
        }
    }

    fn statement(&self) -> Option<String> {
        Some(self.select().sql)
    }

    fn read(self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let Choice { part, headers, wanted } = &self.choice;
        let origin = RowOrigin { name: &self.name, part, headers, candidate: self.candidate };
        let (rows, refused) = rows::read(&self.connection, &self.select(), (self.timeout, origin), wanted, sink)?;
        // Nothing was written, and nothing will be.
        let _ = self.connection.rollback();
        let table = matches!(part, Part::Table(_)).then(|| part.name().to_owned());
        Ok(Found { rows, refused, table, ..self.found })
    }
}
