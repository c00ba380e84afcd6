//! Reads `[schedule]` of a job file: times of day, their zone, days of the week, and the calendar of holidays without a run.

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::cli::job_file::section::{Section, Written};
use crate::domain::calendar::Calendar;
use crate::domain::schedule::Schedule;
use crate::domain::text::{nearest, suggestion};
use crate::error::{Error, Result};
use crate::job::scheduled::CatchUp;
use crate::templates::Templates;

/// The days of the week, as they are written.
pub const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// The zone of times that name none.
const USUAL_ZONE: Tz = chrono_tz::America::Los_Angeles;

/// Reads the schedule that `section` describes; calendars are those of `templates`.
///
/// # Errors
/// [`Error::config`] for what is no time, zone, day or calendar.
pub fn read_schedule(section: &Section<'_>, templates: &Templates) -> Result<Schedule> {
    let mut times: Vec<NaiveTime> = section.texts("at").into_iter().map(|text| time(section, text)).collect::<Result<_>>()?;
    if times.is_empty() {
        return Err(Error::config(section.place(), "has no at", "write a time of day: at = \"06:00\""));
    }
    times.sort();
    if times.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(section.error("at", "has a time twice", "leave one of them out"));
    }
    let zone = section.text("zone").map_or(Ok(USUAL_ZONE), |text| zone(section, text))?;
    let holidays = section.text("not-on").map(|text| calendar(section, text, templates)).transpose()?;
    Ok(Schedule { times, weekdays: days(section)?, zone, holidays })
}

/// What is done about periods that were missed.
pub fn catch_up(section: &Section<'_>) -> CatchUp {
    match section.text("catch-up").map(|written| written.text) {
        Some("none") => CatchUp::None,
        Some("all") => CatchUp::All,
        _ => CatchUp::Latest,
    }
}

fn time(section: &Section<'_>, text: Written<'_>) -> Result<NaiveTime> {
    let is_short = text.text.len() <= "06:00".len();
    let time = NaiveTime::parse_from_str(text.text, "%H:%M").ok().filter(|_| is_short);
    time.ok_or_else(|| section.error_at("at", text, format!("'{}' is not a time of day", text.text), "write hours and minutes: 06:00"))
}

fn zone(section: &Section<'_>, text: Written<'_>) -> Result<Tz> {
    text.text.parse().map_err(|_| {
        // An abbreviation is near others, and means none of them.
        let near = nearest(text.text, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())).filter(|_| text.text.contains('/'));
        let help = near.map_or_else(|| "write one such as America/Chicago".to_owned(), |near| format!("did you mean {near}?"));
        section.error_at("zone", text, format!("'{}' is not a zone", text.text), help)
    })
}

fn calendar(section: &Section<'_>, text: Written<'_>, templates: &Templates) -> Result<Calendar> {
    let known = templates.names("calendars");
    if !known.iter().any(|known| known == text.text) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let what = format!("there is no calendar '{}'", text.text);
        return Err(section.error_at("not-on", text, what, suggestion(text.text, &known)));
    }
    let file = format!("calendars/{}.toml", text.text);
    Calendar::parse(&templates.text(&file)?, &file)
}

/// The days of the week, in order; all of them where none are said.
fn days(section: &Section<'_>) -> Result<Vec<Weekday>> {
    let mut named = [!section.has("days"); 7];
    for text in section.texts("days") {
        for part in text.text.replace(" - ", "-").split([',', ' ']).filter(|part| !part.is_empty()) {
            let (first, last) = part.split_once(['-', '–']).unwrap_or((part, part));
            let (first, last) = (day(section, text, first)?, day(section, text, last)?);
            let length = (last + 7 - first) % 7;
            (0..=length).for_each(|offset| named[(first + offset) % 7] = true);
        }
    }
    let days: Vec<Weekday> = DAYS.iter().zip(named).filter(|(_, is_named)| *is_named).map(|((_, day), _)| *day).collect();
    if days.is_empty() { Err(section.error("days", "names no day", "write mon-fri, for example")) } else { Ok(days) }
}

/// The place in the week of the day that `word` names, in full or by three letters.
fn day(section: &Section<'_>, text: Written<'_>, word: &str) -> Result<usize> {
    let full = word.parse::<Weekday>().ok();
    full.map(|day| day.num_days_from_monday() as usize).ok_or_else(|| {
        let known: Vec<&str> = DAYS.iter().map(|(word, _)| *word).collect();
        section.error_at("days", text, format!("'{word}' is not a day of the week"), suggestion(word, &known))
    })
}
