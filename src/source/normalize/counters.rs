//! What was counted while a table was normalized, and its sentences, in which no number and no cell is named.

use std::collections::BTreeMap;

use crate::domain::text::thousands;
use crate::source::normalize::date_orders::{OrderBasis, SettledOrder};
use crate::source::plan::quoted;
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
    /// Cells of a column, by its place among the headers, whose word means that they are empty.
    NullWords(usize),
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
    /// Numbers without a plus that were read as under +1. Not told.
    BareNumbers,
    /// Numbers without a plus that were refused as under +1 and that another country has. Not told.
    ForeignNumbers,
}

/// A way to read a date that is worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DateReading {
    /// Two orders read it differently, and this one was settled on.
    Ambiguous(SettledOrder),
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
        let note = |(what, count): (&Counted, &u64)| {
            let count = thousands(*count);
            let sentence = match what {
                Counted::BlankRows => format!("blank rows left out: {count}"),
                Counted::Ranges => {
                    format!("rows with a range of numbers: {count}, expanded to {} rows", thousands(self.get(Counted::RangeNumbers)))
                }
                Counted::Dates(header, reading) => format!("column '{}': {}: {count}", headers[*header], told(*reading, profile)?),
                Counted::TimesOfDates => format!("confirmed times taken from the confirmed date, whose cell holds both: {count}"),
                Counted::DerivedOrders => format!("order ids left out, since an earlier report derived them: {count}"),
                Counted::RepairedNumbers => format!("phone numbers restored from spreadsheet decimals: {count}"),
                Counted::Extensions => format!("phone numbers read without their extension: {count}"),
                Counted::RangeNumbers | Counted::NullWords(_) | Counted::BareNumbers | Counted::ForeignNumbers => return None,
            };
            Some(format!("{place}: {sentence}"))
        };
        let counted = self.0.iter().filter(|(_, count)| **count > 0).filter_map(note);
        self.null_words(headers).map(|note| format!("{place}: {note}")).into_iter().chain(counted).collect()
    }

    /// The cells whose word means that they are empty, in one sentence.
    fn null_words(&self, headers: &[String]) -> Option<String> {
        let columns = self.0.iter().filter_map(|(what, count)| match what {
            Counted::NullWords(header) if *count > 0 => Some((&headers[*header], count)),
            _ => None,
        });
        let all: u64 = columns.clone().map(|(_, count)| count).sum();
        let list: Vec<String> = columns.map(|(header, count)| format!("{} {}", quoted([header].into_iter()), thousands(*count))).collect();
        (all > 0).then(|| {
            let (all, list) = (thousands(all), list.join(", "));
            format!("cells with a word for nothing, such as NULL or N/A, read as empty: {all}, by column {list}")
        })
    }
}

/// How a date was read, if that is worth telling.
fn told(reading: DateReading, profile: &Profile) -> Option<String> {
    let SettledOrder { order, basis } = match reading {
        DateReading::Ambiguous(settled) => settled,
        DateReading::Serial => return Some("day numbers of a spreadsheet read as dates".to_owned()),
        DateReading::Moved => return Some("instants whose day in Pacific time is not the day written".to_owned()),
    };
    let first = order.first();
    Some(match basis {
        OrderBasis::Profile => format!("dates that could be read in two orders, read {first} first as in profile {}", profile.name),
        OrderBasis::OtherColumns => format!("dates that could be read in two orders, read {first} first as the dates of other columns are"),
        OrderBasis::Mixed => {
            format!("dates that could be read in two orders, both of which its other dates prove; read {first} first and flagged")
        }
        OrderBasis::Column if order == profile.order => return None,
        OrderBasis::Column => format!("dates that could be read in two orders, read {first} first as its days past the 12th are"),
    })
}
