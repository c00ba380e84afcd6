//! Rows grouped by what a column holds, each group in the default order.

use std::hash::Hash;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use polars::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::values;
use crate::error::Result;
use crate::source::order_frame::CODES;

/// The frame columns that are grouped however many different values they hold, because filters ask for single ones.
const ALWAYS_GROUPED: [&str; 4] = ["account_id", "partner", "request_id", "case_number"];

/// The rows by what one frame column holds, or by the cells of a report column that is made from several. Empty cells are
/// a group too.
#[derive(Debug, Clone)]
pub struct Grouping {
    /// What its rows have in common.
    pub by: Expr,
    /// A row of each group.
    pub representatives: IdxCa,
    /// Where the ranks of each group begin in `ranks`, and where the last ends.
    starts: Vec<usize>,
    /// Places in the default order, ascending within each group; one group of all rows shares them with others.
    ranks: Arc<[IdxSize]>,
}

impl Grouping {
    /// The rows, in default `order`, whose ranks are `all`, grouped; `None` when so little repeats that groups would save
    /// nothing.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of(by: &Expr, classified: &Classified, order: &[IdxSize], all: &Arc<[IdxSize]>) -> Result<Option<Self>> {
        let frame = classified.frame();
        let cells = match by {
            // Equal codes are equal texts.
            Expr::Column(name) if frame.texts(name).is_some() => col(format!("{name}{CODES}")).alias(name.clone()),
            cells => cells.clone(),
        };
        let cells = values(frame, None, vec![cells])?;
        let Some(cells) = cells.columns().first() else { return Ok(None) };
        let most = if ALWAYS_GROUPED.contains(&cells.name().as_str()) { cells.len() } else { cells.len().div_ceil(2) };
        let groups = match cells.str() {
            Ok(texts) => groups(texts.iter(), most),
            Err(_) => groups(cells.to_physical_repr().cast(&DataType::Int64)?.i64()?.iter(), most),
        };
        let Some((group_of, representatives)) = groups else { return Ok(None) };
        let mut starts = vec![0; representatives.len() + 1];
        group_of.iter().for_each(|group| starts[*group as usize + 1] += 1);
        for group in 1..starts.len() {
            starts[group] += starts[group - 1];
        }
        let ranks = if representatives.len() == 1 { Arc::clone(all) } else { ranks(&group_of, &starts, order).into() };
        Ok(Some(Self { by: by.clone(), representatives: IdxCa::from_vec(PlSmallStr::EMPTY, representatives), starts, ranks }))
    }

    /// The places of a group's rows in the default order.
    pub fn ranks(&self, group: usize) -> &[IdxSize] {
        &self.ranks[self.starts[group]..self.starts[group + 1]]
    }
}

/// The ranks of all rows, group after group, ascending within each.
fn ranks(group_of: &[IdxSize], starts: &[usize], order: &[IdxSize]) -> Vec<IdxSize> {
    let mut next = starts.to_vec();
    let mut ranks = vec![0; order.len()];
    for (rank, row) in (0..).zip(order) {
        let place = &mut next[group_of[*row as usize] as usize];
        ranks[*place] = rank;
        *place += 1;
    }
    ranks
}

/// The group of each row, and the first row of each group; `None` when there are more than `most` groups.
fn groups<T: Eq + Hash>(cells: impl Iterator<Item = Option<T>>, most: usize) -> Option<(Vec<IdxSize>, Vec<IdxSize>)> {
    let mut known: HashMap<Option<T>, IdxSize> = HashMap::new();
    let mut representatives = Vec::new();
    let mut group_of = Vec::with_capacity(cells.size_hint().0);
    for (row, cell) in cells.enumerate() {
        group_of.push(*known.entry(cell).or_insert_with(|| {
            representatives.push(row as IdxSize);
            (representatives.len() - 1) as IdxSize
        }));
        if representatives.len() > most {
            return None;
        }
    }
    Some((group_of, representatives))
}
