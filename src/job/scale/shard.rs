//! A part of a run on several machines as a scheduled run of its own: its rows, its recipients, and what its rows have to be.

use std::collections::BTreeMap;
use std::path::Path;

use crate::classify::sql::shards::shard_of;
use crate::classify::{Classified, digest, record_file};
use crate::deliver::RunFiles;
use crate::domain::text::first_few;
use crate::error::{Error, Place, Result};
use crate::job::RejectLimit;
use crate::job::recipients::EVERYTHING;
use crate::job::scale::plan::{AGAIN, Counts, Plan, RUNS, RunPlace, Task, ValueCount};
use crate::job::scheduled::{HistorySpec, InputFloor, RecipientSource, ScheduledJob};
use crate::source::input::WholeFile;
use crate::source::many_files::expand;
use crate::source::{Input, ReadOptions};

/// The profile that the record is read with.
pub const RECORD: &str = "record";
/// The record of a shard without rows.
const NO_ROWS: &str = "no-rows.parquet";
/// Values that an error names.
const NAMED: usize = 10;

/// Makes of `job` the run that renders `task` of what was planned at `place`.
///
/// # Errors
/// What keeps the rows, or what was counted of them, from being found.
pub fn narrow(job: &mut ScheduledJob, (place, plan): (&RunPlace, &Plan), task: Task, files: &RunFiles) -> Result<()> {
    plan.job.clone_into(&mut job.name);
    job.schedule = None;
    // How many rows there are in all is known to whoever shared them out.
    job.floor = InputFloor::default();
    job.metrics_file = None;
    job.history = HistorySpec { folder: place.path.join(RUNS).join(task.name()), keep_runs: None, keep_days: None };
    let load = &mut job.report.load;
    load.as_of = plan.as_of()?;
    load.inputs = rows(place, task, files)?;
    load.kept = None;
    load.since = None;
    load.reject_limit = RejectLimit::Rows(0);
    load.read = ReadOptions {
        profile: Some(RECORD.to_owned()),
        parts_of: Some(WholeFile { name: plan.source.clone(), present: place.shared()?.present }),
        limits: load.read.limits.clone(),
        guarded_program: load.read.guarded_program.clone(),
        ..ReadOptions::default()
    };
    if let RecipientSource::Table { recipients, .. } = &mut job.recipients {
        recipients.retain(|listed| match task {
            Task::Whole => listed.value == EVERYTHING,
            Task::Shard(_) => listed.value != EVERYTHING && task.has(&listed.value, plan.shards),
        });
    }
    let counts = task.own(&place.counts()?, plan.shards);
    let plan = plan.clone();
    job.check = Some(Box::new(move |classified| check(classified, (&plan, task), &counts)));
    Ok(())
}

/// The files of the rows of `task`, in the order of their names.
fn rows(place: &RunPlace, task: Task, files: &RunFiles) -> Result<Vec<Input>> {
    let folder = place.path.join(task.folder());
    if folder.is_dir() {
        return Ok(expand(vec![Input::File(folder)])?.0);
    }
    // Nobody writes a folder for a shard that no value is of.
    let run = place.folder(Path::new(RUNS))?;
    run.write(NO_ROWS, files, |out| record_file::write_no_rows(out))?;
    Ok(vec![Input::File(run.path.join(NO_ROWS))])
}

/// What there is of each value in `classified`, by whose column `key` rows are told apart.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn counts(classified: &Classified, key: &str) -> Result<Counts> {
    let cells = classified.frame().coded(key)?;
    let mut sums: BTreeMap<&str, (u64, u128)> = BTreeMap::new();
    for (row, digest) in digest::of_rows(classified)?.into_iter().enumerate() {
        let (rows, sum) = sums.entry(cells.text(row).unwrap_or_default()).or_default();
        *rows += 1;
        *sum += u128::from(digest);
    }
    let count = |(value, (rows, sum)): (&str, (u64, u128))| {
        (value.to_owned(), ValueCount { split_value: value.to_owned(), rows, digest: sum.to_string() })
    };
    Ok(sums.into_iter().map(count).collect())
}

/// Refuses rows of a shard that are not sorted by the cells of column `key`.
fn check_sorted(classified: &Classified, key: &str) -> Result<()> {
    let cells = classified.frame().coded(key)?;
    let mut last = "";
    for row in 0..classified.frame().height() {
        let value = cells.text(row).unwrap_or_default();
        if value < last {
            let what = format!("is not sorted: rows of '{value}' stand behind those of '{last}'");
            return Err(Error::data("shard", what, AGAIN));
        }
        last = value;
    }
    Ok(())
}

/// Refuses rows that are not all and only those of `task`, sorted by value, as `expected` counts them.
fn check(classified: &Classified, (plan, task): (&Plan, Task), expected: &Counts) -> Result<()> {
    let place = || Place::from(task.name());
    if classified.rules.fingerprint != plan.rules {
        return Err(Error::data(place(), "was planned by other rules", "use the templates that the run was planned with"));
    }
    if task != Task::Whole {
        check_sorted(classified, &plan.key)?;
    }
    let found = counts(classified, &plan.key)?;
    if let Some(other) = found.keys().find(|value| !task.has(value, plan.shards)) {
        let own = shard_of(other, plan.shards);
        return Err(Error::data(place(), format!("holds rows of '{other}', which is of shard {own}"), AGAIN));
    }
    let differing = differences(&found, expected);
    if !differing.is_empty() {
        return Err(Error::data(place(), format!("is not what was counted: {}", listed(&differing)), AGAIN));
    }
    Ok(())
}

/// The first of `told`, and how many more there are.
pub fn listed(told: &[String]) -> String {
    first_few(told, NAMED, "; ")
}

/// In what `found` differs from `expected`, value by value.
pub fn differences(found: &Counts, expected: &Counts) -> Vec<String> {
    let named = |value: &str| if value.is_empty() { "rows without a value".to_owned() } else { format!("'{value}'") };
    let mut differing = Vec::new();
    for (value, count) in expected {
        match found.get(value) {
            None => differing.push(format!("{} has no row of {}", named(value), count.rows)),
            Some(other) if other.rows != count.rows => {
                differing.push(format!("{} has {} rows of {}", named(value), other.rows, count.rows))
            }
            Some(other) if other.digest != count.digest => {
                differing.push(format!("{} has rows with other contents or statuses", named(value)))
            }
            Some(_) => {}
        }
    }
    let unknown = found.iter().filter(|(value, _)| !expected.contains_key(*value));
    differing.extend(unknown.map(|(value, count)| format!("{} has {} rows of none", named(value), count.rows)));
    differing
}
