//! The statements that databases are read by: a select of a table's wanted columns, and whether a text is one that reads.

use crate::error::{Error, Place};

/// Whether a statement begins as one that reads does, behind blanks and comments. Of those that a database calls read-only some
/// change how it works.
pub fn is_select(sql: &str) -> bool {
    let mut rest = sql.trim_start();
    loop {
        let comment = rest.strip_prefix("--").and_then(|rest| rest.split_once('\n'));
        let comment = comment.or_else(|| rest.strip_prefix("/*").and_then(|rest| rest.split_once("*/")));
        let Some((_, behind)) = comment else { break };
        rest = behind.trim_start();
    }
    let rest = rest.trim_start_matches(['(', ' ']);
    let end = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
    ["select", "with", "values"].iter().any(|word| rest[..end].eq_ignore_ascii_case(word))
}

/// The error of a query.
pub fn query_error(what: &str, help: &str) -> Error {
    Error::usage(Place::option("query"), what, help)
}

/// The error of a query that does not begin as one that reads does.
pub fn not_a_select() -> Error {
    query_error("is not a SELECT", "write one SELECT that reads the tables of this database")
}

/// A name between `quote`s, those within it doubled: no server has another escape in names.
pub fn quoted(name: &str, quote: char) -> String {
    let doubled = format!("{quote}{quote}");
    format!("{quote}{}{quote}", name.replace(quote, &doubled))
}

/// A column of a result, and what it is to the table that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultColumn {
    /// The column of the table by its place.
    Wanted(usize),
    /// One that nobody wants, and that shows that a row is not blank.
    Unwanted,
    /// Whether the row has anything in columns that are not in the result.
    HasOther,
}

/// The select list of a table's wanted columns, among all its `headers`, and what each column of the result is.
pub fn select_list(headers: &[String], wanted: &[bool], quote: char) -> (String, Vec<ResultColumn>) {
    let columns = || headers.iter().zip(wanted).enumerate();
    let (mut list, mut result): (Vec<String>, Vec<ResultColumn>) = columns()
        .filter(|(_, (_, wanted))| **wanted)
        .map(|(index, (header, _))| (quoted(header, quote), ResultColumn::Wanted(index)))
        .unzip();
    let others: Vec<String> =
        columns().filter(|(_, (_, wanted))| !**wanted).map(|(_, (header, _))| format!("{} IS NOT NULL", quoted(header, quote))).collect();
    if !others.is_empty() {
        // As a number, since not every database has truth as a value.
        list.push(format!("CASE WHEN {} THEN 1 ELSE 0 END", others.join(" OR ")));
        result.push(ResultColumn::HasOther);
    }
    (list.join(", "), result)
}

/// What each column of a query's result is.
pub fn all_columns(wanted: &[bool]) -> Vec<ResultColumn> {
    let column = |(index, wanted): (usize, &bool)| if *wanted { ResultColumn::Wanted(index) } else { ResultColumn::Unwanted };
    wanted.iter().enumerate().map(column).collect()
}
