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

/// Counts requests.
pub struct RateLimit {
    per_minute: u32,
    clock: RunTimer,
    /// By asker what is left, and when that was, in seconds since the start.
    left: Mutex<HashMap<Asker, (f64, f64)>>,
}

impl RateLimit {
    /// Lets everybody ask `per_minute` times a minute.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, clock: RunTimer::start(), left: Mutex::default() }
    }

    /// Counts a request of `asker`.
    ///
    /// # Errors
    /// How long to wait where it is one too many.
    pub fn count(&self, asker: Asker) -> Result<(), Duration> {
        let (now, most) = (self.clock.seconds(), f64::from(self.per_minute));
        let refill = most / 60.0;
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.len() >= MOST_ASKERS && !left.contains_key(&asker) {
            left.retain(|_, (tokens, at)| *tokens + (now - *at) * refill < most);
            // Where nobody's minute is full, none is forgotten, and no newcomer is let in.
            if left.len() >= MOST_ASKERS {
                return Err(Duration::from_secs(1));
            }
        }
        let (tokens, at) = left.entry(asker).or_insert((most, now));
        (*tokens, *at) = ((*tokens + (now - *at) * refill).min(most), now);
        if *tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - *tokens) / refill));
        }
        *tokens -= 1.0;
        Ok(())
    }
}
