//! The unfinished files of a run, and whether it has published: shared with whoever clears up when the run is stopped.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::deliver::Folder;

/// What tells one run from another in the names of its unfinished files and in its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunId(String);

impl RunId {
    /// The id of a run of this process that began at `micros` (since 1970).
    pub fn new(micros: i64) -> Self {
        Self(format!("{micros:x}-{:x}", std::process::id()))
    }

    /// The id as text: hexadecimal digits and a hyphen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The unfinished files of one run. A clone speaks of the same run.
#[derive(Debug, Clone)]
pub struct RunFiles {
    id: RunId,
    state: Arc<Mutex<State>>,
}

/// What is locked while a file is made, published or removed.
#[derive(Debug, Default)]
pub(crate) struct State {
    unfinished: Vec<(Arc<Folder>, String)>,
    created: u64,
    published: bool,
}

impl RunFiles {
    /// The files of the run `id`: none yet.
    pub fn new(id: RunId) -> Self {
        Self { id, state: Arc::default() }
    }

    /// The run's id.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes every unfinished file of the run, when a signal stops it: waits while a publication is under way, and
    /// lets none begin, nor a file be made, as long as the answer lives.
    pub fn stop(&self) -> Stopped<'_> {
        let mut state = self.lock();
        for (folder, name) in state.unfinished.drain(..) {
            folder.remove(&name);
            folder.remove_if_made_and_empty();
        }
        Stopped(state)
    }

    /// Removes the unfinished file `name`, if the run still has it.
    pub(crate) fn discard(&self, folder: &Folder, name: &str) {
        let mut state = self.lock();
        if let Some(index) = state.unfinished.iter().position(|(_, other)| other == name) {
            state.unfinished.swap_remove(index);
            folder.remove(name);
        }
    }
}

/// A run that was stopped.
#[derive(Debug)]
pub struct Stopped<'a>(MutexGuard<'a, State>);

impl Stopped<'_> {
    /// What the run leaves behind, for people.
    pub fn publication_state(&self) -> &'static str {
        if self.0.published { "everything had been published" } else { "nothing was published" }
    }
}

impl State {
    /// The name of the next unfinished file of run `id`.
    pub(crate) fn next_name(&mut self, id: &RunId) -> String {
        self.created += 1;
        Folder::unfinished(id.as_str(), self.created)
    }

    /// The unfinished file `name` in `folder` is the run's to remove.
    pub(crate) fn add(&mut self, folder: &Arc<Folder>, name: &str) {
        self.unfinished.push((Arc::clone(folder), name.to_owned()));
    }

    /// The files called `names` until now are published.
    pub(crate) fn publish(&mut self, names: &[&str]) {
        self.unfinished.retain(|(_, name)| !names.contains(&name.as_str()));
        self.published = true;
    }
}
