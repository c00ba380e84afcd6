//! Puts rows in order by any columns, stably, nulls last in both directions. Moves row numbers, never rows.

use std::ops::Range;

use polars::prelude::*;
use rayon::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::{expression, places, values};
use crate::domain::columns::{Computed, column};
use crate::error::{Error, Place, Result};
use crate::select::names::Names;
use crate::source::order_frame::CODES;

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// The column's key.
    pub key: &'static str,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// Whose attention is needed first; then account, request, number.
pub const DEFAULT: [SortKey; 4] = [ascending("status"), ascending("account_id"), ascending("request_id"), ascending("phone_number")];

const fn ascending(key: &'static str) -> SortKey {
    SortKey { key, descending: false }
}

/// Reads texts of one or several `COLUMN[:asc|:desc]`, columns by key or caption.
///
/// # Errors
/// [`Error::usage`] that names the unknown column and lists all.
pub fn parse(texts: &[String], names: &Names) -> Result<Vec<SortKey>> {
    Names::list("sort", texts, |piece| {
        let (word, way) = piece.rsplit_once(':').unwrap_or((piece, "asc"));
        let (word, descending) = match way.trim().to_lowercase().as_str() {
            "asc" => (word, false),
            "desc" => (word, true),
            way if !way.contains(',') && names.find(word).is_some() => {
                return Err(Error::usage(Place::option("sort"), format!("'{way}' is not a direction"), "write asc or desc"));
            }
            _ => (piece, false),
        };
        Ok(names.find(word).map(|key| SortKey { key, descending }))
    })
}

/// Puts `rows` (all rows when `None`) in order. Rows equal in all keys keep the order of the input.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn order(classified: &Classified, rows: Option<&IdxCa>, keys: &[SortKey]) -> Result<IdxCa> {
    let count = rows.map_or(classified.frame().height(), |rows| rows.len());
    let mut order: Vec<IdxSize> = (0..count as IdxSize).collect();
    let mut runs: Vec<Range<usize>> = std::iter::once(0..count).collect();
    for key in keys {
        runs.retain(|run| run.len() > 1);
        if runs.is_empty() {
            break;
        }
        // Statuses have an order of their own; other lists are in that of their captions.
        let ranks = places(key.key, classified).filter(|_| matches!(key.key, "status" | "detail"));
        let expressions = ranks.or_else(|| text_rank(key.key, classified)).or_else(|| expression(key.key, classified));
        let frame = values(classified.frame(), rows, expressions.into_iter().collect())?;
        for column in frame.columns() {
            runs = refine_by(column, key.descending, &mut order, &runs)?;
        }
    }
    let order = IdxCa::from_vec(PlSmallStr::EMPTY, order);
    match rows {
        None => Ok(order),
        Some(rows) => Ok(rows.take(&order)?),
    }
}

/// The place of each row's text among all texts of column `key`, in order, if the frame has it coded.
fn text_rank(key: &str, classified: &Classified) -> Option<Expr> {
    let definition = column(key).filter(|definition| definition.computed == Computed::Input && definition.choices.is_empty())?;
    let texts: Vec<&str> = classified.frame().texts(definition.key)?.iter().flatten().collect();
    let mut sorted: Vec<u32> = (0..texts.len() as u32).collect();
    sorted.par_sort_unstable_by_key(|code| texts[*code as usize]);
    let mut ranks = vec![0; texts.len()];
    (0..).zip(sorted).for_each(|(rank, code): (u32, u32)| ranks[code as usize] = rank);
    Some(lit(Series::new(definition.key.into(), ranks)).gather(col(format!("{}{CODES}", definition.key)), true).alias(definition.key))
}

/// Sorts each run by one column and returns the runs that are still equal.
fn refine_by(column: &Column, descending: bool, order: &mut [IdxSize], runs: &[Range<usize>]) -> Result<Vec<Range<usize>>> {
    let keys: Vec<u128> = if let Ok(text) = column.str() {
        let fits = text.iter().flatten().all(|cell| cell.len() <= PACKED_BYTES);
        let ranks = if fits { PlHashMap::default() } else { ranks(text) };
        let key = |cell: &str| if fits { packed(cell) } else { 1 + ranks[cell] };
        text.iter().map(|cell| directed(cell.map(key), descending)).collect()
    } else {
        let numbers = column.to_physical_repr().cast(&DataType::Int64)?;
        numbers.i64()?.iter().map(|cell| directed(cell.map(biased), descending)).collect()
    };
    Ok(refine(order, runs, &keys))
}

/// The place of each different text among all, in order.
fn ranks(text: &StringChunked) -> PlHashMap<&str, u128> {
    let mut ranks: PlHashMap<&str, u128> = text.iter().flatten().map(|cell| (cell, 0)).collect();
    let mut sorted: Vec<&str> = ranks.keys().copied().collect();
    sorted.par_sort_unstable();
    for (place, cell) in sorted.into_iter().enumerate() {
        ranks.insert(cell, place as u128);
    }
    ranks
}

/// Bytes of text that a key holds.
const PACKED_BYTES: usize = 15;

/// The bytes of a text that fits, then one more than their number: orders as the text does, and is never 0.
fn packed(text: &str) -> u128 {
    let mut key = [0; 16];
    let length = text.len().min(PACKED_BYTES);
    key[..length].copy_from_slice(&text.as_bytes()[..length]);
    key[PACKED_BYTES] = 1 + length as u8;
    u128::from_be_bytes(key)
}

/// A number from 1 up that orders as the signed number does.
fn biased(number: i64) -> u128 {
    u128::from((number as u64) ^ (1 << 63)) + 1
}

/// Turned round when descending; null last in both directions.
fn directed(key: Option<u128>, descending: bool) -> u128 {
    key.map_or(u128::MAX, |key| if descending { !key } else { key })
}

/// Runs longer than this are sorted as pairs in parallel; shorter ones in place beside each other.
const LONG_RUN: usize = 8192;

fn refine(order: &mut [IdxSize], runs: &[Range<usize>], keys: &[u128]) -> Vec<Range<usize>> {
    let key = |row: IdxSize| keys[row as usize];
    let sort = |start: usize, run: &mut [IdxSize]| {
        if run.len() > LONG_RUN {
            let mut pairs: Vec<(u128, IdxSize)> = run.iter().map(|row| (key(*row), *row)).collect();
            pairs.par_sort_unstable();
            run.iter_mut().zip(pairs).for_each(|(row, pair)| *row = pair.1);
        } else {
            run.sort_unstable_by_key(|row| (key(*row), *row));
        }
        let mut equal_runs = Vec::new();
        let mut from = start;
        for equal in run.chunk_by(|one, next| key(*one) == key(*next)) {
            if equal.len() > 1 {
                equal_runs.push(from..from + equal.len());
            }
            from += equal.len();
        }
        equal_runs
    };
    split_runs(order, runs).into_par_iter().with_min_len(64).flat_map_iter(|(start, run)| sort(start, run)).collect()
}

/// The slices of `order` that the runs name; runs ascend and do not overlap.
fn split_runs<'a>(order: &'a mut [IdxSize], runs: &[Range<usize>]) -> Vec<(usize, &'a mut [IdxSize])> {
    let mut parts = Vec::with_capacity(runs.len());
    let mut rest = order;
    let mut at = 0;
    for run in runs {
        let (_, from) = std::mem::take(&mut rest).split_at_mut(run.start - at);
        let (part, after) = from.split_at_mut(run.len());
        parts.push((run.start, part));
        rest = after;
        at = run.end;
    }
    parts
}
