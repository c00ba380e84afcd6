//! Decides which rows of a table are normalized: blank ones are left out, a range of numbers becomes a row for each. All are counted.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};

use polars::prelude::{ChunkTake, IdxCa, IdxSize, PlSmallStr, StringChunked, StringChunkedBuilder};

use crate::domain::number;
use crate::domain::record::Field;
use crate::domain::text::thousands;
use crate::error::{Error, Result};
use crate::source::normalize::counters::{Counted, Counters};
use crate::source::normalize::numbers::bare_of;
use crate::source::plan::ColumnPlan;
use crate::source::table::TableChunk;

/// Numbers that the ranges of one table may come to.
const MOST_NUMBERS: u64 = 1_000_000;

/// Leaves out the blank rows of `chunk` and expands its ranges. `numbers_so_far` are those of the ranges of all chunks;
/// once they are too many for one table nothing is expanded any more, and [`check_ranges`] refuses the table.
///
/// # Errors
/// [`Error::internal`] when a column cannot be built.
pub fn expand_ranges(mut chunk: TableChunk, plan: &ColumnPlan<'_>, numbers_so_far: &AtomicU64) -> Result<(TableChunk, Counters)> {
    let phone = plan.column_of(Field::PhoneNumber);
    let ranges = phone.map(|phone| ranges(&chunk, phone, plan)).unwrap_or_default();
    let range_numbers: u64 = ranges.values().map(|range| range.end() - range.start() + 1).sum();
    let blank = std::mem::take(&mut chunk.blank);
    let mut counters = Counters::default();
    counters.add(Counted::BlankRows, blank.len() as u64);
    counters.add(Counted::Ranges, ranges.len() as u64);
    counters.add(Counted::RangeNumbers, range_numbers);
    let all = numbers_so_far.fetch_add(range_numbers, Ordering::Relaxed) + range_numbers;
    if all <= MOST_NUMBERS && !(blank.is_empty() && ranges.is_empty()) {
        let (index, numbers) = index(chunk.lines.len(), &blank, &ranges);
        gather(&mut chunk, &index, phone.map(|phone| (phone, numbers.as_slice())))?;
    }
    Ok((chunk, counters))
}

/// Refuses a table whose ranges come to too many numbers.
///
/// # Errors
/// [`Error::data`] for more than a million.
pub fn check_ranges(range_numbers: u64, headers: &[String], plan: &ColumnPlan<'_>, place: &str) -> Result<()> {
    if range_numbers <= MOST_NUMBERS {
        return Ok(());
    }
    let header = plan.column_of(Field::PhoneNumber).map_or("", |phone| headers[phone].as_str());
    let what = format!("column {header}: its ranges come to {} numbers, more than {}", thousands(range_numbers), thousands(MOST_NUMBERS));
    Err(Error::data(place, what, "check the ends of the ranges, or split the file"))
}

/// The rows that hold a range, each with its numbers.
fn ranges(table: &TableChunk, phone: usize, plan: &ColumnPlan<'_>) -> BTreeMap<usize, RangeInclusive<u64>> {
    let mut found = BTreeMap::new();
    let Some(cells) = &table.columns[phone] else { return found };
    let countries = plan.country.and_then(|country| table.columns[country].as_ref());
    for (row, cell) in cells.downcast_iter().flat_map(|array| array.iter()).enumerate() {
        let Some(cell) = cell.filter(|cell| may_be_range(cell)) else { continue };
        let country = countries.and_then(|countries| countries.get(row));
        if let Some(Ok(range)) = number::range(cell, bare_of(country, plan)) {
            found.insert(row, range);
        }
    }
    found
}

/// Whether a cell has room for a whole number, a sign and a digit: few cells do, and only those are read twice.
fn may_be_range(cell: &str) -> bool {
    let mut before = 0;
    let may_be_sign = |byte: u8| {
        let is_second = std::mem::replace(&mut before, byte) == byte;
        matches!(byte, b'-' | b't' | b'T' | b'~' | b'>' | 0x80..) || byte == b'.' && is_second
    };
    cell.len() > 11 && cell.bytes().any(may_be_sign) && cell.bytes().filter(u8::is_ascii_digit).count() > 10
}

/// For each row to be normalized its place in the table, and its number where it is one of a range.
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

fn gather(table: &mut TableChunk, index: &[IdxSize], phone: Option<(usize, &[Option<u64>])>) -> Result<()> {
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
