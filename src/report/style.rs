//! The colours of the report by code, one palette for every format.

use crate::domain::status::Status;
use crate::report::table::Term;

/// Every status in the report's order, the unknown one last.
pub const STATUSES: [Option<Status>; Status::ALL.len() + 1] =
    [Some(Status::WaitingForYou), Some(Status::Scheduled), Some(Status::InProgress), Some(Status::Completed), Some(Status::Canceled), None];

/// The place of `status` in [`STATUSES`].
pub const fn place(status: Option<Status>) -> usize {
    match status {
        Some(status) => status as usize,
        None => Status::ALL.len(),
    }
}

/// The place in [`STATUSES`] of the status that `term` is; `None` for terms of other lists, which have no colour.
pub fn status_place(term: &Term) -> Option<usize> {
    (term.list == "status").then(|| place(Status::from_code(&term.code)))
}

/// The ink and fill of a status, as 0xRRGGBB: ink on fill has a contrast of at least 4.5 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusColour {
    /// The text.
    pub ink: u32,
    /// The cell.
    pub fill: u32,
    /// The bar of a chart.
    pub bar: u32,
}

/// The colours of `status`; grey for an unknown one.
pub const fn status_colour(status: Option<Status>) -> StatusColour {
    match status {
        Some(Status::WaitingForYou) => StatusColour { ink: 0x7A2E00, fill: 0xFDE8D7, bar: 0xE8772E },
        Some(Status::Scheduled) => StatusColour { ink: 0x14467A, fill: 0xDCEBFA, bar: 0x2F7FD1 },
        Some(Status::InProgress) => StatusColour { ink: 0x5C4A00, fill: 0xFBF3CF, bar: 0xD9B400 },
        Some(Status::Completed) => StatusColour { ink: 0x1B5E20, fill: 0xDFF2E1, bar: 0x3C9D46 },
        Some(Status::Canceled) => StatusColour { ink: 0x4A4A4A, fill: 0xECECEC, bar: 0x8C8C8C },
        None => StatusColour { ink: 0x6A1B9A, fill: 0xF3E5F5, bar: 0x9C4DCC },
    }
}

/// The colours of the status that `term` is, if it is one.
pub fn term_colour(term: &Term) -> Option<StatusColour> {
    status_place(term).map(|place| status_colour(STATUSES[place]))
}

/// The ink of rows whose date has passed.
pub const LATE_INK: u32 = 0x9B_1C1C;
/// The fill of rejected rows.
pub const REJECTED_FILL: u32 = 0xFD_E8D7;
/// The fill of text that was cut.
pub const CUT_FILL: u32 = 0xFF_F2B3;
/// The fill of header rows.
pub const HEADER_FILL: u32 = 0x1F3A5F;
/// The ink of header rows.
pub const HEADER_INK: u32 = 0xFFFFFF;
/// Rules between rows.
pub const RULE: u32 = 0xD5DBE3;
/// Body ink.
pub const INK: u32 = 0x1C232B;
