//! Replays tables of events: each number's own events, in their order, through the state model, into one row of orders.

pub mod histories;
pub mod of_orders;
pub mod overlay;
pub mod standings;
pub mod story;
pub mod timeline;

use std::collections::BTreeMap;

use polars::prelude::*;
use rayon::prelude::*;

use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::State;
use crate::domain::note::Note;
use crate::domain::record::{
    CONFIRMED_DATE_SLIP, FIRST_CONFIRMED_DATE, Field, ILLEGAL_MOVES, QUALITY_MASK, REJECTIONS, STATE_SINCE, TIMES_REJECTED,
};
use crate::domain::replay::{IllegalMove, StateMachine};
use crate::domain::text::{numbered, thousands};
use crate::error::Result;
use crate::source::OrderFrame;
use crate::source::coded_text::NONE;
use crate::source::events::histories::{Events, Histories};
use crate::source::events::standings::{Keys, Standings};
use crate::source::events::story::{Story, day_of};

/// One row for each number and request of some event tables.
#[derive(Debug)]
pub struct Replayed {
    /// The rows, and behind them those of the tables that cannot be rows of a report.
    pub frame: OrderFrame,
    /// For each row whether it can be one.
    pub keep: Vec<bool>,
    /// Events that are in no row of their own.
    pub replayed: u64,
    /// What was replayed, and the moves that the model does not allow.
    pub notes: Vec<Note>,
}

/// Replays the rows of event tables that `keep` names; `place` names the tables in notes. Of columns that the events do not
/// decide each row has the last value that its events give. A history that begins in the middle goes on from where
/// `standings` say that its number stood.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn replay(frame: &OrderFrame, keep: &[bool], machine: &StateMachine, standings: &Standings, place: &str) -> Result<Replayed> {
    let events = Events::of(frame, machine)?;
    let mut histories = Histories::of(frame, &events, keep)?;
    let stories: Vec<Story> = {
        let rows: Vec<&[IdxSize]> = histories.iter().collect();
        let phones = frame.column(Field::PhoneNumber.key())?;
        let (phones, keys) = (phones.str()?, Keys::of(frame)?);
        let begin = |row: usize| standings.begin(phones.get(row).unwrap_or_default(), &keys, row);
        rows.into_par_iter().map(|rows| Story::of(rows, &events, machine, rows.first().and_then(|row| begin(*row as usize)))).collect()
    };
    let mask = masks(frame, &histories, &stories)?;
    let (numbers, kept) = (stories.len(), keep.iter().filter(|keep| **keep).count());
    let notes = notes(&stories, (kept as u64, histories.repeated), machine, place);
    for row in (0..).zip(keep).filter(|(_, keep)| !**keep).map(|(row, _)| row) {
        histories.rows.push(row);
        histories.ends.push(histories.rows.len());
    }
    let mut replayed = frame.last_values(&histories.rows, &histories.ends)?;
    let keep: Vec<bool> = (0..histories.ends.len()).map(|row| row < numbers).collect();
    columns(&mut replayed, frame, &stories, &events, machine)?;
    let rejected = frame_masks(&replayed)?.split_off(numbers);
    replayed.set(UInt64Chunked::from_vec(QUALITY_MASK.into(), mask.into_iter().chain(rejected).collect()).into_column())?;
    Ok(Replayed { frame: replayed, keep, replayed: (kept - numbers) as u64, notes })
}

fn frame_masks(frame: &OrderFrame) -> Result<Vec<u64>> {
    Ok(frame.column(QUALITY_MASK)?.u64()?.iter().map(Option::unwrap_or_default).collect())
}

/// The flags of each history: those of its events, and one for moves that the model does not allow.
fn masks(frame: &OrderFrame, histories: &Histories, stories: &[Story]) -> Result<Vec<u64>> {
    let masks = frame_masks(frame)?;
    let of = |(rows, story): (&[IdxSize], &Story)| {
        let illegal = if story.illegal.is_empty() { 0 } else { QualityFlag::EventNotAllowed.bit() };
        rows.iter().fold(illegal, |mask, row| mask | masks[*row as usize])
    };
    Ok(histories.iter().zip(stories).map(of).collect())
}

/// Sets the columns that the events decide; rows behind those of `stories` have none of them.
fn columns(replayed: &mut OrderFrame, frame: &OrderFrame, stories: &[Story], events: &Events, machine: &StateMachine) -> Result<()> {
    let more = replayed.height() - stories.len();
    let state = |state: fn(&Story) -> Option<State>| stories.iter().map(move |story| state(story).map(State::code));
    let texts = |key: &str, cells: Vec<Option<String>>| {
        StringChunked::from_iter_options(key.into(), cells.into_iter().chain(std::iter::repeat_n(None, more))).into_column()
    };
    let codes = |key: &str, cells: Vec<Option<&str>>| {
        StringChunked::from_iter_options(key.into(), cells.into_iter().chain(std::iter::repeat_n(None, more))).into_column()
    };
    let days = |key: &str, day: &dyn Fn(&Story) -> Option<i32>| {
        let cells = stories.iter().map(day).chain(std::iter::repeat_n(None, more));
        Int32Chunked::from_iter_options(key.into(), cells).into_series().cast(&DataType::Date).map(IntoColumn::into_column)
    };
    let counts = |key: &str, count: &dyn Fn(&Story) -> Option<i64>| {
        Int64Chunked::from_iter_options(key.into(), stories.iter().map(count).chain(std::iter::repeat_n(None, more)))
    };
    let instants = |key: &str, instant: &dyn Fn(&Story) -> Option<i64>| {
        let instants = counts(key, instant).into_series();
        instants.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).map(IntoColumn::into_column)
    };
    replayed.set(codes(Field::NumberState.key(), state(|story| story.standing.state).collect()))?;
    replayed.set(codes(Field::PriorState.key(), state(|story| story.standing.prior).collect()))?;
    replayed.set(instants(Field::UpdatedAt.key(), &|story| story.last)?)?;
    replayed.set(instants(STATE_SINCE, &|story| story.since)?)?;
    for (field, state) in [(Field::CompletedAt, State::Completed), (Field::CanceledAt, State::Canceled)] {
        replayed.set(instants(field.key(), &|story| story.closed(state))?)?;
    }
    replayed.set(days(Field::ConfirmedDate.key(), &|story| story.confirmed)?)?;
    replayed.set(days(FIRST_CONFIRMED_DATE, &|story| story.confirmed_span.map(|(first, _)| first))?)?;
    replayed.set(counts(CONFIRMED_DATE_SLIP, &Story::slip).into_column())?;
    replayed.set(counts(TIMES_REJECTED, &|story| Some(story.rejections.len() as i64)).into_column())?;
    // A column of the table itself says it better.
    if !replayed.has_values(Field::CreatedDate.key()) {
        replayed.set(days(Field::CreatedDate.key(), &|story| story.created.map(day_of))?)?;
    }
    if !replayed.has_values(Field::SubmittedDate.key()) {
        replayed.set(days(Field::SubmittedDate.key(), &|story| story.submitted.map(day_of))?)?;
    }
    replayed.set(texts(REJECTIONS, stories.iter().map(|story| reasons(story, events)).collect()))?;
    replayed.set(texts(ILLEGAL_MOVES, stories.iter().map(|story| illegal_moves(story, machine)).collect()))?;
    for (field, row) in [
        (Field::RejectReason, (|story| story.reason) as fn(&Story) -> Option<IdxSize>),
        (Field::ReasonCode, |story| story.reason),
        (Field::MovedBy, |story| story.moved),
    ] {
        let rows: IdxCa = stories.iter().map(row).chain(std::iter::repeat_n(None, more)).collect_ca(PlSmallStr::EMPTY);
        replayed.take_cells(frame, field.key(), &rows)?;
    }
    Ok(())
}

/// The different reasons for which a number was rejected.
fn reasons(story: &Story, events: &Events) -> Option<String> {
    let mut codes: Vec<u32> = Vec::new();
    for code in story.rejections.iter().map(|row| events.reasons[*row as usize]) {
        if code != NONE && !codes.contains(&code) {
            codes.push(code);
        }
    }
    let texts: Vec<&str> = codes.iter().map(|code| events.reason_texts[*code as usize].as_str()).collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

fn illegal_moves(story: &Story, machine: &StateMachine) -> Option<String> {
    let sentences: Vec<String> = story.illegal.iter().map(|illegal| machine.sentence(*illegal)).collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

/// Illegal moves that notes name; the others are counted.
const MAX_MOVES_NOTED: usize = 20;

fn notes(stories: &[Story], (events, repeated): (u64, u64), machine: &StateMachine, place: &str) -> Vec<Note> {
    let numbers = numbered(stories.len() as u64, "number", "numbers");
    let mut notes = vec![format!("{place}: read as events; replayed {} of {numbers}", numbered(events, "event", "events")).into()];
    if repeated > 0 {
        notes.push(format!("{place}: events that repeat the one before them, counted once: {}", thousands(repeated)).into());
    }
    let mut found: BTreeMap<IllegalMove, u64> = BTreeMap::new();
    for story in stories {
        let mut moves = story.illegal.clone();
        moves.sort_unstable();
        moves.dedup();
        moves.into_iter().for_each(|illegal| *found.entry(illegal).or_default() += 1);
    }
    let mut found: Vec<(IllegalMove, u64)> = found.into_iter().collect();
    found.sort_by_key(|(illegal, numbers)| (std::cmp::Reverse(*numbers), *illegal));
    let more = found.len().saturating_sub(MAX_MOVES_NOTED);
    for (illegal, numbers) in found.into_iter().take(MAX_MOVES_NOTED) {
        let sentence = machine.sentence(illegal);
        notes.push(format!("{place}: {} {sentence}, says the state model", numbered(numbers, "number", "numbers")).into());
    }
    if more > 0 {
        notes.push(format!("{place}: other moves that the state model does not allow: {}", thousands(more as u64)).into());
    }
    notes
}
