//! Reads the table of recipients: who gets a report, of which rows, in which form and where. A row that cannot be understood is an
//! error, since a recipient left out in silence is a report that nobody sends.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::domain::number::{mask, mask_sentence};
use crate::domain::status::fold;
use crate::domain::text::{one_line, suggestion, thousands, truth};
use crate::error::{Error, Place, Result};
use crate::export::{self, Exporter, format_names};
use crate::job::condition::Condition;
use crate::job::condition_text::{CONDITIONS, parse_condition};
use crate::job::prepare::prepare;
use crate::job::recipients::EVERYTHING;
use crate::job::scheduled::RecipientSpec;
use crate::job::spec::{JobSpec, ReportRow};
use crate::select::Query;
use crate::select::names::Names;
use crate::source::database::files::require_private;
use crate::source::open::{self, Candidate};
use crate::source::table::Table;
use crate::source::{Input, Origin, ReadOptions, read_table};

/// The columns, by the keys of their headers. What the first is called, the column by which recipients are told apart says too.
const RECIPIENT_COLUMNS: [&str; 12] =
    ["value", "name", "formats", "status", "where", "columns", "template", "language", "place", "password_file", "when", "active"];

/// Faults that are listed.
const MAX_LISTED: usize = 20;

/// What a table of recipients says.
pub struct RecipientTable {
    /// The active recipients.
    pub recipients: Vec<RecipientSpec>,
    /// How many others there are.
    pub inactive: usize,
}

/// A fault in a row.
struct Fault {
    line: u32,
    column: &'static str,
    what: String,
    help: String,
}

/// What is wrong with a cell, and what to write.
type Wrong = (String, String);

/// Reads the table of `input` for `job`, whose recipients have the values of the column with the key `key`, which the
/// user calls `split_by`.
///
/// # Errors
/// What keeps the input from being read; [`Error::config`] for unknown headers, and for rows that cannot be understood, all of
/// which are listed up to 20.
pub fn read_recipients(
    input: &Input,
    options: &ReadOptions,
    (split_by, key): (&str, &'static str),
    job: &JobSpec,
    names: &Names,
) -> Result<RecipientTable> {
    let file = input.name();
    let candidate = Candidate::new(input, options, &open::unwatched);
    let projection = |headers: &[String]| {
        let columns = columns(headers, (split_by, key), names, &file)?;
        Ok(columns.iter().map(Option::is_some).collect())
    };
    let (origin, table) = read_table(&candidate, options, &projection)?;
    let columns = columns(&table.headers, (split_by, key), names, &file)?;
    let mut reader = Reader {
        job,
        templates: job.load.templates.names("reports"),
        names: BTreeMap::from([(job.render.template.clone(), names.clone())]),
        lines: BTreeMap::new(),
        faults: Vec::new(),
    };
    for refused in &table.refused {
        reader.faults.push(Fault {
            line: refused.line,
            column: "",
            what: refused.reason.clone(),
            help: "write one cell a column".to_owned(),
        });
    }
    let mut made = RecipientTable { recipients: Vec::new(), inactive: 0 };
    for (row, line) in rows(&table, &columns) {
        let before = reader.faults.len();
        match reader.recipient(&row, line, &origin)? {
            Some(recipient) if reader.faults.len() == before => reader.add(recipient, line, &mut made.recipients),
            None if reader.faults.len() == before => made.inactive += 1,
            _ => {}
        }
    }
    if !reader.faults.is_empty() {
        return Err(listed(reader.faults, &origin, split_by));
    }
    if made.recipients.is_empty() {
        let what = if made.inactive == 0 { "has no row" } else { "has no recipient that is active" };
        return Err(Error::config(origin.place(), what, "write one row for each recipient"));
    }
    Ok(made)
}

/// The column of [`RECIPIENT_COLUMNS`] that each header means; `None` for one without a name.
fn columns(headers: &[String], (split_by, key): (&str, &str), names: &Names, file: &str) -> Result<Vec<Option<usize>>> {
    let mut found: Vec<Option<usize>> = Vec::new();
    for header in headers {
        let folded = fold(header);
        let own = RECIPIENT_COLUMNS.iter().position(|column| fold(column) == folded);
        let is_value = || folded == fold(split_by) || names.find(header) == Some(key);
        let column = own.or_else(|| is_value().then_some(0));
        let place = || Place::entry(file, format!("column '{}'", mask(&one_line(header))));
        match column {
            None if header.trim().is_empty() => {}
            None => {
                let known: Vec<&str> = RECIPIENT_COLUMNS.iter().copied().chain([split_by]).collect();
                let help = suggestion(header, &known);
                return Err(Error::config(place(), "is not a column of a table of recipients", help));
            }
            Some(_) if found.contains(&column) => {
                return Err(Error::config(place(), "says the same as another column", "leave one of them out"));
            }
            Some(_) => {}
        }
        found.push(column);
    }
    match found.contains(&Some(0)) {
        true => Ok(found),
        false => Err(Error::config(
            file,
            format!("has no column {split_by}"),
            format!("add one with the {split_by} whose rows each recipient gets"),
        )),
    }
}

/// A row's cells, in the order of [`RECIPIENT_COLUMNS`].
type Row<'t> = [&'t str; RECIPIENT_COLUMNS.len()];

/// The rows of `table` that hold anything, each with its line.
fn rows<'t>(table: &'t Table, columns: &[Option<usize>]) -> Vec<(Row<'t>, u32)> {
    let mut rows: Vec<(Row<'t>, u32)> = table.lines.iter().map(|line| (Row::default(), *line)).collect();
    for (cells, column) in table.columns.iter().zip(columns) {
        let (Some(cells), Some(column)) = (cells, column) else { continue };
        for ((row, _), cell) in rows.iter_mut().zip(cells.iter()) {
            row[*column] = cell.unwrap_or_default().trim();
        }
    }
    rows.retain(|(row, _)| row.iter().any(|cell| !cell.is_empty()));
    rows
}

/// Makes recipients of rows, and keeps what is wrong with them.
struct Reader<'a> {
    job: &'a JobSpec,
    /// The names of the report templates.
    templates: Vec<String>,
    /// The words of those that were read.
    names: BTreeMap<String, Names>,
    /// The lines of the recipients so far, by their names in lower case.
    lines: BTreeMap<String, u32>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    /// The recipient of a row; `None` when it is not active.
    fn recipient(&mut self, row: &Row<'_>, line: u32, origin: &Origin) -> Result<Option<RecipientSpec>> {
        let [value, name, formats, status, condition, columns, template, language, place, password_file, when, active] = *row;
        let is_active = match active {
            "" => Ok(true),
            word => truth(word).ok_or_else(|| wrong(word, "is neither yes nor no", "write yes or no")),
        };
        if !self.keep(line, "active", is_active).unwrap_or(true) {
            return Ok(None);
        }
        if value.is_empty() {
            let what = "is empty".to_owned();
            self.faults.push(Fault { line, column: "value", what, help: "write the value whose rows the recipient gets".to_owned() });
        }
        if value == EVERYTHING && name.is_empty() {
            let help = format!("say who may see everything, which the value {EVERYTHING} means");
            self.faults.push(Fault { line, column: "name", what: "is empty".to_owned(), help });
        }
        if value == EVERYTHING && self.job.render.row == ReportRow::Request {
            let what = format!("is {EVERYTHING}, which goes with rows of numbers, not of requests");
            self.faults.push(Fault { line, column: "value", what, help: "leave by out of the report".to_owned() });
        }
        let formats = self.keep(line, "formats", self::formats(formats)).unwrap_or_default();
        let template = self.template(template, language, line);
        let query = Query {
            statuses: list(status),
            where_sql: (!condition.is_empty()).then(|| condition.to_owned()).into_iter().collect(),
            columns: (!columns.is_empty()).then(|| columns.replace(['\n', ';'], ",")).into_iter().collect(),
            ..Query::default()
        };
        self.check(&query, template.as_deref().unwrap_or(&self.job.render.template).to_owned(), line)?;
        let password_file = (!password_file.is_empty()).then(|| PathBuf::from(password_file));
        if let Some(Err(error)) = password_file.as_deref().map(|path| require_private(path, "a password")) {
            self.faults.push(Fault {
                line,
                column: "password_file",
                what: format!("{}: {}", error.place, error.what),
                help: error.help.clone(),
            });
        }
        if place.contains(['{', '}']) {
            let what = "has braces, which stand for nothing here".to_owned();
            self.faults.push(Fault { line, column: "place", what, help: "write the place as it is".to_owned() });
        }
        let condition = match when {
            "" => Ok(Condition::Always),
            text => parse_condition(text).ok_or_else(|| wrong(text, "is not a condition", format!("write {CONDITIONS}"))),
        };
        let condition = self.keep(line, "when", condition).unwrap_or_default();
        Ok(Some(RecipientSpec {
            place: Place::row(origin.file.clone(), origin.part.clone(), u64::from(line)),
            name: if name.is_empty() { value } else { name }.to_owned(),
            value: value.to_owned(),
            formats,
            query,
            template,
            places: place.split_whitespace().map(str::to_owned).collect(),
            password_file,
            condition,
        }))
    }

    /// Adds `recipient` to `others`, none of which may have its name.
    fn add(&mut self, recipient: RecipientSpec, line: u32, others: &mut Vec<RecipientSpec>) {
        let Some(other) = self.lines.insert(recipient.name.to_lowercase(), line) else { return others.push(recipient) };
        let what = format!("'{}' is the name of the recipient in line {other}, too", mask(&recipient.name));
        self.faults.push(Fault { line, column: "name", what, help: "give each recipient a name of its own".to_owned() });
    }

    /// What came of a cell; what is wrong with it is kept.
    fn keep<T>(&mut self, line: u32, column: &'static str, read: std::result::Result<T, Wrong>) -> Option<T> {
        read.map_err(|(what, help)| self.faults.push(Fault { line, column, what, help })).ok()
    }

    /// The template of a recipient, that of the job in its language included.
    fn template(&mut self, template: &str, language: &str, line: u32) -> Option<String> {
        if template.is_empty() && language.is_empty() {
            return None;
        }
        let base = if template.is_empty() { &self.job.render.template } else { template };
        let known = |name: String| self.templates.iter().find(|known| known.eq_ignore_ascii_case(&name)).cloned();
        let found = match language {
            "" => known(base.to_owned()).ok_or_else(|| {
                let known: Vec<&str> = self.templates.iter().map(String::as_str).collect();
                ("template", wrong(base, "is not a template", suggestion(base, &known)))
            }),
            language => known(format!("{base}-{language}")).ok_or_else(|| {
                let what = format!("there is no template '{}-{}'", mask(base), mask(language));
                ("language", (what, "add it to the templates, or leave the language out".to_owned()))
            }),
        };
        found.map_err(|(column, (what, help))| self.faults.push(Fault { line, column, what, help })).ok()
    }

    /// Checks `query` in the words of `template`.
    fn check(&mut self, query: &Query, template: String, line: u32) -> Result<()> {
        if !self.names.contains_key(&template) {
            self.names.insert(template.clone(), prepare(&self.job.load, &template)?.names);
        }
        if *query == Query::default() {
            return Ok(());
        }
        let Some(Err(error)) = self.names.get(&template).map(|names| query.check(names)) else { return Ok(()) };
        let column = match &error.place {
            Place::Option { key, .. } => RECIPIENT_COLUMNS.iter().find(|column| *column == key).copied().unwrap_or("where"),
            _ => "where",
        };
        self.faults.push(Fault { line, column, what: mask_sentence(&error.what), help: error.help.clone() });
        Ok(())
    }
}

/// The words of a cell that are separated by commas, semicolons or line ends.
fn list(cell: &str) -> Vec<String> {
    cell.split([',', ';', '\n']).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The formats that a cell names, in the usual order.
fn formats(cell: &str) -> std::result::Result<Vec<&'static dyn Exporter>, Wrong> {
    let words: Vec<&str> =
        cell.split(|letter: char| ",;".contains(letter) || letter.is_whitespace()).filter(|word| !word.is_empty()).collect();
    if let Some(word) = words.iter().find(|word| export::format(word).is_none()) {
        return Err(wrong(word, "is not a format", suggestion(word, &format_names())));
    }
    let is_named = |format: &&'static dyn Exporter| words.iter().any(|word| word.eq_ignore_ascii_case(format.name()));
    Ok(export::FORMATS.iter().copied().filter(is_named).collect())
}

/// A word of a cell that is not what it should be.
fn wrong(word: &str, what: &str, help: impl Into<String>) -> Wrong {
    (format!("'{}' {what}", mask(&one_line(word))), help.into())
}

/// One error of all `faults`, the first as its own and the others behind it.
fn listed(mut faults: Vec<Fault>, origin: &Origin, split_by: &str) -> Error {
    faults.sort_by_key(|fault| fault.line);
    let more = faults.len().saturating_sub(MAX_LISTED);
    let mut faults = faults.into_iter().take(MAX_LISTED);
    let Some(first) = faults.next() else { return Error::internal("recipients", "an error without a fault") };
    let column = |fault: &Fault| match fault.column {
        "" => None,
        column => Some(format!("column {}", if column == RECIPIENT_COLUMNS[0] { split_by } else { column })),
    };
    let place = Place::Config { file: origin.place(), line: Some(first.line as usize), column: None, entry: column(&first) };
    let others: Vec<String> = faults
        .map(|fault| {
            let column = column(&fault).map(|column| format!(", {column}")).unwrap_or_default();
            format!("line {}{column}: {}; {}", fault.line, fault.what, fault.help)
        })
        .collect();
    let mut help = first.help;
    others.iter().for_each(|other| help.push_str(&format!("; {other}")));
    if more > 0 {
        help.push_str(&format!("; and {} more", thousands(more as u64)));
    }
    Error::config(place, first.what, help)
}
