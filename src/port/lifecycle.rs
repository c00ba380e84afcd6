//! The states a number passes through while it is ported, and the events that move it.

use crate::port::status::closed_list;

closed_list! {
    /// The state of one number. The rectangles of the number diagram.
    State {
        /// Added, waiting for review.
        Pending = "pending", "Pending";
        /// Reviewed: cannot be ported.
        NotPortable = "not_portable", "Not Portable";
        /// Reviewed: can be ported.
        Portable = "portable", "Portable";
        /// At the carrier.
        InProcess = "in_process", "In Process";
        /// The carrier asks for more.
        ActionRequired = "action_required", "Action Required";
        /// The firm order confirmation date is set.
        FocDateSet = "foc_date_set", "FOC Date Set";
        /// Ported.
        Completed = "completed", "Completed";
        /// Cancellation requested, not yet confirmed.
        CancellationPending = "cancellation_pending", "Cancellation Pending";
        /// The carrier refused the cancellation.
        CancellationRejected = "cancellation_rejected", "Cancellation Rejected";
        /// Canceled.
        Canceled = "canceled", "Canceled";
    }
}
