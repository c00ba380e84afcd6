//! How whoever is told to stop tells an engine, and waits until the engine knows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The wish that statements end, shared between those who run them and whoever may end them, such as the thread that waits for
/// signals. One that was asked for stays.
#[derive(Debug, Clone, Default)]
pub struct Interruption(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_asked: AtomicBool,
    running: Mutex<usize>,
    idle: Condvar,
}

impl Interruption {
    /// Asks every statement that runs, and every later one, to end, and waits until the engines were told, at most `patience`: on
    /// another thread than the statements, which hear of it within a tenth of a second unless they are busy with a batch.
    pub fn interrupt(&self, patience: Duration) {
        self.0.is_asked.store(true, Ordering::SeqCst);
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.0.idle.wait_timeout_while(running, patience, |running| *running > 0));
    }

    /// Whether it was asked for.
    pub fn is_asked(&self) -> bool {
        self.0.is_asked.load(Ordering::SeqCst)
    }

    /// Says that a statement runs, until what this returns is dropped.
    pub(in crate::engine) fn watch(&self) -> RunningStatement {
        *self.0.running.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        RunningStatement(Arc::clone(&self.0))
    }
}

/// A statement that runs.
pub(in crate::engine) struct RunningStatement(Arc<Shared>);

impl Drop for RunningStatement {
    fn drop(&mut self) {
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        *running = running.saturating_sub(1);
        self.0.idle.notify_all();
    }
}
