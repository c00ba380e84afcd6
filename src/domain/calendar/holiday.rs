//! The rule of one holiday: a day of a month, a weekday of it, or a number of days from Easter.

use std::ops::RangeInclusive;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;

use crate::error::{Error, Place, Result};

/// A holiday of every year, or of some years.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// Its name.
    pub name: String,
    month: Option<u32>,
    day: Option<u32>,
    weekday: Option<String>,
    nth: Option<i8>,
    /// The weekday on this day of the month or, if it is another, the one before it.
    on_or_before: Option<u32>,
    /// Days after Easter Sunday; before it if negative.
    easter: Option<i64>,
    since: Option<i32>,
    until: Option<i32>,
    /// Years without it.
    #[serde(default)]
    except: Vec<i32>,
}

/// The day of a holiday in a year; there is none in some years for the 29th of February.
type Rule = Box<dyn Fn(i32) -> Option<NaiveDate>>;

/// The most days that a holiday may be away from Easter.
const MAX_FROM_EASTER: i64 = 100;

impl Holiday {
    /// Its days in `years`, before any is moved from a weekend.
    ///
    /// # Errors
    /// [`Error::config`] at its place in `file`, when it has no rule or one that never gives a day.
    pub fn days(&self, years: RangeInclusive<i32>, file: &str) -> Result<Vec<NaiveDate>> {
        let rule = self.rule(file)?;
        let (first, last) = (self.since.unwrap_or(i32::MIN).max(*years.start()), self.until.unwrap_or(i32::MAX).min(*years.end()));
        Ok((first..=last).filter(|year| !self.except.contains(year)).filter_map(rule).collect())
    }

    fn rule(&self, file: &str) -> Result<Rule> {
        let place = Place::entry(file, format!("holiday {}", self.name));
        let help =
            "write month and day; month, weekday and nth (1 to 4, or -1 for the last) or on_or_before (a day); or easter (days after it)";
        let wrong = |what: &str| Error::config(&place, what, help);
        let is_day = |month: u32, day: u32| NaiveDate::from_ymd_opt(2000, month, day).is_some();
        match (self.month, self.day, &self.weekday, self.nth, self.on_or_before, self.easter) {
            (Some(month), Some(day), None, None, None, None) if is_day(month, day) => {
                Ok(Box::new(move |year| NaiveDate::from_ymd_opt(year, month, day)))
            }
            (Some(_), Some(_), None, None, None, None) => Err(wrong("there is no such day")),
            (Some(month), None, Some(word), Some(nth), None, None) if (1..=12).contains(&month) && matches!(nth, 1..=4 | -1) => {
                let weekday = weekday(word, &place)?;
                let candidates = if nth == -1 { vec![5, 4] } else { vec![nth as u8] };
                Ok(Box::new(move |year| candidates.iter().find_map(|nth| NaiveDate::from_weekday_of_month_opt(year, month, weekday, *nth))))
            }
            (Some(month), None, Some(word), None, Some(day), None) if is_day(month, day) => {
                let weekday = weekday(word, &place)?;
                Ok(Box::new(move |year| {
                    let last = NaiveDate::from_ymd_opt(year, month, day)?;
                    last.checked_sub_days(Days::new(u64::from(last.weekday().days_since(weekday))))
                }))
            }
            (None, None, None, None, None, Some(days)) if days.abs() <= MAX_FROM_EASTER => {
                Ok(Box::new(move |year| easter_sunday(year)?.checked_add_signed(chrono::TimeDelta::days(days))))
            }
            _ => Err(wrong("the holiday has no rule")),
        }
    }
}

/// Easter Sunday of the Gregorian calendar, by the anonymous algorithm of 1876 (Nature, 20 April 1876; Butcher).
fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e, f) = (b / 4, b % 4, (b + 8) / 25);
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let (month, day) = ((h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1);
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

/// The weekday that `word` names.
///
/// # Errors
/// [`Error::config`] at `place` when it names none.
pub fn weekday(word: &str, place: &Place) -> Result<Weekday> {
    word.parse().map_err(|_| Error::config(place, format!("'{word}' is not a weekday"), "write monday to sunday"))
}
