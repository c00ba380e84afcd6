//! What a run is, as its folder says: written before the first delivery, so that whoever goes on after a kill knows all of it.

use std::collections::HashMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::deliver::journal::{AttemptState, JournalLine, last_lines};
use crate::deliver::run_store::StoredRun;
use crate::deliver::transport::Message;
use crate::error::{Error, Place, Result};

/// The file of a run's state.
pub const STATE: &str = "run.json";
/// The file of its classified rows.
pub const SNAPSHOT: &str = "snapshot.parquet";
/// The file of the job as it was.
pub const JOB: &str = "job.toml";
/// How the names of files begin that were encrypted for deliveries.
pub const SEALED: &str = "sealed";

/// The layout of the state; it changes when a key changes its meaning or goes.
pub const SCHEMA: u32 = 1;

/// What a run is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RunState {
    /// See [`SCHEMA`].
    pub schema: u32,
    /// Its id.
    pub id: String,
    /// The job.
    pub job: String,
    /// Where the job file is.
    pub job_file: PathBuf,
    /// The time that it was due for.
    pub period: String,
    /// From 1; a later one was asked for, though the period had a run.
    pub revision: u32,
    /// When it was due, UTC.
    pub due: String,
    /// The instant that its reports speak of, UTC.
    pub as_of: String,
    /// When it was started, UTC.
    pub started: String,
    /// The inputs: file, and the SHA-256 of its bytes, where it is a file.
    pub inputs: Vec<(String, Option<String>)>,
    /// Rows read.
    pub rows: u64,
    /// The manifest.
    pub manifest: String,
    /// Whose reports it made, or did not make.
    pub recipients: Vec<RecipientState>,
    /// What is to be delivered.
    pub shipments: Vec<PlannedShipment>,
}

/// Whose report a run made, or did not make.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecipientState {
    /// What the recipient is called.
    pub name: String,
    /// Why there was nothing to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_due: Option<String>,
    /// Whether nothing changed since the report that it was compared with.
    #[serde(default)]
    pub is_unchanged: bool,
}

/// Files of a recipient for one place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlannedShipment {
    /// What tells it from all others.
    pub key: String,
    /// Whose it is.
    pub recipient: String,
    /// By which delivery of the job.
    pub delivery: String,
    /// Where it goes.
    pub target: String,
    /// The files.
    pub files: Vec<PlannedFile>,
    /// What a mail says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

/// A file of a shipment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlannedFile {
    /// Where it is in the folder of the run.
    pub file: String,
    /// What it is called where it goes.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// How far a shipment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Progress {
    /// It was not tried, or an attempt that can be repeated was cut off.
    Pending,
    /// It arrived.
    Delivered,
    /// It did not arrive.
    Failed,
    /// Nobody knows whether it arrived.
    Unknown,
}

impl Progress {
    /// How a manifest calls it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// What it is called for a person.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Pending => "not tried",
            told => told.code(),
        }
    }
}

/// How far a shipment is, and what is known of it.
#[derive(Debug, Clone)]
pub struct ShipmentStatus {
    /// How far it is.
    pub progress: Progress,
    /// Attempts so far.
    pub attempts: u32,
    /// What the other side calls it.
    pub reference: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
}

impl RunState {
    /// The state as JSON.
    ///
    /// # Errors
    /// [`Error::internal`] when it cannot be written as JSON.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string(self).map(|text| text + "\n").map_err(|error| Error::internal("run", &error).with_cause(error))
    }

    /// Reads the state of `run`.
    ///
    /// # Errors
    /// [`Error::data`] when it has none, or that of a newer version.
    pub fn read(run: &StoredRun) -> Result<Self> {
        let place = || Place::path(&run.path.join(STATE));
        let bytes = run.read(STATE).ok_or_else(|| Error::data(Place::path(&run.path), "is not a run", "name the folder of a run"))?;
        let state: Self = serde_json::from_slice(&bytes).map_err(|error| {
            Error::data(place(), "is damaged, or was written by another version", "start the job again").with_cause(error)
        })?;
        if state.schema > SCHEMA {
            return Err(Error::data(place(), "was written by a newer version", "use that version"));
        }
        Ok(state)
    }

    /// How far each shipment is, in their order, as the journal of `run` says.
    pub fn statuses(&self, run: &StoredRun) -> Vec<ShipmentStatus> {
        let lines = last_lines(run);
        self.shipments.iter().map(|shipment| shipment.status(lines.get(&shipment.key))).collect()
    }

    /// How far each shipment is before anything was tried.
    pub fn statuses_of_none(&self) -> Vec<ShipmentStatus> {
        self.shipments.iter().map(|shipment| shipment.status(None)).collect()
    }

    /// The recipients with whom a later report is not to be compared with an earlier state than this: all of theirs arrived, or
    /// nothing had changed.
    pub fn settled<'a>(&'a self, statuses: &[ShipmentStatus]) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut open: HashMap<&str, bool> = HashMap::new();
        for (shipment, status) in self.shipments.iter().zip(statuses) {
            *open.entry(shipment.recipient.as_str()).or_default() |= status.progress != Progress::Delivered;
        }
        let is_settled = move |recipient: &&RecipientState| match recipient.not_due {
            Some(_) => recipient.is_unchanged,
            None => !open.get(recipient.name.as_str()).copied().unwrap_or_default(),
        };
        self.recipients.iter().filter(is_settled).map(|recipient| recipient.name.as_str())
    }
}

impl PlannedShipment {
    /// Whether an attempt that was cut off may have reached somebody, and would reach them again.
    fn is_once_only(&self) -> bool {
        self.target.starts_with("mailto:")
    }

    fn status(&self, line: Option<&JournalLine>) -> ShipmentStatus {
        let Some(line) = line else {
            return ShipmentStatus { progress: Progress::Pending, attempts: 0, reference: None, error: None };
        };
        let (progress, error) = match line.state {
            AttemptState::Delivered => (Progress::Delivered, None),
            AttemptState::Failed => (Progress::Failed, line.error.clone()),
            AttemptState::Unknown => (Progress::Unknown, line.error.clone()),
            AttemptState::Started if self.is_once_only() => {
                (Progress::Unknown, Some("the run was cut off while it was being sent".to_owned()))
            }
            AttemptState::Started => (Progress::Pending, None),
        };
        ShipmentStatus { progress, attempts: line.attempt, reference: line.reference.clone(), error }
    }
}
