//! What is odd about a row although it is delivered: one bit each, with a code. The sentence for a reader is the template's.

use crate::domain::status::closed_lists;

closed_lists! {
    /// One oddity of a row. A row's flags travel as the bits of one `u64` column.
    QualityFlag {
        /// A status word that the profile does not know.
        UnknownWord = "unknown_word";
        /// A cell that could not be read as what its column holds.
        BadCell = "bad_cell";
        /// A date that could be read in two orders.
        AmbiguousDate = "ambiguous_date";
        /// A number repaired from a spreadsheet's float.
        NumberRepaired = "number_repaired";
        /// A reserved or unassigned NANP code.
        Unassignable = "unassignable";
        /// The word for the number type contradicts the number.
        NumberTypeContradiction = "class_contradiction";
        /// Status and detail of the source differ from the rules.
        StatusContradiction = "status_contradiction";
        /// The number's state and its last event contradict each other.
        EventContradiction = "event_contradiction";
        /// The state model does not allow the last event.
        EventNotAllowed = "event_not_allowed";
        /// The detail was inferred from other facts.
        DetailInferred = "detail_inferred";
        /// The detail belongs to another status.
        DetailNotOfStatus = "detail_not_of_status";
        /// The number was found not portable.
        NotPortable = "not_portable";
        /// A toll-free number with an FOC state or date.
        TollfreeWithFoc = "tollfree_with_foc";
        /// Cancellation rejected, and what came before is not known.
        PriorStateUnknown = "prior_state_unknown";
        /// A cancellation was requested.
        CancellationPending = "cancellation_pending";
        /// A cancellation was refused.
        CancellationRejected = "cancellation_rejected";
        /// Completed, but its port instant lies after the as-of instant.
        CompletedInFuture = "completed_in_future";
        /// Scheduled without a confirmed date.
        ScheduledWithoutDate = "scheduled_without_date";
        /// A confirmed time without a date.
        TimeWithoutDate = "time_without_date";
        /// Firm order confirmation on a number that is not local.
        FocNotLocal = "foc_not_local";
        /// Accepted on a number that is not toll-free.
        AcceptedNotTollfree = "accepted_not_tollfree";
        /// Order approved date on a number that is not toll-free.
        ApprovedNotTollfree = "approved_not_tollfree";
        /// Approved before it was created.
        ApprovedBeforeCreated = "approved_before_created";
        /// Submitted after the confirmed date.
        SubmittedAfterConfirmed = "submitted_after_confirmed";
        /// The number is in more than one live order.
        NumberInTwoOrders = "number_in_two_orders";
        /// The confirmed date is no business day.
        ConfirmedNotBusinessDay = "confirmed_not_business_day";
        /// The port time passed more than 60 minutes ago and the number is not completed.
        Overdue = "overdue";
        /// The confirmation is older than 10 business days.
        FocExpired = "foc_expired";
        /// Local and toll-free numbers in one request.
        MixedNumberTypes = "mixed_class_request";
        /// A case number that spans accounts.
        CaseSpansAccounts = "case_spans_accounts";
        /// An expedited toll-free number.
        TollfreeExpedite = "tollfree_expedite";
        /// A port time other than 10:00 on a small order.
        NonstandardTime = "nonstandard_time";
        /// Another row of the same number, request and account, none of them known to be the newer one.
        UndecidedDuplicate = "undecided_duplicate";
        /// Completed in an older row, open in this one.
        Reopened = "reopened";
        /// The orders and the events of the number say different states.
        EventsDiffer = "events_differ";
        /// A text that is longer than a cell of a workbook holds.
        LongText = "long_text";
    }
}

impl QualityFlag {
    /// Whether it is found by looking at several rows together, so that rows that were not read are missed.
    pub const fn is_across_rows(self) -> bool {
        matches!(
            self,
            Self::NumberInTwoOrders
                | Self::MixedNumberTypes
                | Self::CaseSpansAccounts
                | Self::NonstandardTime
                | Self::UndecidedDuplicate
                | Self::Reopened
                | Self::EventsDiffer
        )
    }

    /// The bit of this flag in a row's mask.
    pub const fn bit(self) -> u64 {
        1 << self as u32
    }

    /// The codes of the bits set in `mask`, separated by `; `, in bit order; empty for none.
    pub fn codes(mask: u64) -> String {
        let codes: Vec<_> = Self::of(mask).map(Self::code).collect();
        codes.join("; ")
    }

    /// The mask of the flags whose codes are in `codes`, as [`codes`](Self::codes) writes them; what is no code counts for nothing.
    pub fn mask(codes: &str) -> u64 {
        codes.split(';').filter_map(|code| Self::from_code(code.trim())).fold(0, |mask, flag| mask | flag.bit())
    }

    /// The flags whose bits are set in `mask`, in bit order.
    pub fn of(mask: u64) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |flag| mask & flag.bit() != 0)
    }
}
