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
        let Self { creation, events, edges } = &lifecycle;
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
        if !is_known(&creation.event) {
            return unknown("creation".to_owned(), &creation.event);
        }
        Ok(lifecycle)
    }

    /// The edges of a mode, in the order of the file.
    pub fn edges(&self, mode: Mode) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.mode <= mode)
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
        let happens = |code: &str| code == self.creation.event || self.edges(mode).any(|edge| edge.event == code);
        for event in self.events.iter().filter(|event| happens(&event.code)) {
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
        out += &format!("    [*] --> {} : {}\n", self.creation.to.code(), self.caption(&self.creation.event));
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

    fn caption<'a>(&'a self, code: &'a str) -> &'a str {
        self.events.iter().find(|event| event.code == code).map_or(code, |event| event.caption.as_str())
    }
}
