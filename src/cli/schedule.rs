//! `portstatus schedule`: what starts the runs of a job file at its times, for systemd, cron or Kubernetes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{Datelike, NaiveDateTime, NaiveTime, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use crate::cli::args::{ScheduleArgs, Scheduler};
use crate::cli::job_file::{self, JobTiming};
use crate::cli::public_file;
use crate::cli::terminal::plain;
use crate::clock::{self, AsOf};
use crate::deliver::{RunFiles, standard};
use crate::domain::schedule::Schedule;
use crate::domain::text::{counted, fill};
use crate::error::{Error, Place, Result};
use crate::job::scheduled::CatchUp;
use crate::source::database::files::system_user;

/// Days over which the clocks of two zones are compared: a year and what its end may still change.
const DAYS_COMPARED: i64 = 400;

/// Years for which it is said when a time that the clock skips is made up for.
const YEARS_AHEAD: i64 = 10;

/// What a line of cron says: minute, hours and days of the week, from 0 for Sunday.
type CronTimes = String;

/// A file that is written.
struct Made {
    name: String,
    text: String,
}

/// Writes what starts the runs of the job file that `args` name.
///
/// # Errors
/// [`Error::config`] for what is wrong with the file, [`Error::usage`] for times that cron cannot keep.
pub fn run(args: &ScheduleArgs, files: &RunFiles) -> Result<()> {
    let absolute = |path: &Path| {
        std::path::absolute(path).map_err(|error| Error::config(path.display().to_string(), error.to_string(), "check the path"))
    };
    let (job_path, out) = (absolute(&args.file)?, args.out.as_deref().map(absolute).transpose()?);
    let program = std::env::current_exe().map_err(|error| Error::internal("schedule", error))?;
    let timing = job_file::read_timing(&job_file::enter(&args.file)?)?;
    if args.machine_zone.is_some() && args.scheduler != Scheduler::Cron {
        return Err(Error::usage(Place::option("machine_zone"), "is for cron alone, others know zones", "leave it out"));
    }
    let made = match args.scheduler {
        Scheduler::Systemd => systemd(&timing, &program, &job_path)?,
        Scheduler::Cron => vec![cron(&timing, &program, &job_path, args.machine_zone.as_deref())?],
        Scheduler::Kubernetes => vec![kubernetes(&timing, &job_path)?],
    };
    match out {
        Some(folder) => write(&made, &folder, files),
        None => {
            let several = made.len() > 1;
            let text = |made: &Made| if several { format!("# {}\n{}\n", made.name, made.text) } else { made.text.clone() };
            standard::print(&made.iter().map(text).collect::<String>())
        }
    }
}

/// Writes `made` to `folder`, all or none, for everybody to read.
fn write(made: &[Made], folder: &Path, files: &RunFiles) -> Result<()> {
    public_file::write_all(folder, made.iter().map(|made| (made.name.as_str(), made.text.as_str())), "schedule", files)?;
    let names: Vec<&str> = made.iter().map(|made| made.name.as_str()).collect();
    let count = counted(names.len() as u64, "file");
    standard::print(&format!("Wrote {}: {count}, {}\n", plain(&folder.display().to_string()), names.join(", ")))
}

/// A path as text.
fn shown(path: &Path) -> Result<&str> {
    let is_plain = |text: &&str| !text.chars().any(char::is_control);
    let what = "its path is not plain text";
    path.to_str().filter(is_plain).ok_or_else(|| Error::config(path.display().to_string(), what, "move it to a path without such letters"))
}

/// The service and the timer.
fn systemd(timing: &JobTiming, program: &Path, job: &Path) -> Result<Vec<Made>> {
    let environment = job.with_extension("env");
    let (program, job_path, environment) = (shown(program)?, shown(job)?, shown(&environment)?);
    let escaped = |text: &str| text.replace('%', "%%");
    let word = |text: &str| {
        let text = escaped(text).replace('\\', "\\\\").replace('"', "\\\"").replace('$', "$$");
        if text.contains([' ', '\'', '"', '\\', ';']) { format!("\"{text}\"") } else { text }
    };
    let days = systemd_days(&timing.schedule.weekdays);
    let zone = timing.schedule.zone.name();
    let time = |time: &NaiveTime| format!("OnCalendar={days}{} {zone}", time.format("*-*-* %H:%M:00"));
    // systemd leaves out what the clock skips.
    let skipped = skipped(&timing.schedule).into_iter().map(|due| format!("OnCalendar={} {zone}", due.format("%Y-%m-%d %H:%M:00")));
    let times = timing.schedule.times.iter().map(time).chain(skipped).collect::<Vec<_>>().join("\n");
    let user = system_user().unwrap_or_else(|| rustix::process::geteuid().as_raw().to_string());
    let values = [
        ("job", timing.name.as_str()),
        ("condition_path", &escaped(job_path)),
        ("environment_file", &escaped(environment)),
        ("program", &word(program)),
        ("job_file", &word(job_path)),
        ("user", &user),
        ("times", &times),
        ("persistent", if timing.catch_up == CatchUp::None { "no" } else { "yes" }),
    ];
    let unit = |ending: &str| {
        let text = fill(&timing.templates.text(&format!("schedule/systemd.{ending}"))?, &values);
        Ok(Made { name: format!("portstatus-{}.{ending}", timing.name), text })
    };
    ["service", "timer"].into_iter().map(unit).collect()
}

/// When the runs of the next years are due whose time the clock skips then, by that clock.
fn skipped(schedule: &Schedule) -> Vec<NaiveDateTime> {
    let now = AsOf::now().utc();
    let periods = std::iter::successors(schedule.next_after(now), |period| schedule.next_after(period.due));
    let periods = periods.take_while(|period| (period.due - now).num_days() < YEARS_AHEAD * 366);
    let due = periods.map(|period| period.due.with_timezone(&schedule.zone).naive_local());
    due.filter(|due| !schedule.times.contains(&due.time())).collect()
}

/// The days of the week as systemd writes them, with a blank behind them; nothing for all of them.
fn systemd_days(weekdays: &[Weekday]) -> String {
    if weekdays.len() == 7 { String::new() } else { weekdays.iter().map(ToString::to_string).collect::<Vec<_>>().join(",") + " " }
}

/// The lines for cron, which runs by the clock of the machine.
fn cron(timing: &JobTiming, program: &Path, job: &Path, machine_zone: Option<&str>) -> Result<Made> {
    let named = |name: &str| {
        name.parse::<Tz>().map_err(|_| Error::usage(Place::option_value("machine_zone", name), "is not a zone", "write one such as UTC"))
    };
    let machine = match machine_zone {
        Some(name) => named(name)?,
        None => clock::machine_zone().ok_or_else(|| {
            Error::usage("", "the zone of this machine is not known", "name it").with_remedy(Place::option("machine_zone"))
        })?,
    };
    let schedule = &timing.schedule;
    let moved = shift(schedule, machine).ok_or_else(|| {
        let what = format!(
            "cron runs by the clock of the machine ({}), by which the times of {} move when either changes between summer and winter",
            machine.name(),
            schedule.zone.name()
        );
        Error::usage("", what, "use systemd or Kubernetes, or give the job the zone of the machine")
    })?;
    // A percent sign is a line end to cron, and the shell reads the rest.
    let word = |text: &str| {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+:@,".contains(&byte));
        let quoted = if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) };
        quoted.replace('%', "\\%")
    };
    let command = format!("{} run {}", word(shown(program)?), word(shown(job)?));
    let lines: Vec<String> = cron_times(schedule, moved).into_iter().map(|times| format!("{times} {command}")).collect();
    let note = match machine == schedule.zone {
        true => String::new(),
        false => format!(
            "# The times of the job file are those of {}, from which this clock differs by the same hours all year.\n",
            schedule.zone.name()
        ),
    };
    let values = [("job", timing.name.as_str()), ("machine_zone", machine.name()), ("note", &note), ("lines", &lines.join("\n"))];
    let text = fill(&timing.templates.text("schedule/cron")?, &values);
    Ok(Made { name: format!("portstatus-{}.cron", timing.name), text })
}

/// By how many minutes the clock of `machine` is ahead of that of the schedule; `None` when that is not the same all year.
fn shift(schedule: &Schedule, machine: Tz) -> Option<i64> {
    if machine == schedule.zone {
        return Some(0);
    }
    let now = AsOf::now().utc();
    let ahead = |day: i64| {
        let instant: chrono::DateTime<Utc> = now + chrono::TimeDelta::days(day);
        let (theirs, ours) = (instant.with_timezone(&machine).naive_local(), instant.with_timezone(&schedule.zone).naive_local());
        (theirs - ours).num_minutes()
    };
    let first = ahead(0);
    (1..DAYS_COMPARED).all(|day| ahead(day) == first).then_some(first)
}

/// The times of `schedule` as cron writes them, by a clock that is `ahead` by so many minutes: times at the same minute and days
/// in one.
fn cron_times(schedule: &Schedule, ahead: i64) -> Vec<CronTimes> {
    const DAY: i64 = 24 * 60;
    let mut groups: Vec<((i64, i64), BTreeSet<i64>)> = Vec::new();
    for time in &schedule.times {
        let minutes = i64::from(time.num_seconds_from_midnight() / 60) + ahead;
        let (day, minutes) = (minutes.div_euclid(DAY), minutes.rem_euclid(DAY));
        let key = (day, minutes % 60);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, hours)) => drop(hours.insert(minutes / 60)),
            None => groups.push((key, BTreeSet::from([minutes / 60]))),
        }
    }
    let line = |((day, minute), hours): ((i64, i64), BTreeSet<i64>)| {
        let days: BTreeSet<i64> =
            schedule.weekdays.iter().map(|weekday| (i64::from(weekday.num_days_from_sunday()) + day).rem_euclid(7)).collect();
        let listed = |numbers: &BTreeSet<i64>| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let days = if days.len() == 7 { "*".to_owned() } else { listed(&days) };
        format!("{minute} {} * * {days}", listed(&hours))
    };
    groups.into_iter().map(line).collect()
}

/// The times at which Kubernetes, which leaves out what the clock skips, makes up for that: on the days of the next years on which
/// it may be so. On the others the job has nothing to do then.
fn cron_times_skipped(schedule: &Schedule) -> Vec<CronTimes> {
    let mut days: BTreeMap<(u32, u32, u32), BTreeSet<u32>> = BTreeMap::new();
    for due in skipped(schedule) {
        days.entry((due.month(), due.hour(), due.minute())).or_default().insert(due.day());
    }
    let line = |((month, hour, minute), days): ((u32, u32, u32), BTreeSet<u32>)| {
        let days: Vec<String> = days.iter().map(ToString::to_string).collect();
        format!("{minute} {hour} {} {month} *", days.join(","))
    };
    days.into_iter().map(line).collect()
}

/// The manifest, with the job file in it. The name of a CronJob has 52 letters at most; that of a job has fewer.
fn kubernetes(timing: &JobTiming, job: &Path) -> Result<Made> {
    let file = job.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_key = !file.is_empty() && file.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if !is_key {
        return Err(Error::config(
            job.display().to_string(),
            "its name cannot be a key of a ConfigMap",
            "give it letters, digits, -, _ and . alone",
        ));
    }
    let object = format!("portstatus-{}", timing.name.to_lowercase().replace('_', "-"));
    let object = object.trim_end_matches('-');
    let indented = |line: &str| if line.is_empty() { String::new() } else { format!("    {line}") };
    let job_text: Vec<String> = timing.text.lines().map(indented).collect();
    let mut times = cron_times(&timing.schedule, 0);
    times.extend(cron_times_skipped(&timing.schedule));
    let template = timing.templates.text("schedule/cronjob.yaml")?;
    let version = env!("CARGO_PKG_VERSION");
    let cron_job = |(index, line): (usize, &CronTimes)| {
        let name = if times.len() == 1 { object.to_owned() } else { format!("{:.49}-{}", object, index + 1) };
        let values = [
            ("cron_job", name.as_str()),
            ("times", line),
            ("zone", timing.schedule.zone.name()),
            ("version", version),
            ("file", file),
            ("object", object),
        ];
        fill(&template, &values).trim_end().to_owned()
    };
    let cron_jobs: Vec<String> = times.iter().enumerate().map(cron_job).collect();
    let values = [
        ("job", timing.name.as_str()),
        ("object", object),
        ("file", file),
        ("job_text", &job_text.join("\n")),
        ("cron_jobs", &cron_jobs.join("\n")),
    ];
    Ok(Made { name: format!("{object}.yaml"), text: fill(&timing.templates.text("schedule/kubernetes.yaml")?, &values) })
}
