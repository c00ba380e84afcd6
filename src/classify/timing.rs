//! Everything that depends on the as-of instant: port times, ages and deadlines, as expressions.

use std::ops::Range;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use polars::prelude::*;

use crate::clock::{AsOf, pacific_to_utc, utc_to_pacific};
use crate::domain::calendar::Calendar;
use crate::domain::columns::Computed;
use crate::domain::record::STATE_SINCE;
use crate::domain::status::Status;

/// The wall time at which orders port as standard, in seconds since midnight: 10:00 Pacific.
pub const STANDARD_TIME_SECONDS: i32 = 10 * 3600;
/// How long after the port time a number may still be shown as not completed, in minutes.
pub const COMPLETION_MINUTES: i64 = 60;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// The as-of instant and the calendar of a run.
#[derive(Debug, Clone)]
pub struct Timing {
    /// The as-of instant.
    pub as_of: AsOf,
    /// The calendar of business days.
    pub calendar: Arc<Calendar>,
    /// By day from 1970-01-01 to 2199-12-31: how many business days lie before it.
    business_days: Series,
}

impl Timing {
    /// Timing for one as-of instant.
    pub fn new(as_of: AsOf, calendar: Arc<Calendar>) -> Self {
        let before = &calendar.business_days_before;
        let business_days = Series::new("business days before".into(), &before[..before.len().saturating_sub(1)]);
        Self { as_of, calendar, business_days }
    }

    /// The expression of a report column that depends on time, over a classified frame; `None` for any other. Dates are Date,
    /// instants Datetime in microseconds (UTC), counts of days Int32, `overdue` Boolean, the bases String. What is not known is
    /// null, and so is whatever a date outside 1970–2199 would decide.
    pub fn expression(&self, column: Computed) -> Option<Expr> {
        Some(match column {
            Computed::EffectivePortDate => effective_date(),
            Computed::EffectivePortBasis => {
                let estimated = when(col("estimated_date").is_not_null()).then(lit("estimated")).otherwise(lit(NULL));
                when(col("confirmed_date").is_not_null()).then(lit("confirmed")).otherwise(estimated)
            }
            Computed::ConfirmedPortAtUtc => self.port_micros().cast(DataType::Datetime(TimeUnit::Microseconds, None)),
            Computed::PortTimeBasis => {
                let basis = when(col("confirmed_time").is_not_null()).then(lit("given")).otherwise(lit("standard time"));
                when(col("confirmed_date").is_not_null()).then(basis).otherwise(lit(NULL))
            }
            Computed::ClosingDay => closing_day(),
            Computed::Overdue => self.overdue(self.port_micros()),
            Computed::DaysToPort => {
                let days = effective_date().cast(DataType::Int32) - lit(self.as_of.days());
                when(live()).then(days).otherwise(lit(NULL))
            }
            // The as-of day is not counted.
            Computed::AgeBusinessDays => {
                let age = self.business_days_since(col("created_date"));
                when(col("created_date").cast(DataType::Int32).lt_eq(lit(self.as_of.days()))).then(age).otherwise(lit(NULL))
            }
            Computed::RowAgeDays => self.days_since("updated_at"),
            Computed::DaysInState => self.days_since(STATE_SINCE),
            _ => return None,
        })
    }

    /// Whole days from the instant in column `key` to the as-of instant; null for one after that.
    fn days_since(&self, key: &str) -> Expr {
        let micros = lit(self.as_of.micros()) - col(key).cast(DataType::Int64);
        let days = (micros.clone() / lit(SECONDS_PER_DAY * MICROS_PER_SECOND)).cast(DataType::Int32);
        when(micros.gt_eq(lit(0i64))).then(days).otherwise(lit(NULL))
    }

    /// The port instant in microseconds since 1970-01-01T00:00:00Z (Int64): the confirmed date at
    /// the confirmed time, or at 10:00 when there is none, as Pacific wall time.
    pub fn port_micros(&self) -> Expr {
        let days = Calendar::first_day()..Calendar::first_day() + self.business_days.len() as i32;
        let parts = [col("confirmed_date").cast(DataType::Int32), col("confirmed_time")];
        let convert = move |parts: &mut [Column]| Ok(port_instants(parts[0].i32()?, parts[1].i32()?, &days).into_column());
        map_multiple(convert, parts, |_, fields| Ok(Field::new(fields[0].name().clone(), DataType::Int64)))
    }

    /// Whether a number that is not closed should have been completed: its port instant (Int64
    /// microseconds) lies more than 60 minutes back. Never null.
    pub fn overdue(&self, port_micros: Expr) -> Expr {
        let limit = self.as_of.micros() - COMPLETION_MINUTES * 60 * MICROS_PER_SECOND;
        live().and(port_micros.lt(lit(limit)).fill_null(lit(false)))
    }

    /// Whether a date is a business day; null for one that is not known.
    pub fn is_business_day(&self, date: Expr) -> Expr {
        let days = self.calendar.business_days_before.windows(2);
        let business: BooleanChunked = days.map(|pair| Some(pair[1] > pair[0])).collect_ca("business day".into());
        lit(business.into_series()).gather(day_index(date), true)
    }

    /// Business days from a date to the as-of day, the first of them counted (Int32); null for a date that is not known.
    pub fn business_days_since(&self, date: Expr) -> Expr {
        match self.calendar.business_days_before_day(self.as_of.days()) {
            Some(today) => lit(today) - lit(self.business_days.clone()).gather(day_index(date), true),
            None => lit(NULL).cast(DataType::Int32),
        }
    }
}

/// Whether the order is known and not closed. Never null.
pub fn live() -> Expr {
    let [waiting, scheduled, in_progress] = Status::LIVE.map(|status| col("status").eq_missing(lit(status.code())));
    waiting.or(scheduled).or(in_progress)
}

/// The Pacific day on which a closed row closed (Date): a completed one when it was completed, else on its confirmed date; a
/// canceled one when it was canceled. Null for open rows, and where no date tells.
pub fn closing_day() -> Expr {
    let is = |status: Status| col("status").eq_missing(lit(status.code()));
    let completed = pacific_day("completed_at").fill_null(col("confirmed_date"));
    when(is(Status::Completed)).then(completed).when(is(Status::Canceled)).then(pacific_day("canceled_at")).otherwise(lit(NULL))
}

/// The Pacific day (Date) of the instants in column `name`.
pub fn pacific_day(name: &str) -> Expr {
    let days = |instants: Column| {
        let days = |micros: i64| (utc_to_pacific(micros.div_euclid(MICROS_PER_SECOND)).div_euclid(SECONDS_PER_DAY)) as i32;
        let instants = instants.cast(&DataType::Int64)?;
        let days: Int32Chunked = instants.i64()?.iter().map(|micros| micros.map(days)).collect_ca(instants.name().clone());
        days.into_column().cast(&DataType::Date)
    };
    col(name).map(days, |_, field| Ok(Field::new(field.name().clone(), DataType::Date)))
}

fn effective_date() -> Expr {
    when(col("confirmed_date").is_not_null()).then(col("confirmed_date")).otherwise(col("estimated_date"))
}

/// The index of a date in the tables by day; null before them, and past the end of them after.
fn day_index(date: Expr) -> Expr {
    (date.cast(DataType::Int32) - lit(Calendar::first_day())).cast(IDX_DTYPE)
}

/// The port instants of rows by confirmed day and time, for those of `days`. Few pairs are distinct, so each is converted once.
fn port_instants(dates: &Int32Chunked, times: &Int32Chunked, days: &Range<i32>) -> Int64Chunked {
    let mut known: PlHashMap<(i32, i32), Option<i64>> = PlHashMap::default();
    let instant = |(day, seconds): (i32, i32)| {
        let date = NaiveDate::from_epoch_days(day).filter(|_| days.contains(&day))?;
        let wall = date.and_time(NaiveTime::MIN) + TimeDelta::seconds(i64::from(seconds));
        Some(pacific_to_utc(wall)?.timestamp_micros())
    };
    let instants = dates.iter().zip(times.iter()).map(|(day, time)| {
        let key = (day?, time.unwrap_or(STANDARD_TIME_SECONDS));
        *known.entry(key).or_insert_with(|| instant(key))
    });
    instants.collect_ca(dates.name().clone())
}
