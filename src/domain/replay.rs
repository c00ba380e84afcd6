//! Leads a number through the state model event by event: where each leads, and whether the state before it allows it.

use crate::domain::lifecycle::{Edge, Lifecycle, Mode, State, reported, reporting};
use crate::domain::status::NumberType;

/// Where a number stands between two events. One without any is in no state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// The state; `None` before the first event.
    pub state: Option<State>,
    /// The state before the cancellation was requested, while that is pending or refused.
    pub prior: Option<State>,
    was_at_carrier: bool,
}

impl Standing {
    /// A number that is known to stand in `state`, and nothing else of it.
    pub fn at(state: State) -> Self {
        Self { state: Some(state), prior: None, was_at_carrier: is_at_carrier(state) }
    }

    /// The same, with the state before a cancellation that is pending or refused.
    #[must_use]
    pub fn with_prior(self, prior: Option<State>) -> Self {
        Self { prior, ..self }
    }
}

const fn is_canceling(state: State) -> bool {
    matches!(state, State::CancellationPending | State::CancellationRejected)
}

/// Whether a number in `state` was sent to the carrier.
const fn is_at_carrier(state: State) -> bool {
    matches!(state, State::InProcess | State::FocDateSet | State::Completed) || is_canceling(state)
}

/// An event that the state before it does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IllegalMove {
    /// The state before; `None` for a first event that the mode does not know.
    pub from: Option<State>,
    /// The state that the event leads to, in which the number is from then on.
    pub to: State,
    /// The place of the event in [`Lifecycle::events`].
    pub event: usize,
}

#[derive(Debug, Clone, Copy)]
struct Move {
    to: State,
    is_allowed: bool,
}

/// A state model in one mode, made ready for any number of events.
#[derive(Debug)]
pub struct StateMachine {
    lifecycle: Lifecycle,
    mode: Mode,
    moves: Vec<Move>,
}

/// Local, toll-free and not known.
const NUMBER_TYPES: [Option<NumberType>; 3] = [Some(NumberType::Local), Some(NumberType::TollFree), None];

impl StateMachine {
    /// The machine of `lifecycle` in `mode`; besides its events it knows those by which sources report states.
    pub fn new(mut lifecycle: Lifecycle, mode: Mode) -> Self {
        lifecycle.events.extend(State::ALL.iter().copied().map(reporting));
        let mut machine = Self { lifecycle, mode, moves: Vec::new() };
        let states = || std::iter::once(None).chain(State::ALL.iter().copied().map(Some));
        for state in states() {
            for event in 0..machine.lifecycle.events.len() {
                for number_type in NUMBER_TYPES {
                    for was_at_carrier in [false, true] {
                        let standing = Standing { state, prior: None, was_at_carrier };
                        let code = &machine.lifecycle.events[event].code;
                        let found = machine.find(standing, code, number_type);
                        machine.moves.push(found);
                    }
                }
            }
        }
        machine
    }

    /// The place of the event with this code.
    pub fn event(&self, code: &str) -> Option<usize> {
        self.lifecycle.events.iter().position(|event| event.code == code)
    }

    /// What a reader calls the event at this place.
    pub fn caption(&self, event: usize) -> &str {
        &self.lifecycle.events[event].caption
    }

    /// Whether the event at this place creates a number.
    pub fn is_creation(&self, event: usize) -> bool {
        self.lifecycle.events[event].code == self.lifecycle.creation.event
    }

    /// Whether the event at this place leaves a number in its state: it is no step for [`advance`](Self::advance).
    pub fn keeps_state(&self, event: usize) -> bool {
        self.lifecycle.events[event].keeps_state
    }

    /// `cannot go from Pending to Completed by Activated`.
    pub fn sentence(&self, IllegalMove { from, to, event }: IllegalMove) -> String {
        let from = from.map_or("an unknown state", State::caption);
        format!("cannot go from {from} to {to} by {}", self.caption(event))
    }

    /// Where the event at this place takes a number of this type, and what is wrong with that. An event that the state
    /// does not allow takes the number where the event leads all the same. A history may begin in the middle: the first
    /// event is allowed wherever the mode knows it.
    pub fn advance(&self, standing: Standing, event: usize, number_type: Option<NumberType>) -> (Standing, Option<IllegalMove>) {
        let found = self.resumed(standing, event, number_type).unwrap_or_else(|| self.moved(standing, event, number_type));
        let illegal = (!found.is_allowed).then_some(IllegalMove { from: standing.state, to: found.to, event });
        (self.after(standing, event, found.to), illegal)
    }

    fn after(&self, before: Standing, event: usize, to: State) -> Standing {
        Standing {
            state: Some(to),
            prior: match before.state {
                _ if !is_canceling(to) => None,
                Some(state) if !is_canceling(state) => self.is_resumable(state).then_some(state),
                _ => before.prior,
            },
            // Of a history that begins in the middle nobody knows.
            was_at_carrier: !self.is_creation(event) && (before.was_at_carrier || is_at_carrier(to) || before.state.is_none()),
        }
    }

    /// Whether a number goes back to `state` when its cancellation is refused.
    fn is_resumable(&self, state: State) -> bool {
        self.lifecycle.edges(Mode::Extended).any(|edge| edge.from == State::CancellationRejected && edge.to == state)
    }

    /// After a refused cancellation the number is where it was before it was requested, though no source says so by an event:
    /// what is allowed there is allowed, if the mode knows the way back.
    fn resumed(&self, standing: Standing, event: usize, number_type: Option<NumberType>) -> Option<Move> {
        let prior = standing.prior.filter(|_| standing.state == Some(State::CancellationRejected))?;
        let knows_way = self.lifecycle.edges(self.mode).any(|edge| edge.from == State::CancellationRejected && edge.to == prior);
        let from_prior = self.moved(Standing { state: Some(prior), ..standing }, event, number_type);
        let is_better = knows_way && from_prior.is_allowed && !self.moved(standing, event, number_type).is_allowed;
        is_better.then_some(from_prior)
    }

    fn moved(&self, standing: Standing, event: usize, number_type: Option<NumberType>) -> Move {
        let state = standing.state.map_or(0, |state| state as usize + 1);
        let number_type = NUMBER_TYPES.iter().position(|known| *known == number_type).unwrap_or(NUMBER_TYPES.len() - 1);
        let place = (state * self.lifecycle.events.len() + event) * NUMBER_TYPES.len() + number_type;
        self.moves[place * 2 + usize::from(standing.was_at_carrier)]
    }

    fn find(&self, standing: Standing, event: &str, number_type: Option<NumberType>) -> Move {
        let Lifecycle { creation, .. } = &self.lifecycle;
        let fits = |edge: &&Edge| edge.number_type.is_none_or(|only| Some(only) == number_type);
        let edges: Vec<&Edge> = self.lifecycle.edges(self.mode).filter(fits).collect();
        if self.lifecycle.keeps_state(event) {
            return Move { to: standing.state.unwrap_or(creation.to), is_allowed: true };
        }
        if let Some(to) = reported(event) {
            return Move { to, is_allowed: standing.state.is_none_or(|state| self.lifecycle.leads(&edges, state, to)) };
        }
        let edge = |from: State, event: &str| edges.iter().find(|edge| edge.from == from && edge.event == event).map(|edge| edge.to);
        let starts = || self.lifecycle.starts().iter().filter(|start| start.event == event);
        let Some(state) = standing.state else {
            let is_known = event == creation.event || starts().next().is_some() || edges.iter().any(|edge| edge.event == event);
            return Move { to: self.destination(Standing { was_at_carrier: true, ..standing }, event), is_allowed: is_known };
        };
        let stays = starts().find(|start| start.state == state).map(|start| start.state);
        // A move that sources need not tell has happened, as the event shows: only the state after it allows it.
        let implied = || {
            let mut sources = edges.iter().filter(|edge| edge.event == event).map(|edge| edge.from);
            let only = sources.next().filter(|only| sources.all(|other| other == *only))?;
            let is_implied = self.lifecycle.implied().iter().any(|implied| edge(state, implied) == Some(only));
            edge(only, event).filter(|_| is_implied)
        };
        match edge(state, event).or(stays).or_else(implied) {
            Some(to) => Move { to, is_allowed: true },
            None => Move { to: self.destination(standing, event), is_allowed: false },
        }
    }

    /// The state that an event leads to when the state before it does not tell. Of several it is the one in which the number
    /// is, else that which the event leads to at the carrier, or before it.
    fn destination(&self, standing: Standing, event: &str) -> State {
        let Lifecycle { creation, .. } = &self.lifecycle;
        let leads: Vec<&Edge> = self.lifecycle.edges(Mode::Extended).filter(|edge| edge.event == event).collect();
        let start = self.lifecycle.starts().iter().find(|start| start.event == event).map(|start| start.state);
        let own = leads.iter().find(|edge| Some(edge.to) == standing.state);
        let from = if standing.was_at_carrier { State::InProcess } else { creation.to };
        let usual = || own.or_else(|| leads.iter().find(|edge| edge.from == from)).or_else(|| leads.first()).map(|edge| edge.to);
        start.or_else(usual).unwrap_or(creation.to)
    }
}
