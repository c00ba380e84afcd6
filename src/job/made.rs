//! A report of one of many recipients: what was made of it, or why it was not.

use polars::prelude::IdxCa;

use crate::deliver::manifest::{Artifact, ChangeCounts, Counts, PartReport};
use crate::job::condition::NotDue;
use crate::report::summary::Summary;

/// A report that was made, or was not to be.
pub struct Made {
    /// The place of its recipient among all.
    pub recipient: usize,
    /// Why it was not made.
    pub not_due: Option<NotDue>,
    /// The counts of its rows.
    pub figures: Summary,
    /// What changed since the earlier one.
    pub changes: Option<ChangeCounts>,
    /// What the manifest says of it.
    pub listed: PartReport,
    /// Its files.
    pub files: Vec<Artifact>,
    /// Its rows among those of the value.
    pub(crate) rows: IdxCa,
    /// The counts of its rows, all of them accounted for.
    pub(crate) counts: Counts,
}
