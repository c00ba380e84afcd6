//! Puts the events of each number into the order in which they happened, and says what tells them apart.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;

use crate::domain::record::{Field, NUMBER_TYPE};
use crate::domain::replay::StateMachine;
use crate::domain::status::NumberType;
use crate::error::Result;
use crate::source::coded_text::NONE;
use crate::source::events::owners::{ACCOUNTS, Owner};
use crate::source::{CodedText, OrderFrame};

/// The cells of event rows that tell of their numbers, as they lie in their frame.
pub struct Events {
    times: Option<PrimitiveArray<i64>>,
    confirmed: Option<PrimitiveArray<i32>>,
    events: Words,
    /// By code of the event, its place in the state model.
    event_places: Vec<Option<u16>>,
    types: Words,
    /// By code of the type, what it is.
    number_types: Vec<Option<NumberType>>,
    /// Why the events happened.
    reasons: Marks,
    /// Who caused them.
    actors: Marks,
    /// Their requests, orders and cases.
    groups: [Marks; 3],
    /// Their accounts, by the columns of [`ACCOUNTS`].
    accounts: [Marks; 3],
    partners: Marks,
}

/// A column of text by its codes; nothing where there is no such column.
#[derive(Default)]
pub struct Words {
    codes: Option<PrimitiveArray<u32>>,
    /// The different texts.
    pub texts: StringChunked,
}

impl Words {
    /// Those of column `name`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of(frame: &OrderFrame, name: &str) -> Result<Self> {
        if !frame.has_values(name) {
            return Ok(Self::default());
        }
        let CodedText { codes, texts } = frame.coded(name)?;
        Ok(Self { codes: Some(codes.rechunk().downcast_as_array().clone()), texts })
    }

    /// The code of the text in `row`.
    pub fn code(&self, row: usize) -> Option<u32> {
        self.codes.as_ref()?.get(row)
    }

    fn each<T>(&self, read: impl Fn(&str) -> T) -> Vec<T> {
        self.texts.iter().flatten().map(read).collect()
    }
}

/// What tells the texts of a column apart, also from those of other frames.
enum Marks {
    /// There is no such column.
    None,
    /// By the codes of its texts.
    ByCode(Words, Vec<u64>),
    /// By row, where hardly a text stands twice.
    ByRow(Vec<u64>),
}

impl Marks {
    /// Those of a column of this `kind`, of which texts of others are told apart.
    fn of(frame: &OrderFrame, field: Field, kind: u8) -> Result<Self> {
        let mark = |text: &str| FixedState::default().hash_one((kind, text)).max(1);
        Ok(match frame.texts(field.key()) {
            _ if !frame.has_values(field.key()) => Self::None,
            None => Self::ByRow(frame.column(field.key())?.str()?.iter().map(|text| text.map_or(0, mark)).collect()),
            Some(texts) => {
                let marks = texts.iter().flatten().map(mark).collect();
                Self::ByCode(Words::of(frame, field.key())?, marks)
            }
        })
    }

    /// The mark of the text in `row`; 0 for an empty cell, and of no other.
    fn mark(&self, row: usize) -> u64 {
        match self {
            Self::None => 0,
            Self::ByCode(words, marks) => words.code(row).map_or(0, |code| marks[code as usize]),
            Self::ByRow(marks) => marks[row],
        }
    }
}

/// What an event tells, as far as another that is delivered twice tells the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    event: Option<u16>,
    confirmed: Option<i32>,
    reason: u64,
    actor: u64,
    group: u64,
    owner: u64,
}

/// The last event of a number, before others of it are told.
#[derive(Debug, Clone, Copy)]
pub struct Last {
    /// When it happened; [`NO_TIME`] where that is not known.
    time: i64,
    told: Told,
}

/// In place of a time, that there is none.
const NO_TIME: i64 = i64::MIN;

/// In place of the mark of a request, that none is named.
pub const NO_GROUP: u64 = 0;

/// The events of one number, in the order in which they happened.
pub struct Course<'a> {
    /// Their rows, without those that repeat the one before them.
    pub rows: Cow<'a, [IdxSize]>,
    /// How many repeat another.
    pub repeated: u64,
    /// Whether they stood in the input in this order, none of them before those that were told already.
    pub is_in_order: bool,
    /// The last.
    pub last: Option<Last>,
}

impl Events {
    /// Reads them from the rows of event tables.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of(frame: &OrderFrame, machine: &StateMachine) -> Result<Self> {
        let (events, types) = (Words::of(frame, Field::LastEvent.key())?, Words::of(frame, NUMBER_TYPE)?);
        let values = |field: Field, dtype: DataType| -> Result<Option<Column>> {
            let has = frame.has_values(field.key());
            Ok(has.then(|| frame.column(field.key())).transpose()?.map(|column| column.cast(&dtype)).transpose()?)
        };
        let times = values(Field::EventAt, DataType::Int64)?;
        let confirmed = values(Field::ConfirmedDate, DataType::Int32)?;
        Ok(Self {
            times: times.map(|column| column.i64().map(|cells| cells.rechunk().downcast_as_array().clone())).transpose()?,
            confirmed: confirmed.map(|column| column.i32().map(|cells| cells.rechunk().downcast_as_array().clone())).transpose()?,
            event_places: events.each(|code| machine.event(code).map(|event| event as u16)),
            number_types: types.each(NumberType::from_code),
            events,
            types,
            reasons: Marks::of(frame, Field::RejectReason, 0)?,
            actors: Marks::of(frame, Field::MovedBy, 0)?,
            groups: [Marks::of(frame, Field::RequestId, 0)?, Marks::of(frame, Field::OrderId, 1)?, Marks::of(frame, Field::CaseNumber, 2)?],
            accounts: [Marks::of(frame, ACCOUNTS[0], 3)?, Marks::of(frame, ACCOUNTS[1], 4)?, Marks::of(frame, ACCOUNTS[2], 5)?],
            partners: Marks::of(frame, Field::Partner, 6)?,
        })
    }

    /// When the event in `row` happened, in microseconds since 1970-01-01T00:00:00Z.
    pub fn time(&self, row: usize) -> Option<i64> {
        self.times.as_ref()?.get(row)
    }

    /// The place of the event in the state model; `None` where the word is not known or missing.
    pub fn event(&self, row: usize) -> Option<usize> {
        self.event_places[self.events.code(row)? as usize].map(usize::from)
    }

    /// The date that was confirmed, in days since 1970-01-01.
    pub fn confirmed(&self, row: usize) -> Option<i32> {
        self.confirmed.as_ref()?.get(row)
    }

    /// Local or toll-free.
    pub fn number_type(&self, row: usize) -> Option<NumberType> {
        self.number_types[self.types.code(row)? as usize]
    }

    /// The mark of the request, else of the order, else of the case.
    pub fn group(&self, row: usize) -> u64 {
        self.groups.iter().map(|words| words.mark(row)).find(|mark| *mark != NO_GROUP).unwrap_or(NO_GROUP)
    }

    /// Whose the event in `row` is.
    pub fn owner(&self, row: usize) -> Owner {
        Owner { accounts: std::array::from_fn(|place| self.accounts[place].mark(row)), partner: self.partners.mark(row) }
    }

    fn told(&self, row: IdxSize) -> Told {
        let row = row as usize;
        Told {
            event: self.event(row).map(|event| event as u16),
            confirmed: self.confirmed(row),
            reason: self.reasons.mark(row),
            actor: self.actors.mark(row),
            group: self.group(row),
            owner: self.owner(row).mark(),
        }
    }

    /// The course of one number whose `rows` stand in the order of the input. An event without a time happened with the one
    /// before it; the first of them with the first that has one.
    pub fn course<'a>(&self, rows: &'a [IdxSize], before: Option<Last>) -> Course<'a> {
        let known = before.map(|last| last.time).filter(|time| *time != NO_TIME);
        let first = known.or_else(|| rows.iter().find_map(|row| self.time(*row as usize))).unwrap_or(NO_TIME);
        // What was told without a time happened with the first event that has one.
        let begin = before.map(|last| if last.time == NO_TIME { first } else { last.time });
        let (mut time, mut is_in_order, mut has_ties) = (first, true, false);
        for (place, row) in rows.iter().enumerate() {
            let next = self.time(*row as usize).unwrap_or(time);
            is_in_order &= time <= next;
            has_ties |= time == next && (place > 0 || begin == Some(next));
            time = next;
        }
        if is_in_order && !has_ties {
            let last = rows.last().map(|row| Last { time, told: self.told(*row) }).or(before);
            return Course { rows: Cow::Borrowed(rows), repeated: 0, is_in_order, last };
        }
        let mut at = first;
        let timed = rows.iter().map(|row| {
            at = self.time(*row as usize).unwrap_or(at);
            (at, *row)
        });
        let mut timed: Vec<(i64, IdxSize)> = timed.collect();
        if !is_in_order {
            // What happened at one time stands in the order of the input, whether that goes forward or backward.
            if first > time {
                timed.reverse();
            }
            timed.sort_by_key(|(time, _)| *time);
        }
        // A message that is delivered twice comes right behind itself; what happened between two is no repetition.
        let mut last = before.map(|last| Last { time: begin.unwrap_or(NO_TIME), ..last });
        let mut distinct: Vec<IdxSize> = Vec::with_capacity(timed.len());
        for (time, row) in &timed {
            let told = self.told(*row);
            if last.is_none_or(|last| last.time != *time || last.told != told) {
                distinct.push(*row);
            }
            last = Some(Last { time: *time, told });
        }
        let repeated = (rows.len() - distinct.len()) as u64;
        Course { rows: Cow::Owned(distinct), repeated, is_in_order, last }
    }
}

/// Rows by number: of each number those that stand together.
pub struct ByNumber {
    rows: Vec<IdxSize>,
    /// Each number, by the place that it was given, and where its rows end.
    ends: Vec<(u32, usize)>,
}

impl ByNumber {
    /// The rows of `numbers` that `keep` names. `place` gives each number its place.
    pub fn of(numbers: &StringChunked, keep: &[bool], mut place: impl FnMut(&str) -> u32) -> Self {
        let mut number_of: Vec<u32> = Vec::with_capacity(numbers.len());
        // In a file sorted by number the row above is of the same one.
        let mut last = ("", NONE);
        for (number, keep) in numbers.downcast_iter().flat_map(|array| array.iter()).zip(keep) {
            let Some(number) = number.filter(|_| *keep) else {
                number_of.push(NONE);
                continue;
            };
            if last.1 == NONE || last.0 != number {
                last = (number, place(number));
            }
            number_of.push(last.1);
        }
        let placed = || number_of.iter().filter(|place| **place != NONE);
        let (first, end) = (placed().min().copied().unwrap_or(0), placed().max().map_or(0, |most| most + 1));
        let mut next: Vec<usize> = vec![0; (end - first) as usize];
        placed().for_each(|place| next[(place - first) as usize] += 1);
        let mut ends: Vec<(u32, usize)> = Vec::new();
        let mut end = 0;
        for (place, count) in (first..).zip(&mut next).filter(|(_, count)| **count > 0) {
            let start = end;
            end += std::mem::replace(count, start);
            ends.push((place, end));
        }
        let mut rows: Vec<IdxSize> = vec![0; end];
        for (row, place) in (0..).zip(number_of).filter(|(_, place)| *place != NONE) {
            let next = &mut next[(place - first) as usize];
            rows[*next] = row;
            *next += 1;
        }
        Self { rows, ends }
    }

    /// Each number's place and rows, by place: what is kept of numbers lies in that order, too.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[IdxSize])> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        starts.zip(&self.ends).map(|(start, (place, end))| (*place, &self.rows[start..*end]))
    }
}
