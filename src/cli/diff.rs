//! `portstatus diff`: what became of each number between two states of the orders.

use serde_json::json;

use crate::cli::args::DiffArgs;
use crate::cli::options;
use crate::cli::summary::changes_line;
use crate::cli::terminal::{self, Style, plain};
use crate::clock::AsOf;
use crate::deliver::standard;
use crate::domain::change::ChangeKind;
use crate::error::Result;
use crate::export::cells::Cell;
use crate::history::{Changes, compare};
use crate::job::previous::PreviousPlace;
use crate::job::{self, LoadSpec};
use crate::report::build::build_since;
use crate::report::template::STANDARD_TEMPLATE;
use crate::report::{Content, LazyTable, SectionId};
use crate::select::{Query, select};

/// The layout of the JSON; it changes when a key changes its meaning or goes.
const SCHEMA: u32 = 1;

/// The columns printed beside what happened.
const SHOWN: [&str; 4] = ["phone_number", "account_id", "request_id", "changes"];

/// Rows that are made at once.
const BLOCK_ROWS: usize = 1 << 14;

/// Prints what happened to each number from one state to the other, and how many numbers each thing happened to.
///
/// # Errors
/// Whatever keeps one of them from being read.
pub fn run(args: &DiffArgs) -> Result<()> {
    let spec = options::load(std::slice::from_ref(&args.after), &args.read, &args.classification)?;
    let after = PreviousPlace::find(&args.after, None)?;
    let before = PreviousPlace::find(&args.before, Some(after.as_of))?;
    let (changes, table) = compared(&before, &after, &spec)?;
    let counts = job::render::changed(&changes.counts, before.as_of);
    if args.json {
        let numbers = numbers(&changes, &table)?;
        let value = json!({ "schema": SCHEMA, "changes": counts, "until": instant(after.as_of), "numbers": numbers });
        return standard::print(&format!("{value}\n"));
    }
    let mut text = changes_line(&counts);
    let widths: Vec<usize> = widths(&table)?;
    rows(&table, |cells| {
        let line: String = cells.iter().zip(&widths).map(|(cell, width)| format!("  {:<width$}", plain(cell))).collect();
        text.push_str(line.trim_end());
        text.push('\n');
        Ok(())
    })?;
    standard::print(&Style::of_output(args.color.color).wrap(&text))
}

/// What became of the numbers, and the list of them that a report has.
fn compared(before: &PreviousPlace, after: &PreviousPlace, spec: &LoadSpec) -> Result<(Changes, LazyTable)> {
    let mut prepared = job::prepare(spec, STANDARD_TEMPLATE)?;
    prepared.template.sections.retain(|section| section.id == SectionId::Changes);
    let query = Query::default().check(&prepared.names)?;
    let selected = |place: &PreviousPlace| select(&place.load(spec, &prepared.context)?, None, &query);
    let (then, now) = (selected(before)?, selected(after)?);
    let changes = compare(&now, &then, before.as_of)?;
    let report = build_since(&now, &prepared.template, "", Some(&changes))?;
    let table = report.sections.into_iter().find_map(|section| match section.content {
        Content::Rows(table) => Some(table),
        _ => None,
    });
    Ok((changes, table.map_or_else(|| LazyTable::made(Vec::new(), 0), Ok)?))
}

/// Hands the cells of [`SHOWN`] of each row to `each`.
fn rows(table: &LazyTable, mut each: impl FnMut(&[String]) -> Result<()>) -> Result<()> {
    for first in (0..table.rows).step_by(BLOCK_ROWS) {
        let block = table.table(first..(first + BLOCK_ROWS).min(table.rows))?;
        let shown: Vec<_> = SHOWN.iter().filter_map(|key| block.columns.iter().find(|column| column.key == *key)).collect();
        for row in 0..block.rows {
            let cell = |values| match Cell::of(values, row) {
                Some(Cell::Text(text)) => text.to_owned(),
                Some(Cell::Term(_, term)) => term.caption.clone(),
                _ => String::new(),
            };
            each(&shown.iter().map(|column| cell(&column.values)).collect::<Vec<String>>())?;
        }
    }
    Ok(())
}

fn widths(table: &LazyTable) -> Result<Vec<usize>> {
    let mut widths = vec![0; SHOWN.len()];
    rows(table, |cells| {
        cells.iter().zip(&mut widths).for_each(|(cell, width)| *width = cell.chars().count().max(*width));
        Ok(())
    })?;
    Ok(widths)
}

/// Every number that something happened to, for a program.
fn numbers(changes: &Changes, table: &LazyTable) -> Result<Vec<serde_json::Value>> {
    let codes = |kinds: u16| ChangeKind::ALL.iter().filter(|kind| kinds & kind.bit() != 0).map(|kind| kind.code()).collect::<Vec<_>>();
    let kinds = changes.changed.iter().map(|change| change.kinds).chain(changes.gone.iter().map(|_| ChangeKind::Gone.bit()));
    let (mut kinds, mut numbers) = (kinds, Vec::with_capacity(table.rows));
    rows(table, |cells| {
        let mut number = serde_json::Map::new();
        for (key, cell) in SHOWN.iter().zip(cells) {
            number.insert((*key).to_owned(), if cell.is_empty() { json!(null) } else { json!(cell) });
        }
        number.insert("kinds".to_owned(), json!(codes(kinds.next().unwrap_or_default())));
        numbers.push(terminal::escaped(serde_json::Value::Object(number)));
        Ok(())
    })?;
    Ok(numbers)
}

fn instant(as_of: AsOf) -> String {
    as_of.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
