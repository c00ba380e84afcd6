//! Has the server send rows as CSV, and takes them as they come.

use std::io::BufRead;

use memchr::memchr_iter;
use postgres::types::{Kind, Type};

use crate::error::{Error, Result, system_words};
use crate::source::csv::record::{Dialect, Ending, Field, walk};
use crate::source::database::restriction::Restriction;
use crate::source::database::rows::{RowChunks, RowOrigin};
use crate::source::database::sql::{ResultColumn, all_columns, is_select, not_a_select, query_error, select_list};
use crate::source::number_text::write_single;
use crate::source::postgres::explain::{explain, lost, message};
use crate::source::postgres::session::Session;
use crate::source::table::{self, ChunkSink};

/// Bytes of the longest row.
const MAX_ROW_BYTES: usize = 32 << 20;

/// Types whose values are no text, number, date or word.
const MEANINGLESS: &[&str] = &[
    "bytea",
    "json",
    "jsonb",
    "jsonpath",
    "xml",
    "point",
    "line",
    "lseg",
    "box",
    "path",
    "polygon",
    "circle",
    "tsvector",
    "tsquery",
    "bit",
    "varbit",
    "pg_lsn",
    "txid_snapshot",
    "pg_snapshot",
    "refcursor",
    "macaddr",
    "macaddr8",
    "cidr",
    "inet",
];

/// The statement that reads a table or query, and what the columns of its result are.
pub struct Select {
    sql: String,
    columns: Vec<ResultColumn>,
}

impl Select {
    /// The wanted columns of a table, which is `quoted` already.
    pub fn of_table(quoted: &str, headers: &[String], wanted: &[bool], conditions: &str) -> Self {
        let (list, columns) = select_list(headers, wanted, '"');
        Self { sql: format!("SELECT {list} FROM {quoted}{conditions}"), columns }
    }

    /// A query, as it is.
    pub fn of_query(query: &str, wanted: &[bool]) -> Self {
        Self { sql: query_text(query).to_owned(), columns: all_columns(wanted) }
    }

    /// The statement that is sent.
    pub fn copy(&self) -> String {
        // A comment at the end of a query ends with its line.
        format!("COPY (\n{}\n) TO STDOUT (FORMAT csv)", self.sql)
    }
}

/// A query without the semicolon at its end.
fn query_text(query: &str) -> &str {
    query.trim_end().trim_end_matches(';')
}

/// The names of the columns that a query answers.
///
/// # Errors
/// [`Error::usage`] for what is not one statement that reads, or does not run.
pub fn headers_of_query(session: &mut Session, query: &str) -> Result<Vec<String>> {
    if !is_select(query) {
        return Err(not_a_select());
    }
    if query.contains('\0') {
        return Err(query_error("holds a NUL", "write one SELECT"));
    }
    let statement = session.client.prepare(query_text(query)).map_err(|error| match error.code().map(|state| state.code().to_owned()) {
        Some(code) if code == "42601" && message(&error).contains("multiple commands") => {
            query_error("has more than one statement", "write one SELECT")
        }
        Some(code) if code.starts_with("42") && code != "42501" => {
            query_error(&format!("is not one that PostgreSQL can run ({})", message(&error)), "try it in psql")
        }
        _ => explain(error, &session.name, None),
    })?;
    if !statement.params().is_empty() {
        return Err(query_error("has a place for a value", "write the values into the query"));
    }
    if statement.columns().is_empty() {
        return Err(query_error("does more than read", "write one SELECT that reads the tables of this database"));
    }
    Ok(statement.columns().iter().map(|column| column.name().to_owned()).collect())
}

/// Binds the values of a statement's conditions, which COPY cannot take as parameters, for the transaction.
///
/// # Errors
/// What the server reports.
pub fn bind(session: &mut Session, restriction: &Restriction) -> Result<()> {
    for (index, value) in restriction.values.iter().enumerate() {
        let name = restriction.name(index + 1);
        let bound = session.client.execute("SELECT pg_catalog.set_config($1, $2, true)", &[&name, value]);
        bound.map_err(|error| explain(error, &session.name, None))?;
    }
    Ok(())
}

/// Hands over the rows of `select`, and returns how many there are and how many of them were refused.
///
/// # Errors
/// What the server reports, a wanted column of a type that means nothing here, and the errors of `sink` and the monitor.
pub fn read(session: &mut Session, select: &Select, origin: RowOrigin<'_>, wanted: &[bool], sink: ChunkSink<'_>) -> Result<(u64, u64)> {
    let failed = |error| explain(error, origin.name, None);
    let statement = session.client.prepare(&select.sql).map_err(failed)?;
    for (result, column) in select.columns.iter().zip(statement.columns()) {
        if let ResultColumn::Wanted(index) = result
            && let Some(what) = meaningless(column.type_())
        {
            return Err(origin.unusable_column(*index, None, &what));
        }
    }
    let mut reader = session.client.copy_out(&select.copy()).map_err(failed)?;
    table::hand_over(sink, |hand_over| {
        let kinds = statement.columns().iter().map(|column| kind_of(column.type_())).collect();
        let mut records = Records::new(RowChunks::new(origin, wanted, hand_over), (&select.columns, kinds), origin.name);
        loop {
            let bytes = reader.fill_buf().map_err(|error| match error.into_inner().map(|inner| inner.downcast::<postgres::Error>()) {
                Some(Ok(error)) => failed(*error),
                Some(Err(other)) => lost(origin.name, &system_words(&other)),
                None => lost(origin.name, "the answer broke off"),
            })?;
            let length = bytes.len();
            if length == 0 {
                return records.finish();
            }
            records.add(bytes)?;
            reader.consume(length);
        }
    })
}

/// What a column of a type holds that means nothing here.
fn meaningless(kind: &Type) -> Option<String> {
    let of = |what: &str| Some(format!("{what} ({})", kind.name()));
    match kind.kind() {
        Kind::Simple if MEANINGLESS.contains(&kind.name()) => match kind.name() {
            "bytea" => of("binary data"),
            "json" | "jsonb" => of("nested data"),
            _ => of("values of a type that has no meaning here"),
        },
        Kind::Domain(base) => meaningless(base),
        Kind::Array(_) => of("lists"),
        Kind::Composite(_) => of("rows within rows"),
        Kind::Range(_) | Kind::Multirange(_) => of("ranges"),
        Kind::Pseudo if kind.name() == "record" => of("rows within rows"),
        _ => None,
    }
}

/// What the server sends otherwise than a table holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CellKind {
    /// Nothing.
    AsSent,
    /// Numbers of single precision.
    Single,
    /// Truths, by their first letters.
    Truth,
}

fn kind_of(kind: &Type) -> CellKind {
    match kind.kind() {
        Kind::Domain(base) => kind_of(base),
        _ if *kind == Type::FLOAT4 => CellKind::Single,
        _ if *kind == Type::BOOL => CellKind::Truth,
        _ => CellKind::AsSent,
    }
}

/// Takes what the server sends apart into rows.
struct Records<'a> {
    chunks: RowChunks<'a>,
    columns: &'a [ResultColumn],
    kinds: Vec<CellKind>,
    number: String,
    name: &'a str,
    dialect: Dialect,
    fields: Vec<Field>,
    unquoted: String,
    /// A row of which the end is still to come.
    begun: Vec<u8>,
}

impl<'a> Records<'a> {
    fn new(chunks: RowChunks<'a>, (columns, kinds): (&'a [ResultColumn], Vec<CellKind>), name: &'a str) -> Self {
        let (number, unquoted, dialect) = (String::new(), String::new(), Dialect::new(b',', b'"'));
        Self { chunks, columns, kinds, number, name, dialect, fields: Vec::new(), unquoted, begun: Vec::new() }
    }

    /// Adds what came. A server sends row by row, but what stands between may cut elsewhere.
    fn add(&mut self, bytes: &[u8]) -> Result<()> {
        if self.begun.len() + bytes.len() > MAX_ROW_BYTES {
            return Err(Error::data(self.name, "a row is longer than 32 MiB", "leave long columns out, in a query"));
        }
        if self.begun.is_empty() && is_whole(bytes) {
            return self.add_rows(bytes);
        }
        self.begun.extend_from_slice(bytes);
        if is_whole(&self.begun) {
            let rows = std::mem::take(&mut self.begun);
            return self.add_rows(&rows);
        }
        Ok(())
    }

    fn add_rows(&mut self, bytes: &[u8]) -> Result<()> {
        let mut at = 0;
        while at < bytes.len() {
            self.chunks.begin_row()?;
            let Ending::Whole { next, .. } = walk(bytes, at, &self.dialect, &mut self.fields) else {
                return Err(Error::internal("postgres", "a row of the server is not CSV"));
            };
            if self.fields.len() != self.columns.len() {
                return Err(Error::internal("postgres", format!("{} fields in a row of {}", self.fields.len(), self.columns.len())));
            }
            match std::str::from_utf8(&bytes[at..next]) {
                Ok(text) => {
                    for ((field, column), kind) in self.fields.iter().zip(self.columns).zip(&self.kinds) {
                        let field = Field { start: field.start - at, end: field.end - at, ..*field };
                        let cell = field.text(text, &self.dialect, &mut self.unquoted);
                        let cell = match (kind, cell) {
                            (CellKind::Truth, "t") => "true",
                            (CellKind::Truth, "f") => "false",
                            (CellKind::Single, cell) => match cell.parse::<f32>() {
                                Ok(number) if number.is_finite() => {
                                    self.number.clear();
                                    write_single(&mut self.number, number);
                                    &self.number
                                }
                                _ => cell,
                            },
                            (_, cell) => cell,
                        };
                        self.chunks.add_cell(*column, Some(cell));
                    }
                    self.chunks.end_row()?;
                }
                Err(_) => {
                    self.chunks.refuse_row(String::from_utf8_lossy(&bytes[at..next]).trim_end().to_owned(), "a text that is not UTF-8")
                }
            }
            at = next;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(u64, u64)> {
        let rest = std::mem::take(&mut self.begun);
        self.add_rows(&rest)?;
        Ok(self.chunks.finish())
    }
}

/// Whether these bytes end with the end of a row: a line feed that is not within quotes.
fn is_whole(bytes: &[u8]) -> bool {
    bytes.ends_with(b"\n") && memchr_iter(b'"', bytes).count().is_multiple_of(2)
}
