//! Which days are business days, from a file of holidays; never the time of day, never a carrier's own calendar.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;

use crate::clock::days;
use crate::error::{Error, Place, Result};
use crate::templates;

/// The first year a calendar knows.
const FIRST_YEAR: i32 = 1970;
/// The last year a calendar knows.
const LAST_YEAR: i32 = 2199;

/// Business days from 1970 to 2199. Days are counted from 1970-01-01, as in frames; a day
/// outside those years has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    title: String,
    /// By day: how many business days lie before it. One entry more than there are days.
    before: Vec<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    weekend: Vec<String>,
    #[serde(default)]
    observed: Observed,
    #[serde(default)]
    holiday: Vec<Holiday>,
    #[serde(default)]
    dates: Vec<String>,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum Observed {
    /// Saturday's holiday on Friday, Sunday's on Monday.
    NearestWeekday,
    /// On the day itself.
    #[default]
    AsIs,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    month: u32,
    day: Option<u32>,
    weekday: Option<String>,
    nth: Option<i8>,
    since: Option<i32>,
    until: Option<i32>,
}

impl Calendar {
    /// Reads a calendar from the text of `file`.
    ///
    /// # Errors
    /// [`Error::config`] for what is not TOML, an unknown key or weekday, a holiday that is
    /// neither a day of a month nor the nth weekday of one, a date that is none, and a week
    /// without a business day.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let raw: File = templates::parse(text, file, "see the shipped us-federal.toml")?;
        let weekend = raw.weekend.iter().map(|word| weekday(word, &Place::from(file))).collect::<Result<Vec<_>>>()?;
        if (0..7u8).all(|day| Weekday::try_from(day).is_ok_and(|day| weekend.contains(&day))) {
            return Err(Error::config(file, "every day of the week is weekend", "leave at least one business day"));
        }
        let mut holidays = Vec::new();
        for holiday in &raw.holiday {
            let rule = holiday.check(file)?;
            for year in holiday.since.unwrap_or(FIRST_YEAR).max(FIRST_YEAR)..=holiday.until.unwrap_or(LAST_YEAR).min(LAST_YEAR) + 1 {
                // New Year's Day of the year after the last may be observed in the last.
                if holiday.until.is_some_and(|until| year > until) {
                    continue;
                }
                if let Some(date) = rule.in_year(year) {
                    holidays.push(days(observed(date, raw.observed)));
                }
            }
        }
        for text in &raw.dates {
            let date: NaiveDate = text
                .parse()
                .map_err(|_| Error::config(Place::entry(file, "dates"), format!("'{text}' is not a date"), "write yyyy-mm-dd"))?;
            holidays.push(days(date));
        }
        holidays.retain(|day| (first_day()..=last_day()).contains(day));
        holidays.sort();
        holidays.dedup();
        Ok(Self { title: raw.name, before: prefix(&weekend, &holidays) })
    }

    /// What it is called, for readers; a run names it by its file.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// By day from [`Calendar::first_day`] to the one after the last: how many business days lie before it.
    pub fn business_days_before(&self) -> &[i32] {
        &self.before
    }

    /// The first day a calendar knows, 1970-01-01, as days since 1970-01-01.
    pub fn first_day() -> i32 {
        first_day()
    }
}

enum Rule {
    Day(u32, u32),
    Nth(u32, Weekday, i8),
}

impl Holiday {
    fn check(&self, file: &str) -> Result<Rule> {
        let place = Place::entry(file, format!("holiday {}", self.name));
        let wrong = |what: &str| Error::config(&place, what, "write month and day, or month, weekday and nth (1 to 4, or -1 for the last)");
        match (self.day, &self.weekday, self.nth) {
            (Some(day), None, None) if NaiveDate::from_ymd_opt(2000, self.month, day).is_some() => Ok(Rule::Day(self.month, day)),
            (Some(_), None, None) => Err(wrong("there is no such day")),
            (None, Some(word), Some(nth)) if (1..=12).contains(&self.month) && matches!(nth, 1..=4 | -1) => {
                Ok(Rule::Nth(self.month, weekday(word, &place)?, nth))
            }
            _ => Err(wrong("the holiday has no rule")),
        }
    }
}

impl Rule {
    fn in_year(&self, year: i32) -> Option<NaiveDate> {
        match *self {
            Self::Day(month, day) => NaiveDate::from_ymd_opt(year, month, day),
            Self::Nth(month, weekday, -1) => NaiveDate::from_weekday_of_month_opt(year, month, weekday, 5)
                .or_else(|| NaiveDate::from_weekday_of_month_opt(year, month, weekday, 4)),
            Self::Nth(month, weekday, nth) => NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth as u8),
        }
    }
}

fn observed(date: NaiveDate, how: Observed) -> NaiveDate {
    let moved = match (how, date.weekday()) {
        (Observed::NearestWeekday, Weekday::Sat) => date.pred_opt(),
        (Observed::NearestWeekday, Weekday::Sun) => date.succ_opt(),
        _ => None,
    };
    moved.unwrap_or(date)
}

fn weekday(word: &str, place: &Place) -> Result<Weekday> {
    word.parse().map_err(|_| Error::config(place, format!("'{word}' is not a weekday"), "write monday to sunday"))
}

fn prefix(weekend: &[Weekday], holidays: &[i32]) -> Vec<i32> {
    let is_weekend: [bool; 7] = std::array::from_fn(|day| Weekday::try_from(day as u8).is_ok_and(|day| weekend.contains(&day)));
    let mut holidays = holidays.iter().copied().peekable();
    let mut before = Vec::with_capacity((last_day() - first_day() + 2) as usize);
    let mut count = 0;
    for day in first_day()..=last_day() {
        before.push(count);
        let holiday = holidays.next_if_eq(&day).is_some();
        // 1970-01-01 was a Thursday, three days after a Monday.
        count += i32::from(!holiday && !is_weekend[(day + 3).rem_euclid(7) as usize]);
    }
    before.push(count);
    before
}

fn first_day() -> i32 {
    NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1).map_or(0, days)
}

fn last_day() -> i32 {
    NaiveDate::from_ymd_opt(LAST_YEAR, 12, 31).map_or(0, days)
}
