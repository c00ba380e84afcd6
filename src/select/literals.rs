//! Reads the quoted texts of a SQL condition as values of the type they are compared with: dates, times, instants, numbers, yes and no.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use polars::prelude::*;

use crate::domain::status::fold;

/// The type of a part of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlType {
    /// The literal NULL, which fits every type.
    Null,
    /// Text: String.
    Text,
    /// A calendar day: Date.
    Date,
    /// Seconds since midnight: Int32.
    Time,
    /// A UTC instant: Datetime in microseconds.
    Instant,
    /// A number: Int64, or Float64 after a division.
    Number,
    /// Yes, no or unknown: Boolean.
    Bool,
}

impl SqlType {
    /// The type in words, with its article.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Text => "text",
            Self::Date => "a date",
            Self::Time => "a time",
            Self::Instant => "an instant",
            Self::Number => "a number",
            Self::Bool => "yes or no",
        }
    }

    /// The type of its column in a frame.
    pub const fn dtype(self) -> DataType {
        match self {
            Self::Null | Self::Text => DataType::String,
            Self::Date => DataType::Date,
            Self::Time => DataType::Int32,
            Self::Instant => DataType::Datetime(TimeUnit::Microseconds, None),
            Self::Number => DataType::Int64,
            Self::Bool => DataType::Boolean,
        }
    }

    /// The value of this type that `text` writes.
    ///
    /// # Errors
    /// What it is not, in words.
    pub fn read(self, text: &str) -> Result<Expr, String> {
        let text = text.trim();
        let expected = match self {
            Self::Null | Self::Text => return Ok(lit(text)),
            Self::Date => match text.parse::<NaiveDate>() {
                Ok(date) => return Ok(lit(crate::clock::days(date)).cast(DataType::Date)),
                Err(_) => "a date as yyyy-mm-dd",
            },
            Self::Time => match read_time(text) {
                Some(seconds) => return Ok(lit(seconds)),
                None => "a time as hh:mm",
            },
            Self::Instant => match read_instant(text) {
                Some(micros) => return Ok(lit(micros).cast(self.dtype())),
                None => "a UTC instant as yyyy-mm-ddThh:mm:ss",
            },
            Self::Number => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => return Ok(lit(whole)),
                (_, Ok(number)) if number.is_finite() => return Ok(lit(number)),
                _ => "a number",
            },
            Self::Bool => match fold(text).as_str() {
                "yes" | "true" | "y" | "t" => return Ok(lit(true)),
                "no" | "false" | "n" | "f" => return Ok(lit(false)),
                _ => "yes or no",
            },
        };
        Err(format!("'{text}' is not {expected}"))
    }
}

/// Seconds since midnight.
fn read_time(text: &str) -> Option<i32> {
    let time = ["%H:%M", "%H:%M:%S"].iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())?;
    i32::try_from(time.num_seconds_from_midnight()).ok()
}

/// Microseconds since 1970-01-01T00:00:00Z; a day alone is its midnight.
fn read_instant(text: &str) -> Option<i64> {
    let read = |format: &&str| NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), format).ok();
    let instant = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"].iter().find_map(read);
    let instant = instant.or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0))?;
    Some(instant.and_utc().timestamp_micros())
}
