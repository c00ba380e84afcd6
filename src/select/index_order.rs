//! Puts rows in another order than the default by groups of an index: groups are compared, and rows counted.

use polars::prelude::*;
use rayon::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::values;
use crate::error::Result;
use crate::select::index::Index;
use crate::select::packed_numbers::PackedNumbers;
use crate::select::sort::{SortKey, compared_cells};

/// Of fewer rows than one in so many, it is quicker to compare each.
const FEW: usize = 8;

/// `rows` (all rows when `None`), which are in the order of the frame, in that of `keys`, as [`crate::select::sort::order`] puts them;
/// `None` where `index` does not group by each of the columns, or where there are few rows.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn order(index: &Index, classified: &Classified, rows: Option<&IdxCa>, keys: &[SortKey]) -> Result<Option<IdxCa>> {
    let count = index.order.len();
    if rows.is_some_and(|rows| rows.len() < count / FEW) {
        return Ok(None);
    }
    let mut ordered: Vec<IdxSize> = match rows {
        Some(rows) => rows.iter().flatten().collect(),
        None => (0..count as IdxSize).collect(),
    };
    // The last key first: rows that are equal by one stay in the order of those after it.
    let order = index.order.cont_slice()?;
    for key in keys.iter().rev() {
        if let Some(numbers) = index.numbers(key.key).and_then(PackedNumbers::keys) {
            ordered = by_number(&ordered, order, numbers, key.descending);
            continue;
        }
        let (Some(grouping), Some(cells)) = (index.grouping(key.key), compared_cells(key.key, classified)) else { return Ok(None) };
        let cells = values(classified.frame(), Some(&grouping.representatives), vec![cells])?;
        let Some(cells) = cells.columns().first() else { return Ok(None) };
        let places = places(cells, key.descending)?;
        let mut place_of = vec![0; count];
        for (group, place) in places.iter().enumerate() {
            grouping.ranks(group).iter().for_each(|rank| place_of[order[*rank as usize] as usize] = *place);
        }
        ordered = by_place(&ordered, &place_of, places.len());
    }
    Ok(Some(IdxCa::from_vec(PlSmallStr::EMPTY, ordered)))
}

/// `rows` by their `numbers`, which are in the default `order`, empty ones last; those of one number stay in order.
fn by_number(rows: &[IdxSize], order: &[IdxSize], numbers: impl Iterator<Item = Option<u64>>, descending: bool) -> Vec<IdxSize> {
    let mut key_of = vec![u64::MAX; order.len()];
    for (row, number) in order.iter().zip(numbers) {
        // Keys of numbers are neither 0 nor this.
        key_of[*row as usize] = number.map_or(u64::MAX, |number| if descending { u64::MAX - number } else { number });
    }
    let mut keyed: Vec<(u64, IdxSize)> = rows.iter().map(|row| (key_of[*row as usize], *row)).collect();
    keyed.par_sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// The place of each of `cells` among the different ones in order, empty ones last.
fn places(cells: &Column, descending: bool) -> Result<Vec<IdxSize>> {
    let options = SortOptions::default().with_order_descending(descending).with_nulls_last(true);
    let order = cells.as_materialized_series().arg_sort(options);
    let sorted = cells.take(&order)?;
    let differs = sorted.not_equal_missing(&sorted.shift(1))?;
    let (mut places, mut place) = (vec![0; cells.len()], 0);
    for (at, (cell, differs)) in order.iter().flatten().zip(differs.iter()).enumerate() {
        place += IdxSize::from(at > 0 && differs == Some(true));
        places[cell as usize] = place;
    }
    Ok(places)
}

/// `rows` by their places, of which there are `count` at most; those of one place stay in order.
fn by_place(rows: &[IdxSize], place_of: &[IdxSize], count: usize) -> Vec<IdxSize> {
    let mut next = vec![0; count + 1];
    rows.iter().for_each(|row| next[place_of[*row as usize] as usize + 1] += 1);
    for place in 1..next.len() {
        next[place] += next[place - 1];
    }
    let mut ordered = vec![0; rows.len()];
    for row in rows {
        let at: &mut usize = &mut next[place_of[*row as usize] as usize];
        ordered[*at] = *row;
        *at += 1;
    }
    ordered
}
