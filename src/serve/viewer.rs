//! What all requests of a viewer share: what was read, and who may see it.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use crate::clock::AsOf;
use crate::serve::failure::Failure;
use crate::serve::keys::Keys;
use crate::serve::reading::Reading;
use crate::serve::spec::ServeSpec;

/// Exports that are written at once; others wait.
const EXPORTS: usize = 2;
/// How long a page waits for the first reading before it says that it is under way.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the last reading came to.
#[derive(Clone)]
pub enum State {
    /// The first one is under way.
    Reading,
    /// The first one failed.
    Failed(Failure),
    /// The rows, and what kept the inputs from being read again since.
    Ready(Arc<Reading>, Option<Failure>),
}

/// What all requests share.
pub struct Viewer {
    /// What to show.
    pub spec: ServeSpec,
    /// Who may see it.
    pub keys: Keys,
    /// The exports that may still begin.
    pub exports: Arc<Semaphore>,
    /// How often the inputs were read; held while they are.
    readings: Mutex<u64>,
    state: RwLock<State>,
    changed: watch::Sender<u64>,
}

impl Viewer {
    /// A viewer of `spec` for those who have `keys`; nothing is read yet.
    pub fn new(spec: ServeSpec, keys: Keys) -> Self {
        Self {
            keys,
            exports: Arc::new(Semaphore::new(EXPORTS)),
            readings: Mutex::new(0),
            state: RwLock::new(State::Reading),
            changed: watch::channel(0).0,
            spec,
        }
    }

    /// What the last reading came to.
    pub fn state(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the last reading came to, once there is one.
    pub async fn settled(&self) -> State {
        let mut changes = self.changed.subscribe();
        let wait = async { while matches!(self.state(), State::Reading) && changes.changed().await.is_ok() {} };
        // Whether it took too long can be seen from the state.
        let _ = tokio::time::timeout(PATIENCE, wait).await;
        self.state()
    }

    /// Reads the inputs, once at a time; rows that are there stay where that fails.
    pub fn read(&self) {
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        *readings += 1;
        let mut load = self.spec.load.clone();
        if !self.spec.is_as_of_given {
            load.as_of = AsOf::now();
        }
        let made = Reading::make(&load, &self.spec, *readings).map_err(|error| Failure::new(&error, (self.spec.told)(&error)));
        let next = match (made, self.state()) {
            (Ok(reading), _) => State::Ready(Arc::new(reading), None),
            (Err(failure), State::Ready(before, _)) => State::Ready(before, Some(failure)),
            (Err(failure), _) => State::Failed(failure),
        };
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = next;
        self.changed.send_replace(*readings);
    }
}
