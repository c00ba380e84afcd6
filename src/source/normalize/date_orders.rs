//! Settles in which order the dates of each column are written: one day past the 12th tells, and where none does the profile.

use std::collections::BTreeMap;

use crate::domain::date::DateOrder;
use crate::source::plan::ColumnPlan;
use crate::source::recognition::Basis;

/// What the dates of a column say of their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderEvidence {
    /// Dates that are days with the month first only.
    pub month_first: u64,
    /// Dates that are days with the day first only.
    pub day_first: u64,
    /// Dates that are days in either order.
    pub ambiguous: u64,
}

impl OrderEvidence {
    /// Counts a date that proves `order`.
    pub fn add_proof(&mut self, order: DateOrder) {
        match order {
            DateOrder::MonthFirst => self.month_first += 1,
            DateOrder::DayFirst => self.day_first += 1,
        }
    }

    /// Adds what other dates of the column say.
    pub fn add(&mut self, other: Self) {
        self.month_first += other.month_first;
        self.day_first += other.day_first;
        self.ambiguous += other.ambiguous;
    }

    /// The order that most proofs are of.
    fn most(&self) -> Option<DateOrder> {
        match self.month_first.cmp(&self.day_first) {
            std::cmp::Ordering::Greater => Some(DateOrder::MonthFirst),
            std::cmp::Ordering::Less => Some(DateOrder::DayFirst),
            std::cmp::Ordering::Equal => None,
        }
    }

    fn is_mixed(&self) -> bool {
        self.month_first > 0 && self.day_first > 0
    }
}

/// Why a column's dates are read in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderBasis {
    /// A date of the column proves it, and none the other.
    Column,
    /// No date of the column proves one, and those of other columns prove this one; the profile is a guess.
    OtherColumns,
    /// Nothing proves one: it is the profile's.
    Profile,
    /// The column's dates prove both, so that each that could be read in two is in doubt.
    Mixed,
}

/// In which order a column's dates are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SettledOrder {
    /// The order.
    pub order: DateOrder,
    /// Why.
    pub basis: OrderBasis,
}

/// The order of each column of dates, by its place among the headers.
pub fn settle(evidence: &BTreeMap<usize, OrderEvidence>, plan: &ColumnPlan<'_>) -> BTreeMap<usize, SettledOrder> {
    let is_guess = plan.basis == Basis::Guessed;
    let mut table = OrderEvidence::default();
    evidence.values().for_each(|column| table.add(*column));
    let settled = |column: &OrderEvidence| match column.most() {
        _ if column.is_mixed() => {
            let most = column.most().filter(|_| is_guess);
            SettledOrder { order: most.unwrap_or(plan.profile.order), basis: OrderBasis::Mixed }
        }
        Some(order) => SettledOrder { order, basis: OrderBasis::Column },
        None => match table.most().filter(|_| is_guess && !table.is_mixed()) {
            Some(order) => SettledOrder { order, basis: OrderBasis::OtherColumns },
            None => SettledOrder { order: plan.profile.order, basis: OrderBasis::Profile },
        },
    };
    evidence.iter().map(|(header, column)| (*header, settled(column))).collect()
}

/// Dates of which nothing but the profile says how they are read.
pub fn undecided(evidence: &BTreeMap<usize, OrderEvidence>, settled: &BTreeMap<usize, SettledOrder>) -> u64 {
    let by_profile = |header: &usize| settled.get(header).is_some_and(|settled| settled.basis == OrderBasis::Profile);
    evidence.iter().filter(|(header, _)| by_profile(header)).map(|(_, column)| column.ambiguous).sum()
}
