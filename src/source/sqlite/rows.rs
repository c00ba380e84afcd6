//! Turns the rows of a statement into chunks of text columns.

use polars::prelude::{PlSmallStr, StringChunked, StringChunkedBuilder};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Statement};

use crate::error::{Error, Part, Place, Result};
use crate::source::number_text::write_number;
use crate::source::open::Candidate;
use crate::source::redact::brief;
use crate::source::sqlite::connection::{explain, message};
use crate::source::table::{self, ChunkSink, Refused, TableChunk};

/// Rows of a chunk. The finished frame has as many chunks as these make of its rows.
const CHUNK_ROWS: usize = 1 << 17;
/// Rows of the first chunk, so that its work begins soon.
const FIRST_CHUNK_ROWS: usize = 1 << 14;

/// The names of the columns that a part of the database has.
///
/// # Errors
/// What SQLite has against the query, and a query that does not read or has places for values.
pub fn headers(connection: &Connection, part: &Part, name: &str) -> Result<Vec<String>> {
    let statement = prepare(connection, part, name)?;
    Ok(statement.column_names().map(str::to_owned).collect())
}

/// Hands over the rows of a part of the database, and returns how many there are and how many of them were refused.
///
/// # Errors
/// What SQLite has against the query or the data, a value that is no text or number, and the errors of `sink` and the monitor.
pub fn read(
    connection: &Connection,
    part: &Part,
    wanted: &[bool],
    (name, candidate): (&str, &Candidate<'_>),
    sink: ChunkSink<'_>,
) -> Result<(u64, u64)> {
    let mut statement = prepare(connection, part, name)?;
    let headers: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([]).map_err(|error| explain(error, name))?;
    table::hand_over(sink, |hand_over| {
        let mut builder = ChunkBuilder::new(wanted, FIRST_CHUNK_ROWS);
        let (mut line, mut refused, mut bytes) = (0_u32, 0, 0);
        while let Some(row) = rows.next().map_err(|error| explain(error, name))? {
            line = line.checked_add(1).ok_or_else(|| Error::data(name, "has more than 4,294,967,295 rows", "read it in parts"))?;
            match builder.add_row(row, line) {
                Ok(added) => bytes += added as u64,
                Err(Unusable::Row(refusal)) => {
                    builder.refused.push(refusal);
                    refused += 1;
                }
                Err(Unusable::Column(index, what)) => {
                    let header = headers.get(index).map(|header| brief(header)).unwrap_or_default();
                    let place = Place::row(name, Some(part.clone()), u64::from(line));
                    let help = "leave the column out, or cast it to text, with a query";
                    return Err(Error::data(place, format!("column '{header}' holds {what}"), help).with_remedy(Place::option("query")));
                }
            }
            if builder.lines.len() >= builder.capacity {
                candidate.watch(bytes)?;
                hand_over(std::mem::replace(&mut builder, ChunkBuilder::new(wanted, CHUNK_ROWS)).finish());
            }
        }
        hand_over(builder.finish());
        Ok((u64::from(line), refused))
    })
}

fn prepare<'c>(connection: &'c Connection, part: &Part, name: &str) -> Result<Statement<'c>> {
    let sql = match part {
        Part::Query(sql) => sql.clone(),
        // Quotes within the name are doubled; SQLite has no other escape.
        Part::Table(table) | Part::Sheet(table) | Part::Records(table) => format!("SELECT * FROM \"{}\"", table.replace('"', "\"\"")),
    };
    let query = |what: &str, help: &str| Error::usage(Place::option("query"), what, help);
    if !is_select(&sql) {
        return Err(query("is not a SELECT", "write one SELECT that reads the tables of this database"));
    }
    let statement = connection.prepare(&sql).map_err(|error| match (&error, part) {
        (rusqlite::Error::MultipleStatement, _) => query("has more than one statement", "write one SELECT"),
        (rusqlite::Error::SqlInputError { .. }, Part::Query(_)) => {
            query(&format!("is not one that SQLite can run ({})", message(&error)), "try it in sqlite3").with_cause(error)
        }
        _ => explain(error, name),
    })?;
    if statement.parameter_count() > 0 {
        return Err(query("has a place for a value", "write the values into the query"));
    }
    if !statement.readonly() || statement.column_count() == 0 || statement.is_explain() != 0 {
        return Err(query("does more than read", "write one SELECT that reads the tables of this database"));
    }
    Ok(statement)
}

/// Whether a statement begins as one that reads does, behind blanks and comments. Of those that SQLite calls read-only some
/// change how it works.
fn is_select(sql: &str) -> bool {
    let mut rest = sql.trim_start();
    loop {
        let comment = rest.strip_prefix("--").and_then(|rest| rest.split_once('\n'));
        let comment = comment.or_else(|| rest.strip_prefix("/*").and_then(|rest| rest.split_once("*/")));
        let Some((_, behind)) = comment else { break };
        rest = behind.trim_start();
    }
    let end = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
    ["select", "with", "values"].iter().any(|word| rest[..end].eq_ignore_ascii_case(word))
}

/// A chunk in the making.
struct ChunkBuilder {
    columns: Vec<Option<StringChunkedBuilder>>,
    lines: Vec<u32>,
    blank: Vec<u32>,
    refused: Vec<Refused>,
    capacity: usize,
    number: String,
}

/// Why a row cannot be used.
enum Unusable {
    /// It alone.
    Row(Refused),
    /// A column of it is of a type that orders have no use for; what it holds.
    Column(usize, &'static str),
}

impl ChunkBuilder {
    fn new(wanted: &[bool], capacity: usize) -> Self {
        let column = || StringChunkedBuilder::new(PlSmallStr::EMPTY, capacity);
        let columns = wanted.iter().map(|wanted| wanted.then(column)).collect();
        Self { columns, lines: Vec::with_capacity(capacity), blank: Vec::new(), refused: Vec::new(), capacity, number: String::new() }
    }

    /// Adds a row and returns the bytes of its texts.
    fn add_row(&mut self, row: &Row<'_>, line: u32) -> std::result::Result<usize, Unusable> {
        let value = |index| row.get_ref(index).unwrap_or(ValueRef::Null);
        for (index, _) in self.columns.iter().enumerate().filter(|(_, column)| column.is_some()) {
            match value(index) {
                ValueRef::Blob(_) => return Err(Unusable::Column(index, "binary data (a BLOB)")),
                ValueRef::Text(text) if std::str::from_utf8(text).is_err() => {
                    let reason = "a text that is not UTF-8".to_owned();
                    return Err(Unusable::Row(Refused { line, text: String::from_utf8_lossy(text).into_owned(), reason }));
                }
                _ => {}
            }
        }
        let (mut bytes, mut is_blank) = (0, true);
        for (index, column) in self.columns.iter_mut().enumerate() {
            let value = value(index);
            is_blank = is_blank && matches!(value, ValueRef::Null | ValueRef::Text(b""));
            let Some(column) = column else { continue };
            self.number.clear();
            let text = match value {
                ValueRef::Null | ValueRef::Blob(_) => None,
                ValueRef::Text(text) => std::str::from_utf8(text).ok().filter(|text| !text.is_empty()),
                ValueRef::Integer(number) => {
                    self.number.push_str(itoa::Buffer::new().format(number));
                    Some(self.number.as_str())
                }
                ValueRef::Real(number) => {
                    write_number(&mut self.number, number);
                    Some(self.number.as_str())
                }
            };
            bytes += text.map_or(0, str::len);
            column.append_option(text);
        }
        if is_blank {
            self.blank.push(self.lines.len() as u32);
        }
        self.lines.push(line);
        Ok(bytes)
    }

    fn finish(self) -> TableChunk {
        let columns: Vec<Option<StringChunked>> = self.columns.into_iter().map(|column| column.map(StringChunkedBuilder::finish)).collect();
        TableChunk { columns, lines: self.lines, blank: self.blank, refused: self.refused }
    }
}
