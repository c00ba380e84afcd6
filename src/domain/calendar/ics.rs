//! Reads the all-day events of an iCalendar file (RFC 5545) as holidays, and writes them as a calendar.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};

use crate::domain::calendar::ics_lines::{Line, unfold};
use crate::domain::calendar::recurrence::Recurrence;
use crate::domain::text::{counted, one_line, thousands};
use crate::error::{Error, Place, Result};

/// The most days that one event may last; a longer one is a mistake.
const MAX_EVENT_DAYS: i64 = 366;
/// The most days that a file may name.
const MAX_DAYS: usize = 20_000;
/// The most events of a file.
const MAX_EVENTS: usize = 20_000;
/// The most bytes of the names of one day.
const MAX_NAMES: usize = 1_000;
/// The most characters of a name.
const MAX_NAME: usize = 200;

/// The holidays of an iCalendar file.
#[derive(Debug, Default)]
pub struct Imported {
    /// What the file calls itself.
    pub name: Option<String>,
    /// Single days, each with its name.
    pub days: BTreeMap<NaiveDate, String>,
    /// Those of every year.
    recurring: Vec<(String, Recurrence)>,
    /// Events at times of a day, which are no holidays.
    pub timed: u64,
    /// Events that were canceled.
    pub canceled: u64,
}

/// An event while it is read.
#[derive(Debug, Default)]
struct Event {
    line: u64,
    name: String,
    uid: String,
    start: Option<Line>,
    end: Option<Line>,
    duration: Option<Line>,
    rule: Option<Line>,
    replaced: Option<Line>,
    added: Vec<Line>,
    left_out: Vec<Line>,
    is_canceled: bool,
}

impl Imported {
    /// Reads the iCalendar file `file`, whose bytes these are.
    ///
    /// # Errors
    /// [`Error::data`] with the line, for what is no iCalendar file or one that is cut off, an event without a day or of too many,
    /// and for a recurrence that a calendar cannot have.
    pub fn read(bytes: &[u8], file: &str) -> Result<Self> {
        let mut made = Self::default();
        let mut events = Vec::new();
        let mut open: Vec<String> = Vec::new();
        let mut event = Event::default();
        let lines = unfold(bytes, file)?;
        if !lines.first().is_some_and(|line| line.is("BEGIN", "VCALENDAR")) {
            return Err(Error::data(file, "is not an iCalendar file", "name a file that begins with BEGIN:VCALENDAR"));
        }
        for line in lines {
            match line.name.as_str() {
                "BEGIN" => {
                    open.push(line.value.to_uppercase());
                    if open == ["VCALENDAR", "VEVENT"] {
                        event = Event { line: line.number, ..Event::default() };
                    }
                }
                "END" if open.last().is_some_and(|last| line.value.eq_ignore_ascii_case(last)) => {
                    if open == ["VCALENDAR", "VEVENT"] {
                        if events.len() == MAX_EVENTS {
                            return Err(line.wrong(
                                file,
                                format!("there are more than {} events", thousands(MAX_EVENTS as u64)),
                                "name a file of holidays",
                            ));
                        }
                        events.push(std::mem::take(&mut event));
                    }
                    open.pop();
                }
                "END" => return Err(line.wrong(file, format!("ends {}, which did not begin", line.value), "check the file")),
                _ if open == ["VCALENDAR"] => made.take(&line, file)?,
                _ if open == ["VCALENDAR", "VEVENT"] => event.take(line, file)?,
                _ => {}
            }
        }
        if let Some(last) = open.last() {
            return Err(Error::data(file, format!("is cut off: {last} does not end"), "fetch it again"));
        }
        let (replacing, others): (Vec<Event>, Vec<Event>) = events.into_iter().partition(|event| event.replaced.is_some());
        let mut replaced: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
        for event in &replacing {
            replaced.entry(&event.uid).or_default().extend(&event.replaced);
        }
        for event in &others {
            made.add(event, replaced.get(event.uid.as_str()).map_or(&[], Vec::as_slice), file)?;
        }
        for event in &replacing {
            made.add(event, &[], file)?;
        }
        if made.days.is_empty() && made.recurring.is_empty() {
            return Err(Error::data(file, "has no all-day event", "holidays are events of whole days"));
        }
        Ok(made)
    }

    /// A property of the calendar itself.
    fn take(&mut self, line: &Line, file: &str) -> Result<()> {
        match line.name.as_str() {
            "VERSION" if line.value != "2.0" => {
                Err(line.wrong(file, format!("is of version {}", one_line(&line.value)), "export it as iCalendar (version 2.0)"))
            }
            "X-WR-CALNAME" | "NAME" if self.name.is_none() => {
                self.name = Some(line.text()).filter(|name| !name.is_empty());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Adds the days of `event`, but for those in whose place another event comes, as `replaced` says.
    fn add(&mut self, event: &Event, replaced: &[&Line], file: &str) -> Result<()> {
        if event.is_canceled {
            self.canceled += 1;
            return Ok(());
        }
        let Some((start, length)) = event.span(file)? else {
            self.timed += 1;
            return Ok(());
        };
        let name = if event.name.is_empty() { "Holiday" } else { &event.name };
        let mut added = BTreeSet::from([start]);
        for line in &event.added {
            added.extend(line.dates(file)?);
        }
        let mut left_out = BTreeSet::new();
        for line in event.left_out.iter().chain(replaced.iter().copied()) {
            left_out.extend(line.dates(file)?);
        }
        if let Some(rule) = &event.rule {
            let recurrence = Recurrence::read(&rule.value, start).and_then(|recurrence| recurrence.lasting(length)).map_err(|what| {
                rule.wrong(file, format!("RRULE of '{name}': {what}"), "give it as single events, or as a rule of every year")
            })?;
            // The first day of a rule is one of it, unless the file contradicts itself.
            added.retain(|date| *date != start || !recurrence.iter().any(|recurrence| recurrence.gives(start)));
            // Of an event of several days, each is left out as often as its first is.
            let later =
                |days: usize| left_out.iter().filter_map(move |date| date.checked_add_days(Days::new(days as u64))).collect::<Vec<_>>();
            let recurring = recurrence.into_iter().enumerate().map(|(index, day)| (name.to_owned(), day.without(&later(index))));
            self.recurring.extend(recurring);
        }
        for date in added.into_iter().filter(|date| !left_out.contains(date)) {
            for date in date.iter_days().take(length) {
                let known = self.days.entry(date).or_insert_with(|| name.to_owned());
                if known.len() < MAX_NAMES && !known.split("; ").any(|known| known == name) {
                    known.push_str("; ");
                    known.push_str(name);
                }
            }
            if self.days.len() > MAX_DAYS {
                return Err(Error::data(
                    Place::row(file, None, event.line),
                    "names more days than a calendar has",
                    "name a file of holidays",
                ));
            }
        }
        Ok(())
    }

    /// How many days and rules there are, in words.
    pub fn told(&self) -> String {
        let left_out = [(self.timed, "event at times of a day"), (self.canceled, "canceled event")];
        let left_out: Vec<String> = left_out.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| plural(count, what)).collect();
        let left_out = if left_out.is_empty() { String::new() } else { format!("; left out: {}", left_out.join(", ")) };
        let rules = counted(self.recurring.len() as u64, "holiday");
        format!("{} and {rules} of every year{left_out}", counted(self.days.len() as u64, "day"))
    }

    /// The calendar file that holds them, called `title`; `source` says where they came from.
    pub fn to_toml(&self, title: &str, source: &str) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut text = format!("# Imported from {}: {}.\n\n", one_line(&source.replace(char::is_control, " ")), self.told());
        text.push_str(&format!("name = {}\nweekend = [\"saturday\", \"sunday\"]\n", quoted(&shortened(title))));
        if !self.days.is_empty() {
            let day = |(date, name): (&NaiveDate, &String)| format!("    {{ date = \"{date}\", name = {} }},\n", quoted(name));
            text.push_str(&format!("dates = [\n{}]\n", self.days.iter().map(day).collect::<String>()));
        }
        for (name, recurrence) in &self.recurring {
            text.push_str(&format!("\n[[holiday]]\nname = {}\n{}", quoted(name), recurrence.to_toml()));
        }
        text
    }
}

fn plural(count: u64, what: &str) -> String {
    counted(count, what).replace("event at times of a days", "events at times of a day")
}

fn shortened(text: &str) -> String {
    one_line(text).chars().filter(|letter| !letter.is_control()).take(MAX_NAME).collect()
}

impl Event {
    /// A property of the event.
    fn take(&mut self, line: Line, file: &str) -> Result<()> {
        let once = |place: &mut Option<Line>, line: Line| match place {
            Some(_) => Err(line.wrong(file, format!("{} is given twice", line.name), "check the file")),
            None => {
                *place = Some(line);
                Ok(())
            }
        };
        match line.name.as_str() {
            "SUMMARY" => self.name = shortened(&line.text()),
            "UID" => self.uid = line.value,
            "DTSTART" => return once(&mut self.start, line),
            "DTEND" => return once(&mut self.end, line),
            "DURATION" => return once(&mut self.duration, line),
            "RRULE" => return once(&mut self.rule, line),
            "RECURRENCE-ID" if line.parameter("RANGE").is_some() => {
                return Err(line.wrong(file, "RANGE of RECURRENCE-ID is not supported", "give it as single events"));
            }
            "RECURRENCE-ID" => return once(&mut self.replaced, line),
            "EXRULE" => return Err(line.wrong(file, "EXRULE is not supported", "give it as single events")),
            "RDATE" => self.added.push(line),
            "EXDATE" => self.left_out.push(line),
            "STATUS" => self.is_canceled = line.value.eq_ignore_ascii_case("CANCELLED"),
            _ => {}
        }
        Ok(())
    }

    /// The first day of the event, and how many it lasts; `None` for one at a time of a day.
    fn span(&self, file: &str) -> Result<Option<(NaiveDate, usize)>> {
        let place = || Place::row(file, None, self.line);
        let start = self.start.as_ref().ok_or_else(|| Error::data(place(), "an event has no DTSTART", "check the file"))?;
        let (first, is_timed) = start.moment(file)?;
        let end = self.end.as_ref().map(|line| line.moment(file)).transpose()?;
        if let (Some((_, is_end_timed)), Some(line)) = (end, &self.end)
            && is_timed != is_end_timed
        {
            return Err(line.wrong(file, "one of DTSTART and DTEND is a day and the other a time", "check the file"));
        }
        // Some programs write a day as the time from midnight to midnight.
        let midnight = |line: &Option<Line>| line.as_ref().is_some_and(|line| line.value.ends_with("T000000"));
        if is_timed && !(midnight(&self.start) && midnight(&self.end)) {
            return Ok(None);
        }
        let days = match (end, &self.duration) {
            (Some((end, _)), _) => end.signed_duration_since(first).num_days(),
            (None, Some(line)) => line.days(file)?,
            (None, None) => 1,
        };
        if !(0..=MAX_EVENT_DAYS).contains(&days) {
            let what = if days < 0 { "ends before it begins".to_owned() } else { format!("lasts {days} days") };
            return Err(Error::data(place(), format!("'{}' {what}", self.name), "check its DTSTART and DTEND"));
        }
        if first.checked_add_days(Days::new(MAX_EVENT_DAYS.unsigned_abs())).is_none_or(|last| last.year() > 9999) {
            return Err(start.wrong(file, format!("'{}' is not a date of a calendar", one_line(&start.value)), "check the file"));
        }
        Ok(Some((first, usize::try_from(days.max(1)).unwrap_or(1))))
    }
}
