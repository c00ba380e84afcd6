//! Settles which rows of a table are conformed: blank ones are left out, a range of numbers becomes a row for each. Never drops or adds a row uncounted.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use polars::prelude::{ChunkTake, IdxCa, IdxSize, PlSmallStr, StringChunked, StringChunkedBuilder};

use crate::domain::number;
use crate::domain::record::Field;
use crate::error::{Error, Result};
use crate::source::normalize::numbers::bare_of;
use crate::source::plan::ColumnPlan;
use crate::source::table::Table;

/// Numbers that the ranges of one table may come to.
const MOST_NUMBERS: u64 = 1_000_000;

/// A table whose rows are those to conform.
pub struct ExpandedTable {
    /// The table.
    pub table: Table,
    /// Rows that ranges add.
    pub expanded: u64,
    /// What was left out or added.
    pub notes: Vec<String>,
}

/// Leaves out the blank rows of `table` and writes its ranges out.
///
/// # Errors
/// [`Error::data`] when its ranges come to more than a million numbers.
pub fn expand_ranges(table: Table, plan: &ColumnPlan<'_>, place: &str) -> Result<ExpandedTable> {
    let phone = plan.targets.iter().position(|target| target.as_ref().is_some_and(|target| target.fields.contains(&Field::PhoneNumber)));
    let ranges = phone.map(|phone| ranges(&table, phone, plan)).unwrap_or_default();
    let numbers: u64 = ranges.values().map(|range| range.end() - range.start() + 1).sum();
    let mut arranged = ExpandedTable { expanded: numbers - ranges.len() as u64, table, notes: Vec::new() };
    if numbers > MOST_NUMBERS {
        let header = phone.map_or("", |phone| arranged.table.headers[phone].as_str());
        let what = format!("column {header}: its ranges come to {numbers} numbers, more than {MOST_NUMBERS}");
        return Err(Error::data(place, what, "check the ends of the ranges, or give the orders in several files"));
    }
    let blank = std::mem::take(&mut arranged.table.blank);
    if !blank.is_empty() {
        arranged.notes.push(format!("{place}: rows without anything in them left out: {}", blank.len()));
    }
    if !ranges.is_empty() {
        arranged.notes.push(format!("{place}: rows with a range of numbers: {}, written out as {numbers} rows", ranges.len()));
    }
    if !(blank.is_empty() && ranges.is_empty()) {
        let (index, numbers) = index(arranged.table.lines.len(), &blank, &ranges);
        gather(&mut arranged.table, &index, phone.map(|phone| (phone, numbers.as_slice())))?;
    }
    Ok(arranged)
}

/// The rows that hold a range, each with its numbers.
fn ranges(table: &Table, phone: usize, plan: &ColumnPlan<'_>) -> BTreeMap<usize, RangeInclusive<u64>> {
    let mut found = BTreeMap::new();
    let Some(cells) = &table.columns[phone] else { return found };
    let countries = plan.country.and_then(|country| table.columns[country].as_ref());
    for (row, cell) in cells.downcast_iter().flat_map(|array| array.iter()).enumerate() {
        let Some(cell) = cell.filter(|cell| may_be_range(cell)) else { continue };
        let country = countries.and_then(|countries| countries.get(row));
        if let Some(Ok(range)) = number::range(cell, bare_of(country, plan.profile)) {
            found.insert(row, range);
        }
    }
    found
}

/// Whether a cell has room for a whole number, a dash and a digit: few cells do, and only those are read twice.
fn may_be_range(cell: &str) -> bool {
    cell.len() > 11 && (cell.contains('-') || !cell.is_ascii()) && cell.bytes().filter(u8::is_ascii_digit).count() > 10
}

/// For each row to be conformed its place in the table, and its number where it is one of a range.
fn index(rows: usize, blank: &[u32], ranges: &BTreeMap<usize, RangeInclusive<u64>>) -> (Vec<IdxSize>, Vec<Option<u64>>) {
    let mut blank = blank.iter().copied().peekable();
    let (mut index, mut numbers) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    for row in 0..rows {
        if blank.next_if_eq(&(row as u32)).is_some() {
            continue;
        }
        match ranges.get(&row) {
            Some(range) => numbers.extend(range.clone().map(Some)),
            None => numbers.push(None),
        }
        index.resize(numbers.len(), row as IdxSize);
    }
    (index, numbers)
}

fn gather(table: &mut Table, index: &[IdxSize], phone: Option<(usize, &[Option<u64>])>) -> Result<()> {
    let places = IdxCa::from_vec(PlSmallStr::EMPTY, index.to_vec());
    for column in table.columns.iter_mut().flatten() {
        *column = column.take(&places)?.rechunk().into_owned();
    }
    table.lines = index.iter().map(|row| table.lines[*row as usize]).collect();
    if let Some((phone, numbers)) = phone
        && let Some(column) = &mut table.columns[phone]
    {
        *column = with_numbers(column, numbers);
    }
    Ok(())
}

/// The column with the numbers of ranges in place of the ranges.
fn with_numbers(column: &StringChunked, numbers: &[Option<u64>]) -> StringChunked {
    let mut built = StringChunkedBuilder::new(column.name().clone(), numbers.len());
    for (cell, number) in column.downcast_iter().flat_map(|array| array.iter()).zip(numbers) {
        match number {
            Some(number) => built.append_value(format!("+{number}")),
            None => built.append_option(cell),
        }
    }
    built.finish()
}
