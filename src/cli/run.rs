//! `portstatus run`: does what a job file asks for, and says as its last line what came of it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::args::{CatchUpChoice, LogFormat, RunArgs};
use crate::cli::exit::code_of;
use crate::cli::progress::Bar;
use crate::cli::run_log::ErrorLog;
use crate::cli::terminal::{Style, plain};
use crate::cli::{job_file, shipments, summary};
use crate::clock::AsOf;
use crate::deliver::run_store::RunStore;
use crate::deliver::{RunFiles, standard};
use crate::domain::text::{counted, numbered, thousands};
use crate::error::{Error, Place, Result};
use crate::job::scheduled::result::{JobOutcome, JobResult};
use crate::job::scheduled::run::{StartOptions, Starter};
use crate::job::scheduled::state::{Progress, RunState};
use crate::job::scheduled::{CatchUp, ScheduledJob};

/// The exit code of a run some of whose deliveries failed, or may have.
const UNDELIVERED: u8 = 4;

/// The layout of `--json`; it changes when a key changes its meaning or goes.
const SCHEMA: u32 = 1;

/// Deliveries that are listed one by one for a person.
const LISTED: usize = 20;

/// Does what the job file of `args` asks for; returns the exit code.
///
/// # Errors
/// Whatever ends the run before its first delivery.
pub fn run(args: &RunArgs, files: &RunFiles) -> Result<u8> {
    let as_of = args.as_of.as_deref().map(AsOf::parse).transpose()?;
    let resumed = args.resume.as_deref().map(|run| resumed(run, args.job.as_deref())).transpose()?;
    let path = match (&args.job, &resumed) {
        (Some(job), _) => job.clone(),
        (None, Some((_, job))) => job.clone(),
        (None, None) => return Err(Error::usage("", "no job file was named", "name one, or write one with 'portstatus job init'")),
    };
    let mut job = job_file::read(&job_file::enter(&path)?)?;
    if let Some(choice) = args.catch_up {
        job.catch_up = match choice {
            CatchUpChoice::None => CatchUp::None,
            CatchUpChoice::Latest => CatchUp::Latest,
            CatchUpChoice::All => CatchUp::All,
        };
    }
    let log = ErrorLog { format: args.log, run: files.id.clone(), quiet: args.quiet };
    let options = StartOptions { as_of, force: args.force, dry_run: args.dry_run, resend_unknown: args.resend_unknown };
    let outcomes = {
        let bar = Bar::new(!args.quiet && args.log == LogFormat::Text);
        let starter = Starter { options: &options, files, progress: &bar, log: &log };
        match &resumed {
            Some((name, _)) => vec![starter.resume(&job, name)?],
            None => starter.start(&mut job)?,
        }
    };
    let code = outcomes.iter().map(|outcome| code(outcome, &job)).max().unwrap_or_default();
    let style = Style::of_output(args.color.color);
    let text = match (args.json, args.quiet) {
        (true, _) => format!("{}\n", crate::cli::terminal::escaped(json(&job, &outcomes, code)?)),
        (_, true) if code == 0 => String::new(),
        (_, true) => outcomes.iter().map(last_line).collect(),
        _ => style.wrap(&outcomes.iter().map(|outcome| text(outcome, &style, args.dry_run)).collect::<String>()),
    };
    standard::print(&text).map_err(|error| error.and("what was to be delivered was, as far as the manifest says"))?;
    Ok(code)
}

/// The name of the run that `word` means, and its job file.
fn resumed(word: &Path, job: Option<&Path>) -> Result<(String, PathBuf)> {
    let help = "name the folder of a run; 'portstatus history list' names them";
    let not_one = || Error::usage(Place::option_value("resume", word.display().to_string()), "is not a run", help);
    if let Some(job) = job.filter(|_| !word.is_dir()) {
        let name = word.to_str().filter(|name| !name.contains('/')).ok_or_else(not_one)?;
        return Ok((name.to_owned(), job.to_path_buf()));
    }
    let run = RunStore::run_at(word).map_err(|_| not_one())?;
    let state = RunState::read(&run)?;
    Ok((run.name, job.map_or(state.job_file, Path::to_path_buf)))
}

fn code(outcome: &JobOutcome, job: &ScheduledJob) -> u8 {
    match outcome {
        JobOutcome::Nothing(_) => 0,
        JobOutcome::Done(result) if result.run.is_some() && result.missing() > 0 => UNDELIVERED,
        JobOutcome::Done(result) => result.made.as_ref().map_or(0, |made| code_of(made.manifest.content.counts.rejected, job.rejects_ok)),
    }
}

/// What was done, for a person.
fn text(outcome: &JobOutcome, style: &Style, is_dry: bool) -> String {
    let JobOutcome::Done(result) = outcome else { return last_line(outcome) };
    let mut out = result.made.as_ref().map(|made| summary::text(made, style)).unwrap_or_default();
    result.notes.iter().for_each(|note| out += &format!("Note: {}\n", plain(note)));
    let nothing = result.state.recipients.iter().filter(|recipient| recipient.not_due.is_some()).count();
    if nothing > 0 {
        out += &format!("Nothing to send to {}, as the manifest says\n", counted(nothing as u64, "recipient"));
    }
    let shown = result.state.shipments.iter().zip(&result.statuses);
    let shown = shown.filter(|(_, status)| is_dry || status.progress != Progress::Delivered);
    let lines: Vec<String> = shown
        .map(|(shipment, status)| {
            let files: Vec<String> = shipment.files.iter().map(|file| plain(&file.name)).collect();
            let what = match (is_dry, &status.error) {
                (true, _) => files.join(", "),
                (false, error) => format!("{}: {}", status.progress.words(), plain(error.as_deref().unwrap_or("it was not tried"))),
            };
            format!("  {} to {}: {what}\n", plain(&shipment.recipient), plain(&shipment.target))
        })
        .collect();
    out.extend(lines.iter().take(if is_dry { usize::MAX } else { LISTED }).cloned());
    if !is_dry && lines.len() > LISTED {
        out += &format!("  and {} more, see the manifest\n", thousands((lines.len() - LISTED) as u64));
    }
    out + &last_line(outcome)
}

/// The outcome, in one line.
fn last_line(outcome: &JobOutcome) -> String {
    let result = match outcome {
        JobOutcome::Nothing(why) => return format!("Nothing to do: {}\n", plain(why)),
        JobOutcome::Done(result) => result,
    };
    let all = result.statuses.len() as u64;
    let Some(run) = &result.run else {
        return format!("Dry run: {} would be made, nothing was kept and nothing was sent\n", numbered(all, "delivery", "deliveries"));
    };
    let run = plain(&run.display().to_string());
    if all == 0 {
        return format!("Done: kept in {run}; nothing was to be delivered\n");
    }
    let (delivered, missing) = (result.count(Progress::Delivered) as u64, result.missing());
    if missing == 0 {
        return format!("Done: {} of {} delivered, kept in {run}\n", thousands(delivered), thousands(all));
    }
    let others = [Progress::Failed, Progress::Unknown, Progress::Pending];
    let others: Vec<String> = others
        .into_iter()
        .filter(|progress| result.count(*progress) > 0)
        .map(|progress| format!("{} {}", thousands(result.count(progress) as u64), progress.words()))
        .collect();
    format!(
        "Incomplete: {} of {} delivered, {}: exit code {UNDELIVERED}; portstatus run --resume {run} delivers what is missing\n",
        thousands(delivered),
        thousands(all),
        others.join(", ")
    )
}

/// What was done, for a script.
fn json(job: &ScheduledJob, outcomes: &[JobOutcome], code: u8) -> Result<Value> {
    let one = |outcome: &JobOutcome| -> Result<Value> {
        let result: &JobResult = match outcome {
            JobOutcome::Nothing(why) => return Ok(json!({ "outcome": "nothing", "why": why })),
            JobOutcome::Done(result) => result,
        };
        let report =
            result.made.as_ref().map(|made| Ok::<_, Error>(serde_json::from_str::<Value>(&summary::json(made)?).unwrap_or_default()));
        Ok(json!({
            "outcome": if result.missing() == 0 { "done" } else if result.run.is_none() { "dry run" } else { "incomplete" },
            "run": result.run, "run_id": result.state.id, "period": result.state.period, "revision": result.state.revision,
            "delivered": result.count(Progress::Delivered), "failed": result.count(Progress::Failed),
            "unknown": result.count(Progress::Unknown), "pending": result.count(Progress::Pending),
            "nothing_to_send": result.state.recipients.iter().filter(|recipient| recipient.not_due.is_some()).count(),
            "deliveries": shipments::values(&result.state, &result.statuses), "notes": result.notes, "report": report.transpose()?,
        }))
    };
    let runs = outcomes.iter().map(one).collect::<Result<Vec<_>>>()?;
    Ok(json!({ "schema": SCHEMA, "job": job.name, "exit_code": code, "runs": runs }))
}
