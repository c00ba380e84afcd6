//! Chooses what of a database is read: the query or table that was named, else the first table whose columns can be used.

use crate::domain::text::{nearest, thousands};
use crate::error::{Error, Part, Place, Result};
use crate::source::redact;

/// What is read.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The table or query.
    pub part: Part,
    /// The names of its columns.
    pub headers: Vec<String>,
    /// Which of them are wanted.
    pub wanted: Vec<bool>,
}

/// The query or table that was `asked` for, else the first of `tables` that `open` takes, and what to note of the others. `name` is
/// the database's.
///
/// # Errors
/// A table that is not there; the error of `open` for what was named, or for the first table when it takes none.
pub fn choose(
    asked: (Option<&str>, Option<&str>),
    tables: &[String],
    name: &str,
    open: impl Fn(Part) -> Result<Choice>,
) -> Result<(Choice, Vec<String>)> {
    let mut notes = Vec::new();
    let choice = match asked {
        (Some(query), _) => open(Part::Query(query.to_owned()))?,
        (None, Some(table)) => open(Part::Table(named(table, tables, name)?))?,
        (None, None) => {
            let (mut fitting, refused): (Vec<_>, Vec<_>) =
                tables.iter().map(|table| open(Part::Table(table.clone()))).partition(Result::is_ok);
            let none = || Error::data(name, "holds no table: there is no header, and nothing below one", "check the path");
            if fitting.is_empty() {
                return Err(refused.into_iter().find_map(Result::err).unwrap_or_else(none));
            }
            let first = fitting.remove(0)?;
            notes.extend(other_tables_note(fitting.iter().flatten()));
            first
        }
    };
    if let (Part::Table(table), true, None) = (&choice.part, tables.len() > 1, asked.1) {
        let count = thousands(tables.len() as u64);
        notes.insert(0, format!("only table {} was read, one of {count}", redact::brief(table)));
    }
    Ok((choice, notes))
}

/// The table that is named `asked`, in any case.
fn named(asked: &str, tables: &[String], name: &str) -> Result<String> {
    let exact = tables.iter().find(|table| *table == asked);
    let found = exact.or_else(|| tables.iter().find(|table| table.eq_ignore_ascii_case(asked.trim())));
    found.cloned().ok_or_else(|| {
        let what = format!("there is no table {}", redact::printable(asked));
        match nearest(asked, tables.iter().map(String::as_str)) {
            Some(near) => Error::data(name, what, format!("did you mean {}?", redact::brief(near))),
            None if tables.is_empty() => Error::data(name, what, "the user can read no table of it"),
            None => {
                let help = format!("name one of its tables ({})", redact::listed(tables));
                Error::data(name, what, help).with_remedy(Place::option("table"))
            }
        }
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
