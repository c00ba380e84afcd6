//! Prints what exists of one kind, such as profiles or flags: an aligned table for a person, objects for a script.

use std::fmt::Write;

use serde_json::Value;

use crate::cli::terminal::{Color, Style, plain};
use crate::deliver::standard;
use crate::domain::text::wrap;
use crate::error::Result;

/// The width that the last column needs to be wrapped within itself.
const MIN_LAST: usize = 24;

/// Prints `rows`, objects whose values are texts or lists of texts: for a person those called `keys`, the last of them
/// unpadded.
///
/// # Errors
/// When standard output refuses.
pub fn print(keys: &[&str], rows: Vec<Value>, as_json: bool) -> Result<()> {
    if as_json {
        return standard::print(&format!("{}\n", Value::from(rows)));
    }
    let heading = keys.iter().map(|key| key.replace('_', " ").to_uppercase()).collect();
    let cells = |row: &Value| keys.iter().map(|key| text(&row[key])).collect();
    let lines: Vec<Vec<String>> = std::iter::once(heading).chain(rows.iter().map(cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..keys.len()).map(width).collect();
    // The last column is wrapped within itself where it has room enough, else it has lines of its own.
    let before: usize = widths.iter().rev().skip(1).map(|width| width + 2).sum();
    let terminal = Style::of_output(Color::Never).width().unwrap_or(usize::MAX);
    let has_room = before + MIN_LAST <= terminal;
    let mut table = String::new();
    for line in &lines {
        let padded: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let text = match padded.split_last() {
            Some((last, others)) if !has_room => {
                let others = wrap(others.join("  ").trim_end(), terminal, 4);
                others + "\n" + &wrap(&format!("    {}", last.trim_end()), terminal, 4)
            }
            _ => wrap(padded.join("  ").trim_end(), terminal, before),
        };
        let _ = writeln!(table, "{}", text.trim_end());
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
