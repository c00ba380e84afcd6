//! Reads the quoted texts of a SQL condition as values of the type they are compared with: dates, times, instants, numbers, yes and no.

use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveTime, Timelike};
use polars::prelude::*;
use regex::Regex;

use crate::clock::{days, wall_time};
use crate::domain::columns::ColumnType;
use crate::domain::date::{self, DateOrder, Reading};
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
    /// A whole number: Int64.
    Number,
    /// A number written with a decimal point: Float64.
    Decimal,
    /// What a division gives: Float64.
    Double,
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
            ColumnType::Count | ColumnType::Amount => Self::Number,
            ColumnType::Share => Self::Double,
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
            Self::Decimal | Self::Double => DataType::Float64,
            Self::Bool => DataType::Boolean,
        }
    }

    /// Whether it is a number.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Decimal | Self::Double)
    }

    /// Whether its values compare with those of the other type.
    pub fn compares_with(self, other: Self) -> bool {
        self.joined(other).is_some()
    }

    /// The type that values of both types have together, if there is one.
    pub fn joined(self, other: Self) -> Option<Self> {
        match (self, other) {
            (found, expected) if found == expected => Some(found),
            (Self::Null, found) | (found, Self::Null) => Some(found),
            (Self::Double, found) | (found, Self::Double) if found.is_number() => Some(Self::Double),
            (found, expected) if found.is_number() && expected.is_number() => Some(Self::Decimal),
            _ => None,
        }
    }

    /// The value of this type that `text` writes.
    ///
    /// # Errors
    /// What it is not, in words.
    pub fn read(self, text: &str) -> Result<Expr, String> {
        if matches!(self, Self::Null | Self::Text) {
            return Ok(lit(text));
        }
        let text = text.trim();
        let (value, expected) = match self {
            Self::Null | Self::Text => (Some(lit(text)), "text"),
            Self::Date => (read_date(text).map(|date| lit(days(date)).cast(self.dtype())), "a date as yyyy-mm-dd"),
            Self::Time => (read_time(text).map(lit), "a time as hh:mm"),
            Self::Instant => (read_instant(text).map(|micros| lit(micros).cast(self.dtype())), "a UTC instant as yyyy-mm-ddThh:mm:ss"),
            Self::Number => (text.parse::<i64>().ok().map(lit), "a whole number"),
            Self::Decimal | Self::Double => (text.parse::<f64>().ok().filter(|number| number.is_finite()).map(lit), "a number"),
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
            Self::Number | Self::Decimal | Self::Double => "a number",
            Self::Bool => "yes or no",
        })
    }
}

fn read_date(text: &str) -> Option<NaiveDate> {
    text.parse().ok().filter(|_| text.len() == 10)
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

/// A date that stands in a condition outside quotes, where its signs would be those of arithmetic, and how it is to be written.
pub fn unquoted_date(sql: &str) -> Option<(String, String)> {
    static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let month = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";
        let day = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}";
        Regex::new(&format!(r"(?:^|[^0-9A-Za-z_./-])({day}|\d{{1,2}}[-/ ]{month}[-/ ]\d{{4}})(?:[^0-9./]|$)")).ok()
    });
    let mut quote = None;
    let outside: String = sql
        .chars()
        .map(|letter| {
            let was_quoted = quote.is_some();
            match quote {
                Some(open) if open == letter => quote = None,
                None if matches!(letter, '\'' | '"') => quote = Some(letter),
                _ => {}
            }
            if was_quoted || quote.is_some() { '_' } else { letter }
        })
        .collect();
    let found = DATE.as_ref()?.captures(&outside)?.get(1)?.as_str();
    let read = date::day(found, DateOrder::MonthFirst).ok().filter(|day| day.reading == Reading::Plain);
    let written =
        read.and_then(|day| NaiveDate::from_epoch_days(day.days)).map_or_else(|| "'yyyy-mm-dd'".to_owned(), |day| format!("'{day}'"));
    Some((found.to_owned(), written))
}
