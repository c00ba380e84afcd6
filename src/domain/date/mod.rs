//! Days, wall times and instants as exports write them: ISO first, then the other usual shapes.

mod clock;
mod day;
mod lenient;
pub mod text;

use crate::domain::date::clock::{Clock, clock, clock_behind, pacific_seconds, seconds};
use crate::domain::date::day::{iso, plain};
use crate::domain::date::lenient::loose;

pub use crate::domain::date::clock::{Zone, zone_of_header};
pub use crate::domain::date::day::{DateOrder, Day, InvalidDate, MICROS_PER_DAY, Reading, monday, swap_day_and_month};

/// An instant in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub micros: i64,
    /// How its day was read.
    pub reading: Reading,
    /// As that of a [`Day`].
    pub proves: Option<DateOrder>,
}

/// A calendar day of the Pacific calendar, and the wall time that stood behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The day.
    pub day: Day,
    /// The time behind it, if there was one.
    pub time: DayTime,
    /// Whether it is another day than the one written, which was of another zone.
    pub moved: bool,
}

/// The time behind a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayTime {
    /// None, or midnight, which is how systems that know only dates write them.
    None,
    /// A Pacific wall time in seconds since midnight.
    Pacific(i32),
    /// A time in a zone that is not known here.
    UnknownZone,
}

/// Reads a calendar day: ISO, `20260304`, `2026/3/4`, `4.3.2026` (day first), `4-Mar-26`, `Mar 4, 2026`,
/// `3/4/2026` and `3/4/26` in `order`, each with an optional time and zone behind it, and the day numbers
/// 20000 to 80000 of spreadsheets. An instant counts on its day in Pacific time, as [`moment`] says.
///
/// # Errors
/// [`InvalidDate`] when it is none of these.
pub fn day(text: &str, order: DateOrder) -> Result<Day, InvalidDate> {
    moment(text, order, Zone::Pacific).map(|moment| moment.day)
}

/// Reads a day as [`day`] does, and the time behind it. A time without a zone is of the zone `naive`. A time
/// of UTC or with an offset makes the day and the time those of Pacific time: `2026-12-04T02:00:00Z` is
/// 18:00 on the 3rd. Only midnight leaves the day as it is written, whatever its zone, because that is how
/// systems that know only dates write them; so does a zone that is not known.
///
/// # Errors
/// [`InvalidDate`] when there is no day in it.
pub fn moment(text: &str, order: DateOrder, naive: Zone) -> Result<Moment, InvalidDate> {
    let (day, clock) = match iso(text.as_bytes()) {
        Some((found, [])) => return Ok(Moment { day: plain(found?), time: DayTime::None, moved: false }),
        Some((found, rest)) => match clock_behind(rest) {
            Some(clock) => (plain(found?), Some(clock)),
            None => loose(text.trim(), order)?,
        },
        None => loose(text.trim(), order)?,
    };
    let Some(clock) = clock.filter(|clock| clock.seconds != 0) else {
        return Ok(Moment { day, time: DayTime::None, moved: false });
    };
    let zone = Zone::or(clock.zone, naive);
    if zone == Zone::Pacific {
        return Ok(Moment { day, time: DayTime::Pacific(clock.seconds), moved: false });
    }
    let Some(utc) = zone.to_utc(i64::from(day.days) * 86_400 + i64::from(clock.seconds)) else {
        return Ok(Moment { day, time: DayTime::UnknownZone, moved: false });
    };
    let wall = crate::clock::utc_to_pacific(utc);
    let days = wall.div_euclid(86_400) as i32;
    let time = match wall.rem_euclid(86_400) as i32 {
        0 => DayTime::None,
        seconds => DayTime::Pacific(seconds),
    };
    Ok(Moment { day: Day { days, ..day }, time, moved: days != day.days })
}

/// Reads a wall time in seconds since midnight: `10:00`, `10:00:00`, `10:00 AM`, `10am`, `1000`, a
/// spreadsheet's fraction of a day (`0.4166667`), or the time of an ISO datetime. Pacific zone words
/// (`PST`, `PT`, `Pacific`) are left out, any other zone is no Pacific wall time: `None`.
pub fn time(text: &str) -> Option<i32> {
    let text = text.trim();
    if let Some((Ok(_), rest)) = iso(text.as_bytes()) {
        return clock_behind(rest).and_then(pacific_seconds);
    }
    if let Some(clock) = clock(text) {
        return pacific_seconds(clock);
    }
    let bytes = text.as_bytes();
    match bytes.len() {
        3 | 4 if bytes.iter().all(u8::is_ascii_digit) => {
            let value: i32 = text.parse().ok()?;
            seconds(value / 100, value % 100, 0)
        }
        3.. if (text.starts_with("0.") || text.starts_with('.')) && bytes[1..].iter().filter(|b| !b.is_ascii_digit()).count() <= 1 => {
            let fraction: f64 = text.parse().ok()?;
            let rounded = (fraction * 86_400.0).round();
            (0.0..86_400.0).contains(&rounded).then_some(rounded as i32)
        }
        _ => None,
    }
}

/// Reads an instant: a day as [`day`] reads it, with a time and a zone; without a zone it is of the zone `naive`,
/// without a time it is midnight.
pub fn instant(text: &str, order: DateOrder, naive: Zone) -> Option<Instant> {
    let (day, clock) = day_and_clock(text.trim(), order)?;
    at(day, clock.unwrap_or_default(), naive)
}

/// Reads an instant as [`instant`] does, but a day alone, or with midnight in any zone, is the start of that day in Pacific
/// time: so write systems that know only dates.
pub fn instant_or_day(text: &str, order: DateOrder, naive: Zone) -> Option<Instant> {
    let (day, clock) = day_and_clock(text.trim(), order)?;
    let timed = clock.filter(|clock| clock.seconds != 0 || clock.micros != 0);
    at(day, timed.unwrap_or(Clock { zone: Some(Zone::Pacific), ..Clock::default() }), naive)
}

fn day_and_clock(text: &str, order: DateOrder) -> Option<(Day, Option<Clock>)> {
    Some(match iso(text.as_bytes()) {
        Some((found, [])) => (plain(found.ok()?), None),
        Some((found, rest)) => (plain(found.ok()?), Some(clock_behind(rest)?)),
        None => loose(text, order).ok()?,
    })
}

fn at(day: Day, clock: Clock, naive: Zone) -> Option<Instant> {
    let wall = i64::from(day.days) * 86_400 + i64::from(clock.seconds);
    let micros = Zone::or(clock.zone, naive).to_utc(wall)? * 1_000_000 + i64::from(clock.micros);
    Some(Instant { micros, reading: day.reading, proves: day.proves })
}
