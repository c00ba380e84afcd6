//! Everything that depends on the as-of instant: port times, ages and deadlines, as expressions. Never asks the clock.

use std::sync::{Arc, OnceLock};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use polars::prelude::*;

use crate::clock::{AsOf, days, pacific_to_utc};
use crate::domain::calendar::{Calendar, FIRST_YEAR, LAST_YEAR};
use crate::domain::columns::TimingColumn;
use crate::domain::status::Status;

/// The wall time at which orders port as standard, in seconds since midnight: 10:00 Pacific.
pub const STANDARD_TIME_SECONDS: i32 = 10 * 3600;
/// How long after the port time a number may still be shown as not completed, in minutes.
const COMPLETION_MINUTES: i64 = 60;
/// How many business days a confirmation is valid, the confirmed date being the first.
const CONFIRMATION_BUSINESS_DAYS: i32 = 10;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// The as-of instant and the calendar of a run.
#[derive(Debug, Clone)]
pub struct Timing {
    /// The as-of instant.
    pub as_of: AsOf,
    calendar: Arc<Calendar>,
    pacific: Arc<OnceLock<Pacific>>,
    /// By day from 1970-01-01: how many business days lie before it.
    business_days: Series,
}

/// How far Pacific wall time lies behind UTC, by day from 1970-01-01 to 2199-12-31, in seconds.
#[derive(Debug)]
struct Pacific {
    /// Until the clock is changed.
    before: Series,
    /// The wall time, in seconds since midnight, from which `after` counts; 0 on ordinary days.
    change: Series,
    /// From then on.
    after: Series,
}

impl Timing {
    /// Timing for one as-of instant.
    pub fn new(as_of: AsOf, calendar: Arc<Calendar>) -> Self {
        let business_days = Series::new("business days before".into(), calendar.business_days_before());
        Self { as_of, calendar, pacific: Arc::default(), business_days }
    }

    /// The calendar of business days.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The expression of a report column that depends on time, over a classified frame. Dates are Date, instants Datetime in microseconds (UTC),
    /// counts of days Int32, `overdue` Boolean, the bases String. What is not known is null, and
    /// so is whatever a date outside 1970–2199 would decide.
    pub fn expression(&self, column: TimingColumn) -> Expr {
        match column {
            TimingColumn::EffectivePortDate => effective_date(),
            TimingColumn::EffectivePortBasis => {
                let estimated = when(col("estimated_date").is_not_null()).then(lit("estimated")).otherwise(null(DataType::String));
                when(col("confirmed_date").is_not_null()).then(lit("confirmed")).otherwise(estimated)
            }
            TimingColumn::ConfirmedPortAtUtc => self.port_micros().cast(DataType::Datetime(TimeUnit::Microseconds, None)),
            TimingColumn::PortTimeBasis => {
                let basis = when(col("confirmed_time").is_not_null()).then(lit("given")).otherwise(lit("standard time"));
                when(col("confirmed_date").is_not_null()).then(basis).otherwise(null(DataType::String))
            }
            TimingColumn::Overdue => self.overdue(self.port_micros()),
            TimingColumn::DaysToPort => {
                let days = effective_date().cast(DataType::Int32) - lit(self.as_of.days());
                when(live()).then(days).otherwise(null(DataType::Int32))
            }
            TimingColumn::AgeBusinessDays => self.age(),
            TimingColumn::RowAgeDays => {
                let micros = lit(self.as_of.micros()) - col("updated_at").cast(DataType::Int64);
                let days = (micros.clone() / lit(SECONDS_PER_DAY * MICROS_PER_SECOND)).cast(DataType::Int32);
                when(micros.gt_eq(lit(0i64))).then(days).otherwise(null(DataType::Int32))
            }
        }
    }

    /// The port instant in microseconds since 1970-01-01T00:00:00Z (Int64): the confirmed date at
    /// the confirmed time, or at 10:00 when there is none, as Pacific wall time.
    pub fn port_micros(&self) -> Expr {
        let pacific = self.pacific.get_or_init(Pacific::new);
        let day = day_index(col("confirmed_date"));
        let time = col("confirmed_time").fill_null(lit(STANDARD_TIME_SECONDS));
        let at = |table: &Series| lit(table.clone()).gather(day.clone(), false);
        let behind = when(time.clone().lt(at(&pacific.change))).then(at(&pacific.before)).otherwise(at(&pacific.after));
        let date = col("confirmed_date").cast(DataType::Int32).cast(DataType::Int64);
        (date * lit(SECONDS_PER_DAY) + time.cast(DataType::Int64) + behind.cast(DataType::Int64)) * lit(MICROS_PER_SECOND)
    }

    /// Whether a number that is not closed should have been completed: its port instant (Int64
    /// microseconds) lies more than 60 minutes back. Never null.
    pub fn overdue(&self, port_micros: Expr) -> Expr {
        let limit = self.as_of.micros() - COMPLETION_MINUTES * 60 * MICROS_PER_SECOND;
        live().and(port_micros.lt(lit(limit)).fill_null(lit(false)))
    }

    /// Whether the confirmed date has been followed by its 10 business days. Never null.
    pub fn confirmation_expired(&self) -> Expr {
        self.business_days_since(col("confirmed_date")).gt_eq(lit(CONFIRMATION_BUSINESS_DAYS)).fill_null(lit(false))
    }

    /// Whether the confirmed date is no business day. Never null: an unknown date is not flagged.
    pub fn confirmed_on_holiday(&self) -> Expr {
        let days = self.calendar.business_days_before().windows(2);
        let business: BooleanChunked = days.map(|pair| Some(pair[1] > pair[0])).collect_ca("business day".into());
        lit(business.into_series()).gather(day_index(col("confirmed_date")), false).not().fill_null(lit(false))
    }

    /// Business days from the created date up to the as-of day, which is not counted.
    fn age(&self) -> Expr {
        let age = self.business_days_since(col("created_date"));
        when(col("created_date").cast(DataType::Int32).lt_eq(lit(self.as_of.days()))).then(age).otherwise(null(DataType::Int32))
    }

    fn business_days_since(&self, date: Expr) -> Expr {
        let today = usize::try_from(self.as_of.days() - Calendar::first_day())
            .ok()
            .and_then(|index| self.calendar.business_days_before().get(index).copied());
        match today {
            Some(today) => lit(today) - lit(self.business_days.clone()).gather(day_index(date), false),
            None => null(DataType::Int32),
        }
    }
}

/// Whether the order is known and not closed. Never null.
pub fn live() -> Expr {
    let is = |status: Status| col("status").eq_missing(lit(status.code()));
    is(Status::WaitingForYou).or(is(Status::Scheduled)).or(is(Status::InProgress))
}

fn effective_date() -> Expr {
    when(col("confirmed_date").is_not_null()).then(col("confirmed_date")).otherwise(col("estimated_date"))
}

/// The index of a date in the tables by day; null outside them.
fn day_index(date: Expr) -> Expr {
    let day = date.cast(DataType::Int32);
    let known = day.clone().gt_eq(lit(first_day())).and(day.clone().lt_eq(lit(last_day())));
    when(known).then((day - lit(first_day())).cast(IDX_DTYPE)).otherwise(null(IDX_DTYPE))
}

fn null(kind: DataType) -> Expr {
    lit(NULL).cast(kind)
}

fn first_day() -> i32 {
    Calendar::first_day()
}

fn last_day() -> i32 {
    NaiveDate::from_ymd_opt(LAST_YEAR, 12, 31).map_or(0, days)
}

impl Pacific {
    fn new() -> Self {
        let count = (last_day() - first_day() + 1) as usize;
        let (mut before, mut change, mut after) = (vec![0; count], vec![0; count], vec![0; count]);
        let mut filled = 0;
        for year in FIRST_YEAR..=LAST_YEAR {
            // The clock is changed at most once between these days: in spring, and in autumn.
            for (from, to) in [((year, 1), (year, 7)), ((year, 7), (year + 1, 1))] {
                let (Some(from), Some(to)) = (NaiveDate::from_ymd_opt(from.0, from.1, 1), NaiveDate::from_ymd_opt(to.0, to.1, 1)) else {
                    continue;
                };
                let (from, to) = (midnight(from), midnight(to));
                let (old, new) = (seconds_behind(from), seconds_behind(to));
                let moment = first_second(from, to, new);
                for index in filled..(days(to.date()) - first_day()) as usize {
                    let changed = index as i32 + first_day() - days(moment.date());
                    before[index] = if changed <= 0 { old } else { new };
                    after[index] = if changed < 0 { old } else { new };
                    if changed == 0 && old != new {
                        change[index] = (moment - midnight(moment.date())).num_seconds() as i32;
                    }
                }
                filled = (days(to.date()) - first_day()) as usize;
            }
        }
        Self {
            before: Series::new("before".into(), before),
            change: Series::new("change".into(), change),
            after: Series::new("after".into(), after),
        }
    }
}

/// The first second from `from` to `to` at which wall time lies `behind` UTC, if it changes once.
fn first_second(from: NaiveDateTime, to: NaiveDateTime, behind: i32) -> NaiveDateTime {
    let (mut low, mut high) = (0, (to - from).num_seconds());
    while low < high {
        let middle = low + (high - low) / 2;
        if seconds_behind(from + TimeDelta::seconds(middle)) == behind {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    from + TimeDelta::seconds(low)
}

fn seconds_behind(wall: NaiveDateTime) -> i32 {
    pacific_to_utc(wall).map_or(0, |instant| (instant.naive_utc() - wall).num_seconds() as i32)
}

fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN)
}
