//! Begins a read again, from nothing, when the server went away: a few times, later each time, and not for long.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::clock::RunTimer;
use crate::error::{Error, Result};

/// Reads that are begun, at most.
const MAX_ATTEMPTS: u32 = 5;
/// The first pause, twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// Seconds since the first failure after which no read is begun again.
const DEADLINE_SECONDS: f64 = 30.0;

/// What a server said, or did, that it may not the next time: it marks an error as one to try again after.
#[derive(Debug)]
pub struct Transient(pub String);

impl fmt::Display for Transient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Transient {}

/// Does `read`, and does it again while it fails by an error that is [`Transient`]; what it did before is then to be forgotten.
/// Returns how often it was done again, too.
///
/// # Errors
/// The last error, with how often it was tried.
pub fn repeat<T>(mut read: impl FnMut() -> Result<T>) -> Result<(T, u32)> {
    let mut failing: Option<RunTimer> = None;
    let mut again = 0;
    loop {
        let error = match read() {
            Ok(done) => return Ok((done, again)),
            Err(error) => error,
        };
        let is_transient = std::error::Error::source(&error).is_some_and(|cause| cause.is::<Transient>());
        let timer = *failing.get_or_insert_with(RunTimer::start);
        if !is_transient {
            return Err(error);
        }
        if again + 1 >= MAX_ATTEMPTS || timer.seconds() > DEADLINE_SECONDS {
            return Err(error.and(format!("tried {} times", again + 1)));
        }
        std::thread::sleep(pause(again));
        again += 1;
    }
}

/// Between a half and all of the time that doubles with each attempt, so that many who lost a server do not come back at once.
fn pause(attempt: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << attempt.min(16)).min(MAX_PAUSE);
    let share = f64::from((RandomState::new().hash_one(attempt) >> 32) as u32) / f64::from(u32::MAX);
    longest.mul_f64(0.5 + share / 2.0)
}

/// The error of a read that may succeed the next time.
pub fn transient(error: Error, message: impl Into<String>) -> Error {
    error.with_cause(Transient(message.into()))
}
