//! When a job runs: times of day in a zone, on some days of the week, and not on holidays.

use chrono::{NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::domain::calendar::Calendar;

/// When a job runs.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The times of day, in order, none twice.
    pub times: Vec<NaiveTime>,
    /// The days of the week.
    pub weekdays: Vec<Weekday>,
    /// The zone of the times.
    pub zone: Tz,
    /// The calendar on whose holidays it does not run.
    pub holidays: Option<Calendar>,
}

/// One of the times at which a job runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// What it is called: the day, with the time if there are several a day: `2026-11-27`, `2026-11-27T1400`.
    pub key: String,
    /// The day, in the zone of the schedule.
    pub day: NaiveDate,
    /// When it is due.
    pub due: chrono::DateTime<chrono::Utc>,
}
