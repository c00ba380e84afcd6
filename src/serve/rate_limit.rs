//! Limits how often somebody asks: so many requests a minute, and as many at once as a minute has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::RunTimer;

/// Whoever is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Asker {
    /// A person, by name.
    Person(Arc<str>),
    /// A machine: an address, or the network of 64 bits that an address of version 6 is of, since one machine has them all.
    Machine(IpAddr),
}

/// The address that a request comes from, where that is known.
#[derive(Debug, Clone, Copy)]
pub struct AskedFrom(pub Option<IpAddr>);

impl Asker {
    /// The machine at `address`.
    pub fn machine(address: IpAddr) -> Self {
        Self::Machine(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
            address => address,
        })
    }
}

/// Askers that are remembered; those who asked least of late go first.
const MOST_ASKERS: usize = 10_000;

/// Seconds until it is worth a line again that the same asker is refused.
const TELL_AGAIN_SECONDS: f64 = 60.0;

/// A request too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooOften {
    /// How long to wait.
    pub wait: Duration,
    /// Whether it is worth a line: the first of an asker within a minute.
    pub is_news: bool,
}

/// Counts requests.
pub struct RateLimit {
    per_minute: u32,
    clock: RunTimer,
    counts: Mutex<Counts>,
}

/// What is counted, by times in seconds since the start.
#[derive(Default)]
struct Counts {
    left: HashMap<Asker, Left>,
    /// When a newcomer was last told to be one too many.
    told: Option<f64>,
}

/// What an asker has left.
struct Left {
    tokens: f64,
    /// When that was.
    at: f64,
    /// When it was last told that there was nothing left.
    told: Option<f64>,
}

impl RateLimit {
    /// Lets everybody ask `per_minute` times a minute.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, clock: RunTimer::start(), counts: Mutex::default() }
    }

    /// Counts a request of `asker`.
    ///
    /// # Errors
    /// How long to wait where it is one too many.
    pub fn count(&self, asker: Asker) -> Result<(), TooOften> {
        let (now, most) = (self.clock.seconds(), f64::from(self.per_minute));
        let refill = most / 60.0;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let Counts { left, told } = &mut *counts;
        if left.len() >= MOST_ASKERS && !left.contains_key(&asker) {
            left.retain(|_, own| own.tokens + (now - own.at) * refill < most);
            // Where nobody's minute is full, none is forgotten, and no newcomer is let in.
            if left.len() >= MOST_ASKERS {
                return Err(TooOften { wait: Duration::from_secs(1), is_news: is_news(told, now) });
            }
        }
        let own = left.entry(asker).or_insert(Left { tokens: most, at: now, told: None });
        (own.tokens, own.at) = ((own.tokens + (now - own.at) * refill).min(most), now);
        if own.tokens < 1.0 {
            return Err(TooOften { wait: Duration::from_secs_f64((1.0 - own.tokens) / refill), is_news: is_news(&mut own.told, now) });
        }
        own.tokens -= 1.0;
        Ok(())
    }
}

/// Whether what was `told` last is to be told again, which it is then.
fn is_news(told: &mut Option<f64>, now: f64) -> bool {
    let is_due = told.is_none_or(|before| now - before >= TELL_AGAIN_SECONDS);
    if is_due {
        *told = Some(now);
    }
    is_due
}
