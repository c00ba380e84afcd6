//! Accounts for every row of several reports: in one of them at least, left out by filters, of a report that is not due, of
//! nobody who gets one, or without a value.

use polars::prelude::IdxCa;

use crate::classify::split::Split;
use crate::deliver::manifest::{Counts, ValueRows};
use crate::error::Result;
use crate::job::made::Made;
use crate::job::recipients::{Recipient, Share};
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
    /// Rows in no part.
    unassigned: u64,
    /// Whether somebody may see everything.
    is_seen_whole: bool,
}

impl RowAccount {
    /// Where the rows of `split` went, of whose `recipients` these reports were `made`.
    pub fn of(split: &Split, recipients: &[Recipient], made: &[Made]) -> Self {
        let rows = split.orders().frame.height();
        let (mut is_reported, mut is_not_due) = (vec![false; rows], vec![false; rows]);
        let (mut has_recipient, mut is_seen_whole) = (vec![false; split.parts()], false);
        for made in made {
            let is_in = if made.not_due.is_some() { &mut is_not_due } else { &mut is_reported };
            let own = made.rows.iter().flatten();
            match recipients[made.recipient].share {
                Share::Nothing => {}
                Share::Part(part) => {
                    has_recipient[part] = true;
                    let of_part = split.rows(part);
                    own.filter_map(|row| of_part.get(row as usize)).for_each(|row| is_in[*row as usize] = true);
                }
                Share::Everything => {
                    is_seen_whole = true;
                    own.for_each(|row| is_in[row as usize] = true);
                }
            }
        }
        let (mut filtered_out, mut not_due, mut unaddressed, mut unassigned) = (0, 0, 0, 0);
        for (row, (is_reported, is_not_due)) in is_reported.iter().zip(&is_not_due).enumerate() {
            match split.part_of(row) {
                _ if *is_reported => {}
                _ if *is_not_due => not_due += 1,
                Some(part) if has_recipient[part] => filtered_out += 1,
                _ if is_seen_whole => filtered_out += 1,
                Some(_) => unaddressed += 1,
                None => unassigned += 1,
            }
        }
        Self { is_reported, has_recipient, filtered_out, not_due, unaddressed, unassigned, is_seen_whole }
    }

    /// Whether somebody may see everything, so that no row is out of all reports for want of a value or a recipient.
    pub fn is_seen_whole(&self) -> bool {
        self.is_seen_whole
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
    pub fn counts(&self, orders: &Orders, made: &[Made]) -> Result<Counts> {
        let rejected = orders.rejected_rows();
        let all = Counts {
            read: orders.read,
            expanded: orders.expanded,
            superseded: orders.superseded.len() as u64,
            replayed: orders.replayed,
            unassigned: self.unassigned,
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
