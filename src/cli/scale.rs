//! `portstatus scale`: plans a scheduled job for several machines, shares its rows out, has every shard rendered, and adds everything up.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::args::{RenderWhere, ScaleAction, ScaleArgs, ScaleMessages, ScalePlanArgs};
use crate::cli::progress::Bar;
use crate::cli::render::{Renderer, UNDELIVERED, code_of, job_of};
use crate::cli::run_log::ErrorLog;
use crate::cli::summary::size;
use crate::cli::terminal::{escaped, plain};
use crate::cli::{args::LogFormat, exit, job_file};
use crate::clock::AsOf;
use crate::deliver::{RunFiles, standard};
use crate::domain::record::ROW;
use crate::domain::text::{counted, numbered, thousands};
use crate::error::{Error, Place, Result, system_words};
use crate::job::StageTimer;
use crate::job::context::ClassificationContext;
use crate::job::prepare::prepare;
use crate::job::recipients::split_key;
use crate::job::scale::here;
use crate::job::scale::lines;
use crate::job::scale::plan::{JOB, Plan, RowPlace, RunPlace, SharedRows};
use crate::job::scale::reconcile::{Reconciliation, reconcile};
#[cfg(feature = "spark")]
use crate::job::scale::shard::differences;
use crate::job::scale::shard::{RECORD, listed};
use crate::job::scale::statements::{Statements, statements};
use crate::job::scheduled::ScheduledJob;
use crate::source::Input;
use crate::templates;

/// The word for this machine in place of an engine.
const HERE: &str = "here";

/// Does what `args` ask for; returns the exit code.
///
/// # Errors
/// Whatever keeps the run from being planned, shared out, rendered or added up.
pub fn run(args: &ScaleArgs, files: &RunFiles) -> Result<u8> {
    match &args.action {
        ScaleAction::Plan { plan, messages } => self::plan(plan, messages, files),
        ScaleAction::Run { plan, engine, render, only_share, messages } => run_all(plan, (engine, *render, *only_share), messages, files),
        ScaleAction::Reconcile { job, run, engine, messages } => reconcile_at(job.as_deref(), run, engine.as_deref(), (messages, files)),
    }
}

/// What is planned, where.
struct Planned {
    job: ScheduledJob,
    place: RunPlace,
    plan: Plan,
}

/// Makes the place of the run, unless it is there and of the same job.
fn planned(args: &ScalePlanArgs, files: &RunFiles) -> Result<Planned> {
    let run = absolute(&args.run)?;
    if let Ok((place, plan)) = RunPlace::open(&run) {
        let job = same_job(&args.job, &place, &plan)?;
        if plan.shards != args.shards {
            let what = format!("the run was planned with {} shards", plan.shards);
            return Err(Error::usage(Place::option_value("shards", args.shards.to_string()), what, "name that number, or another place"));
        }
        if args.as_of.as_deref().map(AsOf::parse).transpose()?.is_some_and(|as_of| as_of.micros() != plan.as_of_micros) {
            let what = format!("the run was planned as of {}", plan.as_of()?);
            let place = Place::option_value("as_of", args.as_of.clone().unwrap_or_default());
            return Err(Error::usage(place, what, "leave it out, or name another place"));
        }
        if args.table.is_some() && (args.table != plan.table || args.order != plan.order) {
            let what = "the run was planned with another table or order";
            return Err(Error::usage(Place::option("table"), what, "name those, or another place"));
        }
        return Ok(Planned { job, place, plan });
    }
    if args.table.is_none() && args.order != [ROW] {
        let what = "is for a table that is no record of 'portstatus normalize'";
        return Err(Error::usage(Place::option("order"), what, "leave it out, or name the table").with_remedy(Place::option("table")));
    }
    let file = job_file::enter(&args.job)?;
    let mut job = job_file::read(&file)?;
    job.report.load.as_of = args.as_of.as_deref().map_or_else(|| Ok(AsOf::now()), AsOf::parse)?;
    job.report.render.split_by = Some(job.recipients.split_by().to_owned());
    let prepared = prepare(&job.report.load, &job.report.render.template)?;
    let key = split_key(&job.report, &prepared)?.ok_or_else(|| Error::internal("job", "no column tells recipients apart"))?;
    let inputs = job.report.load.inputs.as_slice();
    let source = match (&args.table, inputs) {
        (Some(table), _) => table.clone(),
        (None, [input]) => input.name(),
        (None, inputs) => counted(inputs.len() as u64, "input"),
    };
    let table = args.table.clone().map_or_else(|| table_of(inputs), |table| Ok(Some(table)))?;
    let rows = RowPlace { source, table, order: args.order.clone() };
    let plan = Plan::of(&job, (key, args.shards), rows, &files.id)?;
    let place = RunPlace::create(&run, &plan, &file, files)?;
    Ok(Planned { job, place, plan })
}

/// The job at `path`, which has to be that of the run at `place`.
fn same_job(path: &Path, place: &RunPlace, plan: &Plan) -> Result<ScheduledJob> {
    let text = templates::read(path)?;
    if place.read(JOB).as_deref() != Some(text.as_bytes()) {
        let what = "is another job than the run was planned by, or was changed since";
        return Err(Error::usage(Place::path(path), what, "name another place, or the job that it was planned by"));
    }
    job_of(place, plan)
}

/// `path` from the root, since the folder of the job is entered.
fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| Error::no_input(Place::path(path), system_words(&error), "check the path").with_cause(error))
}

/// What an engine is to be told for the run; `named` is where its machines have this program.
fn told(planned: &Planned, named: Option<&Path>) -> Result<Statements> {
    let read = &planned.job.report.load.read;
    let ignored = [
        ("accounts", read.accounts.is_some()),
        ("map", !read.maps.is_empty()),
        ("query", read.query.is_some()),
        ("source", read.profile.as_deref().is_some_and(|profile| profile != RECORD)),
    ];
    if let Some((option, _)) = ignored.into_iter().find(|(_, is_given)| *is_given) {
        let what = "is for reading, and an engine reads the record as it is";
        return Err(Error::usage(Place::option(option), what, "give it to portstatus normalize, and take it out of the job"));
    }
    let context = ClassificationContext::read(&planned.job.report.load)?;
    statements((&planned.place, &planned.plan), &context.rules, &program(named)?)
}

/// Where this program is.
///
/// # Errors
/// [`Error::system`] when the system does not say so.
fn program(named: Option<&Path>) -> Result<PathBuf> {
    match named {
        Some(path) => Ok(path.to_path_buf()),
        None => std::env::current_exe().map_err(|error| Error::system("", "where this program is cannot be told", "").with_cause(error)),
    }
}

/// The table that the inputs are, for an engine.
fn table_of(inputs: &[Input]) -> Result<Option<String>> {
    let is_record = |path: &PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"));
    match inputs {
        [Input::File(path)] if is_record(path) => Ok(Some(format!("parquet.`{}`", absolute(path)?.display()))),
        _ => Ok(None),
    }
}

fn plan(args: &ScalePlanArgs, messages: &ScaleMessages, files: &RunFiles) -> Result<u8> {
    let planned = planned(args, files)?;
    let told = told(&planned, args.program.as_deref())?;
    let folder = planned.place.folder(Path::new("sql"))?;
    let written = [
        ("1-session.sql", told.session),
        ("2-counts.sql", told.counts),
        ("3-shards.sql", told.shards.join(";\n")),
        ("4-render.sql", told.render),
    ];
    for (name, text) in &written {
        folder.replace(name, format!("{text};\n").as_bytes(), files)?;
    }
    let tasks = planned.plan.tasks().count();
    let place = planned.place.path.display().to_string();
    let render = format!("portstatus render --shards {} --run {place} --shard I", planned.plan.shards);
    let value = json!({
        "run": planned.plan.run, "place": place, "shards": planned.plan.shards, "tasks": tasks, "render": render,
        "statements": written.iter().map(|(name, _)| format!("sql/{name}")).collect::<Vec<_>>(),
    });
    let text = format!(
        "Planned {} at {}: {}\nAn engine is told what stands in {}/sql; each task is\n  {}   with I from 0 to {}\n",
        planned.plan.job,
        plain(&place),
        counted(tasks as u64, "task"),
        plain(&place),
        plain(&render),
        tasks - 1
    );
    say(messages, value, &text)?;
    Ok(0)
}

fn run_all(
    args: &ScalePlanArgs,
    (engine, render, only_share): (&str, Option<RenderWhere>, bool),
    messages: &ScaleMessages,
    files: &RunFiles,
) -> Result<u8> {
    let lock = RunPlace::lock(&absolute(&args.run)?)?;
    let planned = planned(args, files)?;
    let bar = Bar::new(!messages.quiet);
    let is_here = engine == HERE;
    if is_here && render == Some(RenderWhere::Engine) {
        return Err(
            Error::usage(Place::option_value("render", "engine"), "there is no engine", "name one").with_remedy(Place::option("engine"))
        );
    }
    if !planned.place.is_shared_out() {
        planned.place.clear_rows(files)?;
        if is_here {
            here::share_out(&planned.job, (&planned.place, &planned.plan), &mut StageTimer::start(&bar), files)?;
        } else {
            with_engine(engine, Work::Share, &planned, args.program.as_deref(), (&bar, files))?;
        }
    }
    drop(lock);
    let SharedRows { rejected, superseded, .. } = planned.place.shared()?;
    let code = exit::code_of(rejected, planned.job.rejects_ok);
    if only_share {
        let counts = planned.place.counts()?;
        let rows: u64 = counts.values().map(|count| count.rows).sum();
        let value =
            json!({ "place": planned.place.path, "rows": rows, "values": counts.len(), "rejected": rejected, "superseded": superseded });
        let text = format!(
            "Shared out {} of {} to {}{}\n",
            counted(rows, "row"),
            counted(counts.len() as u64, "value"),
            counted(planned.plan.shards.into(), "shard"),
            left_out(rejected, superseded)
        );
        say(messages, value, &text)?;
        return Ok(code);
    }
    if is_here || render == Some(RenderWhere::Here) {
        let log = ErrorLog { format: LogFormat::Text, run: files.id.clone(), quiet: messages.quiet };
        let renderer = Renderer { place: &planned.place, plan: &planned.plan, files, progress: &bar, log: &log, resend_unknown: false };
        // What keeps one shard from being rendered keeps no other.
        let mut failed = None;
        for task in planned.plan.tasks() {
            let is_done = lines::kept(&planned.place, task)?.is_some_and(|lines| code_of(&lines) == 0);
            if !is_done {
                failed = failed.or(renderer.render(task).err());
            }
        }
        failed.map_or(Ok(()), Err)?;
    } else {
        with_engine(engine, Work::Render, &planned, args.program.as_deref(), (&bar, files))?;
    }
    drop(bar);
    let done = reconcile(&planned.job, (&planned.place, &planned.plan))?;
    Ok(told_of(&done, &planned, messages)?.max(code))
}

fn reconcile_at(job: Option<&Path>, run: &Path, engine: Option<&str>, (messages, files): (&ScaleMessages, &RunFiles)) -> Result<u8> {
    let (place, plan) = RunPlace::open(&absolute(run)?)?;
    let job = match job {
        Some(path) => same_job(&absolute(path)?, &place, &plan)?,
        None => job_of(&place, &plan)?,
    };
    let planned = Planned { job, place, plan };
    if let Some(engine) = engine {
        with_engine(engine, Work::Count, &planned, None, (&Bar::new(!messages.quiet), files))?;
    }
    let done = reconcile(&planned.job, (&planned.place, &planned.plan))?;
    told_of(&done, &planned, messages)
}

/// Says what a run came to; its exit code.
fn told_of(done: &Reconciliation, planned: &Planned, messages: &ScaleMessages) -> Result<u8> {
    if !done.agrees() {
        let what = format!("the run does not add up: {}", listed(&done.faults));
        return Err(Error::data(Place::path(&planned.place.path), what, "render what is named anew, or share the rows out again"));
    }
    let shared = planned.place.shared()?;
    let value = json!({
        "place": planned.place.path, "run": planned.plan.run, "rows": done.rows, "recipients": done.recipients, "reported": done.reported,
        "unaddressed": done.unaddressed, "rejected": shared.rejected, "superseded": shared.superseded, "files": done.files, "bytes": done.bytes, "undelivered": done.undelivered,
    });
    let undelivered = match done.undelivered.len() as u64 {
        0 => String::new(),
        count => format!(
            "Incomplete: {} did not arrive ({}): exit code {UNDELIVERED}; the same command delivers what is missing\n",
            numbered(count, "delivery", "deliveries"),
            plain(&listed(&done.undelivered))
        ),
    };
    let text = format!(
        "Everything adds up: {} counted{}, {} in reports of {}{}, {} ({}) in {}\n{undelivered}",
        counted(done.rows, "row"),
        left_out(shared.rejected, shared.superseded),
        thousands(done.reported),
        counted(done.recipients, "recipient"),
        if done.unaddressed > 0 { format!(", {} of nobody who gets one", thousands(done.unaddressed)) } else { String::new() },
        counted(done.files, "file"),
        size(done.bytes),
        plain(&planned.place.path.display().to_string())
    );
    say(messages, value, &text)?;
    Ok(if done.undelivered.is_empty() { 0 } else { UNDELIVERED })
}

/// The rows that are in no shard, in words.
fn left_out(rejected: u64, superseded: u64) -> String {
    let told = [(rejected, "rejected"), (superseded, "superseded")].into_iter().filter(|(rows, _)| *rows > 0);
    told.map(|(rows, what)| format!(", {} {what}", thousands(rows))).collect()
}

fn say(messages: &ScaleMessages, value: Value, text: &str) -> Result<()> {
    match (messages.json, messages.quiet) {
        (true, _) => standard::print(&format!("{}\n", escaped(value))),
        (false, true) => Ok(()),
        (false, false) => standard::print(text),
    }
}

/// What an engine is to do.
#[derive(Clone, Copy)]
enum Work {
    /// Share the rows out.
    Share,
    /// Render the shards.
    Render,
    /// Count once more.
    Count,
}

/// Has the engine at `url` do its work.
#[cfg(feature = "spark")]
fn with_engine(url: &str, work: Work, planned: &Planned, named: Option<&Path>, (bar, files): (&Bar, &RunFiles)) -> Result<()> {
    let told = told(planned, named)?;
    let mut worker = crate::cli::scale_engine::Worker::connect(url, &told, (bar, files))?;
    match work {
        Work::Share => worker.share_out(&planned.place),
        Work::Render => worker.render(),
        Work::Count => {
            let differing = differences(&worker.counts()?, &planned.place.counts()?);
            if differing.is_empty() {
                return Ok(());
            }
            let what = format!("the table is not what was shared out: {}", listed(&differing));
            Err(Error::data(Place::path(&planned.place.path), what, "it was changed since; plan another run"))
        }
    }
}

/// Refuses the engine at `url`, for which this program was not built.
#[cfg(not(feature = "spark"))]
fn with_engine(url: &str, _work: Work, _planned: &Planned, _named: Option<&Path>, _progress: (&Bar, &RunFiles)) -> Result<()> {
    let help = "build it with cargo build --release --features spark, or share rows out here: --engine here";
    Err(Error::usage(Place::option_value("engine", url), "this portstatus was built without Spark", help))
}
