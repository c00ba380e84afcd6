//! Runs source → classify → select → report → export → deliver, once, for a command and for a schedule.

mod built_report;
pub mod burst;
pub mod condition;
pub mod condition_text;
pub mod context;
mod disclosure;
pub mod earlier;
pub mod explained;
pub mod load;
pub mod made;
mod output_files;
pub mod outputs;
pub mod place_pattern;
pub mod prepare;
pub mod previous;
pub mod read_progress;
pub mod recipient_table;
pub mod recipients;
pub mod reconciliation;
pub mod render;
mod row_account;
pub mod run;
pub mod scale;
pub mod scheduled;
mod sealed;
pub mod spec;
pub mod stages;

use crate::domain::text::thousands;

pub use context::ClassificationContext;
pub use load::{Loaded, explain_query, load};
pub use prepare::{Prepared, prepare};
pub use render::{Rendered, render};
pub use run::{RunResult, deliver, run};
pub use spec::{DeliverySpec, Destination, JobSpec, LoadSpec, RejectLimit, RenderSpec, ReportRow};
pub use stages::StageTimer;

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Checking the options.
    Checking,
    /// Reading the inputs.
    Reading,
    /// Putting every number through the rules.
    Classifying,
    /// Reading the earlier state that the report is compared with.
    Comparing,
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
    pub const DOING: [&str; 8] = ["checking", "reading", "classifying", "comparing", "selecting", "reporting", "writing", "delivering"];

    /// What it does.
    pub const fn doing(self) -> &'static str {
        Self::DOING[self as usize]
    }

    /// `reading 12.3 of 26.7 MB`, `writing 120,000 of 300,000 rows`; without the whole where nobody knows it.
    pub fn amount_in_words(self, done: u64, of: u64) -> String {
        let (number, unit): (fn(u64) -> String, _) = match self {
            Self::Reading => (|bytes| format!("{:.1}", bytes as f64 / 1e6), "MB"),
            _ => (thousands, "rows"),
        };
        match of {
            0 => format!("{} {} {unit}", self.doing(), number(done)),
            of => format!("{} {} of {} {unit}", self.doing(), number(done.min(of)), number(of)),
        }
    }
}

/// Whoever wants to know how far a run is.
pub trait Progress: Sync {
    /// The run enters `stage`.
    fn stage(&self, stage: Stage);

    /// So much of `stage` is done, from 0 to 1. Not every stage tells.
    fn share(&self, stage: Stage, done: f64);

    /// The report will have so many rows, in each format.
    fn rows(&self, _rows: u64) {}

    /// So many bytes (of reading) or rows (of exporting) of `of` are done; `of` is 0 where nobody knows.
    fn amount(&self, stage: Stage, done: u64, of: u64) {
        self.share(stage, share_of(done, of));
    }
}

/// How much `done` is of `of`, from 0 to 1; 0 where the whole is not known.
pub fn share_of(done: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { (done as f64 / of as f64).min(1.0) }
}
