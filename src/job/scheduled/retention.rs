//! Removes runs that are no longer kept, by their number and their age.

use chrono::{DateTime, Utc};

use crate::clock::AsOf;
use crate::deliver::RunFiles;
use crate::deliver::run_store::RunStore;
use crate::error::Result;
use crate::job::scheduled::HistorySpec;
use crate::job::scheduled::state::RunState;

/// The runs that `history` does not keep at `now`, the earliest first; the latest is always kept. Where both a number and an age are
/// given, a run goes when it is beyond both.
pub fn expired<'a>(runs: &'a [(String, RunState)], history: &HistorySpec, now: AsOf) -> Vec<&'a str> {
    let is_beyond = |place: usize, state: &RunState| {
        let later = (runs.len() - 1 - place) as u64;
        let by_number = history.keep_runs.map(|most| later >= u64::from(most.max(1)));
        let days = state.started.parse::<DateTime<Utc>>().map(|started| (now.utc() - started).num_days()).unwrap_or_default();
        let by_age = history.keep_days.map(|most| days > i64::from(most));
        match (by_number, by_age) {
            (None, None) => false,
            (by_number, by_age) => by_number.unwrap_or(true) && by_age.unwrap_or(true),
        }
    };
    let all = runs.len().saturating_sub(1);
    runs[..all].iter().enumerate().filter(|(place, (_, state))| is_beyond(*place, state)).map(|(_, (name, _))| name.as_str()).collect()
}

/// Removes the runs called `names`, and says how many.
///
/// # Errors
/// What the system refused.
pub fn remove(store: &RunStore, names: &[&str], files: &RunFiles) -> Result<usize> {
    names.iter().try_for_each(|name| store.remove(name, files)).map(|()| names.len())
}
