//! Makes rows of what was replayed: the columns that events decide, and what is to be noted of them.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::domain::lifecycle::State;
use crate::domain::note::Note;
use crate::domain::record::{
    CONFIRMED_DATE_SLIP, FIRST_CONFIRMED_DATE, Field, ILLEGAL_MOVES, QUALITY_MASK, REJECTIONS, STATE_SINCE, TIMES_REJECTED,
};
use crate::domain::replay::{IllegalMove, StateMachine};
use crate::domain::text::{numbered, thousands};
use crate::error::Result;
use crate::source::coded_text::NONE;
use crate::source::events::replay::{CELLS, History, Replay, Texts};
use crate::source::events::story::{Story, day_of};
use crate::source::{CodedText, OrderFrame};

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

/// The rows that `replay` came to; `place` names the tables in notes. Of columns that the events do not decide each row has the
/// last value that its events give.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn rows(replay: Replay, place: &str) -> Result<Replayed> {
    let order = replay.order();
    let Replay { machine, histories, rows, texts, counts, .. } = replay;
    let frame = rows.finish(&order)?;
    let mut columns = Columns { histories: order.iter().map(|history| &histories[*history as usize]).collect(), frame };
    columns.set_all(&texts, &machine)?;
    let Columns { histories, frame } = columns;
    let notes = notes(&histories, counts, &machine, place);
    let keep = (0..frame.height()).map(|row| row < histories.len()).collect();
    Ok(Replayed { frame, keep, replayed: counts.0 - histories.len() as u64, notes })
}

/// A frame whose first rows are those of histories, and these.
struct Columns<'a> {
    histories: Vec<&'a History>,
    frame: OrderFrame,
}

impl Columns<'_> {
    /// Sets the columns that the events decide; rows behind those of histories have none of them.
    fn set_all(&mut self, texts: &[Texts; 3], machine: &StateMachine) -> Result<()> {
        self.set_texts(Field::NumberState.key(), |history| history.story.standing.state.map(State::code))?;
        self.set_texts(Field::PriorState.key(), |history| history.story.standing.prior.map(State::code))?;
        self.set_instants(Field::UpdatedAt.key(), |story| story.last)?;
        self.set_instants(STATE_SINCE, |story| story.since)?;
        self.set_instants(Field::CompletedAt.key(), |story| story.closed(State::Completed))?;
        self.set_instants(Field::CanceledAt.key(), |story| story.closed(State::Canceled))?;
        self.set_days(Field::ConfirmedDate.key(), |story| story.confirmed)?;
        self.set_days(FIRST_CONFIRMED_DATE, |story| story.confirmed_span.map(|(first, _)| first))?;
        self.set_counts(CONFIRMED_DATE_SLIP, |history| history.story.slip())?;
        self.set_counts(TIMES_REJECTED, |history| Some(i64::from(history.times_rejected)))?;
        // A column of the table itself says it better.
        if !self.frame.has_values(Field::CreatedDate.key()) {
            self.set_days(Field::CreatedDate.key(), |story| story.created.map(day_of))?;
        }
        if !self.frame.has_values(Field::SubmittedDate.key()) {
            self.set_days(Field::SubmittedDate.key(), |story| story.submitted.map(day_of))?;
        }
        self.set_texts(REJECTIONS, |history| {
            let reasons: Vec<&str> = history.rejections.iter().map(|code| texts[0].texts[*code as usize].as_str()).collect();
            (!reasons.is_empty()).then(|| reasons.join("; "))
        })?;
        self.set_texts(ILLEGAL_MOVES, |history| {
            let sentences: Vec<String> = history.story.illegal.iter().map(|illegal| machine.sentence(*illegal)).collect();
            (!sentences.is_empty()).then(|| sentences.join("; "))
        })?;
        for (cell, field) in CELLS.iter().enumerate().filter(|(cell, _)| texts[*cell].is_there) {
            let codes = self.histories.iter().map(|history| history.cells[cell]).chain(std::iter::repeat_n(NONE, self.others()));
            let texts = texts[cell].texts.iter().map(|text| Some(text.as_str()));
            let coded = CodedText::new(field.key(), codes, texts);
            self.frame.set_coded(coded)?;
        }
        let masks = self.histories.iter().map(|history| history.mask).chain(std::iter::repeat_n(0, self.others())).collect();
        self.frame.set(UInt64Chunked::from_vec(QUALITY_MASK.into(), masks).into_column())
    }

    fn others(&self) -> usize {
        self.frame.height() - self.histories.len()
    }

    /// What `of` makes of each history, and nothing for each other row.
    fn cells<T>(&self, of: impl Fn(&History) -> Option<T>) -> impl Iterator<Item = Option<T>> {
        self.histories.iter().map(move |history| of(history)).chain((0..self.others()).map(|_| None))
    }

    fn set_texts<T: AsRef<str>>(&mut self, key: &str, of: impl Fn(&History) -> Option<T>) -> Result<()> {
        let column: StringChunked = StringChunked::from_iter_options(key.into(), self.cells(of));
        self.frame.set(column.into_column())
    }

    fn set_days(&mut self, key: &str, of: impl Fn(&Story) -> Option<i32>) -> Result<()> {
        let days = Int32Chunked::from_iter_options(key.into(), self.cells(|history| of(&history.story)));
        self.frame.set(days.into_series().cast(&DataType::Date)?.into_column())
    }

    fn set_instants(&mut self, key: &str, of: impl Fn(&Story) -> Option<i64>) -> Result<()> {
        let instants = Int64Chunked::from_iter_options(key.into(), self.cells(|history| of(&history.story)));
        self.frame.set(instants.into_series().cast(&DataType::Datetime(TimeUnit::Microseconds, None))?.into_column())
    }

    fn set_counts(&mut self, key: &str, of: impl Fn(&History) -> Option<i64>) -> Result<()> {
        let counts = Int64Chunked::from_iter_options(key.into(), self.cells(of));
        self.frame.set(counts.into_column())
    }
}

/// Illegal moves that notes name; the others are counted.
const MAX_MOVES_NOTED: usize = 20;

fn notes(histories: &[&History], (events, repeated): (u64, u64), machine: &StateMachine, place: &str) -> Vec<Note> {
    let numbers = numbered(histories.len() as u64, "number", "numbers");
    let mut notes = vec![format!("{place}: read as events; replayed {} of {numbers}", numbered(events, "event", "events")).into()];
    if repeated > 0 {
        notes.push(format!("{place}: events that repeat the one before them, counted once: {}", thousands(repeated)).into());
    }
    let mut found: BTreeMap<IllegalMove, u64> = BTreeMap::new();
    for history in histories {
        let mut moves = history.story.illegal.clone();
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
