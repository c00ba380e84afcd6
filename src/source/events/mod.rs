//! Replays tables of events: each number's own events, in their order, through the state model, into one row of orders.

pub mod columns;
pub mod histories;
pub mod history_parts;
pub mod last_rows;
pub mod of_orders;
pub mod overlay;
pub mod owners;
pub mod replay;
pub mod standings;
pub mod story;
pub mod timeline;
