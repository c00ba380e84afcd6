//! Which days are business days, from a file of holidays and the days of a weekend.

mod holiday;
pub mod ics;
mod ics_lines;
mod recurrence;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;

use crate::clock::days;
use crate::domain::calendar::holiday::{Holiday, weekday};
use crate::error::{Error, Place, Result};
use crate::templates;

/// Business days from 1970 to 2199. Days are counted from 1970-01-01, as in frames; a day
/// outside those years has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// What it is called, for readers; a run names it by its file.
    pub title: String,
    /// By day from [`Calendar::first_day`] to the one after the last: how many business days lie before it.
    pub business_days_before: Vec<i32>,
    /// The holidays on the days on which they are observed, each with its name.
    holidays: BTreeMap<NaiveDate, String>,
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
    dates: Vec<Day>,
}

/// A single day, with or without a name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Day {
    Date(String),
    Named { date: String, name: String },
}

#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Observed {
    /// Saturday's holiday on Friday, Sunday's on Monday.
    NearestWeekday,
    /// One that falls on the weekend on the next day that is neither of the weekend nor a holiday.
    NextWeekday,
    /// On the day itself.
    #[default]
    AsIs,
}

/// The holidays by their days, each with its name.
type Days = BTreeMap<NaiveDate, String>;

impl Calendar {
    /// The years that a calendar knows.
    pub const YEARS: RangeInclusive<i32> = 1970..=2199;

    /// Reads a calendar from the text of `file`.
    ///
    /// # Errors
    /// [`Error::config`] for what is not TOML, an unknown key or weekday, a holiday whose rule gives no day, a date that is
    /// none, and a week without a business day.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let raw: File = templates::parse(text, file, "see the shipped us-federal.toml")?;
        let weekend = raw.weekend.iter().map(|word| weekday(word, &Place::from(file))).collect::<Result<Vec<_>>>()?;
        if (0..7).all(|day| weekend.iter().any(|weekday| weekday.num_days_from_monday() == day)) {
            return Err(Error::config(file, "every day of the week is weekend", "leave at least one business day"));
        }
        let mut fixed = Days::new();
        for day in &raw.dates {
            let (text, name) = match day {
                Day::Date(text) => (text, ""),
                Day::Named { date, name } => (date, name.as_str()),
            };
            let date = text.parse();
            let date =
                date.map_err(|_| Error::config(Place::entry(file, "dates"), format!("'{text}' is not a date"), "write yyyy-mm-dd"))?;
            add(&mut fixed, date, name);
        }
        let mut ruled = Vec::new();
        for holiday in &raw.holiday {
            // New Year's Day of the year after the last may be observed in the last.
            holiday
                .days(*Self::YEARS.start()..=*Self::YEARS.end() + 1, file)?
                .into_iter()
                .for_each(|date| ruled.push((date, holiday.name.as_str())));
        }
        ruled.sort();
        let holidays = observed(fixed, &ruled, raw.observed, &weekend);
        let mut before = vec![0];
        let mut count = 0;
        for date in first_date().iter_days().take_while(|date| date.year() <= *Self::YEARS.end()) {
            count += i32::from(!holidays.contains_key(&date) && !weekend.contains(&date.weekday()));
            before.push(count);
        }
        Ok(Self { title: raw.name, business_days_before: before, holidays })
    }

    /// How many business days lie before `day`, counted from 1970-01-01; `None` outside the years of the calendar.
    pub fn business_days_before_day(&self, day: i32) -> Option<i32> {
        self.business_days_before.get(usize::try_from(day - Self::first_day()).ok()?).copied()
    }

    /// The holidays of `year` on the days on which they are observed, each with its name.
    pub fn holidays_of(&self, year: i32) -> impl Iterator<Item = (NaiveDate, &str)> {
        self.holidays.iter().filter(move |(date, _)| date.year() == year).map(|(date, name)| (*date, name.as_str()))
    }

    /// The holiday that is observed on `day`, by its name, or by that of the calendar if it has none.
    pub fn holiday(&self, day: NaiveDate) -> Option<&str> {
        let name = self.holidays.get(&day)?;
        Some(if name.is_empty() { &self.title } else { name })
    }

    /// The first day a calendar knows, 1970-01-01, as days since 1970-01-01.
    pub fn first_day() -> i32 {
        days(first_date())
    }
}

/// All holidays on the days on which they are observed: `fixed` as they stand, and those of rules, which are in the order of
/// their days.
fn observed(fixed: Days, ruled: &[(NaiveDate, &str)], how: Observed, weekend: &[Weekday]) -> Days {
    let mut days = fixed;
    let own: BTreeSet<NaiveDate> = ruled.iter().map(|(date, _)| *date).collect();
    let is_free = |days: &Days, date: &NaiveDate| !weekend.contains(&date.weekday()) && !own.contains(date) && !days.contains_key(date);
    let (mut moved, mut unmoved) = (Vec::new(), Vec::new());
    for (date, name) in ruled {
        let is_of_weekend = how == Observed::NextWeekday && weekend.contains(&date.weekday());
        if is_of_weekend { moved.push((date, name)) } else { unmoved.push((date, name)) }
    }
    for (date, name) in unmoved {
        let day = nearest(*date, how);
        let name = if day == *date { (*name).to_owned() } else { format!("{name} (observed)") };
        add(&mut days, day, &name);
    }
    for (date, name) in moved {
        let free = date.iter_days().skip(1).find(|next| is_free(&days, next));
        add(&mut days, free.unwrap_or(*date), &format!("{name} (observed)"));
    }
    days
}

fn add(days: &mut Days, date: NaiveDate, name: &str) {
    let names = days.entry(date).or_default();
    if !names.is_empty() && !name.is_empty() {
        names.push_str("; ");
    }
    names.push_str(name);
}

/// The day on which a holiday of `date` is observed that is not moved to a free day.
fn nearest(date: NaiveDate, how: Observed) -> NaiveDate {
    let moved = match (how, date.weekday()) {
        (Observed::NearestWeekday, Weekday::Sat) => date.pred_opt(),
        (Observed::NearestWeekday, Weekday::Sun) => date.succ_opt(),
        _ => None,
    };
    moved.unwrap_or(date)
}

/// The first day that a calendar knows.
fn first_date() -> NaiveDate {
    NaiveDate::from_ymd_opt(*Calendar::YEARS.start(), 1, 1).unwrap_or_default()
}
