//! Cuts one page out of a selection, and says how many there are.

use std::ops::Range;

use crate::domain::text::thousands;
use crate::error::{Error, Place, Result};

/// A page of a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Page {
    /// This page, from 1.
    pub number: u64,
    /// How many pages there are.
    pub of: u64,
    /// Rows on a full page.
    pub size: u64,
    /// Rows before paging.
    #[serde(skip)]
    pub rows: u64,
}

/// Checks the page number and the page size asked for: nothing, or a page number and size, both from 1.
///
/// # Errors
/// [`Error::usage`] when either is zero or a page is asked for without its size.
pub fn asked(number: Option<u64>, size: Option<u64>) -> Result<Option<(u64, u64)>> {
    match (number, size) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(Error::usage(Place::option("page"), "a page needs a size", "give the number of rows on a page")
            .with_remedy(Place::option("page_size"))),
        (_, Some(0)) => Err(Error::usage(Place::option("page_size"), "a page cannot have 0 rows", "write 1 or more")),
        (Some(0), _) => Err(Error::usage(Place::option("page"), "there is no page 0", "pages count from 1")),
        (number, Some(size)) => Ok(Some((number.unwrap_or(1), size))),
    }
}

impl Page {
    /// Page `number` of `rows` rows cut into pages of `size` (1 or more). No rows are one empty page.
    ///
    /// # Errors
    /// [`Error::usage`] that names the last page when `number` is past it.
    pub fn new(number: u64, size: u64, rows: u64) -> Result<Self> {
        let of = rows.div_ceil(size.max(1)).max(1);
        if number > of {
            let pages = if of == 1 { "there is only one page".to_owned() } else { format!("there are only {} pages", thousands(of)) };
            return Err(Error::usage(
                Place::option("page"),
                format!("there is no page {number}: {pages}"),
                format!("the last page is {of}"),
            ));
        }
        Ok(Self { number, of, size, rows })
    }

    /// The places of this page's rows among all rows, from 0.
    pub fn range(&self) -> Range<usize> {
        let from = (self.number - 1).saturating_mul(self.size).min(self.rows);
        let to = from.saturating_add(self.size).min(self.rows);
        from as usize..to as usize
    }
}
