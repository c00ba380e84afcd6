//! How far an attempt to send a message is: whoever waits for it no longer knows whether the message can still arrive.

use std::sync::atomic::{AtomicU8, Ordering};

const UNDER_WAY: u8 = 0;
/// The end of the message may have been sent.
const ENDING: u8 = 1;
const GIVEN_UP: u8 = 2;

/// Between the one who sends and the one who waits: which of them was first.
#[derive(Debug, Default)]
pub struct Progress(AtomicU8);

impl Progress {
    /// Gives the attempt up, so that its message will never be ended; `false` when it may have been.
    pub fn give_up(&self) -> bool {
        self.step(GIVEN_UP)
    }

    /// Whether the end of the message may be sent. From then on the attempt cannot be given up.
    pub fn may_end(&self) -> bool {
        self.step(ENDING)
    }

    /// Whether it was given up.
    pub fn is_given_up(&self) -> bool {
        self.0.load(Ordering::SeqCst) == GIVEN_UP
    }

    fn step(&self, to: u8) -> bool {
        self.0.compare_exchange(UNDER_WAY, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use crate::deliver::transport::mail::progress::Progress;

    #[test]
    fn a_message_is_ended_or_given_up_and_never_both() {
        let ended = Progress::default();
        assert!(ended.may_end() && !ended.give_up() && !ended.is_given_up());
        let given_up = Progress::default();
        assert!(given_up.give_up() && !given_up.may_end() && given_up.is_given_up());
    }
}
