//! `portstatus render`: renders one shard of a run on several machines, and prints a line for each recipient.

use std::io::BufRead;
use std::time::Duration;

use crate::cli::args::RenderArgs;
use crate::cli::job_file;
use crate::cli::progress::Bar;
use crate::cli::run_log::ErrorLog;
use crate::deliver::run_store::RunStore;
use crate::deliver::{RunFiles, standard};
use crate::error::{Error, ErrorKind, Place, Result, system_words};
use crate::job::Progress;
use crate::job::scale::json_lines;
use crate::job::scale::lines::{self, Line};
use crate::job::scale::plan::{JOB, Plan, RunPlace, Task};
use crate::job::scale::shard::narrow;
use crate::job::scheduled::ScheduledJob;
use crate::job::scheduled::log::RunLog;
use crate::job::scheduled::result::JobOutcome;
use crate::job::scheduled::run::{StartOptions, Starter};

/// The exit code of a shard some of whose deliveries failed, or may have.
pub const UNDELIVERED: u8 = 4;

/// Seconds that a task waits while another one renders the same shard: a scheduler may start two of it.
const PATIENCE_SECONDS: u64 = 3_600;

/// Renders the shards that `args` name; returns the exit code.
///
/// # Errors
/// Whatever keeps a shard from being rendered: rows that are not all and only its own, first of all.
pub fn run(args: &RenderArgs, files: &RunFiles) -> Result<u8> {
    let (place, plan) = RunPlace::open(&args.run)?;
    if args.shards != plan.shards {
        let what = format!("the run was planned with {} shards", plan.shards);
        return Err(Error::usage(Place::option_value("shards", args.shards.to_string()), what, "name that number"));
    }
    let log = ErrorLog { format: args.log, run: files.id.clone(), quiet: false };
    let bar = Bar::new(false);
    let renderer = Renderer { place: &place, plan: &plan, files, progress: &bar, log: &log, resend_unknown: args.resend_unknown };
    let mut code = 0;
    for number in numbers(&args.shard)? {
        let lines = renderer.render(task(number, &plan)?)?;
        standard::print(&json_lines::text(&lines)?)?;
        code = code.max(code_of(&lines));
    }
    Ok(if args.undelivered_ok { 0 } else { code })
}

/// The exit code that says whether all files of `lines` arrived.
pub fn code_of(lines: &[Line]) -> u8 {
    let arrived = lines.iter().flat_map(|line| &line.deliveries).all(|delivery| delivery.state == "delivered");
    if arrived { 0 } else { UNDELIVERED }
}

/// The numbers that `word` names.
fn numbers(word: &str) -> Result<Vec<u32>> {
    let number = |text: &str| {
        text.trim().parse::<u32>().map_err(|_| {
            let place = Place::option_value("shard", text.trim());
            Error::usage(place, "is not the number of a shard", "name one from 0 on, or - for numbers on standard input")
        })
    };
    if word != "-" {
        return Ok(vec![number(word)?]);
    }
    let lines = std::io::stdin().lock().lines();
    let lines = lines.map(|line| line.map_err(|error| Error::input_output("standard input", system_words(&error), "").with_cause(error)));
    lines.filter(|line| line.as_ref().map_or(true, |line| !line.trim().is_empty())).map(|line| number(&line?)).collect()
}

/// The part of `plan` with this `number`.
fn task(number: u32, plan: &Plan) -> Result<Task> {
    plan.tasks().nth(number as usize).ok_or_else(|| {
        let last = plan.tasks().count() - 1;
        Error::usage(Place::option_value("shard", number.to_string()), format!("the last one is {last}"), "name that or a lower one")
    })
}

/// Renders parts of a run.
pub struct Renderer<'a> {
    /// Where the run is.
    pub place: &'a RunPlace,
    /// Its plan.
    pub plan: &'a Plan,
    /// The files that are made.
    pub files: &'a RunFiles,
    /// Whom to tell how far it is.
    pub progress: &'a dyn Progress,
    /// Whom to tell what happens.
    pub log: &'a dyn RunLog,
    /// Whether mails that may have arrived are sent again.
    pub resend_unknown: bool,
}

impl Renderer<'_> {
    /// Renders `task` by a run of its own, or finishes that run, and keeps what became of it.
    ///
    /// # Errors
    /// What keeps it from being rendered.
    pub fn render(&self, task: Task) -> Result<Vec<Line>> {
        let mut job = job_of(self.place, self.plan)?;
        narrow(&mut job, (self.place, self.plan), task, self.files)?;
        let options = StartOptions { as_of: Some(self.plan.as_of()?), resend_unknown: self.resend_unknown, ..StartOptions::default() };
        let starter = Starter { options: &options, files: self.files, progress: self.progress, log: self.log };
        let outcomes = in_turn(|| starter.start(&mut job))?;
        let run = outcomes.iter().find_map(|outcome| match outcome {
            JobOutcome::Done(result) => result.run.as_deref(),
            JobOutcome::Nothing(_) => None,
        });
        let run = run.ok_or_else(|| Error::internal("shard", "its run was not kept"))?;
        let lines = lines::of_run(&job, (self.place, self.plan), task, &RunStore::run_at(run)?)?;
        lines::keep(self.place, task, &lines, self.files)?;
        Ok(lines)
    }
}

/// The job of the run at `place`, read in the folder that it was planned in.
///
/// # Errors
/// A folder that this machine does not have, and what is wrong with the job.
pub fn job_of(place: &RunPlace, plan: &Plan) -> Result<ScheduledJob> {
    std::env::set_current_dir(&plan.folder).map_err(|error| {
        let what = format!("the folder of the job cannot be entered: {}", system_words(&error));
        Error::config(plan.folder.display().to_string(), what, "let this machine see it: what the job names is below it").with_cause(error)
    })?;
    let mut job = job_file::read(&place.path.join(JOB))?;
    plan.job.clone_into(&mut job.name);
    job.report.load.as_of = plan.as_of()?;
    Ok(job)
}

/// What `start` does once no other task renders the same shard.
fn in_turn<T>(mut start: impl FnMut() -> Result<T>) -> Result<T> {
    let mut waited = 0;
    loop {
        match start() {
            Err(error) if error.kind == ErrorKind::TryLater && waited < PATIENCE_SECONDS => {
                std::thread::sleep(Duration::from_secs(1));
                waited += 1;
            }
            done => return done,
        }
    }
}
