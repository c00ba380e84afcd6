//! The input columns of the record, which the orders frame holds, and the columns it holds beside them.

/// An input column. What it is called and holds is said in [`crate::domain::columns::COLUMNS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Field {
    /// E.164 text.
    PhoneNumber,
    /// The source's own word for the type of the number; checked against the number, never trusted over it.
    GivenNumberType,
    /// When the order went to the carrier.
    SubmittedDate,
    /// The porting case.
    CaseNumber,
    /// The request: the shell of one or more orders.
    RequestId,
    /// EPD, the date requested from the losing carrier.
    EstimatedDate,
    /// FOC, the date the losing carrier confirmed.
    ConfirmedDate,
    /// Wall time in America/Los_Angeles, whatever the header says; seconds since midnight.
    ConfirmedTime,
    /// Standard or expedite.
    Priority,
    /// The source's status, as a status code.
    GivenStatus,
    /// The source's detailed status, as a detail code.
    GivenDetail,
    /// Account user name.
    AccountUsername,
    /// Account company name.
    AccountCompany,
    /// Account id.
    AccountId,
    /// Location, mostly for SIP orders.
    Location,
    /// The region of the number: a state, a province.
    Region,
    /// The city of the number.
    City,
    /// Who coordinates the order.
    Coordinator,
    /// When the order was started.
    CreatedDate,
    /// CRD, the date the customer asked for.
    RequestedDate,
    /// When the losing carrier accepted a toll-free order.
    ApprovedDate,
    /// Why the losing carrier rejected, in its words.
    RejectReason,
    /// The number's own state, as a state code.
    NumberState,
    /// The partner who resells to the account.
    Partner,
    /// The product line.
    ProductLine,
    /// The order within the request.
    OrderId,
    /// The configuration profile assigned to the number.
    ConfigurationProfile,
    /// The outcome of the portability review.
    ReviewOutcome,
    /// Whether the signed LOA is in; null when unknown.
    LoaReceived,
    /// Whether the order was resubmitted after a reject; null when unknown.
    Resubmitted,
    /// Whether a confirmed date is held for a sibling order; null when unknown.
    HeldForSibling,
    /// Why the order was canceled: `incomplete` or `requested`.
    CancelCause,
    /// The last event, as an event code.
    LastEvent,
    /// The state before a refused cancellation, as a state code.
    PriorState,
    /// The canonical reject reason, as a code of reasons.toml.
    ReasonCode,
    /// When the number was ported.
    CompletedAt,
    /// When the order was canceled.
    CanceledAt,
    /// When the row last changed at its source.
    UpdatedAt,
    /// When the event happened, or the last one did.
    EventAt,
    /// Who caused the event, or the last change.
    MovedBy,
    /// Where the port of the number's messages stands, in the source's words.
    MessagingPortStatus,
}

/// How many input columns there are.
pub const FIELDS: usize = Field::MessagingPortStatus as usize + 1;

/// Column of the orders frame beside the fields: the type of the number (String code), from the number itself.
pub const NUMBER_TYPE: &str = "number_type";
/// The status words as the source wrote them (String).
pub const SOURCE_WORDS: &str = "source_words";
/// The index into the inputs (UInt32).
pub const INPUT: &str = "input";
/// The line of a text file or row of a sheet (UInt32, from 1).
pub const LINE: &str = "line";
/// The row of the record, or of the file that it is a part of, from 1 (UInt32); in records that are written only.
pub const ROW: &str = "row";
/// The codes of the data-quality flags that reading brought (String); in records that are written only.
pub const READING_FLAGS: &str = "reading_flags";
/// The mask (UInt64) of [`crate::domain::data_quality::QualityFlag`]s.
pub const QUALITY_MASK: &str = "quality_mask";

/// Columns of a frame of requests: how many numbers the request has (Int64).
pub const NUMBERS: &str = "request_numbers";
/// Whether the request is completed although some of its numbers are canceled (Boolean).
pub const PARTIAL: &str = "partial";
/// The earliest port date of its open numbers, the confirmed one of each, else the estimated one (Date).
pub const NEXT_PORT_DATE: &str = "next_port_date";

/// Columns of the orders frame that only the events of a number fill: since when it is in its state (Datetime).
pub const STATE_SINCE: &str = "state_since";
/// How often it was rejected (Int64).
pub const TIMES_REJECTED: &str = "times_rejected";
/// The different reasons of those rejections, in their order (String).
pub const REJECTIONS: &str = "rejections";
/// The first date that was confirmed (Date).
pub const FIRST_CONFIRMED_DATE: &str = "first_confirmed_date";
/// Days from that to the last date that was confirmed (Int64).
pub const CONFIRMED_DATE_SLIP: &str = "confirmed_date_slip";
/// The moves that the state model does not allow, in words (String).
pub const ILLEGAL_MOVES: &str = "illegal_moves";

/// The name of the column of rule indices.
pub const RULE: &str = "rule";
/// The name of the column of indices into owners and next steps.
pub const NEXT_ACTION: &str = "next_action";
/// The name of the derived column that says a number's state, by its own word or by its last event; while rows
/// are judged, the frame has it.
pub const KNOWN_STATE: &str = "known_state";
