//! When a job runs: times of day in a zone, on some days of the week, and not on holidays.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use crate::domain::calendar::Calendar;

/// The most periods that are listed at once: those before them are not told.
const MAX_PERIODS: usize = 1_000;

/// Days that are looked through for a period: a job that has none in three years has none.
const MAX_DAYS: usize = 3 * 366;

/// Minutes of the longest gap that a clock may have: a day that a zone left out, at its end and its beginning.
const MAX_GAP_MINUTES: i64 = 48 * 60;

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

impl Schedule {
    /// The last period that is due at `now`; `None` if there was none in three years.
    pub fn latest_due(&self, now: DateTime<Utc>) -> Option<Period> {
        self.before(now).take(MAX_DAYS).flatten().find(|period| period.due <= now)
    }

    /// The periods that are due after one instant, and at another or before: the last 1,000 of them, in order. Of periods that
    /// are due at the same instant, as two times that the clock skips, it is the last.
    pub fn due_between(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Period> {
        // What the clock skips on the day before may be due on the first.
        let days = (self.day_of(until) - self.day_of(after)).num_days().max(0) as usize + 2;
        let due = self.before(until).take(days).flatten().filter(|period| period.due <= until && period.due > after);
        let mut due: Vec<Period> = due.take(MAX_PERIODS + 1).collect();
        due.dedup_by_key(|period| period.due);
        due.truncate(MAX_PERIODS);
        due.reverse();
        due
    }

    /// The first period that is due after `instant`; `None` if there is none in three years.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<Period> {
        // What the clock skips on the day before may be due on this one.
        let first = self.day_of(instant);
        let first = first.pred_opt().unwrap_or(first);
        let mut periods = first.iter_days().take(MAX_DAYS).flat_map(|day| self.periods_of(day)).skip_while(|period| period.due <= instant);
        let next = periods.next()?;
        Some(periods.take_while(|period| period.due == next.due).last().unwrap_or(next))
    }

    /// The holiday on which the job does not run, if `day` is one.
    pub fn holiday_on(&self, day: NaiveDate) -> Option<&str> {
        self.holidays.as_ref()?.holiday(day)
    }

    /// The holidays between two days, both included, on which it would run if they were none.
    pub fn holidays_between(&self, from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, &str)> {
        let days = from.iter_days().take_while(|day| *day <= to).filter(|day| self.weekdays.contains(&day.weekday()));
        days.take(MAX_DAYS).filter_map(|day| Some((day, self.holiday_on(day)?))).collect()
    }

    /// The periods of a day, in order.
    fn periods_of(&self, day: NaiveDate) -> Vec<Period> {
        if !self.weekdays.contains(&day.weekday()) || self.holiday_on(day).is_some() {
            return Vec::new();
        }
        let key = |time: &NaiveTime| match self.times.len() {
            0 | 1 => day.to_string(),
            _ => format!("{day}T{}", time.format("%H%M")),
        };
        let period = |time: &NaiveTime| Some(Period { key: key(time), day, due: instant_of(self.zone, day.and_time(*time))? });
        self.times.iter().filter_map(period).collect()
    }

    /// The periods of the day of `instant` and of the days before it, day by day, the last one first.
    fn before(&self, instant: DateTime<Utc>) -> impl Iterator<Item = Vec<Period>> {
        let days = std::iter::successors(Some(self.day_of(instant)), NaiveDate::pred_opt);
        days.map(|day| {
            let mut periods = self.periods_of(day);
            periods.reverse();
            periods
        })
    }

    fn day_of(&self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.zone).date_naive()
    }
}

/// The instant at which the clock of `zone` shows `wall`: the first one when it shows it twice, the first after the gap when it
/// skips it; `None` only at the ends of the calendar.
fn instant_of(zone: Tz, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    let at = |minutes| zone.from_local_datetime(&wall.checked_add_signed(TimeDelta::minutes(minutes))?).earliest();
    (0..=MAX_GAP_MINUTES).find_map(at).map(|instant| instant.with_timezone(&Utc))
}
