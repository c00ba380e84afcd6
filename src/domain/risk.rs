//! Why an open number may miss its port, in the order in which that is pressing; the words are the report template's.

use crate::domain::status::closed_lists;

closed_lists! {
    /// One reason why a number is at risk. The reasons of a row are the bits of one number.
    Risk {
        /// It should have been ported by now.
        Overdue = "overdue", "overdue";
        /// The confirmation is no longer valid.
        FocExpired = "foc_expired", "confirmation past its validity";
        /// A reject is open although the confirmed date is near.
        RejectBeforeFoc = "reject_before_foc", "open reject and a confirmed date soon";
        /// A cancellation is pending, and the time in which it can still be done ends.
        CancelWindow = "cancel_window", "pending cancellation and a confirmed date soon";
        /// The order will be taken for abandoned.
        Abandonment = "abandonment", "abandoned soon";
        /// Scheduled, but there is no date.
        ScheduledWithoutDate = "scheduled_without_date", "scheduled without a date";
        /// The letter of authorization is too old.
        LoaOld = "loa_old", "old letter of authorization";
        /// It waits for longer than the template allows.
        WaitingLong = "waiting_long", "waiting long";
    }
}

impl Risk {
    /// Its bit among the reasons of a row; the lower, the more pressing.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}
