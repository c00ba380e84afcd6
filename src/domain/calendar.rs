//! Which days are business days, from a file of holidays and the days of a weekend.

use std::collections::BTreeSet;

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
    /// What it is called, for readers; a run names it by its file.
    pub title: String,
    /// By day from [`Calendar::first_day`] to the one after the last: how many business days lie before it.
    pub business_days_before: Vec<i32>,
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
        let mut holidays = BTreeSet::new();
        for holiday in &raw.holiday {
            let rule = holiday.rule(file)?;
            // New Year's Day of the year after the last may be observed in the last.
            let last = holiday.until.unwrap_or(i32::MAX).min(LAST_YEAR + 1);
            let years = holiday.since.unwrap_or(FIRST_YEAR).max(FIRST_YEAR)..=last;
            holidays.extend(years.filter_map(rule).map(|date| observed(date, raw.observed)));
        }
        for text in &raw.dates {
            holidays.insert(
                text.parse()
                    .map_err(|_| Error::config(Place::entry(file, "dates"), format!("'{text}' is not a date"), "write yyyy-mm-dd"))?,
            );
        }
        let mut holidays = holidays.range(first_date()..).peekable();
        let mut before = vec![0];
        let mut count = 0;
        for date in first_date().iter_days().take_while(|date| date.year() <= LAST_YEAR) {
            let is_holiday = holidays.next_if_eq(&&date).is_some();
            count += i32::from(!is_holiday && !weekend.contains(&date.weekday()));
            before.push(count);
        }
        if count == 0 {
            return Err(Error::config(file, "every day of the week is weekend", "leave at least one business day"));
        }
        Ok(Self { title: raw.name, business_days_before: before })
    }

    /// The first day a calendar knows, 1970-01-01, as days since 1970-01-01.
    pub fn first_day() -> i32 {
        days(first_date())
    }
}

/// The day of a holiday in a year; there is none in some years for the 29th of February.
type Rule = Box<dyn Fn(i32) -> Option<NaiveDate>>;

impl Holiday {
    fn rule(&self, file: &str) -> Result<Rule> {
        let place = Place::entry(file, format!("holiday {}", self.name));
        let wrong = |what: &str| Error::config(&place, what, "write month and day, or month, weekday and nth (1 to 4, or -1 for the last)");
        let month = self.month;
        match (self.day, &self.weekday, self.nth) {
            (Some(day), None, None) if NaiveDate::from_ymd_opt(2000, month, day).is_some() => {
                Ok(Box::new(move |year| NaiveDate::from_ymd_opt(year, month, day)))
            }
            (Some(_), None, None) => Err(wrong("there is no such day")),
            (None, Some(word), Some(nth)) if (1..=12).contains(&month) && matches!(nth, 1..=4 | -1) => {
                let weekday = weekday(word, &place)?;
                let candidates = if nth == -1 { vec![5, 4] } else { vec![nth as u8] };
                Ok(Box::new(move |year| candidates.iter().find_map(|nth| NaiveDate::from_weekday_of_month_opt(year, month, weekday, *nth))))
            }
            _ => Err(wrong("the holiday has no rule")),
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

/// The first day of [`FIRST_YEAR`].
fn first_date() -> NaiveDate {
    NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1).unwrap_or_default()
}
