//! The journal of a run's deliveries: a line before each attempt and one after it, each of them durable before anything else is
//! done, so that whoever goes on after a kill knows what was begun and what arrived.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::deliver::durable_lines::DurableLines;
use crate::deliver::run_store::StoredRun;
use crate::error::{Error, Result};

/// The name of the journal in the folder of a run.
const JOURNAL: &str = "deliveries.jsonl";

/// How far an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttemptState {
    /// It is about to begin.
    Started,
    /// All of it arrived.
    Delivered,
    /// Nothing of it counts as arrived.
    Failed,
    /// Nobody knows whether it arrived.
    Unknown,
}

/// A line of the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JournalLine {
    /// When, UTC.
    pub at: String,
    /// The shipment.
    pub shipment: String,
    /// Whose it is.
    pub recipient: String,
    /// By which delivery of the job.
    pub delivery: String,
    /// The attempt, from 1, counted over all runs that tried.
    pub attempt: u32,
    /// How far it is.
    pub state: AttemptState,
    /// What the other side calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A journal that is written.
#[derive(Debug)]
pub struct Journal(DurableLines);

impl Journal {
    /// Opens the journal of `run`, which goes on after what is there.
    ///
    /// # Errors
    /// What the system refused.
    pub fn open(run: &StoredRun) -> Result<Self> {
        DurableLines::new(run.open_for_appending(JOURNAL)?, run.path.join(JOURNAL), "journal").map(Self)
    }

    /// Adds `line`, and returns once it is durable. Lines of several threads become durable together.
    ///
    /// # Errors
    /// What the system refused.
    pub fn add(&self, line: &JournalLine) -> Result<()> {
        self.0.add(&serde_json::to_string(line).map_err(|error| Error::internal("journal", error))?)
    }
}

/// The last line about each shipment of `run`, by the shipment's key; a line that was cut off is none.
pub fn last_lines(run: &StoredRun) -> HashMap<String, JournalLine> {
    let text = run.read(JOURNAL).unwrap_or_default();
    let lines = text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<JournalLine>(line).ok());
    lines.map(|line| (line.shipment.clone(), line)).collect()
}
