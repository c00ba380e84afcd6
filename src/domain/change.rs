//! What can happen to a number between two reports; the words are the report template's.

use crate::domain::status::closed_lists;

closed_lists! {
    /// One thing that happened to a number. What happened to it are the bits of one number.
    ChangeKind {
        /// It was not there before.
        New = "new", "new";
        /// Its status is another one.
        Moved = "moved", "moved";
        /// Its detailed status is another one, of the same status.
        DetailChanged = "detail_changed", "other detail";
        /// It has a confirmed date and had none.
        ConfirmedSet = "confirmed_set", "FOC set";
        /// Its confirmed date is another one.
        ConfirmedMoved = "confirmed_moved", "FOC moved";
        /// It has no confirmed date any more, and is not closed.
        ConfirmedLost = "confirmed_lost", "FOC lost";
        /// It was sent back and was not before.
        Rejected = "rejected", "newly rejected";
        /// It is still sent back, for another reason.
        ReasonChanged = "reason_changed", "reason changed";
        /// It was completed.
        Completed = "completed", "completed";
        /// It is not there any more.
        Gone = "gone", "gone";
    }
}

impl ChangeKind {
    /// Its bit among what happened to a number.
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }
}
