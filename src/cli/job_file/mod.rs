//! Reads job files: TOML that says what a scheduled run reads, who gets a report of it, where these go and when.

pub mod deliveries;
pub mod keys;
pub mod recipients;
pub mod report;
pub mod schedule;
pub mod schema;
mod section;

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeTable;

use crate::cli::job_file::deliveries::{is_name, named, read_deliveries};
use crate::cli::job_file::keys::{FLOOR, HISTORY, JOB, RECIPIENTS, SCHEDULE};
use crate::cli::job_file::recipients::check_places;
use crate::cli::job_file::report::ReportTable;
use crate::cli::job_file::schedule::{catch_up, read_schedule};
use crate::cli::job_file::section::{JobText, Section};
use crate::domain::schedule::Schedule;
use crate::error::{Error, Result, system_words};
use crate::job::RejectLimit;
use crate::job::scheduled::{CatchUp, HistorySpec, InputFloor, ScheduledJob};
use crate::templates::{self, Templates};

/// What to do about TOML that is none.
const TOML_HELP: &str = "write key = \"value\", one a line, below the name of its table in brackets";

/// Where runs are kept if nothing else is said.
const USUAL_HISTORY: &str = "runs";

/// Goes into the folder of the job file at `path`, below which its relative paths are, and returns its name there.
///
/// # Errors
/// [`Error::config`] for a path that is no file, or whose folder cannot be entered.
pub fn enter(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().filter(|_| !path.is_dir()).map(PathBuf::from);
    let name = name.ok_or_else(|| Error::config(path.display().to_string(), "is not a file", "name a job file"))?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::env::set_current_dir(folder).map_err(|error| {
            let what = system_words(&error);
            Error::config(path.display().to_string(), format!("its folder cannot be entered: {what}"), "check the path").with_cause(error)
        })?;
    }
    Ok(name)
}

/// Reads the job file at `path`, the name of a file in the folder that [`enter`] went into.
///
/// # Errors
/// [`Error::config`] with line and column for what is wrong with it, and what keeps the files that it names from being read.
pub fn read(path: &Path) -> Result<ScheduledJob> {
    read_whole(path).map(|read| read.job)
}

/// A job that was read, and what only people want to know of it.
pub struct ReadJob {
    /// The job.
    pub job: ScheduledJob,
    /// The options of its report, each with its values.
    pub options: Vec<(String, Vec<String>)>,
    /// How many rows of the table of recipients are not active.
    pub inactive: usize,
}

/// Reads the job file at `path` as [`read`] does.
///
/// # Errors
/// Those of [`read`].
pub fn read_whole(path: &Path) -> Result<ReadJob> {
    let (file, text) = (path.display().to_string(), templates::read(path)?);
    let table = parse(&text, &file)?;
    let source = JobText { file: &file, text: &text };
    let section = Section::open(source, "a job file", 0, table.get_ref(), JOB)?;
    let name = name(&section, path)?;
    let mut report = ReportTable::read(source, section.place_of("report"))?;
    let (schedule, catch_up) = when(&section, &report.spec.load.templates)?;
    let recipients = section.table("recipients", "[recipients]", RECIPIENTS)?;
    let recipients = recipients.ok_or_else(|| {
        Error::config(file.as_str(), "has no [recipients]", "write [recipients] and split-by = \"partner\", \"account\" or another column")
    })?;
    let deliveries = read_deliveries(&section)?;
    let recipients = recipients::read(&recipients, &mut report)?;
    check_places(&recipients.source, &deliveries)?;
    let options = report.options();
    let job = ScheduledJob {
        name,
        file: path.to_owned(),
        rejects_ok: report.args.rejects_ok,
        recipients: recipients.source,
        deliveries: deliveries.into_iter().map(|delivery| delivery.rule).collect(),
        history: history(&section)?,
        schedule,
        catch_up,
        floor: floor(&section)?,
        metrics_file: section.text("metrics-file").map(|written| PathBuf::from(written.text)),
        report: report.spec,
        check: None,
    };
    Ok(ReadJob { job, options, inactive: recipients.inactive })
}

/// What a scheduler is told of a job.
pub struct JobTiming {
    /// The name of the job.
    pub name: String,
    /// When it runs.
    pub schedule: Schedule,
    /// What is done about periods that were missed.
    pub catch_up: CatchUp,
    /// The templates of the job.
    pub templates: Templates,
    /// The text of the file.
    pub text: String,
}

/// When the job of the file at `path` runs; what else the file says is not read.
///
/// # Errors
/// [`Error::config`] with line and column for what is wrong with that part, and for a job without a schedule.
pub fn read_timing(path: &Path) -> Result<JobTiming> {
    let (file, text) = (path.display().to_string(), templates::read(path)?);
    let table = parse(&text, &file)?;
    let section = Section::open(JobText { file: &file, text: &text }, "a job file", 0, table.get_ref(), JOB)?;
    let folder = table.get_ref().get("report").and_then(|report| report.get_ref().as_table()?.get("templates"));
    let folder = folder.and_then(|folder| folder.get_ref().as_str()).map(Path::new);
    let templates = Templates::new(folder)?;
    let (schedule, catch_up) = when(&section, &templates)?;
    let schedule = schedule.ok_or_else(|| Error::config(file.as_str(), "has no [schedule]", "write [schedule] and at = \"06:00\""))?;
    Ok(JobTiming { name: name(&section, path)?, schedule, catch_up, templates, text: text.clone() })
}

/// The table that `text` is.
fn parse<'t>(text: &'t str, file: &str) -> Result<Spanned<DeTable<'t>>> {
    templates::parse_to_the_column::<toml::Table>(text, file, TOML_HELP)?;
    DeTable::parse(text).map_err(|error| Error::config(file, error.message(), TOML_HELP).with_cause(error))
}

/// What the job is called: as it says, or as its file is.
fn name(section: &Section<'_>, path: &Path) -> Result<String> {
    if let Some(written) = section.text("name") {
        return named(section, written);
    }
    let stem = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| is_name(stem)).map(str::to_owned);
    let what = "its name is not one of a job";
    stem.ok_or_else(|| Error::config(path.display().to_string(), what, "write name = \"nightly\": at most 40 letters, digits, - and _"))
}

fn when(section: &Section<'_>, templates: &Templates) -> Result<(Option<Schedule>, CatchUp)> {
    let Some(section) = section.table("schedule", "[schedule]", SCHEDULE)? else { return Ok((None, CatchUp::default())) };
    Ok((Some(read_schedule(&section, templates)?), catch_up(&section)))
}

fn history(section: &Section<'_>) -> Result<HistorySpec> {
    let section = section.table("history", "[history]", HISTORY)?;
    let text = |key: &str| section.as_ref().and_then(|section| section.owned(key));
    let count = |key: &str| section.as_ref().and_then(|section| section.count(key)).map(|count| count as u32);
    Ok(HistorySpec {
        folder: PathBuf::from(text("folder").unwrap_or_else(|| USUAL_HISTORY.to_owned())),
        keep_runs: count("keep-runs"),
        keep_days: count("keep-days"),
    })
}

fn floor(section: &Section<'_>) -> Result<InputFloor> {
    let Some(section) = section.table("floor", "[floor]", FLOOR)? else { return Ok(InputFloor::default()) };
    let drop = section.text("drop").map(|written| match RejectLimit::parse(written.text) {
        Ok(RejectLimit::Share(hundredths)) => Ok(hundredths),
        _ => Err(section.error("drop", format!("'{}' is not a share", written.text), "write one such as 50%")),
    });
    Ok(InputFloor { rows: section.count("rows").unwrap_or(0), drop: drop.transpose()? })
}
