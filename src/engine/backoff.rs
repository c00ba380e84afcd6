//! How often, and how long after each other, an engine that does not answer is tried again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Attempts in a row, at most; with the pauses between them some forty seconds.
const MAX_ATTEMPTS: u32 = 12;
/// The first pause, twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(8);

/// Attempts that failed one after another.
#[derive(Debug, Default)]
pub struct Attempts(u32);

impl Attempts {
    /// Counts one more that failed; how long to wait before the next, or nothing when there were enough.
    pub fn fail(&mut self) -> Option<Duration> {
        self.0 += 1;
        let longest = FIRST_PAUSE.saturating_mul(1 << (self.0 - 1).min(16)).min(MAX_PAUSE);
        // Between a half and all of it, so that many who lost an engine do not come back at once.
        let share = f64::from((RandomState::new().hash_one(self.0) >> 32) as u32) / f64::from(u32::MAX);
        (self.0 < MAX_ATTEMPTS).then(|| longest.mul_f64(0.5 + share / 2.0))
    }

    /// How many failed.
    pub fn count(&self) -> u32 {
        self.0
    }

    /// Begins to count anew: something was received.
    pub fn succeed(&mut self) {
        self.0 = 0;
    }
}
