//! Puts every number through the state model and the status mapping; adds columns and never drops a row.

pub mod columns;
pub mod interpret;
pub mod lint;
pub mod rules;
pub mod timing;

use polars::prelude::DataFrame;

use crate::clock::AsOf;
use crate::source::Orders;

/// Classified orders: the same rows in the same order, plus `state`, `status`, `detail` (String codes,
/// null when nothing is known), `rule` (UInt16, index into [`Classified::rules`]) and `lints` (UInt32) renewed.
#[derive(Debug, Clone)]
pub struct Classified {
    /// The orders; their frame carries the added columns.
    pub orders: Orders,
    /// The rules that decided, by index.
    pub rules: std::sync::Arc<rules::Rules>,
    /// The as-of instant and calendar of everything that depends on time.
    pub timing: timing::Timing,
}

impl Classified {
    /// The frame of orders.
    pub fn frame(&self) -> &DataFrame {
        &self.orders.frame
    }

    /// The as-of instant.
    pub fn as_of(&self) -> AsOf {
        self.timing.as_of
    }
}
