//! Stops a run whose input is suspiciously small before anybody gets a report of it.

use crate::error::{Error, Result};
use crate::job::scheduled::InputFloor;
use crate::job::scheduled::state::RunState;

/// Runs whose rows the rows of a run are compared with.
const COMPARED_RUNS: usize = 4;

impl InputFloor {
    /// Refuses `rows` that are fewer than they may be, in view of those of the runs that were, before anybody gets a report of them.
    ///
    /// # Errors
    /// [`Error::data`] with both numbers.
    pub fn check(self, rows: u64, runs: &[(String, RunState)]) -> Result<()> {
        let help = "see whether the inputs are whole; the floor of the job file allows less";
        if rows < self.rows {
            return Err(Error::data("inputs", format!("{rows} rows were read, and the job asks for {} at least", self.rows), help));
        }
        let mut earlier: Vec<u64> = runs.iter().rev().take(COMPARED_RUNS).map(|(_, state)| state.rows).collect();
        earlier.sort_unstable();
        let (Some(drop), Some(median)) = (self.drop, earlier.get(earlier.len() / 2).copied()) else { return Ok(()) };
        let least = u128::from(median) * u128::from(10_000_u64.saturating_sub(drop));
        if u128::from(rows) * 10_000 < least {
            return Err(Error::data("inputs", format!("{rows} rows were read, and {median} in most of the runs before"), help));
        }
        Ok(())
    }
}
