//! Accounts for every row of several reports: in one of them at least, left out by filters, of a report that is not due, of
//! nobody who gets one, or without a value.

use polars::prelude::IdxCa;

use crate::classify::split::Split;
use crate::deliver::manifest::{Counts, ValueRows};
use crate::error::Result;
use crate::job::made::Made;
use crate::job::recipients::Recipient;
use crate::select::Selection;
use crate::source::Orders;

/// Where the rows of all reports together went.
pub struct RowAccount {
    /// Of each row whether it is in a report.
    is_reported: Vec<bool>,
    /// Of each part whether it has a recipient.
    has_recipient: Vec<bool>,
    /// Rows of parts with recipients that filters left out of all their reports.
    filtered_out: u64,
    /// Rows of reports that are not due, and in no other.
    not_due: u64,
    /// Rows of parts without a recipient.
    unaddressed: u64,
}

impl RowAccount {
    /// Where the rows of `split` went, of whose `recipients` these reports were `made`.
    pub fn of(split: &Split, recipients: &[Recipient], made: &[Made]) -> Self {
        let rows = split.orders().frame.height();
        let (mut is_reported, mut is_not_due) = (vec![false; rows], vec![false; rows]);
        let mut has_recipient = vec![false; split.parts()];
        for made in made {
            let Some(part) = recipients[made.recipient].part else { continue };
            has_recipient[part] = true;
            let is_in = if made.not_due.is_some() { &mut is_not_due } else { &mut is_reported };
            let of_part = split.rows(part);
            made.rows.iter().flatten().filter_map(|row| of_part.get(row as usize)).for_each(|row| is_in[*row as usize] = true);
        }
        let (mut filtered_out, mut not_due, mut unaddressed) = (0, 0, 0);
        for (part, has_recipient) in has_recipient.iter().enumerate() {
            for row in split.rows(part).iter().map(|row| *row as usize) {
                match (has_recipient, is_reported[row], is_not_due[row]) {
                    (false, ..) => unaddressed += 1,
                    (_, true, _) => {}
                    (_, _, true) => not_due += 1,
                    _ => filtered_out += 1,
                }
            }
        }
        Self { is_reported, has_recipient, filtered_out, not_due, unaddressed }
    }

    /// `selection` without the rows that are in no report.
    pub fn reported(&self, selection: Selection) -> Selection {
        // Rows that are requests were made from numbers, of which a request without a value has none in any part.
        if selection.rolled_up.is_some() {
            return selection;
        }
        let rows: IdxCa = selection.rows.iter().flatten().filter(|row| self.is_reported[*row as usize]).map(Some).collect();
        Selection { rows, ..selection }
    }

    /// The values of which nobody is a recipient, with their rows.
    pub fn unaddressed(&self, split: &Split, values: &[String]) -> Vec<ValueRows> {
        let parts = self.has_recipient.iter().zip(values).enumerate().filter(|(_, (has_recipient, _))| !**has_recipient);
        parts.map(|(part, (_, value))| ValueRows { value: value.clone(), rows: split.rows(part).len() as u64 }).collect()
    }

    /// The counts of all reports together.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a row is in none of them.
    pub fn counts(&self, orders: &Orders, made: &[Made], unassigned: u64) -> Result<Counts> {
        let rejected = orders.rejected_rows();
        let all = Counts {
            read: orders.read,
            expanded: orders.expanded,
            superseded: orders.superseded.len() as u64,
            replayed: orders.replayed,
            unassigned,
            unaddressed: self.unaddressed,
            rejected,
            rejected_cells: orders.rejects.len() as u64 - rejected,
            ..Counts::default()
        };
        // Rows that are requests are counted report by report: numbers of one can be of several values.
        let is_by_request = made.iter().any(|made| made.counts.rolled_up > 0);
        let sum = |is_due: bool, count: fn(&Counts) -> u64| {
            made.iter().filter(|made| made.not_due.is_none() == is_due).map(|made| count(&made.counts)).sum::<u64>()
        };
        let counts = if is_by_request {
            Counts {
                reported: sum(true, |counts| counts.reported),
                filtered_out: sum(true, |counts| counts.filtered_out) + sum(false, |counts| counts.filtered_out),
                rolled_up: sum(true, |counts| counts.rolled_up) + sum(false, |counts| counts.rolled_up),
                not_due: sum(false, |counts| counts.reported),
                ..all
            }
        } else {
            let reported = self.is_reported.iter().filter(|is_reported| **is_reported).count() as u64;
            Counts { reported, filtered_out: self.filtered_out, not_due: self.not_due, ..all }
        };
        counts.check()?;
        Ok(counts)
    }
}
