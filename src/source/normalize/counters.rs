//! What was counted while a table was normalized, and its sentences, in which no number and no cell is named.

use std::collections::BTreeMap;

use crate::domain::date::DateOrder;
use crate::source::profile::Profile;

/// What is counted, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// Rows without anything in them.
    BlankRows,
    /// Rows with a range of numbers.
    Ranges,
    /// Numbers in those ranges.
    RangeNumbers,
    /// Dates of a column, by its place among the headers, that were read in a way worth telling.
    Dates(usize, DateReading),
    /// Confirmed times taken from the cell of the confirmed date.
    TimesOfDates,
    /// Order ids left out, since an earlier report derived them.
    DerivedOrders,
    /// Numbers restored from a spreadsheet's decimal.
    RepairedNumbers,
    /// Numbers whose extension was left off.
    Extensions,
}

/// A way to read a date that is worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DateReading {
    /// Two orders read it differently.
    Ambiguous,
    /// It is the day number of a spreadsheet.
    Serial,
    /// It is an instant whose Pacific day is not the day written.
    Moved,
}

/// How often each thing was counted.
#[derive(Debug, Default)]
pub struct Counters(BTreeMap<Counted, u64>);

impl Counters {
    /// Counts `what` so many times more.
    pub fn add(&mut self, what: Counted, count: u64) {
        *self.0.entry(what).or_default() += count;
    }

    /// Adds another chunk's counts.
    pub fn add_all(&mut self, other: Self) {
        other.0.into_iter().for_each(|(what, count)| self.add(what, count));
    }

    /// How often `what` was counted.
    pub fn get(&self, what: Counted) -> u64 {
        self.0.get(&what).copied().unwrap_or_default()
    }

    /// The counts as sentences.
    pub fn notes(&self, headers: &[String], profile: &Profile, place: &str) -> Vec<String> {
        let order = if profile.order == DateOrder::MonthFirst { "month" } else { "day" };
        let note = |(what, count): (&Counted, &u64)| {
            let sentence = match what {
                Counted::BlankRows => format!("blank rows left out: {count}"),
                Counted::Ranges => {
                    format!("rows with a range of numbers: {count}, expanded to {} rows", self.get(Counted::RangeNumbers))
                }
                Counted::RangeNumbers => return None,
                Counted::Dates(header, reading) => {
                    let how = match reading {
                        DateReading::Ambiguous => {
                            format!("dates that could be read in two orders, read {order} first as in profile {}", profile.name)
                        }
                        DateReading::Serial => "day numbers of a spreadsheet read as dates".to_owned(),
                        DateReading::Moved => "instants whose day in Pacific time is not the day written".to_owned(),
                    };
                    format!("column '{}': {how}: {count}", headers[*header])
                }
                Counted::TimesOfDates => format!("confirmed times taken from the confirmed date, whose cell holds both: {count}"),
                Counted::DerivedOrders => format!("order ids left out, since an earlier report derived them: {count}"),
                Counted::RepairedNumbers => format!("phone numbers restored from spreadsheet decimals: {count}"),
                Counted::Extensions => format!("phone numbers read without their extension: {count}"),
            };
            Some(format!("{place}: {sentence}"))
        };
        self.0.iter().filter(|(_, count)| **count > 0).filter_map(note).collect()
    }
}
