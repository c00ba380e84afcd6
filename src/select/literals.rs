//! Reads the quoted texts of a SQL condition as values of the type they are compared with: dates, times, instants, numbers, yes and no.

use chrono::{NaiveTime, Timelike};
use polars::prelude::*;

use crate::clock::{days, wall_time};
use crate::domain::columns::ColumnType;
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
    /// The type of a column inside a condition.
    pub const fn of(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::Phone | ColumnType::Id | ColumnType::Text | ColumnType::Status | ColumnType::Choice => Self::Text,
            ColumnType::Date => Self::Date,
            ColumnType::Time => Self::Time,
            ColumnType::Instant => Self::Instant,
            ColumnType::Count | ColumnType::Share => Self::Number,
            ColumnType::Bool => Self::Bool,
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
        let (value, expected) = match self {
            Self::Null | Self::Text => (Some(lit(text)), "text"),
            Self::Date => (text.parse().ok().map(|date| lit(days(date)).cast(self.dtype())), "a date as yyyy-mm-dd"),
            Self::Time => (read_time(text).map(lit), "a time as hh:mm"),
            Self::Instant => (read_instant(text).map(|micros| lit(micros).cast(self.dtype())), "a UTC instant as yyyy-mm-ddThh:mm:ss"),
            Self::Number => (read_number(text), "a number"),
            Self::Bool => {
                let answer = match fold(text).as_str() {
                    "yes" | "true" | "y" | "t" => Some(true),
                    "no" | "false" | "n" | "f" => Some(false),
                    _ => None,
                };
                (answer.map(lit), "yes or no")
            }
        };
        value.ok_or_else(|| format!("'{text}' is not {expected}"))
    }
}

impl std::fmt::Display for SqlType {
    /// The type in words, with its article.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Text => "text",
            Self::Date => "a date",
            Self::Time => "a time",
            Self::Instant => "an instant",
            Self::Number => "a number",
            Self::Bool => "yes or no",
        })
    }
}

fn read_number(text: &str) -> Option<Expr> {
    let decimal = || text.parse::<f64>().ok().filter(|number| number.is_finite());
    text.parse::<i64>().map(lit).ok().or_else(|| decimal().map(lit))
}

/// Seconds since midnight.
fn read_time(text: &str) -> Option<i32> {
    let time = ["%H:%M", "%H:%M:%S"].iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())?;
    i32::try_from(time.num_seconds_from_midnight()).ok()
}

/// Microseconds since 1970-01-01T00:00:00Z; a day alone is its midnight.
fn read_instant(text: &str) -> Option<i64> {
    Some(wall_time(text.trim_end_matches('Z'))?.and_utc().timestamp_micros())
}
