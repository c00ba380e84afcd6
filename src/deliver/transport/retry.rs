//! Tries a shipment again when its fault may pass: after waits that grow, each a little longer or shorter than the plan.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::deliver::transport::shipment::{Delivered, Fault, Patience};

/// The longest wait before another attempt.
const MAX_WAIT: Duration = Duration::from_secs(600);

/// How long a wait goes on without a look at whether it is to end.
const STEP: Duration = Duration::from_millis(50);

/// Makes an `attempt` (its number is given, from 1) and, as long as its fault may pass, others as `patience` has it; the waits
/// between them follow from `seed`. When `stop` is set there is no other attempt. Returns how many attempts were made, and what
/// the last one came to.
pub fn with_retries(patience: &Patience, seed: u64, stop: &AtomicBool, mut attempt: impl FnMut(u32) -> Delivered) -> (u32, Delivered) {
    let mut number = 1;
    loop {
        match attempt(number) {
            Err(Fault::Passing(_)) if number < patience.attempts && wait(wait_after(number, patience.first_wait, seed), stop) => {
                number += 1
            }
            outcome => return (number, outcome),
        }
    }
}

/// How long it is waited after attempt `number`: twice as long as after the one before, and up to half of that longer or shorter.
fn wait_after(number: u32, first: Duration, seed: u64) -> Duration {
    let plan = first.saturating_mul(1 << (number - 1).min(20)).min(MAX_WAIT);
    let share = (mix(seed.wrapping_add(u64::from(number))) >> 11) as f64 / (1_u64 << 53) as f64;
    plan.mul_f64(0.5 + share)
}

/// Waits, and says whether it was to the end.
fn wait(mut left: Duration, stop: &AtomicBool) -> bool {
    while !stop.load(Ordering::Relaxed) {
        if left.is_zero() {
            return true;
        }
        let step = left.min(STEP);
        std::thread::sleep(step);
        left -= step;
    }
    false
}

/// A number that looks as if it were drawn, from one that does not (SplitMix64).
fn mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
