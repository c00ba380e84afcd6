//! The order of the statuses in everything that has a part for each: counts, colours, styles.

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
