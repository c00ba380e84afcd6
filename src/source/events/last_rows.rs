//! The last values that events give of columns which they do not decide, a row a history.

use polars::prelude::IdxSize;

use crate::domain::record::{Field, QUALITY_MASK};
use crate::error::Result;
use crate::source::OrderFrame;
use crate::source::coded_text::NONE;

/// Columns whose last values are not those of a report, beside the flags.
const DECIDED: [Field; 8] = [
    Field::PriorState,
    Field::RejectReason,
    Field::ReasonCode,
    Field::MovedBy,
    Field::ConfirmedDate,
    Field::UpdatedAt,
    Field::CompletedAt,
    Field::CanceledAt,
];

/// Rows more than histories and rejected events that are kept before they are brought together.
const SPARE: usize = 1 << 18;

/// Rows of events by the histories that they belong to.
#[derive(Debug, Default)]
pub struct RowGroups {
    rows: Vec<IdxSize>,
    ends: Vec<usize>,
    histories: Vec<u32>,
}

impl RowGroups {
    /// Adds those of a history, in their order.
    pub fn add(&mut self, history: u32, rows: &[IdxSize]) {
        self.rows.extend_from_slice(rows);
        self.ends.push(self.rows.len());
        self.histories.push(history);
    }
}

/// The rows: those of a history in several frames one after the other, until they are brought together.
#[derive(Debug, Default)]
pub struct LastRows {
    frames: Vec<OrderFrame>,
    /// The history of each row; [`NONE`] of one that can be no row of a report.
    histories: Vec<u32>,
    rejected: usize,
}

impl LastRows {
    /// Adds the last values of groups of the rows of `frame`, and the rows that `keep` does not name.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn add(&mut self, frame: &OrderFrame, mut groups: RowGroups, keep: &[bool]) -> Result<()> {
        for (row, _) in (0..).zip(keep).filter(|(_, keep)| !**keep) {
            groups.add(NONE, &[row]);
            self.rejected += 1;
        }
        let decided = |name: &str| name == QUALITY_MASK || DECIDED.iter().any(|field| field.key() == name);
        self.frames.push(frame.without(decided)?.last_values(&groups.rows, &groups.ends)?.compact()?);
        self.histories.append(&mut groups.histories);
        Ok(())
    }

    /// Brings the rows of each of so many histories together if they are many more than these.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn settle(&mut self, histories: usize) -> Result<()> {
        if self.histories.len() <= 3 * (histories + self.rejected) + SPARE {
            return Ok(());
        }
        let order: Vec<u32> = (0..histories as u32).collect();
        let frame = std::mem::take(self).finish(&order)?;
        let rejected = frame.height() - histories;
        let histories = order.into_iter().chain(std::iter::repeat_n(NONE, rejected)).collect();
        *self = Self { frames: vec![frame], histories, rejected };
        Ok(())
    }

    /// One row for each history, in the order given, and behind them those that can be no rows of a report.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn finish(self, order: &[u32]) -> Result<OrderFrame> {
        let Self { mut frames, histories, .. } = self;
        let is_in_order = || histories.starts_with(order) && histories[order.len()..].iter().all(|history| *history == NONE);
        if frames.len() == 1 && is_in_order() {
            return Ok(frames.remove(0));
        }
        let mut ends: Vec<usize> = vec![0; order.len()];
        histories.iter().filter(|history| **history != NONE).for_each(|history| ends[*history as usize] += 1);
        let mut places: Vec<usize> = vec![0; order.len()];
        let mut end = 0;
        for history in order {
            places[*history as usize] = end;
            end += ends[*history as usize];
        }
        let starts = places.clone();
        let mut rows: Vec<IdxSize> = vec![0; end];
        let mut rejected = Vec::new();
        for (row, history) in (0..).zip(&histories) {
            match *history {
                NONE => rejected.push(row),
                history => {
                    rows[places[history as usize]] = row;
                    places[history as usize] += 1;
                }
            }
        }
        let mut ends: Vec<usize> = order.iter().map(|history| starts[*history as usize] + ends[*history as usize]).collect();
        for row in rejected {
            rows.push(row);
            ends.push(rows.len());
        }
        OrderFrame::stack(frames)?.last_values(&rows, &ends)?.compact()
    }
}
