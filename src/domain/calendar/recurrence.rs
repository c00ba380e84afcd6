//! What a recurrence rule of an iCalendar file says of a holiday that comes every year.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Years are looked at so far, by which time every rule has come.
const HORIZON: i32 = 2200;

/// A holiday that comes every year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    month: u32,
    day: Day,
    since: i32,
    until: Option<i32>,
    except: Vec<i32>,
}

/// Which day of a month it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    Of(u32),
    /// The nth weekday of it; -1 for the last.
    Nth(Weekday, i8),
    /// The last weekday of this name up to this day.
    OnOrBefore(Weekday, u32),
}

/// The parts of a rule.
#[derive(Default)]
struct Parts<'a> {
    is_yearly: bool,
    month: Option<u32>,
    month_days: Vec<u32>,
    weekday: Option<(Weekday, Option<i8>)>,
    position: Option<i8>,
    count: Option<u32>,
    until: Option<&'a str>,
}

impl Recurrence {
    /// Reads the `rule` of an event whose first day is `start`.
    ///
    /// # Errors
    /// What is not supported, in words.
    pub fn read(rule: &str, start: NaiveDate) -> Result<Self, String> {
        let parts = Parts::read(rule)?;
        let month = parts.month.unwrap_or_else(|| start.month());
        let nth = |nth: i8| if matches!(nth, 1..=4 | -1) { Ok(nth) } else { Err(format!("a weekday of number {nth} is not supported")) };
        let day = match (parts.weekday, parts.position, parts.month_days.as_slice()) {
            (None, None, []) => Day::Of(start.day()),
            (None, None, [day]) => Day::Of(*day),
            (Some((_, Some(_))), None, []) if parts.month.is_none() => return Err("BYDAY without BYMONTH is not supported".to_owned()),
            (Some((weekday, Some(number))), None, []) | (Some((weekday, None)), Some(number), []) => Day::Nth(weekday, nth(number)?),
            (Some((weekday, None)), None, week @ [first, .., last])
                if week.len() == 7 && week.windows(2).all(|pair| pair[0] + 1 == pair[1]) =>
            {
                let _ = first;
                Day::OnOrBefore(weekday, *last)
            }
            _ => return Err(format!("'{rule}' is not one day of every year")),
        };
        let mut made = Self { month, day, since: start.year(), until: None, except: Vec::new() };
        if !(2000..2004).any(|year| made.in_year(year).is_some()) {
            return Err(format!("'{rule}' is never a day"));
        }
        made.since = (start.year()..).take(9).find(|year| made.in_year(*year).is_some_and(|date| date >= start)).unwrap_or(start.year());
        let mut years = (made.since..HORIZON).filter(|year| made.in_year(*year).is_some());
        made.until = match (parts.count, parts.until) {
            (Some(_), Some(_)) => return Err("COUNT and UNTIL exclude one another".to_owned()),
            (Some(0), None) => return Err("COUNT is 0".to_owned()),
            (Some(count), None) => years.nth(count as usize - 1),
            (None, Some(text)) => {
                let date = text.get(..8).and_then(|date| NaiveDate::parse_from_str(date, "%Y%m%d").ok());
                let last = date.ok_or_else(|| format!("UNTIL '{text}' is not a date"))?;
                if last < start {
                    return Err("UNTIL is before DTSTART".to_owned());
                }
                Some(if made.in_year(last.year()).is_some_and(|date| date <= last) { last.year() } else { last.year() - 1 })
            }
            (None, None) => None,
        };
        Ok(made)
    }

    /// The recurrences of the single days of an event that lasts so many `days`.
    ///
    /// # Errors
    /// Where these are not the same days of every year.
    pub fn lasting(self, days: usize) -> Result<Vec<Self>, String> {
        let dates = |first: NaiveDate| first.iter_days().take(days);
        // In a leap year other days would follow the 28th of February.
        match (self.day, self.in_year(2001)) {
            _ if days == 1 => Ok(vec![self]),
            (Day::Of(_), Some(first))
                if dates(first).all(|date| date.year() == 2001) && !dates(first).any(|date| date.month() == 2 && date.day() == 28) =>
            {
                let on = |date: NaiveDate| Self { month: date.month(), day: Day::Of(date.day()), ..self.clone() };
                Ok(dates(first).map(on).collect())
            }
            _ => Err(format!("{days} days in a row are not the same ones of every year")),
        }
    }

    /// Whether `date` is one of its days.
    pub fn gives(&self, date: NaiveDate) -> bool {
        let is_within = date.year() >= self.since && self.until.is_none_or(|until| date.year() <= until);
        is_within && self.in_year(date.year()) == Some(date)
    }

    /// The same one without those of its days that `dates` name.
    pub fn without(mut self, dates: &[NaiveDate]) -> Self {
        let mut years: Vec<i32> = dates.iter().filter(|date| self.gives(**date)).map(Datelike::year).collect();
        years.sort_unstable();
        years.dedup();
        self.except = years;
        self
    }

    /// As keys of a holiday in a calendar file.
    pub fn to_toml(&self) -> String {
        let word = |weekday: Weekday| {
            ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"][weekday.num_days_from_monday() as usize]
        };
        let mut text = format!("month = {}\n", self.month);
        text.push_str(&match self.day {
            Day::Of(day) => format!("day = {day}\n"),
            Day::Nth(weekday, nth) => format!("weekday = \"{}\"\nnth = {nth}\n", word(weekday)),
            Day::OnOrBefore(weekday, day) => format!("weekday = \"{}\"\non_or_before = {day}\n", word(weekday)),
        });
        text.push_str(&format!("since = {}\n", self.since));
        self.until.iter().for_each(|until| text.push_str(&format!("until = {until}\n")));
        if !self.except.is_empty() {
            text.push_str(&format!("except = {:?}\n", self.except));
        }
        text
    }

    /// Its day in `year`, whether or not it comes in that year.
    fn in_year(&self, year: i32) -> Option<NaiveDate> {
        match self.day {
            Day::Of(day) => NaiveDate::from_ymd_opt(year, self.month, day),
            Day::Nth(weekday, -1) => [5, 4].iter().find_map(|nth| NaiveDate::from_weekday_of_month_opt(year, self.month, weekday, *nth)),
            Day::Nth(weekday, nth) => NaiveDate::from_weekday_of_month_opt(year, self.month, weekday, nth.unsigned_abs()),
            Day::OnOrBefore(weekday, day) => {
                let last = NaiveDate::from_ymd_opt(year, self.month, day)?;
                last.checked_sub_days(Days::new(u64::from(last.weekday().days_since(weekday))))
            }
        }
    }
}

impl<'a> Parts<'a> {
    fn read(rule: &'a str) -> Result<Self, String> {
        let mut parts = Self::default();
        for part in rule.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("'{part}' is not a part of a rule"))?;
            let several = || format!("several values in {name} are not supported");
            let wrong = || format!("'{part}' is not understood");
            match name.to_uppercase().as_str() {
                "FREQ" if value.eq_ignore_ascii_case("YEARLY") => parts.is_yearly = true,
                "INTERVAL" if value == "1" => {}
                "WKST" => {}
                "BYMONTH" if value.contains(',') => return Err(several()),
                "BYMONTH" => parts.month = Some(value.parse().ok().filter(|month| (1..=12).contains(month)).ok_or_else(wrong)?),
                "BYMONTHDAY" => {
                    let day = |text: &str| text.parse::<u32>().ok().filter(|day| (1..=31).contains(day));
                    parts.month_days = value.split(',').map(day).collect::<Option<_>>().ok_or_else(wrong)?;
                    parts.month_days.sort_unstable();
                }
                "BYDAY" if value.contains(',') => return Err(several()),
                "BYDAY" => parts.weekday = Some(weekday(value).ok_or_else(wrong)?),
                "BYSETPOS" => parts.position = Some(value.parse().map_err(|_| wrong())?),
                "COUNT" => parts.count = Some(value.parse().map_err(|_| wrong())?),
                "UNTIL" => parts.until = Some(value),
                _ => return Err(format!("{part} is not supported")),
            }
        }
        if parts.is_yearly { Ok(parts) } else { Err("it has no FREQ=YEARLY".to_owned()) }
    }
}

/// `4TH`, `-1MO` or `SU`.
fn weekday(text: &str) -> Option<(Weekday, Option<i8>)> {
    let (number, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let days = [
        ("MO", Weekday::Mon),
        ("TU", Weekday::Tue),
        ("WE", Weekday::Wed),
        ("TH", Weekday::Thu),
        ("FR", Weekday::Fri),
        ("SA", Weekday::Sat),
        ("SU", Weekday::Sun),
    ];
    let (_, weekday) = days.into_iter().find(|(name, _)| day.eq_ignore_ascii_case(name))?;
    let number = if number.is_empty() { None } else { Some(number.parse().ok()?) };
    Some((weekday, number))
}
