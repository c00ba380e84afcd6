//! `portstatus timeline`: the history of one number, event by event.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use crate::cli::args::TimelineArgs;
use crate::cli::options;
use crate::cli::terminal::{self, Style, plain};
use crate::clock::AsOf;
use crate::deliver::standard;
use crate::domain::lifecycle::State;
use crate::domain::status::UNKNOWN;
use crate::domain::text::{counted, numbered};
use crate::error::{Error, Result};
use crate::job::load::timelines;
use crate::job::reconciliation::place_in;
use crate::job::{ClassificationContext, LoadSpec};
use crate::source::Origin;
use crate::source::events::timeline::{Timeline, TimelineEvent};

/// The layout of the JSON; it changes when a key changes its meaning or goes.
const SCHEMA: u32 = 1;

/// Prints the events of a number, each with its time and the state after it, and last the current state.
///
/// # Errors
/// What is not a number, a number that no event names, inputs that are no tables of events, and whatever keeps them from
/// being read.
pub fn run(args: &TimelineArgs) -> Result<()> {
    if std::path::Path::new(&args.number).is_file() {
        return Err(Error::usage(args.number.as_str(), "is a file, and the number comes first", "write portstatus timeline NUMBER INPUT"));
    }
    let history = History::read(&args.number, &options::load(&args.inputs, &args.read, &args.classification)?)?;
    if history.timelines.is_empty() {
        return Err(Error::data("", format!("no event has the number {}", plain(&args.number)), "look for it with portstatus check"));
    }
    if args.json {
        let as_of = instant(history.as_of.micros());
        let json = json!({ "schema": SCHEMA, "number": args.number, "as_of": as_of, "timelines": history.json() });
        return standard::print(&format!("{}\n", terminal::escaped(json)));
    }
    standard::print(&Style::of_output(args.color.color).wrap(&history.text(&args.number)))
}

/// The timelines of a number.
pub struct History {
    timelines: Vec<Timeline>,
    origins: Vec<Origin>,
    as_of: AsOf,
}

impl History {
    /// Those of the number that `asked` means, in those inputs of `spec` that are tables of events.
    ///
    /// # Errors
    /// As [`run`], but for a number that no event names.
    pub fn read(asked: &str, spec: &LoadSpec) -> Result<Self> {
        let number = options::number(asked)?;
        let context = ClassificationContext::read(spec)?;
        let (timelines, origins) = timelines(spec, &context.rules, number.as_str())?;
        Ok(Self { timelines, origins, as_of: spec.as_of })
    }

    /// For a person; `number` is the number as it was typed.
    pub fn text(&self, number: &str) -> String {
        let texts: Vec<String> = self.timelines.iter().map(|timeline| text(number, timeline, &self.origins, self.as_of)).collect();
        texts.join("\n")
    }

    /// For a script: an object for each request.
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.timelines.iter().map(|timeline| json_of(timeline, &self.origins, self.as_of)).collect()
    }
}

fn text(number: &str, timeline: &Timeline, origins: &[Origin], as_of: AsOf) -> String {
    let Timeline { request, events, state, since } = timeline;
    let request = request.as_ref().map(|(_, request)| format!(", request {}", plain(request))).unwrap_or_default();
    let mut out = format!("{}{request}: {}\n", plain(number), counted(events.len() as u64, "event"));
    let widest = |text: fn(&TimelineEvent) -> String| events.iter().map(|event| text(event).chars().count()).max().unwrap_or(0);
    let (time_width, name_width) = (widest(time), widest(|event| name(event).to_owned()));
    let state_width = widest(|event| state_name(event.state).to_owned());
    for event in events {
        let mut line = format!("  {:<time_width$}  {:<name_width$}  {:<state_width$}", time(event), name(event), state_name(event.state));
        for (what, cell) in [("by", &event.actor), ("reason:", &event.reason)] {
            if let Some(cell) = cell {
                let _ = write!(line, "  {what} {}", terminal::masked(cell));
            }
        }
        let _ = writeln!(out, "{}", line.trim_end());
        if let Some(illegal) = &event.illegal {
            let _ = writeln!(out, "    not allowed: {illegal} ({})", plain(&place_in(origins, event.place).to_string()));
        }
    }
    let since = since.map(|since| format!(" since {}", minute(since)) + &days(since, as_of)).unwrap_or_default();
    out + &format!("Current state: {}{since}\n", state_name(*state))
}

fn json_of(timeline: &Timeline, origins: &[Origin], as_of: AsOf) -> serde_json::Value {
    let event = |event: &TimelineEvent| {
        json!({
            "at": event.micros.map(instant), "event": event.event, "state": event.state.map(State::code),
            "illegal_move": event.illegal, "moved_by": event.actor, "reason": event.reason.as_deref().map(terminal::masked),
            "place": place_in(origins, event.place),
        })
    };
    json!({
        "request": timeline.request.as_ref().map(|(_, name)| name), "events": timeline.events.iter().map(event).collect::<Vec<_>>(),
        "state": timeline.state.map(State::code), "since": timeline.since.map(instant),
        "days_in_state": timeline.since.and_then(|since| whole_days(since, as_of)),
    })
}

fn time(event: &TimelineEvent) -> String {
    event.micros.map_or_else(|| "(no time)".to_owned(), minute)
}

fn name(event: &TimelineEvent) -> &str {
    event.event.as_deref().unwrap_or("(unknown event)")
}

fn state_name(state: Option<State>) -> &'static str {
    state.map_or(UNKNOWN, State::caption)
}

fn utc(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

fn instant(micros: i64) -> String {
    utc(micros).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// `2026-11-21 18:00 UTC`, with seconds where there are any.
fn minute(micros: i64) -> String {
    let whole = micros.rem_euclid(60_000_000) == 0;
    utc(micros).format(if whole { "%Y-%m-%d %H:%M UTC" } else { "%Y-%m-%d %H:%M:%S UTC" }).to_string()
}

fn whole_days(since: i64, as_of: AsOf) -> Option<i64> {
    let micros = as_of.micros() - since;
    (micros >= 0).then_some(micros / 86_400_000_000)
}

fn days(since: i64, as_of: AsOf) -> String {
    whole_days(since, as_of).map(|days| format!(", {}", numbered(days as u64, "day", "days"))).unwrap_or_default()
}
