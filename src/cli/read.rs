//! `portstatus read`: prints a table exactly as it was read, and what was detected.

use std::io::Write;

use serde::Serialize;

use crate::cli::args::ReadArgs;
use crate::cli::exit::REJECTED;
use crate::cli::options;
use crate::deliver::standard::{self, STANDARD_OUTPUT};
use crate::error::{Error, Result};
use crate::source::open::{self, Candidate};
use crate::source::table::{Found, Refused, Table};
use crate::source::{Input, Limits, ReadOptions, read_table};

/// Refused rows listed one by one in the JSON; all of them are counted.
const LISTED: usize = 1000;

#[derive(Serialize)]
struct ReadSummary<'a> {
    #[serde(flatten)]
    found: &'a Found,
    columns: usize,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    refused_rows: &'a [Refused],
}

/// The whole table, with what was detected.
#[derive(Serialize)]
struct ReadJson<'a> {
    #[serde(flatten)]
    summary: ReadSummary<'a>,
    headers: &'a [String],
    /// The rows; `rows` is their count.
    cells: Rows<'a>,
}

/// The rows of a table, written one after another.
struct Rows<'a>(&'a Table);

/// A row: where it began, and its cells, those without anything in them `null`.
#[derive(Serialize)]
struct Row<'a> {
    line: u32,
    cells: Vec<Option<&'a str>>,
}

impl Serialize for Rows<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut columns = columns(self.0);
        serializer.collect_seq(self.0.lines.iter().map(|line| Row {
            line: *line,
            cells: columns.iter_mut().map(|cells| cells.as_mut().and_then(Iterator::next).flatten()).collect(),
        }))
    }
}

/// Reads one input and prints it; returns 0, or [`REJECTED`] when rows were refused.
///
/// # Errors
/// Those of [`read_table`], [`options::delimiter`] and [`standard::open`].
pub fn run(args: &ReadArgs) -> Result<u8> {
    let input = Input::parse(&args.input, args.server.database_url_file.as_deref())?;
    let limits = Limits { statement_seconds: options::statement_seconds(args.server.statement_timeout)?, ..Limits::default() };
    let delimiter = args.delimiter.as_deref().map(|text| options::delimiter("delimiter", text)).transpose()?;
    let options = ReadOptions {
        encoding: args.encoding.clone(),
        delimiter,
        sheet: args.sheet.clone(),
        table: args.table.clone(),
        query: args.query.clone(),
        columns_without_header: true,
        limits,
        ..ReadOptions::default()
    };
    let everything = |headers: &[String]| Ok(vec![true; headers.len()]);
    let (_, table) = read_table(&Candidate::new(&input, &options, &open::unwatched), &options, &everything)?;
    let mut out = standard::open()?;
    if args.json {
        let json = ReadJson { summary: summary(&table), headers: &table.headers, cells: Rows(&table) };
        let written = serde_json::to_writer(&mut out, &json).map_err(std::io::Error::from).and_then(|()| out.write_all(b"\n"));
        written.map_err(|error| out.cause(Error::unwritten(STANDARD_OUTPUT, error)))?;
    } else {
        print(&table, &mut out).map_err(|error| out.cause(Error::unwritten(STANDARD_OUTPUT, error.into())))?;
    }
    out.finish()?;
    if !args.json {
        eprint(&table);
    }
    Ok(if table.refused.is_empty() { 0 } else { REJECTED })
}

fn print(table: &Table, out: &mut impl Write) -> ::csv::Result<()> {
    if table.headers.is_empty() {
        return Ok(());
    }
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::Any(b'\n')).from_writer(out);
    writer.write_record(&table.headers)?;
    let mut cells = columns(table);
    for _ in 0..table.lines.len() {
        for cell in &mut cells {
            let text = cell.as_mut().and_then(Iterator::next).flatten().unwrap_or_default();
            writer.write_field(text)?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(writer.flush()?)
}

/// The cells of each column, one after another; `None` for a column that was not read.
fn columns(table: &Table) -> Vec<Option<impl Iterator<Item = Option<&str>>>> {
    table.columns.iter().map(|column| column.as_ref().map(|column| column.iter())).collect()
}

fn summary(table: &Table) -> ReadSummary<'_> {
    let refused_rows = &table.refused[..table.refused.len().min(LISTED)];
    ReadSummary { found: &table.found, columns: table.headers.len(), refused_rows }
}

/// Standard error may be closed; what was detected is then not printed.
fn eprint(table: &Table) {
    if let Ok(json) = serde_json::to_string_pretty(&summary(table)) {
        let _ = writeln!(std::io::stderr().lock(), "{json}");
    }
}
