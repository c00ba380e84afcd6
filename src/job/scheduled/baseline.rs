//! The earlier states that the reports of a run are compared with: for each recipient that of the last run whose report arrived.

use std::collections::HashMap;

use crate::deliver::run_store::RunStore;
use crate::error::Result;
use crate::job::context::ClassificationContext;
use crate::job::earlier::{EarlierGroup, EarlierState, EarlierStates};
use crate::job::recipients::Recipient;
use crate::job::scheduled::kept::load_rows;
use crate::job::scheduled::state::RunState;

/// The runs that were, as far as reports are compared with them.
pub struct Baselines<'a> {
    store: &'a RunStore,
    context: &'a ClassificationContext,
    /// The run of each recipient.
    of: HashMap<String, String>,
    /// The state of the latest run, if it can be compared with.
    latest: Option<(String, EarlierState)>,
    /// Why the latest run cannot be compared with.
    pub note: Option<String>,
}

impl<'a> Baselines<'a> {
    /// Finds them among the runs of `job`, the earliest of which comes first in `runs`.
    ///
    /// # Errors
    /// What keeps the runs from being read.
    pub fn find(store: &'a RunStore, runs: &[(String, RunState)], context: &'a ClassificationContext) -> Result<Self> {
        let mut of = HashMap::new();
        for (name, state) in runs.iter().rev() {
            let statuses = state.statuses(&store.run(name)?);
            for recipient in state.settled(&statuses) {
                of.entry(recipient.to_owned()).or_insert_with(|| name.clone());
            }
        }
        let mut made = Self { store, context, of, latest: None, note: None };
        if let Some((name, _)) = runs.last() {
            match made.load(name) {
                Ok(state) => made.latest = Some((name.clone(), state)),
                Err(error) => made.note = Some(format!("nothing is said of changes: the run {name} {}", error.what)),
            }
        }
        Ok(made)
    }

    /// The state of the latest run.
    pub fn latest(&self) -> Option<EarlierState> {
        self.latest.as_ref().map(|(_, state)| state.clone())
    }

    fn load(&self, name: &str) -> Result<EarlierState> {
        load_rows(&self.store.run(name)?, self.context)
    }
}

impl EarlierStates for Baselines<'_> {
    fn groups<'a>(&'a self, recipients: &[Recipient]) -> Result<Vec<EarlierGroup<'a>>> {
        let mut groups: HashMap<Option<&str>, Vec<usize>> = HashMap::new();
        for (place, recipient) in recipients.iter().enumerate() {
            groups.entry(self.of.get(&recipient.name).map(String::as_str)).or_default().push(place);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort();
        let group = |(run, recipients): (Option<&'a str>, Vec<usize>)| {
            let load = move || match (run, &self.latest) {
                (None, _) => Ok(None),
                (Some(run), Some((latest, state))) if run == latest => Ok(Some(state.clone())),
                // One that cannot be compared with is as good as none, as the note about the latest says.
                (Some(run), _) => Ok(self.load(run).ok()),
            };
            EarlierGroup { recipients, load: Box::new(load) }
        };
        Ok(groups.into_iter().map(group).collect())
    }
}
