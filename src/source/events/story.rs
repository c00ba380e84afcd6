//! What the events of one number come to: its state and since when, its rejections, its confirmed dates, and moves that the model does not allow.

use polars::prelude::IdxSize;

use crate::clock::{pacific_to_utc, utc_to_pacific};
use crate::domain::date::MICROS_PER_DAY;
use crate::domain::lifecycle::State;
use crate::domain::replay::{IllegalMove, Standing, StateMachine};
use crate::source::events::histories::Events;
use crate::source::events::standings::Begin;

/// What a history comes to.
#[derive(Debug, Clone, Default)]
pub struct Story {
    /// Where the number stands.
    pub standing: Standing,
    /// Since when it has been in its state, in microseconds since 1970-01-01T00:00:00Z.
    pub since: Option<i64>,
    /// When its last event happened.
    pub last: Option<i64>,
    /// The confirmed date that stands, in days since 1970-01-01.
    pub confirmed: Option<i32>,
    /// The first and the last date that was confirmed.
    pub confirmed_span: Option<(i32, i32)>,
    /// When it was created.
    pub created: Option<i64>,
    /// When it first went to the carrier.
    pub submitted: Option<i64>,
    /// The moves that the model does not allow, in their order.
    pub illegal: Vec<IllegalMove>,
    /// Where rows of orders say that it stood, until the history comes to what happened since.
    begin: Option<Box<Begin>>,
    has_moved: bool,
}

/// The rows whose cells tell more of a history: of a part of it, those since.
#[derive(Debug, Default)]
pub struct Traces {
    /// The event that brought the number into its state.
    pub moved: Option<IdxSize>,
    /// The events that rejected it.
    pub rejections: Vec<IdxSize>,
    /// The event that last rejected it or found it not portable.
    pub reason: Option<IdxSize>,
}

impl Story {
    /// A story of which nothing has been told. One whose events do not tell how the number was created goes on from `begin`.
    pub fn new(begin: Option<Begin>) -> Self {
        Self { begin: begin.map(Box::new), ..Self::default() }
    }

    /// What comes of the event in `row`; a row without an event that is known moves nothing. Returns the move that the model
    /// does not allow.
    pub fn add(&mut self, row: IdxSize, events: &Events, machine: &StateMachine, traces: &mut Traces) -> Option<IllegalMove> {
        let place = row as usize;
        let time = events.time(place);
        self.last = time.or(self.last);
        if let Some(date) = events.confirmed(place) {
            self.confirmed = Some(date);
            self.confirmed_span = Some((self.confirmed_span.map_or(date, |(first, _)| first), date));
        }
        let event = events.event(place)?;
        if machine.is_creation(event) {
            self.begin = None;
        }
        if let Some((state, _)) = self.begin.take_if(|begin| begin.1.is_none_or(|at| time.is_none_or(|time| time > at))).map(|begin| *begin)
            && self.standing.state != Some(state)
            // The row may be from before what the events leave out.
            && (machine.keeps_state(event) || machine.advance(Standing::at(state), event, events.number_type(place)).1.is_none())
        {
            self.standing = Standing::at(state);
        }
        if machine.keeps_state(event) {
            return None;
        }
        let before = self.standing;
        let (after, illegal) = machine.advance(before, event, events.number_type(place));
        self.standing = after;
        self.illegal.extend(illegal);
        if machine.is_creation(event) {
            self.created = time;
        }
        if after.state != before.state || !self.has_moved {
            (self.since, self.has_moved) = (time.or(self.last), true);
            traces.moved = Some(row);
        }
        let resumes = before.state == Some(State::CancellationRejected) && before.prior == after.state;
        match (before.state, after.state) {
            (_, Some(State::ActionRequired)) if !resumes => {
                traces.rejections.push(row);
                traces.reason = Some(row);
            }
            (_, Some(State::NotPortable)) => traces.reason = Some(row),
            // The date is lost and the order starts again at the carrier.
            (Some(State::FocDateSet), Some(State::InProcess)) => self.confirmed = None,
            (Some(State::Pending | State::Portable), Some(State::InProcess)) => self.submitted = self.submitted.or(time),
            _ => {}
        }
        illegal
    }

    /// Since when the number has been in `state`, if that is where it is. Midnight is how systems that know only dates write
    /// them: it is the start of that day in Pacific time.
    pub fn closed(&self, state: State) -> Option<i64> {
        let since = self.since.filter(|_| self.standing.state == Some(state))?;
        if since.rem_euclid(MICROS_PER_DAY) != 0 {
            return Some(since);
        }
        let midnight = chrono::DateTime::from_timestamp_micros(since)?.naive_utc();
        pacific_to_utc(midnight).map(|instant| instant.timestamp_micros())
    }

    /// Days from the first to the last date that was confirmed.
    pub fn slip(&self) -> Option<i64> {
        self.confirmed_span.map(|(first, last)| i64::from(last) - i64::from(first))
    }
}

/// The Pacific day of an instant, in days since 1970-01-01; midnight in UTC leaves the day as it is written.
pub fn day_of(micros: i64) -> i32 {
    let seconds = micros.div_euclid(1_000_000);
    let is_day = micros.rem_euclid(MICROS_PER_DAY) == 0;
    let wall = if is_day { seconds } else { utc_to_pacific(seconds) };
    wall.div_euclid(86_400) as i32
}
