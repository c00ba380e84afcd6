//! Puts the rows of event tables into histories: one a number and request, in the order in which the events happened.

use std::collections::BTreeMap;

use polars::prelude::*;
use rayon::prelude::*;

use crate::domain::record::{Field, NUMBER_TYPE};
use crate::domain::replay::StateMachine;
use crate::domain::status::NumberType;
use crate::error::Result;
use crate::source::OrderFrame;
use crate::source::coded_text::NONE;
use crate::source::duplicates::{Group, groups};

/// The cells of event rows that tell of their numbers.
pub struct Events {
    // Without an Option around each cell, which would double the memory of millions of them.
    times: Vec<i64>,
    events: Vec<u16>,
    confirmed: Vec<i32>,
    /// Local or toll-free.
    pub number_types: Vec<Option<NumberType>>,
    /// The codes of the texts of reasons.
    pub reasons: Vec<u32>,
    /// The texts of reasons, by code.
    pub reason_texts: Vec<String>,
    actors: Vec<u32>,
    groups: Vec<Group>,
}

/// In place of a time, an event and a date, that there is none.
const NO_TIME: i64 = i64::MIN;
const NO_EVENT: u16 = u16::MAX;
const NO_DAY: i32 = i32::MIN;

/// Rows of events by number and request.
#[derive(Debug, Default)]
pub struct Histories {
    /// The rows, history by history, each in the order of its events.
    pub rows: Vec<IdxSize>,
    /// Where each history ends among the rows.
    pub ends: Vec<usize>,
    /// Rows that repeat another of their history.
    pub repeated: u64,
}

impl Events {
    /// Reads them from the rows of event tables.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of(frame: &OrderFrame, machine: &StateMachine) -> Result<Self> {
        let coded = |name: &str| -> Result<(Vec<u32>, Vec<String>)> {
            if !frame.has_values(name) {
                return Ok((vec![NONE; frame.height()], Vec::new()));
            }
            let coded = frame.coded(name)?;
            Ok((coded.places().collect(), coded.each(str::to_owned)))
        };
        let (events, codes) = coded(Field::LastEvent.key())?;
        let known: Vec<u16> = codes.iter().map(|code| machine.event(code).map_or(NO_EVENT, |event| event as u16)).collect();
        let (types, codes) = coded(NUMBER_TYPE)?;
        let known_types: Vec<Option<NumberType>> = codes.iter().map(|code| NumberType::from_code(code)).collect();
        let (reasons, reason_texts) = coded(Field::RejectReason.key())?;
        let confirmed = match frame.has_values(Field::ConfirmedDate.key()) {
            true => {
                frame.column(Field::ConfirmedDate.key())?.cast(&DataType::Int32)?.i32()?.iter().map(|day| day.unwrap_or(NO_DAY)).collect()
            }
            false => vec![NO_DAY; frame.height()],
        };
        let times = match frame.has_values(Field::EventAt.key()) {
            true => frame.column(Field::EventAt.key())?.cast(&DataType::Int64)?.i64()?.iter().map(|time| time.unwrap_or(NO_TIME)).collect(),
            false => vec![NO_TIME; frame.height()],
        };
        Ok(Self {
            times,
            confirmed,
            events: events.into_iter().map(|code| known.get(code as usize).copied().unwrap_or(NO_EVENT)).collect(),
            number_types: types.into_iter().map(|code| known_types.get(code as usize).copied().flatten()).collect(),
            reasons,
            reason_texts,
            actors: coded(Field::MovedBy.key())?.0,
            groups: groups(frame)?,
        })
    }

    /// When the event in `row` happened, in microseconds since 1970-01-01T00:00:00Z.
    pub fn time(&self, row: usize) -> Option<i64> {
        Some(self.times[row]).filter(|time| *time != NO_TIME)
    }

    /// The place of the event in the state model; `None` where the word is not known or missing.
    pub fn event(&self, row: usize) -> Option<usize> {
        Some(self.events[row]).filter(|event| *event != NO_EVENT).map(usize::from)
    }

    /// The date that was confirmed, in days since 1970-01-01.
    pub fn confirmed(&self, row: usize) -> Option<i32> {
        Some(self.confirmed[row]).filter(|day| *day != NO_DAY)
    }

    /// Whether two rows of one number at one time tell of one event.
    fn are_alike(&self, one: usize, other: usize) -> bool {
        let told = |row: usize| (self.events[row], self.reasons[row], self.actors[row], self.confirmed[row], self.groups[row]);
        told(one) == told(other)
    }

    /// The histories of one number whose `rows` stand in the order of the input, and how many of them repeat another. An event
    /// without a time happened with the one before it; one without a request belongs to the request of the one before it.
    fn histories(&self, rows: &[IdxSize]) -> (Vec<Vec<IdxSize>>, u64) {
        let first = rows.iter().find_map(|row| self.time(*row as usize)).unwrap_or_default();
        let last = rows.iter().rev().find_map(|row| self.time(*row as usize)).unwrap_or_default();
        let mut time = first;
        let timed = rows.iter().map(|row| {
            time = self.time(*row as usize).unwrap_or(time);
            (time, *row)
        });
        let mut timed: Vec<(i64, IdxSize)> = timed.collect();
        // What happened at one time stands in the order of the input, whether that goes forward or backward.
        if first > last {
            timed.reverse();
        }
        timed.sort_by_key(|(time, _)| *time);
        let mut distinct: Vec<IdxSize> = Vec::with_capacity(timed.len());
        for same in timed.chunk_by(|one, next| one.0 == next.0) {
            let begin = distinct.len();
            for (_, row) in same {
                // A message that is delivered twice comes right behind itself; what happened between two is no repetition.
                let is_repeated = distinct[begin..].last().is_some_and(|known| self.are_alike(*known as usize, *row as usize));
                if !is_repeated {
                    distinct.push(*row);
                }
            }
        }
        let repeated = (rows.len() - distinct.len()) as u64;
        let mut group = distinct.iter().find_map(|row| self.groups[*row as usize]);
        if distinct.iter().all(|row| self.groups[*row as usize].is_none_or(|other| Some(other) == group)) {
            return (vec![distinct], repeated);
        }
        let mut places: BTreeMap<Group, usize> = BTreeMap::new();
        let mut histories: Vec<Vec<IdxSize>> = Vec::new();
        for row in distinct {
            group = self.groups[row as usize].or(group);
            let place = *places.entry(group).or_insert(histories.len());
            if place == histories.len() {
                histories.push(Vec::new());
            }
            histories[place].push(row);
        }
        (histories, repeated)
    }
}

impl Histories {
    /// The histories among the rows that `keep` names, numbers in the order of their first event in the input.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of(frame: &OrderFrame, events: &Events, keep: &[bool]) -> Result<Self> {
        let numbers = frame.column(Field::PhoneNumber.key())?;
        let (rows, ends) = by_number(numbers.str()?, keep);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let slices: Vec<&[IdxSize]> = starts.zip(&ends).map(|(start, end)| &rows[start..*end]).collect();
        let found: Vec<(Vec<Vec<IdxSize>>, u64)> = slices.into_par_iter().map(|rows| events.histories(rows)).collect();
        let mut all = Self { rows: Vec::with_capacity(rows.len()), ..Self::default() };
        for (histories, repeated) in found {
            all.repeated += repeated;
            for history in histories {
                all.rows.extend(history);
                all.ends.push(all.rows.len());
            }
        }
        Ok(all)
    }

    /// The rows of each history.
    pub fn iter(&self) -> impl Iterator<Item = &[IdxSize]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.rows[start..*end])
    }
}

/// The rows of each number, one after another, and where they end.
fn by_number(numbers: &StringChunked, keep: &[bool]) -> (Vec<IdxSize>, Vec<usize>) {
    let mut known: PlHashMap<&str, u32> = PlHashMap::default();
    let mut counts: Vec<usize> = Vec::new();
    let mut number_of: Vec<u32> = Vec::with_capacity(numbers.len());
    let mut last = ("", NONE);
    for (number, keep) in numbers.iter().zip(keep) {
        let Some(number) = number.filter(|_| *keep) else {
            number_of.push(NONE);
            continue;
        };
        // In a file sorted by number the row above is of the same one.
        if last.1 == NONE || last.0 != number {
            last = (number, *known.entry(number).or_insert(counts.len() as u32));
            if last.1 as usize == counts.len() {
                counts.push(0);
            }
        }
        counts[last.1 as usize] += 1;
        number_of.push(last.1);
    }
    let mut end = 0;
    let ends: Vec<usize> = counts
        .iter()
        .map(|count| {
            end += count;
            end
        })
        .collect();
    let mut next: Vec<usize> = ends.iter().zip(&counts).map(|(end, count)| end - count).collect();
    let mut rows: Vec<IdxSize> = vec![0; end];
    for (row, number) in (0..).zip(number_of) {
        if number != NONE {
            let place = &mut next[number as usize];
            rows[*place] = row;
            *place += 1;
        }
    }
    (rows, ends)
}
