//! Lays what the events of a number say over its row of orders, where they are newer, and flags what differs.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use crate::domain::columns::history_columns;
use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::State;
use crate::domain::record::{Field, QUALITY_MASK};
use crate::domain::status::{Detail, Status};
use crate::error::Result;
use crate::source::coded_text::NONE;
use crate::source::duplicates::groups;
use crate::source::{CodedText, OrderFrame};

/// The state that each detailed status stands for.
pub type DetailStates = BTreeMap<Detail, State>;

/// What was laid over rows of orders.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Overlaid {
    /// Numbers whose events are in a row of orders.
    pub numbers: u64,
    /// Rows of orders that say another state than newer events, which count.
    pub replaced: u64,
    /// Rows of orders that say another state than older events, and count.
    pub kept: u64,
}

/// Columns that newer events decide.
const DECIDED: [Field; 7] =
    [Field::NumberState, Field::PriorState, Field::LastEvent, Field::EventAt, Field::UpdatedAt, Field::CompletedAt, Field::CanceledAt];
/// Columns that newer events decide where they say anything.
const TOLD: [Field; 5] = [Field::ConfirmedDate, Field::RejectReason, Field::ReasonCode, Field::MovedBy, Field::ConfigurationProfile];

/// A row of orders and the row of its events.
struct Pair {
    order: usize,
    events: usize,
    events_win: bool,
    differ: bool,
}

/// Lays the rows from `first` on, each of which is what events come to, over the rows of orders of their numbers, and takes
/// them out of `keep`. A row of orders is that of the events if both are of one request; where one of them names none, if the
/// number is in one request only.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn overlay(frame: &mut OrderFrame, keep: &mut [bool], first: usize, details: &DetailStates) -> Result<Overlaid> {
    let pairs = pairs(frame, keep, first, details)?;
    if pairs.is_empty() {
        return Ok(Overlaid::default());
    }
    let source = frame.clone();
    let places = |from: &dyn Fn(&Pair) -> Option<IdxSize>, which: &dyn Fn(&Pair) -> bool| -> IdxCa {
        let mut places: Vec<Option<IdxSize>> = (0..frame.height() as IdxSize).map(Some).collect();
        pairs.iter().filter(|pair| which(pair)).for_each(|pair| places[pair.order] = from(pair));
        places.into_iter().collect_ca(PlSmallStr::EMPTY)
    };
    let events = |pair: &Pair| Some(pair.events as IdxSize);
    let (always, newer) = (places(&events, &|_| true), places(&events, &|pair| pair.events_win));
    let cleared = places(&|_| None, &|pair| pair.events_win && pair.differ);
    let mut told = Vec::new();
    for field in TOLD.into_iter().filter(|field| source.has_values(field.key())) {
        let known = source.column(field.key())?.is_not_null();
        told.push((field, places(&events, &|pair| pair.events_win && known.get(pair.events) == Some(true))));
    }
    let mut masks: Vec<u64> = source.column(QUALITY_MASK)?.u64()?.iter().map(Option::unwrap_or_default).collect();
    history_columns().try_for_each(|column| frame.take_cells(&source, column.key, &always))?;
    DECIDED.iter().try_for_each(|field| frame.take_cells(&source, field.key(), &newer))?;
    told.iter().try_for_each(|(field, places)| frame.take_cells(&source, field.key(), places))?;
    [Field::GivenStatus, Field::GivenDetail].iter().try_for_each(|field| frame.take_cells(&source, field.key(), &cleared))?;
    for Pair { order, events, differ, .. } in &pairs {
        masks[*order] |= masks[*events] | if *differ { QualityFlag::EventsDiffer.bit() } else { 0 };
        keep[*events] = false;
    }
    frame.set(UInt64Chunked::from_vec(QUALITY_MASK.into(), masks).into_column())?;
    let differing = |win: bool| pairs.iter().filter(|pair| pair.differ && pair.events_win == win).count() as u64;
    let numbers = pairs.iter().map(|pair| pair.events).collect::<BTreeSet<_>>().len() as u64;
    Ok(Overlaid { numbers, replaced: differing(true), kept: differing(false) })
}

fn pairs(frame: &OrderFrame, keep: &[bool], first: usize, details: &DetailStates) -> Result<Vec<Pair>> {
    let phones = frame.column(Field::PhoneNumber.key())?;
    let phones = phones.str()?;
    let groups = groups(frame)?;
    let mut of_number: PlHashMap<&str, (Vec<usize>, Vec<usize>)> = PlHashMap::default();
    for row in (first..frame.height()).filter(|row| keep[*row]) {
        of_number.entry(phones.get(row).unwrap_or_default()).or_default().0.push(row);
    }
    for row in (0..first).filter(|row| keep[*row]) {
        if let Some((_, orders)) = phones.get(row).and_then(|phone| of_number.get_mut(phone)) {
            orders.push(row);
        }
    }
    let says = Says::of(frame, details)?;
    let updated = frame.column(Field::UpdatedAt.key())?.cast(&DataType::Int64)?;
    let updated = updated.i64()?;
    let owners = Owners::of(frame)?;
    let mut pairs = Vec::new();
    for (events, orders) in of_number.values().filter(|(_, orders)| !orders.is_empty()) {
        let is_one = events.len() == 1 && orders.iter().all(|order| groups[*order] == groups[orders[0]]);
        for order in orders {
            let is_of_request = |row: usize| groups[row].is_some() && groups[row] == groups[*order];
            let beside = || events.iter().chain(orders).copied().filter(|row| is_one || is_of_request(*row));
            let may_be_of_one = |event: usize, order: usize| owners.are_one(event, order, beside);
            let of_request = events.iter().find(|event| is_of_request(**event) && may_be_of_one(**event, *order));
            let are_comparable = |event: usize| groups[event].zip(groups[*order]).is_some_and(|(one, other)| one.0 == other.0);
            let Some(events) =
                of_request.or(events.first().filter(|event| is_one && !are_comparable(**event) && may_be_of_one(**event, *order))).copied()
            else {
                continue;
            };
            let events_win = updated.get(*order).is_none_or(|order| updated.get(events).is_some_and(|events| order <= events));
            pairs.push(Pair { order: *order, events, events_win, differ: says.differ(*order, events) });
        }
    }
    Ok(pairs)
}

/// Who is named by rows: by column of those that tell owners apart, the code of each row.
struct Owners([Vec<u32>; 2]);

impl Owners {
    fn of(frame: &OrderFrame) -> Result<Self> {
        let codes = |field: Field| -> Result<Vec<u32>> {
            Ok(match frame.has_values(field.key()) {
                true => frame.coded(field.key())?.places().collect(),
                false => vec![NONE; frame.height()],
            })
        };
        Ok(Self([codes(Field::AccountId)?, codes(Field::Partner)?]))
    }

    /// Whether two rows are of one owner. What is of two accounts, or of two partners, is never one, whatever else is the same; a row
    /// that names none is of the other's only if no row `beside` them, of the same number and request, is of somebody else.
    fn are_one<I: Iterator<Item = usize>>(&self, one: usize, other: usize, beside: impl Fn() -> I) -> bool {
        self.0.iter().all(|codes| match (codes[one], codes[other]) {
            (NONE, NONE) => true,
            (NONE, named) | (named, NONE) => beside().all(|row| [NONE, named].contains(&codes[row])),
            (one, other) => one == other,
        })
    }
}

/// What rows say of the state of their numbers.
struct Says<'a> {
    states: Option<CodedText>,
    priors: Option<CodedText>,
    statuses: Option<CodedText>,
    given: Option<CodedText>,
    details: &'a DetailStates,
}

impl<'a> Says<'a> {
    fn of(frame: &OrderFrame, details: &'a DetailStates) -> Result<Self> {
        let coded = |field: Field| frame.has_values(field.key()).then(|| frame.coded(field.key())).transpose();
        Ok(Self {
            states: coded(Field::NumberState)?,
            priors: coded(Field::PriorState)?,
            statuses: coded(Field::GivenStatus)?,
            given: coded(Field::GivenDetail)?,
            details,
        })
    }

    /// Whether a row of orders says another state than its events came to. A status stands for the states of all its details.
    fn differ(&self, order: usize, events: usize) -> bool {
        let Some(state) = code(&self.states, events).and_then(State::from_code) else { return false };
        if let Some(other) = code(&self.states, order).and_then(State::from_code) {
            return other != state;
        }
        // Details know no other words for these.
        let state = match state {
            State::CancellationRejected => code(&self.priors, events).and_then(State::from_code).unwrap_or(State::InProcess),
            State::CancellationPending => State::InProcess,
            State::NotPortable => State::Canceled,
            state => state,
        };
        if let Some(detail) = code(&self.given, order).and_then(Detail::from_code) {
            return self.details.get(&detail).is_some_and(|other| *other != state);
        }
        let Some(status) = code(&self.statuses, order).and_then(Status::from_code) else { return false };
        let mut of_status = self.details.iter().filter(|(detail, _)| detail.status() == status).map(|(_, state)| *state).peekable();
        of_status.peek().is_some() && !of_status.any(|other| other == state)
    }
}

fn code(column: &Option<CodedText>, row: usize) -> Option<&str> {
    column.as_ref()?.text(row)
}
