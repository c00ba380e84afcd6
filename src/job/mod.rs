//! Runs source → classify → select → report → export → deliver, once, for a command and for a schedule.

pub mod outputs;
pub mod read_progress;
pub mod reconciliation;
pub mod run;
pub mod spec;

pub use run::{ClassificationContext, Loaded, Prepared, Rendered, RunResult, StageTimer, deliver, load, prepare, render, run};
pub use spec::{DeliverySpec, Destination, JobSpec, LoadSpec, RejectLimit, RenderSpec};

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Checking the options.
    Checking,
    /// Reading the inputs.
    Reading,
    /// Putting every number through the rules.
    Classifying,
    /// Filtering, sorting and paging.
    Selecting,
    /// Building the report.
    Reporting,
    /// Writing the formats.
    Exporting,
    /// Publishing the files.
    Delivering,
}

impl Stage {
    /// What each stage does, in order.
    pub const DOING: [&str; 7] = ["checking", "reading", "classifying", "selecting", "reporting", "writing", "delivering"];

    /// What it does.
    pub const fn doing(self) -> &'static str {
        Self::DOING[self as usize]
    }
}

/// Whoever wants to know how far a run is.
pub trait Progress: Sync {
    /// The run enters `stage`.
    fn stage(&self, stage: Stage);

    /// So much of `stage` is done, from 0 to 1. Not every stage tells.
    fn share(&self, stage: Stage, done: f64);
}
