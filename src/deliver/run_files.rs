//! The unfinished files of a run, and whether it has published: shared with whoever clears up when the run is stopped.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::deliver::Folder;

/// The unfinished files of one run. A clone speaks of the same run.
#[derive(Debug, Clone)]
pub struct RunFiles {
    /// What tells one run from another in the names of its unfinished files and in its manifest.
    pub id: String,
    state: Arc<Mutex<State>>,
    /// Its deliveries to others.
    pub deliveries: Deliveries,
}

/// The deliveries of a run that are under way, and whether there are to be others. A clone speaks of the same run.
#[derive(Debug, Clone, Default)]
pub struct Deliveries {
    stop: Arc<AtomicBool>,
    under_way: Arc<AtomicUsize>,
}

/// An attempt that is under way as long as this lives.
#[derive(Debug)]
pub struct UnderWay<'a>(&'a Deliveries);

/// How long it is waited at a time for attempts that are under way.
const STEP: Duration = Duration::from_millis(20);

impl Deliveries {
    /// Set when there is to be no other attempt.
    pub fn stop_flag(&self) -> &AtomicBool {
        &self.stop
    }

    /// Whether there is to be no other attempt.
    pub fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Does not come back where a signal stopped the deliveries: whoever watches for it ends the process, and says so.
    pub fn end_if_stopped(&self) {
        while self.is_stopping() {
            std::thread::park();
        }
    }

    /// An attempt begins.
    pub fn begin(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        UnderWay(self)
    }

    /// Lets no other attempt begin, and waits so long at most for those under way.
    pub fn stop(&self, most: Duration) {
        self.stop.fetch_or(true, Ordering::SeqCst);
        for _ in 0..most.as_millis() / STEP.as_millis() {
            if self.under_way.load(Ordering::SeqCst) == 0 {
                return;
            }
            std::thread::sleep(STEP);
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
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
    /// What is to be done if it is stopped now, if that is known.
    pub(crate) advice: Option<String>,
    /// Files that it was to remove and could not.
    left: Vec<PathBuf>,
}

impl RunFiles {
    /// The files of a run of this process that began at `micros` (since 1970): none yet.
    pub fn new(micros: i64) -> Self {
        Self { id: format!("{micros:x}-{:x}", std::process::id()), state: Arc::default(), deliveries: Deliveries::default() }
    }

    /// The files that the same run makes in a folder of its own, which is published, or removed, as a whole.
    #[must_use]
    pub fn within(&self) -> Self {
        Self { id: self.id.clone(), state: Arc::default(), deliveries: self.deliveries.clone() }
    }

    /// What is to be done if the run is stopped from now on, in words.
    pub fn advise(&self, advice: String) {
        self.lock().advice = Some(advice);
    }

    /// The files that the run was to remove and could not, in a sentence; empty when there are none.
    pub fn left_behind(&self) -> String {
        self.lock().left_behind()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes every unfinished file of the run, when a signal stops it: waits while a publication is under way, and
    /// lets none begin, nor a file be made, as long as the answer lives.
    pub fn stop(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        for (folder, name) in std::mem::take(&mut state.unfinished) {
            state.remove(&folder, &name);
            folder.remove_if_made_and_empty();
        }
        state
    }

    /// Removes the unfinished file `name`, if the run still has it.
    pub(crate) fn discard(&self, folder: &Folder, name: &str) {
        let mut state = self.lock();
        if let Some(index) = state.unfinished.iter().position(|(_, other)| other == name) {
            state.unfinished.swap_remove(index);
            state.remove(folder, name);
        }
    }
}

impl State {
    /// What a stopped run leaves behind, for people.
    pub fn publication_state(&self) -> String {
        let state = match &self.advice {
            Some(advice) => advice.as_str(),
            None if self.published => "everything had been published",
            None => "nothing was published",
        };
        let left = self.left_behind();
        if left.is_empty() { state.to_owned() } else { format!("{state}; {left}") }
    }

    /// Removes `name` from `folder`, or remembers that it could not be.
    pub(crate) fn remove(&mut self, folder: &Folder, name: &str) {
        if !folder.remove(name) {
            self.left_as_is(folder.path_of(name));
        }
    }

    /// Remembers that the file at `path` was to be removed and could not be.
    pub(crate) fn left_as_is(&mut self, path: PathBuf) {
        self.left.push(path);
    }

    /// The files that could not be removed, in a sentence; empty when there are none.
    pub(crate) fn left_behind(&self) -> String {
        let paths: Vec<String> = self.left.iter().map(|path| path.display().to_string()).collect();
        if paths.is_empty() { String::new() } else { format!("these could not be removed, remove them by hand: {}", paths.join(", ")) }
    }
}
