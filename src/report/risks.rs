//! Which rows are at risk and which are odd, each with the reasons in words: the pressing ones first.

use polars::prelude::PlHashMap;

use crate::domain::calendar::Calendar;
use crate::domain::columns::ColumnType;
use crate::domain::data_quality::QualityFlag;
use crate::domain::risk::Risk;
use crate::domain::status::{Detail, Status};
use crate::report::row_facts::RowFacts;
use crate::report::table::{Column, Term, Values};
use crate::report::template::{Limits, Template};

/// Characters of a column of reasons.
const WIDTH: f32 = 44.0;

/// Rows of a selection and the reasons why each is listed, as bits.
pub struct Reasoned {
    /// The rows, by their place in the selection.
    pub rows: Vec<usize>,
    /// The reasons of each.
    pub masks: Vec<u64>,
}

impl Reasoned {
    /// Keeps the rows that have reasons, in the order of `urgency`; those that are as urgent stay in order.
    fn of<K: Ord>(masks: impl Iterator<Item = u64>, urgency: impl Fn(u64) -> K) -> Self {
        let mut found: Vec<(usize, u64)> = masks.enumerate().filter(|(_, mask)| *mask != 0).collect();
        found.sort_by_key(|(_, mask)| urgency(*mask));
        let (rows, masks) = found.into_iter().unzip();
        Self { rows, masks }
    }

    /// How many rows have the reason with this bit.
    pub fn count(&self, bit: u64) -> u64 {
        self.masks.iter().filter(|mask| *mask & bit != 0).count() as u64
    }

    /// The reasons in words. Rows share few distinct masks, so each mask is put into words once.
    pub fn words(&self, caption: &str, separator: &str, word: impl Fn(u64) -> Vec<String>) -> Column {
        let mut places: PlHashMap<u64, u32> = PlHashMap::default();
        let mut terms: Vec<Term> = Vec::new();
        let place = |mask: &u64| {
            *places.entry(*mask).or_insert_with(|| {
                terms.push(Term { caption: word(*mask).join(separator), ..Term::default() });
                (terms.len() - 1) as u32
            })
        };
        let places: Vec<u32> = self.masks.iter().map(place).collect();
        Column { width_characters: WIDTH, ..Column::new("reasons", caption, ColumnType::Text, Values::placed(places, terms)) }
    }
}

/// The rows with data-quality flags; those with most flags first.
pub fn flagged(facts: &RowFacts<'_>) -> Reasoned {
    Reasoned::of(facts.mask.iter().copied(), |mask| std::cmp::Reverse(mask.count_ones()))
}

/// The flags of `mask` in words.
pub fn flag_words(template: &Template, mask: u64) -> Vec<String> {
    let term = |flag: QualityFlag| template.terms.term(crate::report::glossary::QUALITY_FLAGS, flag.code());
    QualityFlag::of(mask).filter_map(term).map(|term| if term.meaning.is_empty() { term.caption } else { term.meaning }).collect()
}

/// The open rows that may miss their port; the most pressing reason first, then those with most reasons.
pub fn at_risk(facts: &RowFacts<'_>, limits: &Limits) -> Reasoned {
    let timing = &facts.selection.classified.timing;
    let judge = Judge { facts, limits, today: timing.as_of.days(), before: &timing.calendar.business_days_before };
    let masks = (0..facts.count()).map(|row| u64::from(judge.risks(row)));
    Reasoned::of(masks, |mask| (mask.trailing_zeros(), std::cmp::Reverse(mask.count_ones())))
}

/// The risks of `mask` in words.
pub fn risk_words(template: &Template, mask: u64) -> Vec<String> {
    let risks = Risk::ALL.iter().filter(|risk| mask & u64::from(risk.bit()) != 0);
    risks.filter_map(|risk| template.terms.term(crate::report::glossary::RISKS, risk.code())).map(|term| term.caption).collect()
}

struct Judge<'a> {
    facts: &'a RowFacts<'a>,
    limits: &'a Limits,
    today: i32,
    before: &'a [i32],
}

impl Judge<'_> {
    /// The reasons why a row is at risk, as bits; none for closed rows.
    fn risks(&self, row: usize) -> u32 {
        let (facts, limits) = (self.facts, self.limits);
        let Some(status) = facts.status(row).filter(|status| status.is_open()) else { return 0 };
        let flagged = |flag: QualityFlag| facts.mask[row] & flag.bit() != 0;
        let is = |detail: Detail| usize::from(facts.detail[row]) == detail as usize;
        let (confirmed, created) = (facts.confirmed[row], facts.created[row]);
        let near = |within: i32| {
            confirmed.is_some_and(|day| day >= self.today && self.between(self.today, day).is_some_and(|days| days <= within))
        };
        let last_sign = facts.changed[row].or(created);
        let waited = last_sign.and_then(|day| self.between(day, self.today)).unwrap_or(0);
        let abandoned = last_sign.map(|day| day.saturating_add(limits.abandoned_days));
        let is_abandoned =
            abandoned.is_some_and(|day| day <= self.today || self.between(self.today, day).is_some_and(|days| days <= limits.soon));
        // A letter is about as old as the order; once the carrier has accepted, its age no longer counts.
        let needs_loa = status != Status::Scheduled && confirmed.is_none() && !is(Detail::WaitingForLoa) && !is(Detail::Accepted);
        let limit = match status {
            Status::WaitingForYou => limits.waiting_for_you,
            Status::InProgress => limits.in_progress,
            _ => i32::MAX,
        };
        let found = [
            (Risk::Overdue, flagged(QualityFlag::Overdue)),
            (Risk::FocExpired, flagged(QualityFlag::FocExpired)),
            (Risk::RejectBeforeFoc, near(limits.soon) && (is(Detail::Rejected) || is(Detail::AdditionalInfoRequired))),
            (Risk::CancelWindow, near(limits.soon.saturating_add(limits.cancel)) && flagged(QualityFlag::CancellationPending)),
            (Risk::Abandonment, status == Status::WaitingForYou && is_abandoned),
            (Risk::ScheduledWithoutDate, flagged(QualityFlag::ScheduledWithoutDate)),
            (Risk::LoaOld, needs_loa && created.is_some_and(|day| self.today.saturating_sub(day) > limits.loa_days)),
            (Risk::WaitingLong, waited > limit),
        ];
        found.iter().filter(|(_, is_found)| *is_found).map(|(risk, _)| risk.bit()).fold(0, |mask, bit| mask | bit)
    }

    /// Business days from `from` to `to`, the last not counted; `None` for days that the calendar does not know.
    fn between(&self, from: i32, to: i32) -> Option<i32> {
        let before = |day: i32| self.before.get(usize::try_from(day.checked_sub(Calendar::first_day())?).ok()?).copied();
        Some(before(to)? - before(from)?)
    }
}
