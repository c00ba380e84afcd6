//! What was counted while a table was normalized, and its sentences. Never names a number or a cell.

use std::collections::BTreeMap;

use crate::domain::date::DateOrder;
use crate::source::normalize::dates;
use crate::source::profile::Profile;

/// What was counted while a table was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// Rows without anything in them.
    pub(in crate::source::normalize) blank: u64,
    /// Rows with a range of numbers.
    pub(in crate::source::normalize) ranges: u64,
    /// Numbers in those ranges.
    pub(in crate::source::normalize) range_numbers: u64,
    pub(in crate::source::normalize) dates: BTreeMap<usize, dates::DateCounters>,
    pub(in crate::source::normalize) repaired: u64,
    pub(in crate::source::normalize) extensions: u64,
    pub(in crate::source::normalize) times: u64,
    pub(in crate::source::normalize) derived_orders: u64,
}

impl Counters {
    /// Adds another chunk's counts.
    pub fn add(&mut self, other: &Self) {
        self.blank += other.blank;
        self.ranges += other.ranges;
        self.range_numbers += other.range_numbers;
        self.repaired += other.repaired;
        self.extensions += other.extensions;
        self.times += other.times;
        self.derived_orders += other.derived_orders;
        for (header, dates) in &other.dates {
            let sum = self.dates.entry(*header).or_default();
            sum.ambiguous += dates.ambiguous;
            sum.serial += dates.serial;
            sum.moved += dates.moved;
        }
    }

    /// The counts as sentences.
    pub fn notes(&self, headers: &[String], profile: &Profile, place: &str) -> Vec<String> {
        let mut notes = Vec::new();
        if self.blank > 0 {
            notes.push(format!("{place}: blank rows left out: {}", self.blank));
        }
        if self.ranges > 0 {
            notes.push(format!("{place}: rows with a range of numbers: {}, expanded to {} rows", self.ranges, self.range_numbers));
        }
        let order = if profile.order == DateOrder::MonthFirst { "month" } else { "day" };
        for (header, dates) in &self.dates {
            let header = &headers[*header];
            if dates.ambiguous > 0 {
                notes.push(format!(
                    "{place}: column '{header}': dates that could be read in two orders, read {order} first as in profile {}: {}",
                    profile.name, dates.ambiguous
                ));
            }
            if dates.serial > 0 {
                notes.push(format!("{place}: column '{header}': day numbers of a spreadsheet read as dates: {}", dates.serial));
            }
            if dates.moved > 0 {
                notes.push(format!(
                    "{place}: column '{header}': instants whose day in Pacific time is not the day written: {}",
                    dates.moved
                ));
            }
        }
        if self.times > 0 {
            notes.push(format!("{place}: confirmed times taken from the confirmed date, whose cell holds both: {}", self.times));
        }
        if self.derived_orders > 0 {
            notes.push(format!("{place}: order ids left out, since an earlier report derived them: {}", self.derived_orders));
        }
        if self.repaired > 0 {
            notes.push(format!("{place}: phone numbers restored from spreadsheet decimals: {}", self.repaired));
        }
        if self.extensions > 0 {
            notes.push(format!("{place}: phone numbers read without their extension: {}", self.extensions));
        }
        notes
    }
}
