//! Until when a carrier takes the cancellation of a number.

use serde::Deserialize;

use crate::domain::lifecycle::State;
use crate::error::{Error, Place, Result};

/// What a system says of cancellations. Without a word of it they are taken whenever the state model allows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CancelWindow {
    /// Hours before the confirmed port that must be left.
    pub hours: Option<u32>,
    /// Business days before the confirmed port that must be left.
    pub business_days: Option<u32>,
    /// The only states in which a number can be canceled; any, if it names none.
    pub states: Vec<State>,
    /// Whether the carrier may charge for it.
    pub may_charge: bool,
}

/// Hours and days of a window, at most.
pub const LONGEST: u32 = 10_000;

impl CancelWindow {
    /// Refuses a window that cannot be meant.
    ///
    /// # Errors
    /// [`Error::config`] for hours and business days beside each other, and for more than 10,000 of them.
    pub fn check(&self, file: &str) -> Result<()> {
        let fault = |what: &str, help: &str| Err(Error::config(Place::entry(file, "cancel_window"), what, help));
        match (self.hours, self.business_days) {
            (Some(_), Some(_)) => fault("names hours and business days", "keep one of them"),
            (Some(length), None) | (None, Some(length)) if length > LONGEST => fault("is too long", "write at most 10,000"),
            _ => Ok(()),
        }
    }
}
