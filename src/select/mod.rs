//! Which rows, in which order, on which page. Adds no columns to the rows.

pub mod filter;
pub mod page;
pub mod sort;

use polars::prelude::IdxCa;

use crate::classify::Classified;
use page::Page;

/// The rows that pass, as indices into the classified frame in final order.
#[derive(Debug, Clone)]
pub struct Selection {
    /// What was selected from.
    pub classified: Classified,
    /// Every row that passes, in order, before paging.
    pub rows: IdxCa,
    /// The page asked for, if any.
    pub page: Option<Page>,
    /// The filters, one sentence each.
    pub filters: Vec<String>,
    /// The order, one sentence.
    pub order: String,
    /// The key of the first sort column; `status` by default.
    pub first_key: String,
}
