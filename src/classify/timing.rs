//! To come.
use crate::clock::AsOf;
/// Timing.
#[derive(Debug, Clone)]
pub struct Timing {
    /// The as-of instant.
    pub as_of: AsOf,
}
