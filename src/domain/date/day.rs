//! A calendar day, how sure its reading is, why a text is none, and the ISO form.

use chrono::{Datelike, NaiveDate};

use crate::clock::days;
use crate::domain::status::closed_lists;

/// Which number of 03/04/2026 is the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 03/04/2026 is the fourth of March.
    #[default]
    MonthFirst,
    /// 03/04/2026 is the third of April.
    DayFirst,
}

impl DateOrder {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::MonthFirst => Self::DayFirst,
            Self::DayFirst => Self::MonthFirst,
        }
    }

    /// `month` or `day`, whichever comes first.
    pub const fn first(self) -> &'static str {
        match self {
            Self::MonthFirst => "month",
            Self::DayFirst => "day",
        }
    }
}

/// How sure the reading of a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// There is one way to read it.
    Plain,
    /// Two orders give two days; the given order decided.
    Ambiguous,
    /// It was a spreadsheet's day number.
    Serial,
}

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01.
    pub days: i32,
    /// How it was read.
    pub reading: Reading,
    /// The order of day and month that it proves, because in the other there is no such day.
    pub proves: Option<DateOrder>,
}

closed_lists! {
    /// Why a text is no day; the caption is the reason in one phrase.
    InvalidDate {
        /// It has none of the known shapes.
        NotADate = "not_a_date", "not a date; expected yyyy-mm-dd";
        /// It has the shape of a date, but there is no such day.
        NoSuchDay = "no_such_day", "no such day in the calendar";
        /// The year lies outside 1980 to 2099.
        OutOfRange = "out_of_range", "a year outside 1980 to 2099";
    }
}

/// The first and last year a porting date may have; nothing was ported before, and sentinels such as
/// 1900-01-01 and 9999-12-31 mean no date.
const YEARS: std::ops::RangeInclusive<i32> = 1980..=2099;

pub(in crate::domain::date) fn plain(days: i32) -> Day {
    Day { days, reading: Reading::Plain, proves: None }
}

/// Microseconds of a day.
pub const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The Monday of the week of `day`, both in days since 1970-01-01.
pub const fn monday(day: i32) -> i32 {
    // 1970-01-01 was a Thursday, three days after a Monday.
    day - (day + 3).rem_euclid(7)
}

/// The day whose month is this one's day and whose day is this one's month; itself where there is none.
pub fn swap_day_and_month(days: i32) -> i32 {
    let swapped = |date: NaiveDate| NaiveDate::from_ymd_opt(date.year(), date.day(), date.month());
    NaiveDate::from_epoch_days(days).and_then(swapped).map_or(days, crate::clock::days)
}

/// Days since 1970-01-01 of a day of the Gregorian calendar.
pub(in crate::domain::date) fn civil(year: i32, month: i32, day: i32) -> Result<i32, InvalidDate> {
    let date = NaiveDate::from_ymd_opt(year, month as u32, day as u32).ok_or(InvalidDate::NoSuchDay)?;
    if YEARS.contains(&year) { Ok(days(date)) } else { Err(InvalidDate::OutOfRange) }
}

fn two(bytes: &[u8], at: usize) -> Option<i32> {
    let (tens, ones) = (bytes.get(at)?.wrapping_sub(b'0'), bytes.get(at + 1)?.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then_some(i32::from(tens) * 10 + i32::from(ones))
}

/// `yyyy-mm-dd` at the start, and what follows it.
pub(in crate::domain::date) fn iso(bytes: &[u8]) -> Option<(Result<i32, InvalidDate>, &[u8])> {
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = two(bytes, 0)? * 100 + two(bytes, 2)?;
    Some((civil(year, two(bytes, 5)?, two(bytes, 8)?), &bytes[10..]))
}
