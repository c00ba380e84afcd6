//! Dates that a system writes as seconds since a day of its own, such as the year 0.

use chrono::{DateTime, NaiveDate, TimeDelta};
use serde::Deserialize;

/// The day at whose beginning, in UTC, a system starts to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Epoch(NaiveDate);

/// Digits of the least and the most seconds that are read so: spreadsheets' day numbers and plain dates have fewer.
const DIGITS: std::ops::RangeInclusive<usize> = 9..=12;

impl TryFrom<String> for Epoch {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d");
        day.map(Self).map_err(|_| format!("'{text}' is not a day; write it as yyyy-mm-dd"))
    }
}

impl Epoch {
    /// The instant that `cell`, a whole number of seconds, means, as text; `None` for anything else.
    pub fn instant(self, cell: &str) -> Option<String> {
        let cell = cell.trim();
        let digits = cell.split_once('.').map_or(Some(cell), |(whole, rest)| rest.bytes().all(|digit| digit == b'0').then_some(whole))?;
        if !DIGITS.contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let seconds = TimeDelta::try_seconds(digits.parse().ok()?)?;
        let instant = self.0.and_hms_opt(0, 0, 0)?.checked_add_signed(seconds)?;
        let written: DateTime<chrono::Utc> = instant.and_utc();
        Some(written.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}
