//! The canonical record: every column an order row may bring, with its key and type. The schema of the orders frame.

use crate::domain::status::closed_list;

closed_list! {
    /// A canonical input column. The code is its key in profiles, `--map`, rules and frames.
    Field {
        /// E.164 text.
        PhoneNumber = "phone_number", "Phone number";
        /// The source's own word for the class; checked against the number, never trusted over it.
        GivenClass = "given_class", "Line type";
        /// When the order went to the carrier.
        SubmittedDate = "submitted_date", "Original submission date to Carrier";
        /// The porting case.
        CaseNumber = "case_number", "FP Case Number";
        /// The request: the shell of one or more orders.
        RequestId = "request_id", "Request ID";
        /// EPD, the date requested from the losing carrier.
        EstimatedDate = "estimated_date", "Current Estimated Porting Date (EPD)";
        /// FOC, the date the losing carrier confirmed.
        ConfirmedDate = "confirmed_date", "Confirmed Porting Date";
        /// Wall time in America/Los_Angeles, whatever the header says; seconds since midnight.
        ConfirmedTime = "confirmed_time", "Confirmed Porting Time, PST";
        /// Standard or expedite.
        Priority = "priority", "Priority";
        /// The source's status, as a status code.
        GivenStatus = "given_status", "Status";
        /// The source's detailed status, as a detail code.
        GivenDetail = "given_detail", "Detailed Status";
        /// Account user name.
        AccountUsername = "account_username", "Account username";
        /// Account company name.
        AccountCompany = "account_company", "Account Company Name";
        /// Account id.
        AccountId = "account_id", "Account ID";
        /// Location, mostly for SIP orders.
        Location = "location", "Location";
        /// Who coordinates the order.
        Coordinator = "coordinator", "Coordinator (PC or SIS)";
        /// When the order was started.
        CreatedDate = "created_date", "Order Creation Date";
        /// CRD, the date the customer asked for.
        RequestedDate = "requested_date", "Customer Requested Date (CRD)";
        /// When the losing carrier accepted a toll-free order.
        ApprovedDate = "approved_date", "Order Approved Date (Toll-Free numbers only)";
        /// Why the losing carrier rejected, in its words.
        RejectReason = "reject_reason", "Reject reason";
        /// The number's own state, as a state code.
        NumberState = "number_state", "Number state";
        /// The partner who resells to the account.
        Partner = "partner", "Partner";
        /// The product line.
        ProductLine = "product_line", "Product line";
        /// The order within the request.
        OrderId = "order_id", "Order ID";
        /// The configuration profile assigned to the number.
        ConfigurationProfile = "configuration_profile", "Configuration profile";
        /// The outcome of the portability review.
        ReviewOutcome = "review_outcome", "Review outcome";
        /// Whether the signed LOA is in; null when unknown.
        LoaReceived = "loa_received", "LOA received";
        /// Whether the order was resubmitted after a reject; null when unknown.
        Resubmitted = "resubmitted", "Resubmitted";
        /// Whether a confirmed date is held for a sibling order; null when unknown.
        HeldForSibling = "held_for_sibling", "Held for another order";
        /// Why the order was canceled: `incomplete` or `requested`.
        CancelCause = "cancel_cause", "Cancel cause";
        /// The last event, as an event code.
        LastEvent = "last_event", "Last event";
        /// The state before a refused cancellation, as a state code.
        PriorState = "prior_state", "State before cancellation";
        /// The canonical reject reason, as a code of reasons.toml.
        ReasonCode = "reason_code", "Reject reason code";
        /// When the number was ported.
        CompletedAt = "completed_at", "Completed at (UTC)";
        /// When the order was canceled.
        CanceledAt = "canceled_at", "Canceled at (UTC)";
        /// When the row last changed at its source.
        UpdatedAt = "updated_at", "Updated at (UTC)";
    }
}

/// What a column holds, which fixes its type in the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Free text: String.
    Text,
    /// One of a closed list of codes, or null: String.
    Code,
    /// A calendar day: Date.
    Date,
    /// Seconds since midnight: Int32.
    Time,
    /// A UTC instant: Datetime in microseconds, no zone.
    Instant,
    /// Boolean, null when unknown.
    Bool,
}

impl Field {
    /// What the column holds. An empty cell is null in every type.
    pub const fn holds(self) -> Type {
        match self {
            Self::SubmittedDate
            | Self::EstimatedDate
            | Self::ConfirmedDate
            | Self::CreatedDate
            | Self::RequestedDate
            | Self::ApprovedDate => Type::Date,
            Self::ConfirmedTime => Type::Time,
            Self::CompletedAt | Self::CanceledAt | Self::UpdatedAt => Type::Instant,
            Self::LoaReceived | Self::Resubmitted | Self::HeldForSibling => Type::Bool,
            Self::GivenClass
            | Self::Priority
            | Self::GivenStatus
            | Self::GivenDetail
            | Self::NumberState
            | Self::CancelCause
            | Self::LastEvent
            | Self::PriorState
            | Self::ReasonCode => Type::Code,
            _ => Type::Text,
        }
    }
}

/// Columns of the orders frame beside the fields: `class` (String code, from the number),
/// `source_words` (String, the status words as the source wrote them), `input` (UInt32, index
/// into the inputs), `line` (UInt32, 1-based line of a text file or row of a sheet) and
/// `lints` (UInt32 mask of [`crate::domain::data_quality::QualityFlag`]).
pub const CLASS: &str = "class";
/// See [`CLASS`].
pub const SOURCE_WORDS: &str = "source_words";
/// See [`CLASS`].
pub const INPUT: &str = "input";
/// See [`CLASS`].
pub const LINE: &str = "line";
/// See [`CLASS`].
pub const QUALITY_MASK: &str = "lints";
