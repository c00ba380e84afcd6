//! What is odd about a row although it is delivered: one bit each, with a code and a sentence.

use crate::domain::status::closed_lists;

closed_lists! {
    /// One oddity of a row; the caption is a sentence that says what is odd. A row's flags travel as the bits of one `u64` column.
    QualityFlag {
        /// A status word that the profile does not know.
        UnknownWord = "unknown_word", "a status word of the source is not in its profile";
        /// A cell that could not be read as what its column holds.
        BadCell = "bad_cell", "a cell could not be read and was left blank; the rejects file has its text";
        /// A date that could be read in two orders.
        AmbiguousDate = "ambiguous_date", "a date could be read in two orders, and its column has dates of both";
        /// A number repaired from a spreadsheet's float.
        NumberRepaired = "number_repaired", "the number came as a spreadsheet's decimal and was repaired";
        /// A reserved or unassigned NANP code.
        Unassignable = "unassignable", "the number has a reserved or unassigned area code or exchange";
        /// The word for the number type contradicts the number.
        NumberTypeContradiction = "class_contradiction", "the source's class differs from the class of the number";
        /// Status and detail of the source differ from the rules.
        StatusContradiction = "status_contradiction", "the source's status differs from what its number state and facts say";
        /// The number's state and its last event contradict each other.
        EventContradiction = "event_contradiction", "the number's last event does not lead to the state that the source gives";
        /// The state model does not allow the last event.
        EventNotAllowed = "event_not_allowed", "the state model does not allow the number's last event from the state before it";
        /// The detail was inferred from other facts.
        DetailInferred = "detail_inferred", "the detailed status was inferred: In Progress with a confirmed date is Tentative order acceptance";
        /// The detail belongs to another status.
        DetailNotOfStatus = "detail_not_of_status", "the detailed status belongs to another status";
        /// The number was found not portable.
        NotPortable = "not_portable", "the number was found not portable";
        /// A toll-free number with an FOC state or date.
        TollfreeWithFoc = "tollfree_with_foc", "a toll-free number has a confirmed date";
        /// Cancellation rejected, and what came before is not known.
        PriorStateUnknown = "prior_state_unknown", "the cancellation was rejected and the state before it is not known";
        /// A cancellation was requested.
        CancellationPending = "cancellation_pending", "a cancellation was requested; the number may still port";
        /// A cancellation was refused.
        CancellationRejected = "cancellation_rejected", "a cancellation was refused; the number is still porting";
        /// Completed, but its port instant lies after the as-of instant.
        CompletedInFuture = "completed_in_future", "completed, but the port time is after the as-of time";
        /// Scheduled without a confirmed date.
        ScheduledWithoutDate = "scheduled_without_date", "scheduled, but there is no confirmed date";
        /// A confirmed time without a date.
        TimeWithoutDate = "time_without_date", "a confirmed time without a confirmed date";
        /// Firm order confirmation on a number that is not local.
        FocNotLocal = "foc_not_local", "firm order confirmation is for local numbers only";
        /// Accepted on a number that is not toll-free.
        AcceptedNotTollfree = "accepted_not_tollfree", "accepted is for toll-free numbers only";
        /// Order approved date on a number that is not toll-free.
        ApprovedNotTollfree = "approved_not_tollfree", "an order approved date is for toll-free numbers only";
        /// Approved before it was created.
        ApprovedBeforeCreated = "approved_before_created", "the order was approved before it was created";
        /// Submitted after the confirmed date.
        SubmittedAfterConfirmed = "submitted_after_confirmed", "the submission date is after the confirmed date";
        /// The number is in more than one live order.
        NumberInTwoOrders = "number_in_two_orders", "the number is in more than one live order";
        /// The confirmed date is no business day.
        ConfirmedNotBusinessDay = "confirmed_not_business_day", "the confirmed date is not a business day";
        /// The port time passed more than 60 minutes ago and the number is not completed.
        Overdue = "overdue", "the port time passed more than 60 minutes ago and the number is not completed";
        /// The confirmation is older than 10 business days.
        FocExpired = "foc_expired", "10 business days have passed since the confirmed date";
        /// Local and toll-free numbers in one request.
        MixedNumberTypes = "mixed_class_request", "local and toll-free numbers share one request";
        /// A case number that spans accounts.
        CaseSpansAccounts = "case_spans_accounts", "the case number appears under more than one account";
        /// An expedited toll-free number.
        TollfreeExpedite = "tollfree_expedite", "expedites are not available for toll-free numbers";
        /// A port time other than 10:00 on a small order.
        NonstandardTime = "nonstandard_time", "the port time is not 10:00 and the order has at most 100 numbers";
        /// Another row of the same number, request and account, none of them known to be the newer one.
        UndecidedDuplicate = "undecided_duplicate", "another row has the same number, request and account, and nothing says which is newer";
        /// Completed in an older row, open in this one.
        Reopened = "reopened", "an older row of the number was completed, and this one is open";
    }
}

impl QualityFlag {
    /// The bit of this flag in a row's mask.
    pub const fn bit(self) -> u64 {
        1 << self as u32
    }

    /// The codes of the bits set in `mask`, separated by `; `, in bit order; empty for none.
    pub fn codes(mask: u64) -> String {
        let codes: Vec<_> = Self::ALL.iter().filter(|flag| mask & flag.bit() != 0).map(|flag| flag.code()).collect();
        codes.join("; ")
    }
}
