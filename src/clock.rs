//! The one place that asks the time, and the as-of instant of a run.
#![allow(clippy::disallowed_methods, reason = "this is the one place that asks the time")]

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::America::Los_Angeles;

use crate::error::{Error, Place, Result};

/// The years that a report may speak of: those that order dates may have.
const YEARS: std::ops::RangeInclusive<i32> = 1980..=2099;

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
    /// [`Error::usage`] when the text is none of these or the wall time does not exist.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let help = "write 2026-11-21T10:00:00Z, or 2026-11-21 for the start of that day in Pacific time";
        let told = DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.with_timezone(&Utc));
        let instant = told
            .or_else(|| wall_time(text).and_then(pacific_to_utc))
            .ok_or_else(|| Error::usage(Place::option("as_of"), format!("'{text}' is not an instant"), help))?;
        match YEARS.contains(&instant.year()) {
            true => Ok(Self(instant)),
            false => {
                Err(Error::usage(Place::option("as_of"), format!("'{text}' is not between {} and {}", YEARS.start(), YEARS.end()), help))
            }
        }
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

/// The wall time that `text` writes: a date and a time, seconds optional, a space for the `T` allowed; a date alone is its
/// midnight.
pub fn wall_time(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN)))
}

/// Days from 1970-01-01 to `date`, the unit of dates in frames.
pub fn days(date: NaiveDate) -> i32 {
    date.to_epoch_days()
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

/// A zone of the database of zones, other than the Pacific one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedZone(chrono_tz::Tz);

impl NamedZone {
    /// The zone of this name, as in `America/Chicago`; `None` where there is none, and for Pacific time.
    pub fn of(name: &str) -> Option<Self> {
        name.parse().ok().filter(|zone| *zone != Los_Angeles).map(Self)
    }

    /// The instant of a wall time, both in seconds since 1970-01-01T00:00:00, as [`pacific_to_utc`].
    pub fn to_utc(self, wall: i64) -> Option<i64> {
        let at = |wall: i64| self.0.from_local_datetime(&DateTime::from_timestamp(wall, 0)?.naive_utc()).earliest();
        at(wall).or_else(|| at(wall + 3_600)).map(|instant| instant.timestamp())
    }
}

/// The zone of this machine's clock, as its own files say; `None` where they do not.
pub fn machine_zone() -> Option<chrono_tz::Tz> {
    let Ok(target) = std::fs::canonicalize("/etc/localtime") else { return Some(chrono_tz::UTC) };
    let named = target.to_str().and_then(|path| path.split_once("zoneinfo/")).and_then(|(_, name)| name.parse().ok());
    named.or_else(|| std::fs::read_to_string("/etc/timezone").ok()?.trim().parse().ok())
}

/// The Pacific wall time of an instant, both in seconds since 1970-01-01T00:00:00.
pub fn utc_to_pacific(utc: i64) -> i64 {
    let offset = DateTime::from_timestamp(utc, 0).map(|instant| Los_Angeles.offset_from_utc_datetime(&instant.naive_utc()).fix());
    utc + offset.map_or(0, |offset| i64::from(offset.local_minus_utc()))
}

/// When a run began and how long it has taken; for the part of a manifest that is not hashed, and for people.
#[derive(Debug, Clone, Copy)]
pub struct RunTimer {
    began: DateTime<Utc>,
    tick: std::time::Instant,
    cpu_before: Option<f64>,
}

impl RunTimer {
    /// A watch that starts now.
    pub fn start() -> Self {
        Self { began: Utc::now(), tick: std::time::Instant::now(), cpu_before: cpu_seconds() }
    }

    /// When it was started.
    pub fn began(self) -> DateTime<Utc> {
        self.began
    }

    /// Seconds since it was started.
    pub fn seconds(self) -> f64 {
        self.tick.elapsed().as_secs_f64()
    }

    /// CPU seconds that this process and its finished children have used since it was started, where the system tells.
    /// What ran in the process before, such as a build tool that became this program, does not count.
    pub fn cpu_seconds(self) -> Option<f64> {
        Some(cpu_seconds()? - self.cpu_before?)
    }
}

fn cpu_seconds() -> Option<f64> {
    /// The kernel counts in hundredths of a second on every architecture it shows to programs.
    const TICKS_A_SECOND: f64 = 100.0;
    let line = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses and may hold spaces.
    let ticks: Vec<f64> = line.rsplit_once(')')?.1.split_whitespace().skip(11).take(4).filter_map(|field| field.parse().ok()).collect();
    (ticks.len() == 4).then(|| ticks.iter().sum::<f64>() / TICKS_A_SECOND)
}
