//! Cuts one page out of a selection, and says how many there are.

/// A page of a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// This page, from 1.
    pub number: u64,
    /// How many pages there are.
    pub of: u64,
    /// Rows on a full page.
    pub size: u64,
    /// Rows before paging.
    pub rows: u64,
}
