//! The counts of a report: by status and detail, by class, by lint. Exact, and summing to the rows reported.

use crate::port::lint::Lint;
use crate::port::status::{Detail, Status};

/// Counts over the rows selected before paging.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// All rows counted.
    pub rows: u64,
    /// Every status in the report's order, with its count (zero included); `None` is rows without a known status, listed only when there are any.
    pub by_status: Vec<(Option<Status>, u64)>,
    /// Every status and detail pair that occurs or belongs together, with its count.
    pub by_detail: Vec<(Option<Status>, Option<Detail>, u64)>,
    /// Local and toll-free numbers per status: status, local, toll-free.
    pub by_class: Vec<(Option<Status>, u64, u64)>,
    /// Numbers to port by week of their effective date (Monday's date as days since 1970), for rows not yet closed; at most 12 weeks from the as-of date.
    pub by_week: Vec<(i32, u64)>,
    /// Lints that occur, with counts, most first.
    pub lints: Vec<(Lint, u64)>,
    /// The accounts with the most rows that wait for the partner: account id, company, rows; at most 10.
    pub waiting_accounts: Vec<(String, String, u64)>,
}
