//! What each column, status, detailed status, state and flag of a report means, in the order a reader meets them. States nothing about any row.

use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::State;
use crate::domain::status::{Detail, Spelling, Status};
use crate::report::template::ColumnSpec;

/// The entries for a report that shows `columns`: group, term, meaning. Every status and detailed status is
/// among them; states and flags only where a column shows them.
pub fn entries(columns: &[ColumnSpec], spelling: Spelling) -> Vec<[String; 3]> {
    let entry = |group: &str, term: &str, meaning: &str| [group.to_owned(), term.to_owned(), meaning.to_owned()];
    let shows = |key: &str| columns.iter().any(|column| column.key == key);
    let mut entries: Vec<[String; 3]> = columns.iter().map(|column| entry("Column", &column.caption, &column.meaning)).collect();
    entries.extend(Status::ALL.iter().map(|status| entry("Status", spelling.status(Some(*status)), of_status(*status))));
    entries.extend(Detail::ALL.iter().map(|detail| {
        let term = format!("{} ({})", spelling.detail(Some(*detail)), spelling.status(Some(detail.status())));
        entry("Detailed Status", &term, of_detail(*detail))
    }));
    if shows("number_state") {
        entries.extend(State::ALL.iter().map(|state| entry("Number state", state.caption(), of_state(*state))));
    }
    if shows("quality_flags") {
        entries.extend(QualityFlag::ALL.iter().map(|lint| entry("Flag", lint.code(), lint.sentence())));
    }
    entries
}

/// What a status means, one sentence.
pub const fn of_status(status: Status) -> &'static str {
    match status {
        Status::WaitingForYou => "The customer or partner has to provide more information or paperwork before the order can go on.",
        Status::Scheduled => {
            "All necessary actions are done and the order awaits its port; there is a confirmed port date. Some sources call this Confirmed."
        }
        Status::InProgress => {
            "Nothing is needed from the customer or partner at the moment; the order is moving through internal steps and those of the carriers."
        }
        Status::Completed => "The port order has been completed successfully.",
        Status::Canceled => "The order has been canceled and the numbers have not been ported.",
    }
}

/// What a detailed status means, one or two sentences.
const fn of_detail(detail: Detail) -> &'static str {
    match detail {
        Detail::WaitingForLoa => "A signed letter of authorization (LOA) is required and has not come in yet.",
        Detail::AdditionalInfoRequired => {
            "The order cannot be processed without more information from the partner or customer, who was asked for it through the case."
        }
        Detail::Rejected => {
            "The carrier rejected the order. It cannot go on without more information from the partner or customer, who was asked for it through the case."
        }
        Detail::ReceivedLoa => "The signed LOA has come in and the order is ready for review by the porting team.",
        Detail::Reviewed => "The request has been reviewed and is ready to be submitted to the carrier.",
        Detail::Submitted => "The order has been submitted to the carrier, whose response is awaited.",
        Detail::PendingCarrierResponse => "The order has been submitted to the carrier and its response is awaited.",
        Detail::AdditionalInformationProvided => {
            "More information has been given to the carrier to answer a reject or jeopardy; its response is awaited."
        }
        Detail::TentativeOrderAcceptance => {
            "The order has a confirmed port date but is being coordinated with another order that is still pending."
        }
        Detail::Accepted => "The losing carrier has accepted the request, which will be processed (toll-free only).",
        Detail::FirmOrderConfirmation => "There is a confirmed port date for the order (local only).",
        Detail::Completed => "The port order has been completed successfully.",
        Detail::Cancelled => "The order has been canceled and the numbers have not been ported.",
        Detail::ClosedAsIncomplete => {
            "The partner or customer did not provide the information needed to complete the port, and the order has been canceled."
        }
    }
}

/// What a number's state means, one sentence.
const fn of_state(state: State) -> &'static str {
    match state {
        State::Pending => "The number has been added and waits for review.",
        State::NotPortable => "The review found that the number cannot be ported.",
        State::Portable => "The review found that the number can be ported.",
        State::InProcess => "The order is with the carrier.",
        State::ActionRequired => "The carrier asks for more information.",
        State::FocDateSet => "The carrier has confirmed a date for the port.",
        State::Completed => "The number has been ported.",
        State::CancellationPending => "A cancellation has been requested and is not confirmed yet; the number may still port.",
        State::CancellationRejected => "The carrier refused the cancellation; the number is still porting.",
        State::Canceled => "The order for the number has been canceled.",
    }
}
