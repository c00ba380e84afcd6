//! What a start of a job came to.

use std::path::PathBuf;

use crate::job::run::RunResult;
use crate::job::scheduled::state::{Progress, RunState, ShipmentStatus};

/// What a start of a job did for a period.
pub enum JobOutcome {
    /// There was nothing to do, for this reason.
    Nothing(String),
    /// Reports were made, or deliveries finished.
    Done(Box<JobResult>),
}

/// What a run came to.
pub struct JobResult {
    /// Where the run is; nowhere for one that is not kept.
    pub run: Option<PathBuf>,
    /// What it was to do.
    pub state: RunState,
    /// How far each shipment is, in their order.
    pub statuses: Vec<ShipmentStatus>,
    /// The reports, if they were made now.
    pub made: Option<RunResult>,
    /// What there is to say besides.
    pub notes: Vec<String>,
    /// Seconds that it took.
    pub seconds: f64,
    /// When it ended, in seconds since 1970.
    pub ended: i64,
}

impl JobResult {
    /// How many shipments are so far.
    pub fn count(&self, progress: Progress) -> usize {
        self.statuses.iter().filter(|status| status.progress == progress).count()
    }

    /// How many shipments did not arrive, or may not have.
    pub fn missing(&self) -> usize {
        self.statuses.len() - self.count(Progress::Delivered)
    }
}
