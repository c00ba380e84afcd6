//! Finds a run that is kept, by its folder or by a day in the history of a job, and loads its classified rows.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::classify::Classified;
use crate::clock::AsOf;
use crate::deliver::run_store::{RunStore, StoredRun};
use crate::error::{Error, Place, Result};
use crate::job::context::ClassificationContext;
use crate::job::scheduled::state::{RunState, SNAPSHOT, STATE};

/// The run that `path` means: its folder, or a folder of runs, of which the newest is meant, or the newest of an instant before
/// `before`. `None` for what is neither.
///
/// # Errors
/// [`Error::no_input`] for a folder of runs none of which is so old.
pub fn kept_run(path: &Path, before: Option<AsOf>) -> Result<Option<(StoredRun, AsOf)>> {
    if !path.is_dir() {
        return Ok(None);
    }
    if path.join(STATE).is_file() {
        let run = RunStore::run_at(path)?;
        let as_of = instant(&RunState::read(&run)?)?;
        return Ok(Some((run, as_of)));
    }
    let store = RunStore::existing(path)?;
    let (mut newest, mut has_run) = (None::<(DateTime<Utc>, String)>, false);
    for (name, state) in runs_of(&store, None)? {
        has_run = true;
        let as_of = instant(&state)?.utc();
        let is_newer = newest.as_ref().is_none_or(|(newest, _)| *newest <= as_of);
        if is_newer && before.is_none_or(|before| as_of < before.utc()) {
            newest = Some((as_of, name));
        }
    }
    match (newest, before) {
        (Some((as_of, name)), _) => Ok(Some((store.run(&name)?, AsOf::at(as_of)))),
        (None, Some(before)) if has_run => {
            let help = "'portstatus history list' names the runs";
            Err(Error::no_input(Place::path(path), format!("holds no run before {before}"), help))
        }
        (None, _) => Ok(None),
    }
}

/// The classified rows of `run`, and the instant that they are of.
///
/// # Errors
/// When they cannot be read, or were made by other rules.
pub fn load_rows(run: &StoredRun, context: &ClassificationContext) -> Result<(Arc<Classified>, AsOf)> {
    let file = run.open(SNAPSHOT)?;
    let classified = Classified::load(file, Arc::clone(&context.rules), Arc::clone(&context.timing.calendar))?;
    let as_of = classified.as_of();
    Ok((Arc::new(classified), as_of))
}

/// The runs that are kept, the earliest first, each with its state: of all jobs, or of the one called `job`. What is no run is passed
/// over.
///
/// # Errors
/// When the folder cannot be read.
pub fn runs_of(store: &RunStore, job: Option<&str>) -> Result<Vec<(String, RunState)>> {
    let read = |name: String| RunState::read(&store.run(&name).ok()?).ok().map(|state| (name, state));
    let is_meant = |(_, state): &(String, RunState)| job.is_none_or(|job| state.job == job);
    let mut runs: Vec<(String, RunState)> = store.names()?.into_iter().filter_map(read).filter(is_meant).collect();
    runs.sort_by(|(one, of_one), (other, of_other)| (&of_one.started, one).cmp(&(&of_other.started, other)));
    Ok(runs)
}

fn instant(state: &RunState) -> Result<AsOf> {
    let as_of = state.as_of.parse::<DateTime<Utc>>();
    as_of
        .map(AsOf::at)
        .map_err(|error| Error::data(state.id.clone(), "does not say of which instant it is", "name another run").with_cause(error))
}
