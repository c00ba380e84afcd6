//! `portstatus job`: checks job files, writes one to begin with, and prints their JSON Schema.

use std::fmt::Write as _;
use std::path::Path;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::cli::args::{JobAction, JobArgs};
use crate::cli::job_file::schedule::DAYS;
use crate::cli::job_file::schema::schema;
use crate::cli::job_file::{self, ReadJob};
use crate::cli::starter::write_starter;
use crate::cli::terminal::plain;
use crate::clock::AsOf;
use crate::deliver::{RunFiles, standard};
use crate::domain::schedule::{Period, Schedule};
use crate::domain::text::{counted, fill};
use crate::error::Result;
use crate::job::condition_text::condition_words;
use crate::job::scheduled::{CatchUp, DeliveryRule, Encryption, RecipientSource};
use crate::templates::Templates;

/// The job file that is meant where none is named.
const USUAL_FILE: &str = "job.toml";

/// The job file that is written to begin with.
const STARTER: &str = "schedule/job.toml";

/// Runs that are told ahead.
const NEXT_RUNS: usize = 5;

/// Does what `args` ask for.
///
/// # Errors
/// [`crate::error::Error::config`] for what is wrong with the file, [`crate::error::Error::cannot_create`] for one that is there already.
pub fn run(args: &JobArgs, files: &RunFiles) -> Result<()> {
    let path = args.file.as_deref().unwrap_or(Path::new(USUAL_FILE));
    match args.action {
        JobAction::Check => check(path, args.json),
        JobAction::Init => init(path, args.json, files),
        JobAction::Schema => standard::print(&format!("{:#}\n", schema())),
    }
}

/// Writes a commented job file, unless there is one.
fn init(path: &Path, as_json: bool, files: &RunFiles) -> Result<()> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| job_file::deliveries::is_name(stem)).unwrap_or("nightly");
    let text = fill(&Templates::default().text(STARTER)?, &[("job_name", stem)]);
    write_starter(path, &text, "job file", files)?;
    let shown = path.display().to_string();
    let line = format!("Wrote {}: change it, then run portstatus job check {}\n", plain(&shown), plain(&shown));
    standard::print(&if as_json { format!("{}\n", json!({ "file": shown })) } else { line })
}

/// Reads a job file and says what it asks for.
fn check(path: &Path, as_json: bool) -> Result<()> {
    let file = job_file::enter(path)?;
    let read = job_file::read_whole(&file)?;
    let now = AsOf::now().utc();
    let text = if as_json { format!("{}\n", as_json_value(&read, now)) } else { plain_lines(&said(&read, now)) };
    standard::print(&text)
}

/// `text` line by line without what a terminal would obey.
fn plain_lines(text: &str) -> String {
    text.lines().map(|line| plain(line) + "\n").collect()
}

/// The next runs, and the holidays without one until the last of them.
fn upcoming(schedule: &Schedule, now: DateTime<Utc>) -> (Vec<Period>, Vec<(NaiveDate, &str)>) {
    let next = std::iter::successors(schedule.next_after(now), |period| schedule.next_after(period.due));
    let next: Vec<Period> = next.take(NEXT_RUNS).collect();
    let today = now.with_timezone(&schedule.zone).date_naive();
    let holidays = next.last().map_or_else(Vec::new, |last| schedule.holidays_between(today, last.day));
    (next, holidays)
}

/// What the job asks for, in lines for a person.
fn said(read: &ReadJob, now: DateTime<Utc>) -> String {
    let job = &read.job;
    let mut text = format!("Job {} ({}): no fault found\n", job.name, job.file.display());
    let mut line = |words: String| text.push_str(&(words + "\n"));
    let inputs: Vec<String> = job.report.load.inputs.iter().map(crate::source::Input::name).collect();
    line(format!("Inputs: {}", inputs.join(", ")));
    let formats: Vec<&str> = job.report.render.formats.iter().map(|format| format.name()).collect();
    line(format!("Report: {} as {}", job.report.render.template, formats.join(", ")));
    for (option, values) in read.options.iter().filter(|(option, _)| !matches!(option.as_str(), "inputs" | "template" | "format")) {
        line(format!("  {option} = {}", values.join(", ")));
    }
    match &job.recipients {
        RecipientSource::Values { split_by, condition } => line(format!("Recipients: every {split_by}, {}", condition_words(condition))),
        RecipientSource::Table { split_by, recipients } => {
            let others = match read.inactive {
                0 => String::new(),
                count => format!(", and {} more that are not active", count),
            };
            line(format!("Recipients: {}, told apart by {split_by}{others}", counted(recipients.len() as u64, "row")));
        }
    }
    if job.deliveries.is_empty() {
        line(format!("Deliveries: none, reports stay in {}", job.history.folder.display()));
    }
    for rule in &job.deliveries {
        line(format!("Delivery {}: {}, named {}{}", rule.name, rule.to, rule.file_name, encrypted(rule)));
    }
    match &job.schedule {
        None => line("Schedule: none, it runs whenever it is started".to_owned()),
        Some(schedule) => line(schedule_lines(schedule, job.catch_up, now)),
    }
    let kept =
        [job.history.keep_runs.map(|count| counted(count.into(), "run")), job.history.keep_days.map(|count| counted(count.into(), "day"))];
    let kept: Vec<String> = kept.into_iter().flatten().collect();
    let kept = if kept.is_empty() { "every run is kept".to_owned() } else { format!("at least {} are kept", kept.join(" and ")) };
    line(format!("History: {}, {kept}", job.history.folder.display()));
    if job.floor.rows > 0 || job.floor.drop.is_some() {
        let drop = job.floor.drop.map(|hundredths| format!("at most {}% fewer than usual", hundredths as f64 / 100.0));
        let rows = (job.floor.rows > 0).then(|| format!("{} at least", counted(job.floor.rows, "row")));
        line(format!("Floor: {}", rows.into_iter().chain(drop).collect::<Vec<_>>().join(", ")));
    }
    if let Some(file) = &job.metrics_file {
        line(format!("Metrics: {}", file.display()));
    }
    text
}

const fn encrypted(rule: &DeliveryRule) -> &'static str {
    match rule.encryption {
        Encryption::None => "",
        Encryption::Workbook => ", workbooks with a password and others in an archive with one",
        Encryption::Zip => ", in an archive with a password",
    }
}

/// When it runs next, one line a run, and the holidays in between.
fn schedule_lines(schedule: &Schedule, catch_up: CatchUp, now: DateTime<Utc>) -> String {
    let (next, holidays) = upcoming(schedule, now);
    let times: Vec<String> = schedule.times.iter().map(|time| time.format("%H:%M").to_string()).collect();
    let days: Vec<&str> = day_words(schedule);
    let days = if days.len() == DAYS.len() { "every day".to_owned() } else { days.join(", ") };
    let mut text = format!("Schedule: {} {days} in {}, {} of what was missed", times.join(", "), schedule.zone.name(), caught_up(catch_up));
    if let Some(calendar) = &schedule.holidays {
        let _ = write!(text, ", not on holidays ({})", calendar.title);
    }
    let mut lines: Vec<(NaiveDate, String)> = holidays.into_iter().map(|(day, name)| (day, format!("  no run on {day}, {name}"))).collect();
    lines.extend(next.iter().map(|period| {
        let local = period.due.with_timezone(&schedule.zone);
        (
            period.day,
            format!("  {} {} ({})", local.format("%Y-%m-%d %H:%M %Z"), local.format("%A"), period.due.format("%Y-%m-%dT%H:%M:%SZ")),
        )
    }));
    lines.sort_by_key(|(day, _)| day.num_days_from_ce());
    lines.iter().for_each(|(_, line)| text.push_str(&format!("\n{line}")));
    text
}

/// The days of the week of a schedule.
fn day_words(schedule: &Schedule) -> Vec<&'static str> {
    DAYS.iter().filter(|(_, day)| schedule.weekdays.contains(day)).map(|(word, _)| *word).collect()
}

const fn caught_up(catch_up: CatchUp) -> &'static str {
    match catch_up {
        CatchUp::None => "none",
        CatchUp::Latest => "the latest",
        CatchUp::All => "all",
    }
}

/// What the job asks for, for a script.
fn as_json_value(read: &ReadJob, now: DateTime<Utc>) -> Value {
    let job = &read.job;
    let recipients = match &job.recipients {
        RecipientSource::Values { split_by, condition } => json!({ "split_by": split_by, "when": condition_words(condition) }),
        RecipientSource::Table { split_by, recipients } => {
            let row = |recipient: &crate::job::scheduled::RecipientSpec| {
                json!({
                    "name": recipient.name, "value": recipient.value, "template": recipient.template, "places": recipient.places,
                    "formats": recipient.formats.iter().map(|format| format.name()).collect::<Vec<_>>(),
                    "when": condition_words(&recipient.condition),
                })
            };
            json!({ "split_by": split_by, "active": recipients.iter().map(row).collect::<Vec<_>>(), "inactive": read.inactive })
        }
    };
    let delivery = |rule: &DeliveryRule| json!({ "name": rule.name, "to": rule.to, "file_name": rule.file_name, "encrypted": rule.encryption != Encryption::None });
    let schedule = job.schedule.as_ref().map(|schedule| {
        let (next, holidays) = upcoming(schedule, now);
        let period = |period: &Period| json!({ "key": period.key, "due": period.due.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "local": period.due.with_timezone(&schedule.zone).to_rfc3339() });
        json!({
            "at": schedule.times.iter().map(|time| time.format("%H:%M").to_string()).collect::<Vec<_>>(),
            "zone": schedule.zone.name(), "days": day_words(schedule), "next": next.iter().map(period).collect::<Vec<_>>(),
            "holidays": holidays.iter().map(|(day, name)| json!({ "date": day.to_string(), "holiday": name })).collect::<Vec<_>>(),
        })
    });
    json!({
        "name": job.name, "file": job.file.display().to_string(),
        "inputs": job.report.load.inputs.iter().map(crate::source::Input::name).collect::<Vec<_>>(),
        "report": read.options.iter().map(|(option, values)| (option.clone(), json!(values))).collect::<serde_json::Map<_, _>>(),
        "template": job.report.render.template,
        "formats": job.report.render.formats.iter().map(|format| format.name()).collect::<Vec<_>>(),
        "recipients": recipients, "deliveries": job.deliveries.iter().map(delivery).collect::<Vec<_>>(), "schedule": schedule,
        "history": { "folder": job.history.folder.display().to_string(), "keep_runs": job.history.keep_runs, "keep_days": job.history.keep_days },
        "floor": { "rows": job.floor.rows, "drop_percent": job.floor.drop.map(|hundredths| hundredths as f64 / 100.0) },
        "metrics_file": job.metrics_file.as_ref().map(|file| file.display().to_string()),
    })
}
