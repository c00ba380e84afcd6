//! The states a number passes through while it is ported and the events that move it; never a row's own state.

use serde::Deserialize;

use crate::domain::status::{NumberType, closed_list, fold};
use crate::error::{Error, Place, Result};
use crate::templates;

closed_list! {
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
}

closed_list! {
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
}

/// One move: an event takes a number from one state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The state before.
    pub from: State,
    /// The code of the event.
    pub event: String,
    /// The state after.
    pub to: State,
    /// The smallest mode that has this edge.
    pub mode: Mode,
    /// The only class of number that moves this way; `None` for both.
    pub class: Option<NumberType>,
    /// Where the edge comes from.
    pub evidence: String,
}

/// The events and edges of the state model, as its data file says them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    events: Vec<Event>,
    edges: Vec<Edge>,
    creation: (String, State),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LifecycleFile {
    creation: Creation,
    event: Vec<Event>,
    edge: Vec<EdgeEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Creation {
    event: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EdgeEntry {
    from: String,
    event: String,
    to: String,
    mode: String,
    class: Option<String>,
    evidence: String,
}

impl Lifecycle {
    /// Reads the state model from the text of `file`.
    ///
    /// # Errors
    /// [`Error::config`] for what is not TOML, an unknown key, state, event or mode, an event or
    /// an edge given twice, and an edge without evidence.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let raw: LifecycleFile = templates::parse(text, file, "see the shipped lifecycle.toml")?;
        let mut events: Vec<Event> = Vec::new();
        for event in raw.event {
            if events.iter().any(|known| known.code == event.code) {
                return Err(Error::config(
                    Place::entry(file, format!("event {}", event.code)),
                    "the event is given twice",
                    "remove one of them",
                ));
            }
            events.push(event);
        }
        let mut edges: Vec<Edge> = Vec::new();
        for edge in raw.edge {
            let edge = edge.check(file, &events)?;
            if edges.iter().any(|known| known.from == edge.from && known.event == edge.event) {
                let place = Place::entry(file, format!("edge {} on {}", edge.from.code(), edge.event));
                return Err(Error::config(place, "the edge is given twice", "an event leads from one state to one state"));
            }
            edges.push(edge);
        }
        let place = Place::entry(file, "creation");
        known_event(&raw.creation.event, &events, &place)?;
        let creation = (raw.creation.event, coded(&raw.creation.to, State::from_code, "state", &place)?);
        Ok(Self { events, edges, creation })
    }

    /// Every event, in the order of the file.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The event whose code or caption is this word; case, spaces and punctuation do not count.
    pub fn event(&self, word: &str) -> Option<&Event> {
        let word = fold(word);
        self.events.iter().find(|event| fold(&event.code) == word || fold(&event.caption) == word)
    }

    /// The event that creates a number, and the state it begins in.
    pub fn creation(&self) -> (&str, State) {
        (&self.creation.0, self.creation.1)
    }

    /// The edges of a mode, in the order of the file.
    pub fn edges(&self, mode: Mode) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.mode <= mode)
    }

    /// The edge that `event` (a code) takes from `state`, if the mode has one. Whether the edge is
    /// for one class of number only is said in it.
    pub fn step(&self, state: State, event: &str, mode: Mode) -> Option<&Edge> {
        self.edges(mode).find(|edge| edge.from == state && edge.event == event)
    }

    /// The states that no edge of the mode leaves, in the order of [`State::ALL`].
    pub fn terminal(&self, mode: Mode) -> Vec<State> {
        State::ALL.iter().copied().filter(|state| !self.edges(mode).any(|edge| edge.from == *state)).collect()
    }

    /// The model as text: every state with the edges that leave it, then what each event means.
    pub fn text(&self, mode: Mode) -> String {
        let mut out = format!("Number states, {} mode, {} edges\n\n", mode.code(), self.edges(mode).count());
        let (event, state) = self.creation();
        out += &format!("(new)\n  {} -> {state}\n", self.caption(event));
        for state in State::ALL {
            out += &format!("{state}\n");
            for edge in self.edges(mode).filter(|edge| edge.from == *state) {
                let class = edge.class.map(|class| format!(" ({} only)", class.caption().to_lowercase())).unwrap_or_default();
                out += &format!("  {} -> {}{class}\n      {}\n", self.caption(&edge.event), edge.to, edge.evidence);
            }
            if self.terminal(mode).contains(state) {
                out += "  (final)\n";
            }
        }
        out += "\nEvents\n";
        for event in
            self.events.iter().filter(|event| event.code == self.creation.0 || self.edges(mode).any(|edge| edge.event == event.code))
        {
            out += &format!("  {}: {}\n", event.caption, event.says);
        }
        out
    }

    /// The model as a mermaid state diagram; edges beyond the diagram's twelve are marked `+`.
    pub fn mermaid(&self, mode: Mode) -> String {
        let mut out = String::from("stateDiagram-v2\n    direction LR\n");
        for state in State::ALL {
            out += &format!("    state \"{state}\" as {}\n", state.code());
        }
        let (event, state) = self.creation();
        out += &format!("    [*] --> {} : {}\n", state.code(), self.caption(event));
        for edge in self.edges(mode) {
            let mark = if edge.mode == Mode::Extended { "+ " } else { "" };
            let class = edge.class.map(|class| format!(" ({})", class.caption().to_lowercase())).unwrap_or_default();
            out += &format!("    {} --> {} : {mark}{}{class}\n", edge.from.code(), edge.to.code(), self.caption(&edge.event));
        }
        for state in self.terminal(mode) {
            out += &format!("    {} --> [*]\n", state.code());
        }
        out
    }

    fn caption<'a>(&'a self, code: &'a str) -> &'a str {
        self.events.iter().find(|event| event.code == code).map_or(code, |event| event.caption.as_str())
    }
}

impl EdgeEntry {
    fn check(self, file: &str, events: &[Event]) -> Result<Edge> {
        let place = Place::entry(file, format!("edge {} on {}", self.from, self.event));
        known_event(&self.event, events, &place)?;
        if self.evidence.trim().is_empty() {
            return Err(Error::config(place, "the edge has no evidence", "say where the edge comes from"));
        }
        Ok(Edge {
            from: coded(&self.from, State::from_code, "state", &place)?,
            to: coded(&self.to, State::from_code, "state", &place)?,
            mode: coded(&self.mode, Mode::from_code, "mode", &place)?,
            class: self.class.map(|class| coded(&class, NumberType::from_code, "class", &place)).transpose()?,
            event: self.event,
            evidence: self.evidence,
        })
    }
}

fn known_event(code: &str, events: &[Event], place: &Place) -> Result<()> {
    if events.iter().any(|event| event.code == code) {
        return Ok(());
    }
    Err(Error::config(place, format!("there is no event '{code}'"), "every event has an [[event]] entry"))
}

fn coded<T>(code: &str, from_code: impl Fn(&str) -> Option<T>, what: &str, place: &Place) -> Result<T> {
    from_code(code).ok_or_else(|| Error::config(place, format!("'{code}' is no {what}"), format!("write the code of a {what}")))
}
