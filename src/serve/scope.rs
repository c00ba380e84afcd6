//! Which rows somebody may see.

use std::collections::BTreeSet;

/// Which rows somebody may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Every row.
    All,
    /// The rows that have one of these values.
    Of {
        /// The key of the column.
        key: &'static str,
        /// The values as a reader sees them.
        values: BTreeSet<String>,
    },
}
