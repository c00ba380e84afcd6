//! Writes days, times and instants as ISO text, or as the readers of a report are used to; parts of a second are left out.

use std::io::Write;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

/// How days are shown to the readers of a report; what programs read is ISO.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateStyle {
    /// `2026-11-21`.
    #[default]
    Iso,
    /// `21/11/2026`.
    DayFirst,
    /// `11/21/2026`.
    MonthFirst,
}

impl DateStyle {
    /// The words for them in templates.
    pub const NAMES: [&'static str; 3] = ["iso", "day_first", "month_first"];

    /// Its word in templates.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Appends a day, given as days since 1970-01-01.
    pub fn write_date(self, out: &mut Vec<u8>, days: i32) {
        let date = date_of(days);
        let [first, second] = match self {
            Self::Iso => return write_date(out, days),
            Self::DayFirst => [date.day(), date.month()],
            Self::MonthFirst => [date.month(), date.day()],
        };
        two(out, first);
        out.push(b'/');
        two(out, second);
        out.push(b'/');
        year(out, date.year());
    }

    /// Appends an instant, given in microseconds since 1970: as [`write_instant`], or as `21/11/2026 10:00:00Z`.
    pub fn write_instant(self, out: &mut Vec<u8>, micros: i64) {
        if self == Self::Iso {
            return write_instant(out, micros);
        }
        let (days, seconds) = days_and_seconds(micros);
        self.write_date(out, days);
        out.push(b' ');
        clock(out, seconds);
        out.push(b':');
        two(out, seconds % 60);
        out.push(b'Z');
    }

    /// A day as text.
    pub fn day(self, date: NaiveDate) -> String {
        let mut text = String::new();
        append(&mut text, |ascii| self.write_date(ascii, date.to_epoch_days()));
        text
    }

    /// A month as text: `2026-11`, or `11/2026`.
    pub fn month(self, date: NaiveDate) -> String {
        date.format(if self == Self::Iso { "%Y-%m" } else { "%m/%Y" }).to_string()
    }
}

/// Days since 1970-01-01 whose texts are made once, those of a century: orders have few others.
const USUAL_DAYS: i32 = 36_525;
/// Bytes of a day's text.
const DAY_BYTES: usize = 10;

/// A day, given as days since 1970-01-01, as `2026-03-04`; `None` for one that is not of the century from 1970 on.
pub fn usual_day(days: i32) -> Option<&'static str> {
    static DAYS: LazyLock<String> = LazyLock::new(|| {
        let mut all = Vec::with_capacity(USUAL_DAYS as usize * DAY_BYTES);
        (0..USUAL_DAYS).for_each(|days| write_any_date(&mut all, days));
        String::from_utf8(all).unwrap_or_default()
    });
    let start = usize::try_from(days).ok()?.checked_mul(DAY_BYTES)?;
    DAYS.get(start..start + DAY_BYTES)
}

/// Appends a day, given as days since 1970-01-01, as `2026-03-04`.
pub fn write_date(out: &mut Vec<u8>, days: i32) {
    match usual_day(days) {
        Some(day) => out.extend_from_slice(day.as_bytes()),
        None => write_any_date(out, days),
    }
}

fn write_any_date(out: &mut Vec<u8>, days: i32) {
    let date = date_of(days);
    year(out, date.year());
    out.push(b'-');
    two(out, date.month());
    out.push(b'-');
    two(out, date.day());
}

fn date_of(days: i32) -> NaiveDate {
    NaiveDate::from_epoch_days(days).unwrap_or(if days < 0 { NaiveDate::MIN } else { NaiveDate::MAX })
}

fn year(out: &mut Vec<u8>, year: i32) {
    match u32::try_from(year) {
        Ok(year @ ..10_000) => {
            two(out, year / 100);
            two(out, year % 100);
        }
        // No calendar of orders reaches here; the text stays unambiguous all the same. A Vec never refuses.
        _ => drop(write!(out, "{year:05}")),
    }
}

/// Appends a time of day, given in seconds since midnight, as `10:00`, with the seconds only when they are not zero.
pub fn write_time(out: &mut Vec<u8>, seconds: i32) {
    let seconds = seconds.rem_euclid(86_400) as u32;
    clock(out, seconds);
    if !seconds.is_multiple_of(60) {
        out.push(b':');
        two(out, seconds % 60);
    }
}

/// Appends an instant, given in microseconds since 1970, as `2026-03-04T10:00:00Z`; parts of a second are left out.
pub fn write_instant(out: &mut Vec<u8>, micros: i64) {
    let (days, seconds) = days_and_seconds(micros);
    write_date(out, days);
    out.push(b'T');
    clock(out, seconds);
    out.push(b':');
    two(out, seconds % 60);
    out.push(b'Z');
}

/// Appends what `write` writes, which is ASCII as all here is.
pub fn append(out: &mut String, write: impl FnOnce(&mut Vec<u8>)) {
    let mut ascii = Vec::with_capacity(24);
    write(&mut ascii);
    out.push_str(str::from_utf8(&ascii).unwrap_or_default());
}

/// The days since 1970-01-01 and the seconds since midnight of an instant in microseconds, rounded down.
pub fn days_and_seconds(micros: i64) -> (i32, u32) {
    let seconds = micros.div_euclid(1_000_000);
    (seconds.div_euclid(86_400) as i32, seconds.rem_euclid(86_400) as u32)
}

fn clock(out: &mut Vec<u8>, seconds: u32) {
    two(out, seconds / 3600);
    out.push(b':');
    two(out, seconds / 60 % 60);
}

fn two(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&[b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]);
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use crate::domain::date::text::{usual_day, write_date};

    #[test]
    fn days_of_a_century_are_there_and_all_others_are_written() {
        for days in [-1, 0, 1, 59, 10_957, 20_778, 36_524, 36_525, 2_932_896] {
            let mut written = Vec::new();
            write_date(&mut written, days);
            let expected = NaiveDate::from_epoch_days(days).unwrap().to_string();
            assert_eq!(String::from_utf8(written).unwrap(), expected);
            assert_eq!(usual_day(days), (0..36_525).contains(&days).then_some(&*expected));
        }
        assert_eq!((usual_day(36_524), usual_day(i32::MAX), usual_day(i32::MIN)), (Some("2069-12-31"), None, None));
    }
}
