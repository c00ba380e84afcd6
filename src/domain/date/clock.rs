//! Times of day as exports write them, and the zones that cells and headers name.

use chrono::DateTime;

use crate::clock::{NamedZone, pacific_to_utc};

/// A zone that a header or a cell names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// So many seconds ahead of UTC.
    Offset(i32),
    /// Pacific time.
    Pacific,
    /// Another one, with its rules.
    Named(NamedZone),
    /// Another one, whose offset is not known here.
    Other,
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self::Offset(0);

    /// The zone of this name: `UTC`, or one of the database of zones such as `America/Chicago`.
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "UTC" | "Etc/UTC" => Some(Self::UTC),
            "America/Los_Angeles" | "US/Pacific" => Some(Self::Pacific),
            name => NamedZone::of(name).map(Self::Named),
        }
    }

    /// The zone of a time that names `self`, or nothing, where `naive` is the one of times that name none. Marks that are not known
    /// are taken for it.
    pub(in crate::domain::date) fn or(named: Option<Self>, naive: Self) -> Self {
        match (named, naive) {
            (None, naive) | (Some(Self::Other), naive @ Self::Named(_)) => naive,
            (Some(named), _) => named,
        }
    }

    /// The instant of a wall time, both in seconds since 1970-01-01T00:00:00; `None` for a zone that is not known.
    pub(in crate::domain::date) fn to_utc(self, wall: i64) -> Option<i64> {
        match self {
            Self::Offset(offset) => Some(wall - i64::from(offset)),
            Self::Pacific => pacific_to_utc(DateTime::from_timestamp(wall, 0)?.naive_utc()).map(|instant| instant.timestamp()),
            Self::Named(zone) => zone.to_utc(wall),
            Self::Other => None,
        }
    }
}

#[derive(Clone, Copy, Default)]
pub(in crate::domain::date) struct Clock {
    pub(in crate::domain::date) seconds: i32,
    pub(in crate::domain::date) micros: i32,
    pub(in crate::domain::date) zone: Option<Zone>,
}

/// The zone that a column's header names: `FOC time (UTC)`, `Confirmed Porting Time, PST`.
pub fn zone_of_header(header: &str) -> Option<Zone> {
    let header = header.to_ascii_lowercase();
    let shifted = ["utc+", "utc-", "gmt+", "gmt-"].iter().any(|start| header.contains(start));
    header.split(|c: char| !c.is_alphanumeric()).find_map(|word| match word {
        "utc" | "gmt" if shifted => Some(Zone::Other),
        "utc" | "gmt" | "zulu" => Some(Zone::UTC),
        "pst" | "pdt" | "pt" | "pacific" | "angeles" => Some(Zone::Pacific),
        _ if OTHER_ZONES.contains(&word) => Some(Zone::Other),
        _ => None,
    })
}

/// Words, cities and abbreviations of zones, those of North America first.
const OTHER_ZONES: [&str; 34] = [
    "york", "chicago", "denver", "toronto", "est", "edt", "et", "eastern", "cst", "cdt", "ct", "central", "mst", "mdt", "mt", "mountain",
    "akst", "akdt", "alaska", "hst", "hawaii", "ast", "adt", "atlantic", "nst", "ndt", "cet", "cest", "bst", "wet", "eet", "jst", "aest",
    "aedt",
];

pub(in crate::domain::date) fn pacific_seconds(clock: Clock) -> Option<i32> {
    matches!(clock.zone, None | Some(Zone::Pacific)).then_some(clock.seconds)
}

pub(in crate::domain::date) fn seconds(hour: i32, minute: i32, second: i32) -> Option<i32> {
    ((0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second)).then_some(hour * 3600 + minute * 60 + second)
}

/// The time behind an ISO date: a `T` or blanks, then a clock.
pub(in crate::domain::date) fn clock_behind(rest: &[u8]) -> Option<Clock> {
    let text = std::str::from_utf8(rest).ok()?;
    match text.strip_prefix(['T', 't']) {
        Some(time) => clock(time),
        None if text.trim().is_empty() => None,
        None => clock(text.strip_prefix(' ')?.trim_start()),
    }
}

/// `h:mm`, `h:mm:ss`, `h:mm:ss.f`, each with AM or PM, or `h` with AM or PM; then a zone.
pub(in crate::domain::date) fn clock(text: &str) -> Option<Clock> {
    let (hour, mut rest) = number(text, 2)?;
    let mut parts = [0, 0];
    let mut given = 0;
    while given < 2
        && let Some(after) = rest.strip_prefix(':')
    {
        let (value, next) = number(after, 2).filter(|(_, next)| after.len() - next.len() == 2)?;
        (parts[given], rest) = (value, next);
        given += 1;
    }
    let mut micros = 0;
    if given == 2
        && let Some(after) = rest.strip_prefix(['.', ','])
    {
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = after.strip_suffix(rest).filter(|digits| !digits.is_empty())?;
        micros = format!("{digits:0<6.6}").parse().ok()?;
    }
    let (half, rest) = half_day(rest.trim());
    let hour = match (half, given) {
        (None, 0) => return None,
        (None, _) => hour,
        (Some(after_noon), _) if (1..=12).contains(&hour) => hour % 12 + after_noon,
        _ => return None,
    };
    let rest = rest.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(rest);
    let zone = if rest.is_empty() { None } else { Some(zone(rest)?) };
    Some(Clock { seconds: seconds(hour, parts[0], parts[1])?, micros, zone })
}

/// The hours that AM or PM add, and what follows the word.
fn half_day(text: &str) -> (Option<i32>, &str) {
    for (word, hours) in [("a.m.", 0), ("p.m.", 12), ("am", 0), ("pm", 12)] {
        let start = text.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word));
        if start.is_some() && !text[word.len()..].starts_with(|c: char| c.is_alphanumeric()) {
            return (Some(hours), text[word.len()..].trim_start());
        }
    }
    (None, text)
}

fn zone(text: &str) -> Option<Zone> {
    if let Some(rest) = text.strip_prefix(['+', '-']) {
        let joined = rest.replacen(':', "", 1);
        let (value, end) = number(&joined, 4)?;
        let (hours, minutes) = match joined.len() {
            _ if !end.is_empty() => return None,
            1 | 2 => (value, 0),
            4 => (value / 100, value % 100),
            _ => return None,
        };
        let offset = seconds(hours, minutes, 0)?;
        return Some(Zone::Offset(if text.starts_with('-') { -offset } else { offset }));
    }
    Some(match text.to_ascii_lowercase().as_str() {
        "z" | "utc" | "gmt" => Zone::UTC,
        "pst" | "pdt" | "pt" | "pacific" | "pacific time" | "us/pacific" | "america/los_angeles" => Zone::Pacific,
        word if word.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'_' | b' ')) => Zone::Other,
        _ => return None,
    })
}

/// One or more digits, at most `most`, and what follows them.
fn number(text: &str, most: usize) -> Option<(i32, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 || count > most {
        return None;
    }
    Some((text[..count].parse().ok()?, &text[count..]))
}
