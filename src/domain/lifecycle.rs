//! The states a number passes through while it is ported and the events that move it.

use serde::Deserialize;

use crate::domain::status::{NumberType, closed_lists};
use crate::error::{Error, Place, Result};
use crate::templates;

closed_lists! {
    /// The state of one number. The rectangles of the number diagram.
    State {
        /// Added, waiting for review.
        Pending = "pending", "Pending";
        /// Reviewed: cannot be ported.
        NotPortable = "not_portable", "Not Portable";
        /// Reviewed: can be ported.
        Portable = "portable", "Portable";
        /// At the carrier.
        InProcess = "in_process", "In Process";
        /// The carrier asks for more.
        ActionRequired = "action_required", "Action Required";
        /// The firm order confirmation date is set.
        FocDateSet = "foc_date_set", "FOC Date Set";
        /// Ported.
        Completed = "completed", "Completed";
        /// Cancellation requested, not yet confirmed.
        CancellationPending = "cancellation_pending", "Cancellation Pending";
        /// The carrier refused the cancellation.
        CancellationRejected = "cancellation_rejected", "Cancellation Rejected";
        /// Canceled.
        Canceled = "canceled", "Canceled";
    }

    /// Which edges count.
    Mode {
        /// The twelve edges of the published diagram and no others.
        Strict = "strict", "Strict";
        /// Those, and the moves that happen in practice, each with its evidence. The default.
        Extended = "extended", "Extended";
    }
}

/// Something that happens to a number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The code used in frames and rules.
    pub code: String,
    /// The words a reader sees.
    pub caption: String,
    /// What it means, one sentence.
    pub says: String,
    /// Whether the name is ours: the diagram draws the move without an event, or lacks it.
    #[serde(default)]
    pub ours: bool,
    /// Whether it leaves a number in its state, whichever that is.
    #[serde(default)]
    pub keeps_state: bool,
}

/// What stands before the code of a state in that of an event by which a source reports it.
const REPORTED: &str = "reported_";

/// The event by which a source that tells states and no events says that a number has come to `state`.
pub fn reporting(state: State) -> Event {
    Event {
        code: format!("{REPORTED}{}", state.code()),
        caption: format!("Reported {state}"),
        says: String::new(),
        ours: true,
        keeps_state: false,
    }
}

/// The state that the event with this code [reports](reporting).
pub fn reported(event: &str) -> Option<State> {
    State::from_code(event.strip_prefix(REPORTED)?)
}

/// One move: an event takes a number from one state to another.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The state before.
    pub from: State,
    /// The code of the event.
    pub event: String,
    /// The state after.
    pub to: State,
    /// The smallest mode that has this edge.
    pub mode: Mode,
    /// The only type of number that moves this way; `None` for both.
    #[serde(rename = "class")]
    pub number_type: Option<NumberType>,
    /// Where the edge comes from.
    pub evidence: String,
    /// Whether sources seldom name the event: a number that went this way may still show the one before.
    #[serde(default)]
    pub unnamed: bool,
}

/// An event that leaves the number where it is until its outcome moves it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Where the number is meanwhile.
    pub state: State,
    /// The code of the event.
    pub event: String,
    /// The codes of the events that end it.
    pub outcomes: Vec<String>,
}

/// What is known of a number around its last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step<'a> {
    /// The state before the event; before a refused or confirmed cancellation also that before it was requested.
    pub prior: Option<State>,
    /// The code of the event.
    pub event: &'a str,
    /// The state that the source gives.
    pub state: Option<State>,
    /// Whether the number is toll-free: some edges are for one type only.
    pub number_type: Option<NumberType>,
}

/// Whether a number's last event fits what is known beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventFit {
    /// It does, or nothing is known that it could contradict.
    Fits,
    /// The model does not allow the event from the state before it, or from any.
    NotAllowed,
    /// The event does not lead to the state that the source gives.
    Contradicts,
}

/// The events and edges of the state model, as its data file says them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// How a number begins.
    pub creation: Creation,
    /// Every event, in the order of the file.
    #[serde(rename = "event")]
    pub events: Vec<Event>,
    #[serde(rename = "start", default)]
    starts: Vec<Start>,
    /// The codes of events that a source need not tell.
    #[serde(default)]
    implied: Vec<String>,
    #[serde(rename = "edge")]
    edges: Vec<Edge>,
}

/// How a number begins.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Creation {
    /// The code of the event that creates it.
    pub event: String,
    /// The state it begins in.
    pub to: State,
}

impl Lifecycle {
    /// Reads the state model from the text of `file`.
    ///
    /// # Errors
    /// [`Error::config`] for what is not TOML, an unknown key, state, event or mode, an event or
    /// an edge given twice, and an edge without evidence.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let lifecycle: Self = templates::parse(text, file, "see the shipped lifecycle.toml")?;
        let Self { creation, events, starts, implied, edges } = &lifecycle;
        let fault = |entry: String, what: &str, help: &str| Err(Error::config(Place::entry(file, entry), what, help));
        let is_known = |code: &str| events.iter().any(|event| event.code == code);
        let unknown =
            |entry: String, code: &str| fault(entry, &format!("there is no event '{code}'"), "every event has an [[event]] entry");
        for (index, Event { code, .. }) in events.iter().enumerate() {
            if events[..index].iter().any(|known| known.code == *code) {
                return fault(format!("event {code}"), "the event is given twice", "remove one of them");
            }
        }
        for (index, Edge { from, event, evidence, .. }) in edges.iter().enumerate() {
            let entry = format!("edge {} on {event}", from.code());
            if !is_known(event) {
                return unknown(entry, event);
            }
            if evidence.trim().is_empty() {
                return fault(entry, "the edge has no evidence", "say where the edge comes from");
            }
            if edges[..index].iter().any(|known| known.from == *from && known.event == *event) {
                return fault(entry, "the edge is given twice", "an event leads from one state to one state");
            }
        }
        let started = starts.iter().flat_map(|start| start.outcomes.iter().chain([&start.event]));
        let missing = [&creation.event].into_iter().chain(implied).chain(started).find(|code| !is_known(code));
        if let Some(code) = missing {
            return unknown("creation, start or implied".to_owned(), code);
        }
        Ok(lifecycle)
    }

    /// The edges of a mode, in the order of the file.
    pub fn edges(&self, mode: Mode) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.mode <= mode)
    }

    /// The events of moves that a source need not tell: a later event that only the state they lead to allows shows them.
    pub fn implied(&self) -> &[String] {
        &self.implied
    }

    /// The events that leave a number where it is until an outcome moves it.
    pub fn starts(&self) -> &[Start] {
        &self.starts
    }

    /// The states that no edge of the mode leaves, in the order of [`State::ALL`].
    pub fn terminal(&self, mode: Mode) -> Vec<State> {
        State::ALL.iter().copied().filter(|state| !self.edges(mode).any(|edge| edge.from == *state)).collect()
    }

    /// The model as text: every state with the edges that leave it, then what each event means.
    pub fn text(&self, mode: Mode) -> String {
        let mut out = format!("Number states, {} mode, {} edges\n\n", mode.code(), self.edges(mode).count());
        out += &format!("(new)\n  {} -> {}\n", self.caption(&self.creation.event), self.creation.to);
        for state in State::ALL {
            out += &format!("{state}\n");
            for start in self.starts.iter().filter(|start| start.state == *state) {
                let outcomes: Vec<String> = start.outcomes.iter().map(|code| self.caption(code)).collect();
                out += &format!("  {}\n      stays {state} until {}\n", self.caption(&start.event), outcomes.join(" or "));
            }
            for edge in self.edges(mode).filter(|edge| edge.from == *state) {
                let only =
                    edge.number_type.map(|number_type| format!(" ({} only)", number_type.caption().to_lowercase())).unwrap_or_default();
                out += &format!("  {} -> {}{only}\n      {}\n", self.caption(&edge.event), edge.to, edge.evidence);
            }
            if self.terminal(mode).contains(state) {
                out += "  (final)\n";
            }
        }
        out += "\nEvents\n";
        for event in self.events.iter().filter(|event| self.happens(&event.code, mode)) {
            out += &format!("  {}: {}\n", self.caption(&event.code), event.says);
        }
        out + "\n* a name of ours: the diagram draws the move without an event, or lacks it. Inputs may use every name.\n"
    }

    /// The model as a mermaid state diagram; edges beyond the diagram's twelve are marked `+`.
    pub fn mermaid(&self, mode: Mode) -> String {
        let mut out = String::from("stateDiagram-v2\n    direction LR\n");
        for state in State::ALL {
            out += &format!("    state \"{state}\" as {}\n", state.code());
        }
        out += &format!("    [*] --> {} : {}\n", self.creation.to.code(), self.caption(&self.creation.event));
        for Start { state, event, .. } in &self.starts {
            out += &format!("    {0} --> {0} : {1}\n", state.code(), self.caption(event));
        }
        for edge in self.edges(mode) {
            let mark = if edge.mode == Mode::Extended { "+ " } else { "" };
            let only = edge.number_type.map(|number_type| format!(" ({})", number_type.caption().to_lowercase())).unwrap_or_default();
            out += &format!("    {} --> {} : {mark}{}{only}\n", edge.from.code(), edge.to.code(), self.caption(&edge.event));
        }
        for state in self.terminal(mode) {
            out += &format!("    {} --> [*]\n", state.code());
        }
        out
    }

    /// Whether `step` is one that the mode allows and that leads where the source says the number is.
    pub fn fit(&self, step: Step<'_>, mode: Mode) -> EventFit {
        let Step { prior, event, state, number_type } = step;
        let fits_type = |edge: &&Edge| edge.number_type.is_none_or(|only| Some(only) == number_type);
        let edges: Vec<&Edge> = self.edges(mode).filter(fits_type).collect();
        let Some(mut reached) = self.reached(&edges, prior, event) else { return EventFit::NotAllowed };
        // What sources seldom name may have followed.
        for _ in 0..edges.len() {
            let next = edges.iter().find(|edge| edge.unnamed && reached.contains(&edge.from) && !reached.contains(&edge.to));
            match next {
                Some(edge) => reached.push(edge.to),
                None => break,
            }
        }
        if state.is_none_or(|state| reached.contains(&state)) { EventFit::Fits } else { EventFit::Contradicts }
    }

    /// The states that `event` leads to from `prior`, or from any state where that is not known; `None` where it is not allowed.
    fn reached(&self, edges: &[&Edge], prior: Option<State>, event: &str) -> Option<Vec<State>> {
        let from = |state: State, event: &str| edges.iter().find(|edge| edge.from == state && edge.event == event).map(|edge| edge.to);
        if self.keeps_state(event) {
            return Some(State::ALL.iter().copied().filter(|state| prior.is_none_or(|prior| prior == *state)).collect());
        }
        if let Some(to) = reported(event) {
            return prior.is_none_or(|prior| self.leads(edges, prior, to)).then(|| vec![to]);
        }
        let is_prior = |state: State| prior.is_none_or(|prior| prior == state);
        let mut reached: Vec<State> = edges.iter().filter(|edge| edge.event == event && is_prior(edge.from)).map(|edge| edge.to).collect();
        for start in self.starts.iter().filter(|start| start.event == event && is_prior(start.state)) {
            reached.push(start.state);
            reached.extend(start.outcomes.iter().filter_map(|outcome| from(start.state, outcome)));
        }
        reached.extend((prior.is_none() && event == self.creation.event).then_some(self.creation.to));
        if let (Some(prior), []) = (prior, reached.as_slice()) {
            let mut sources = edges.iter().filter(|edge| edge.event == event).map(|edge| edge.from);
            let between = sources.next().filter(|only| sources.all(|other| other == *only))?;
            let is_implied = self.implied.iter().any(|implied| from(prior, implied) == Some(between));
            reached.extend(from(between, event).filter(|_| is_implied));
        }
        (!reached.is_empty()).then_some(reached)
    }

    /// Whether one of `edges` leads from one state to another, by way of a move that sources need not tell if need be; or it is
    /// the same.
    pub fn leads(&self, edges: &[&Edge], from: State, to: State) -> bool {
        let is_edge = |from: State, to: State| edges.iter().any(|edge| edge.from == from && edge.to == to);
        let is_untold = |edge: &&&Edge| edge.from == from && self.implied.contains(&edge.event);
        from == to || is_edge(from, to) || edges.iter().filter(is_untold).any(|edge| is_edge(edge.to, to))
    }

    /// Whether the event leaves a number in its state.
    pub fn keeps_state(&self, code: &str) -> bool {
        self.events.iter().any(|event| event.code == code && event.keeps_state)
    }

    /// Whether `mode` knows the event.
    fn happens(&self, code: &str, mode: Mode) -> bool {
        code == self.creation.event
            || self.keeps_state(code)
            || self.starts.iter().any(|start| start.event == code)
            || self.edges(mode).any(|edge| edge.event == code)
    }

    /// The words for an event, with a star where they are ours.
    fn caption(&self, code: &str) -> String {
        let event = self.events.iter().find(|event| event.code == code);
        event.map_or_else(|| code.to_owned(), |event| format!("{}{}", event.caption, if event.ours { " *" } else { "" }))
    }
}
