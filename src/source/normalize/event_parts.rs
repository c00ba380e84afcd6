//! Replays a table of events while it is read, part by part, where its events stand in an order that allows it.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::PlHashMap;

use crate::domain::date::DateOrder;
use crate::domain::record::Field;
use crate::error::Result;
use crate::source::events::replay::Replay;
use crate::source::events::standings::Standings;
use crate::source::normalize::chunk::{NormalizedChunk, TableContext};
use crate::source::normalize::column_roles::Role;
use crate::source::normalize::date_orders::{OrderBasis, SettledOrder};
use crate::source::normalize::sums::{Rows, Sums};
use crate::source::order_frame::OrderFrame;

/// Events that are worth a part of their own, where nobody says how many.
pub const EVENTS_AT_ONCE: usize = 1 << 19;

/// The parts of a table of events so far.
pub struct EventParts {
    /// Where the events came to.
    pub replay: Replay,
    /// What each column is; the headers say it.
    pub roles: Vec<Role>,
    /// What is told of the chunks taken.
    pub sums: Sums,
    /// The order in which ambiguous dates were read, and whether they were flagged, by column.
    settled: BTreeMap<usize, (DateOrder, bool)>,
    /// The last number of the last part: more of its events may follow.
    held: Rows,
}

impl EventParts {
    /// None of a table whose columns have these roles, before the first.
    pub fn new(replay: Replay, roles: Vec<Role>) -> Self {
        Self { replay, roles, sums: Sums::default(), settled: BTreeMap::new(), held: Vec::new() }
    }

    /// Replays the events of `chunks`, each with the rows read, the last of the table or not. Returns whether that is what
    /// comes of the whole table: else it must be read again, and replayed at once.
    ///
    /// # Errors
    /// Those of normalizing and replaying.
    pub fn add(&mut self, chunks: Vec<(u64, NormalizedChunk<'_>)>, context: TableContext<'_>, is_last: bool) -> Result<bool> {
        let (chunks, orders) = self.sums.add(chunks, &self.roles, context)?;
        let read_as = |settled: &SettledOrder| (settled.order, settled.basis == OrderBasis::Mixed);
        if self.settled.iter().any(|(header, before)| orders.get(header).map(read_as) != Some(*before)) {
            return Ok(false);
        }
        let ambiguous: BTreeSet<usize> = self.sums.ambiguous().collect();
        self.settled = orders.iter().filter(|(header, _)| ambiguous.contains(header)).map(|(header, it)| (*header, read_as(it))).collect();
        let mut rows = std::mem::take(&mut self.held);
        rows.extend(self.sums.settle(chunks, &orders)?);
        let (frames, keep): (Vec<OrderFrame>, Vec<Vec<bool>>) = rows.into_iter().unzip();
        let (mut frame, mut keep) = (OrderFrame::stack(frames)?, keep.concat());
        if !is_last {
            let end = last_number(&frame, &keep)?;
            self.held = vec![(frame.split_off(end), keep.split_off(end))];
        }
        self.replay.add(&frame, &keep, &Standings::default())
    }
}

/// Where the rows of the last number begin; what cannot be a row of a report has none.
fn last_number(frame: &OrderFrame, keep: &[bool]) -> Result<usize> {
    let numbers = frame.column(Field::PhoneNumber.key())?;
    let numbers = numbers.str()?;
    let mut kept = (0..keep.len()).rev().filter(|row| keep[*row]);
    let Some(last) = kept.next() else { return Ok(keep.len()) };
    let number = numbers.get(last);
    Ok(kept.take_while(|row| numbers.get(*row) == number).last().unwrap_or(last))
}

/// Whether events stand, by the look of these chunks, in an order in which they can be replayed part by part: number by
/// number, or those of each number as they happened.
pub fn are_in_order(chunks: &[&NormalizedChunk<'_>]) -> Result<bool> {
    let mut last_times: PlHashMap<String, i64> = PlHashMap::default();
    let (mut is_by_time, mut is_by_number) = (true, true);
    let mut last = String::new();
    for chunk in chunks {
        let numbers = chunk.frame.column(Field::PhoneNumber.key())?;
        let times = chunk.event_times()?;
        for (row, number) in numbers.str()?.iter().enumerate() {
            let Some(number) = number else { continue };
            let time = times.as_ref().and_then(|times| times.get(row)).unwrap_or(i64::MIN);
            let known = last_times.get_mut(number);
            is_by_number &= known.is_none() || last == number;
            match known {
                Some(known) => {
                    is_by_time &= time == i64::MIN || *known <= time;
                    *known = time.max(*known);
                }
                None => _ = last_times.insert(number.to_owned(), time),
            }
            if !is_by_time && !is_by_number {
                return Ok(false);
            }
            if last != number {
                number.clone_into(&mut last);
            }
        }
    }
    Ok(true)
}
