//! Decides what a start of a job is to do: which period it is for, and whether that has had its run.

use chrono::{DateTime, NaiveDate, Utc};

use crate::clock::AsOf;
use crate::deliver::run_store::RunStore;
use crate::domain::schedule::Period;
use crate::error::{Error, Result};
use crate::job::scheduled::state::{Progress, RunState};
use crate::job::scheduled::{CatchUp, ScheduledJob};

/// What is to be done for a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Its reports are to be made.
    Make {
        /// The period.
        period: Period,
        /// From 1.
        revision: u32,
    },
    /// Its reports are there, and some did not arrive.
    Finish {
        /// The run.
        run: String,
    },
    /// Nothing, for this reason.
    Nothing {
        /// In words.
        why: String,
        /// The run of the period, if it had one.
        run: Option<String>,
    },
}

/// What a start of `job` at `now` is to do, where these `runs` were, the earliest first: with `is_forced` the reports of the
/// present period are made, whatever was.
///
/// # Errors
/// [`Error::try_later`] when a run was made for a later time than the clock shows.
pub fn tasks(job: &ScheduledJob, runs: &[(String, RunState)], store: &RunStore, now: AsOf, is_forced: bool) -> Result<Vec<Task>> {
    let Some(schedule) = &job.schedule else {
        let day = now.date();
        let period = Period { key: day.format("%Y-%m-%d").to_string(), day, due: now.utc() };
        return Ok(vec![task_of(period, runs, store, is_forced)?]);
    };
    let today = now.utc().with_timezone(&schedule.zone).date_naive();
    let last = runs.last().and_then(|(_, state)| state.due.parse::<DateTime<Utc>>().ok());
    if let Some(last) = last.filter(|last| *last > now.utc() && !is_forced) {
        let what = format!("a run was made for {} already, and it is {} by this clock", in_utc(last), in_utc(now.utc()));
        return Err(Error::try_later(job.file.display().to_string(), what, "set the clock right, or start the job anew with force"));
    }
    if let Some(holiday) = schedule.holiday_on(today).filter(|_| !is_forced) {
        return Ok(vec![Task::Nothing { why: format!("{today} is a holiday ({holiday})"), run: None }]);
    }
    let Some(latest) = schedule.latest_due(now.utc()) else {
        return Ok(vec![Task::Nothing { why: "it was never due so far".to_owned(), run: None }]);
    };
    // A job is not run for times before there was one.
    let missed = last.map(|last| schedule.due_between(last, now.utc())).unwrap_or_default();
    let mut tasks = Vec::new();
    match job.catch_up {
        CatchUp::None if !is_forced && is_missed(&latest, today) && !missed.is_empty() => {
            return Ok(vec![Task::Nothing { why: format!("{} was missed, and is not caught up with", latest.key), run: None }]);
        }
        CatchUp::All => {
            for period in missed.iter().filter(|period| **period != latest) {
                tasks.push(task_of(period.clone(), runs, store, false)?);
            }
        }
        CatchUp::None | CatchUp::Latest => {}
    }
    tasks.push(task_of(latest, runs, store, is_forced)?);
    Ok(tasks)
}

/// The periods before the present one that had no run and get none, by their keys.
pub fn left_out(job: &ScheduledJob, runs: &[(String, RunState)], now: AsOf) -> Vec<String> {
    let Some(schedule) = job.schedule.as_ref().filter(|_| job.catch_up != CatchUp::All) else { return Vec::new() };
    let Some(last) = runs.last().and_then(|(_, state)| state.due.parse::<DateTime<Utc>>().ok()) else { return Vec::new() };
    let mut missed = schedule.due_between(last, now.utc());
    missed.pop();
    missed.into_iter().map(|period| period.key).collect()
}

fn is_missed(period: &Period, today: NaiveDate) -> bool {
    period.day != today
}

/// What is to be done for `period`.
fn task_of(period: Period, runs: &[(String, RunState)], store: &RunStore, is_forced: bool) -> Result<Task> {
    let mut own = runs.iter().filter(|(_, state)| state.period == period.key);
    let Some((name, state)) = own.next_back() else { return Ok(Task::Make { period, revision: 1 }) };
    if is_forced {
        return Ok(Task::Make { period, revision: state.revision + 1 });
    }
    let statuses = state.statuses(&store.run(name)?);
    if statuses.iter().any(|status| matches!(status.progress, Progress::Pending | Progress::Failed)) {
        return Ok(Task::Finish { run: name.clone() });
    }
    let why = format!("the run of {} was made already", period.key);
    Ok(Task::Nothing { why, run: Some(name.clone()) })
}

fn in_utc(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
