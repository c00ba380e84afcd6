//! The one place that asks the time, and the as-of instant of a run.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::America::Los_Angeles;

use crate::error::{Error, Result};

/// The instant a report speaks of. Dates in the report are judged by the Pacific calendar
/// day of this instant, because all orders port by Pacific time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf(DateTime<Utc>);

impl AsOf {
    /// The present moment, to the second.
    pub fn now() -> Self {
        let now = Utc::now();
        Self(DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now))
    }

    /// A given instant.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(instant)
    }

    /// Reads an RFC 3339 instant (`2026-11-21T10:00:00Z`), a Pacific wall time
    /// (`2026-11-21T10:00`, seconds optional, a space for the `T` allowed) or a date,
    /// which means the start of that day in Pacific time.
    ///
    /// # Errors
    /// [`Error::Usage`] when the text is none of these or the wall time does not exist.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self(instant.with_timezone(&Utc)));
        }
        let wall = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .or_else(|| Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN)));
        wall.and_then(|wall| pacific_to_utc(wall)).map(Self).ok_or_else(|| {
            Error::usage("--as-of", format!("'{text}' is not an instant"), "write 2026-11-21T10:00:00Z, or 2026-11-21 for the start of that day in Pacific time")
        })
    }

    /// The instant in UTC.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// Microseconds since 1970-01-01T00:00:00Z, the unit of instants in frames.
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// The wall time in America/Los_Angeles.
    pub fn pacific(self) -> NaiveDateTime {
        self.0.with_timezone(&Los_Angeles).naive_local()
    }

    /// The calendar day in America/Los_Angeles.
    pub fn date(self) -> NaiveDate {
        self.pacific().date()
    }

    /// Days from 1970-01-01 to the Pacific calendar day, the unit of dates in frames.
    pub fn days(self) -> i32 {
        days(self.date())
    }
}

impl std::fmt::Display for AsOf {
    /// `2026-11-21 10:00 Pacific (2026-11-21T18:00:00Z)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} Pacific ({})", self.pacific().format("%Y-%m-%d %H:%M"), self.0.format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// Days from 1970-01-01 to `date`, the unit of dates in frames.
pub fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// The UTC instant of a Pacific wall time: the earlier one when the clock shows it twice,
/// one hour later when the clock skips it; `None` only at the ends of the calendar.
pub fn pacific_to_utc(wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    Los_Angeles
        .from_local_datetime(&wall)
        .earliest()
        .or_else(|| Los_Angeles.from_local_datetime(&(wall + chrono::Duration::hours(1))).earliest())
        .map(|instant| instant.with_timezone(&Utc))
}
