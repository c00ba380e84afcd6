//! Prints what exists of one kind, such as profiles or flags: an aligned table for a person, objects for a script.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::cli::terminal::plain;
use crate::deliver::standard;
use crate::error::Result;

/// Prints `rows`, whose cells are the texts (or lists of texts) called `keys`. The table leaves the last column unpadded;
/// in JSON each row is an object.
///
/// # Errors
/// When standard output refuses.
pub fn print(keys: &[&str], rows: &[Vec<Value>], as_json: bool) -> Result<()> {
    if as_json {
        let object = |row: &Vec<Value>| keys.iter().map(|key| (*key).to_owned()).zip(row.iter().cloned()).collect::<Map<_, _>>();
        return standard::print(&format!("{}\n", Value::from(rows.iter().map(object).collect::<Vec<_>>())));
    }
    let heading = keys.iter().map(|key| key.replace('_', " ").to_uppercase()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(heading).chain(rows.iter().map(|row| row.iter().map(text).collect())).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..keys.len()).map(width).collect();
    let mut table = String::new();
    for line in &lines {
        let padded: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(table, "{}", padded.join("  ").trim_end());
    }
    standard::print(&table)
}

fn text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        Value::Array(cells) => cells.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
