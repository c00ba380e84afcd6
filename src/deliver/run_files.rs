//! The unfinished files of a run, and whether it has published: shared with whoever clears up when the run is stopped.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::deliver::Folder;

/// The unfinished files of one run. A clone speaks of the same run.
#[derive(Debug, Clone)]
pub struct RunFiles {
    /// What tells one run from another in the names of its unfinished files and in its manifest.
    pub id: String,
    state: Arc<Mutex<State>>,
}

/// What is locked while a file is made, published or removed.
#[derive(Debug, Default)]
pub struct State {
    /// The files that the run is to remove unless it publishes them.
    pub(crate) unfinished: Vec<(Arc<Folder>, String)>,
    /// How many it has made.
    pub(crate) created: u64,
    /// Whether it has published.
    pub(crate) published: bool,
}

impl RunFiles {
    /// The files of a run of this process that began at `micros` (since 1970): none yet.
    pub fn new(micros: i64) -> Self {
        Self { id: format!("{micros:x}-{:x}", std::process::id()), state: Arc::default() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes every unfinished file of the run, when a signal stops it: waits while a publication is under way, and
    /// lets none begin, nor a file be made, as long as the answer lives.
    pub fn stop(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        for (folder, name) in state.unfinished.drain(..) {
            folder.remove(&name);
            folder.remove_if_made_and_empty();
        }
        state
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

impl State {
    /// What a stopped run leaves behind, for people.
    pub fn publication_state(&self) -> &'static str {
        if self.published { "everything had been published" } else { "nothing was published" }
    }
}
