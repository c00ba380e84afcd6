//! The history of one number: each event with its time, and the state after it.

use serde::Serialize;

use polars::prelude::{DataType, IdxSize, StringChunked};

use crate::domain::lifecycle::State;
use crate::domain::record::{Field, INPUT, LINE};
use crate::domain::replay::StateMachine;
use crate::error::{Error, Result};
use crate::source::OrderFrame;
use crate::source::coded_text::NONE;
use crate::source::events::histories::Events;
use crate::source::events::history_parts::{Part, Parts, by_history};
use crate::source::events::standings::{Keys, Standings};
use crate::source::events::story::{Story, Traces};

/// One event of a number.
#[derive(Debug, Clone, Serialize)]
pub struct TimelineEvent {
    /// When it happened, in microseconds since 1970-01-01T00:00:00Z.
    pub micros: Option<i64>,
    /// What it is called; `None` where the word is not known.
    pub event: Option<String>,
    /// The state after it; `None` before the first that is known.
    pub state: Option<State>,
    /// That the state before it does not allow it, in words.
    pub illegal: Option<String>,
    /// Who caused it.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The account that its row names.
    pub account: Option<String>,
    /// The partner that its row names.
    pub partner: Option<String>,
    /// The input and the line it stands on.
    pub place: (u32, u32),
}

/// The events of a number in one request of one owner.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// The request, if the events name one; else the order, or the case: which of them it is, and its name.
    pub request: Option<(Field, String)>,
    /// The events, in their order.
    pub events: Vec<TimelineEvent>,
    /// The state after the last.
    pub state: Option<State>,
    /// Since when it has been in that state, in microseconds since 1970-01-01T00:00:00Z.
    pub since: Option<i64>,
}

/// The timelines of `number` in the rows of event tables that `keep` names, one a request and owner, each going on from where the
/// number stood if its events do not tell how it was created.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn timelines(
    frame: &OrderFrame,
    keep: &[bool],
    (machine, standings): (&StateMachine, &Standings),
    number: &str,
) -> Result<Vec<Timeline>> {
    let (events, keys) = (Events::of(frame, machine)?, Keys::of(frame)?);
    let numbers = frame.column(Field::PhoneNumber.key())?;
    let rows = numbers.str()?.iter().zip(keep).zip(0..).filter(|((cell, keep), _)| **keep && *cell == Some(number));
    let rows: Vec<IdxSize> = rows.map(|(_, row)| row).collect();
    let Parts { first, more, .. } = by_history(&events, events.course(&rows, None).rows, &[], NONE);
    let texts = |field: Field| -> Result<Option<StringChunked>> {
        Ok(frame.has_values(field.key()).then(|| frame.column(field.key())).transpose()?.map(|column| column.str().cloned()).transpose()?)
    };
    let (actors, reasons) = (texts(Field::MovedBy)?, texts(Field::RejectReason)?);
    let (accounts, partners) = (texts(Field::AccountId)?, texts(Field::Partner)?);
    let named = |field: Field| Ok::<_, Error>((field, texts(field)?));
    let requests = [named(Field::RequestId)?, named(Field::OrderId)?, named(Field::CaseNumber)?];
    let numbers = |name: &str| -> Result<Vec<Option<u32>>> { Ok(frame.column(name)?.cast(&DataType::UInt32)?.u32()?.iter().collect()) };
    let (inputs, lines) = (numbers(INPUT)?, numbers(LINE)?);
    let cell = |column: &Option<StringChunked>, row: usize| column.as_ref().and_then(|column| column.get(row)).map(str::to_owned);
    let mut timelines = Vec::new();
    for Part { rows, .. } in std::iter::once(first).chain(more).filter(|part| !part.rows.is_empty()) {
        let mut traces = Traces::default();
        let mut story = Story::new(rows.first().and_then(|row| standings.begin(number, &keys, *row as usize)));
        let told = rows.iter().map(|row| {
            let illegal = story.add(*row, &events, machine, &mut traces);
            let row = *row as usize;
            TimelineEvent {
                micros: events.time(row),
                event: events.event(row).map(|event| machine.caption(event).to_owned()),
                state: story.standing.state,
                illegal: illegal.map(|illegal| machine.sentence(illegal)),
                actor: cell(&actors, row),
                reason: cell(&reasons, row),
                account: cell(&accounts, row),
                partner: cell(&partners, row),
                place: (inputs[row].unwrap_or_default(), lines[row].unwrap_or_default()),
            }
        });
        let told: Vec<TimelineEvent> = told.collect();
        let request = rows.iter().find_map(|row| requests.iter().find_map(|(field, column)| Some((*field, cell(column, *row as usize)?))));
        timelines.push(Timeline { request, events: told, state: story.standing.state, since: story.since });
    }
    Ok(timelines)
}
