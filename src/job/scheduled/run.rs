//! Does what a job file asks for: makes the reports of all recipients, keeps them as a run, and delivers them; or finishes an
//! earlier run whose deliveries are not all done.

use chrono::SecondsFormat;
use serde_json::json;

use crate::clock::{AsOf, RunTimer};
use crate::deliver::delivery_lines::{DeliveryLine, with_deliveries};
use crate::deliver::run_store::{RunStore, StoredRun};
use crate::deliver::{RunFiles, Tree};
use crate::domain::schedule::Period;
use crate::error::{Error, Place, Result};
use crate::job::burst::BurstRendered;
use crate::job::load::Loaded;
use crate::job::made::Made;
use crate::job::recipients::Recipient;
use crate::job::run::{RunResult, deliver};
use crate::job::scheduled::due::{self, Task};
use crate::job::scheduled::kept::runs_of;
use crate::job::scheduled::log::{Level, RunLog};
use crate::job::scheduled::maker::Maker;
use crate::job::scheduled::message::MessageWords;
use crate::job::scheduled::plan::Planner;
use crate::job::scheduled::result::{JobOutcome, JobResult};
use crate::job::scheduled::seal::Sealer;
use crate::job::scheduled::ship::Shipper;
use crate::job::scheduled::state::{JOB, PlannedShipment, Progress, RecipientState, RunState, SCHEMA, SNAPSHOT, STATE, ShipmentStatus};
use crate::job::scheduled::{ScheduledJob, metrics, retention};
use crate::job::spec::Destination;
use crate::job::{Progress as StageProgress, Stage, StageTimer};
use crate::templates;

/// How a job is started.
#[derive(Debug, Clone, Default)]
pub struct StartOptions {
    /// The instant that reports speak of, if it is not now.
    pub as_of: Option<AsOf>,
    /// Whether the reports of the present period are made though it had its run, or is a holiday.
    pub force: bool,
    /// Whether nothing is kept and nothing is sent.
    pub dry_run: bool,
    /// Whether mails that may have arrived are sent again.
    pub resend_unknown: bool,
}

/// What a start of a job works with.
pub struct Starter<'a> {
    /// How it was started.
    pub options: &'a StartOptions,
    /// The files that it makes.
    pub files: &'a RunFiles,
    /// Whom to tell how far it is.
    pub progress: &'a dyn StageProgress,
    /// Whom to tell what happens.
    pub log: &'a dyn RunLog,
}

/// The folder of runs, and the runs of the job in it, the earliest first.
type Runs<'a> = (&'a RunStore, &'a mut Vec<(String, RunState)>);

impl Starter<'_> {
    /// Does what `job` asks for now.
    ///
    /// # Errors
    /// Whatever ends a run before its first delivery: nothing is sent then, and nothing is kept. [`Error::try_later`] while another
    /// run of the job is under way.
    pub fn start(&self, job: &mut ScheduledJob) -> Result<Vec<JobOutcome>> {
        let store = RunStore::open(&job.history.folder)?;
        let _lock = store.lock()?;
        store.clear_stale()?;
        let now = self.options.as_of.unwrap_or_else(AsOf::now);
        let mut runs = runs_of(&store, Some(&job.name))?;
        let left_out = due::left_out(job, &runs, now);
        let tasks = due::tasks(job, &runs, &store, now, self.options.force || self.options.dry_run)?;
        let mut outcomes = Vec::new();
        let last = tasks.len().saturating_sub(1);
        for (place, task) in tasks.into_iter().enumerate() {
            outcomes.push(match task {
                Task::Nothing { why, run: None } => JobOutcome::Nothing(why),
                Task::Nothing { why, run: Some(run) } => self.finish(job, (&store, &mut runs), &run, Some(why))?,
                Task::Finish { run } => self.finish(job, (&store, &mut runs), &run, None)?,
                Task::Make { period, revision } => {
                    let as_of = if place == last { now } else { AsOf::at(period.due) };
                    let mut made = self.make(job, (&store, &mut runs), (&period, revision), as_of)?;
                    if place == last && !left_out.is_empty() {
                        made.notes.push(format!("missed, and not caught up with: {}", left_out.join(", ")));
                    }
                    JobOutcome::Done(Box::new(made))
                }
            });
        }
        Ok(outcomes)
    }

    /// Finishes the run called `name`: what arrived is not sent again, and the sources are not read.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn resume(&self, job: &ScheduledJob, name: &str) -> Result<JobOutcome> {
        let store = RunStore::existing(&job.history.folder)?;
        let _lock = store.lock()?;
        let mut runs = runs_of(&store, Some(&job.name))?;
        self.finish(job, (&store, &mut runs), name, None)
    }

    fn finish(&self, job: &ScheduledJob, (store, runs): Runs<'_>, name: &str, why: Option<String>) -> Result<JobOutcome> {
        let timer = RunTimer::start();
        let run = store.run(name)?;
        let state = RunState::read(&run)?;
        // A kill may have come before the link.
        if runs.last().is_some_and(|(last, _)| last == name) {
            store.set_latest(name, self.files)?;
        }
        let mut notes: Vec<String> = why.into_iter().collect();
        if notes.is_empty() {
            notes.push(format!("the run {name} goes on where it ended"));
        }
        let result =
            JobResult { run: Some(run.path.clone()), statuses: state.statuses(&run), state, made: None, notes, seconds: 0.0, ended: 0 };
        self.ship(job, (store, runs), &run, result, &timer).map(|result| JobOutcome::Done(Box::new(result)))
    }

    /// Makes the reports of a period, keeps them as a run, and delivers them.
    fn make(&self, job: &mut ScheduledJob, (store, runs): Runs<'_>, (period, revision): (&Period, u32), as_of: AsOf) -> Result<JobResult> {
        let (mut stages, timer) = (StageTimer::start(self.progress), RunTimer::start());
        let name = format!("{}-{}", period.key, self.files.id);
        self.log.event(Level::Info, "run", json!({ "job": job.name, "run": name, "period": period.key, "revision": revision }));
        let tree = store.begin(self.files)?;
        tree.branch(&name)?;
        job.report.load.as_of = as_of;
        job.report.delivery.destination = Destination::Folder(tree.path().join(&name));
        job.report.render.split_by = Some(job.recipients.split_by().to_owned());
        let job = &*job;
        let planner = Planner::new(job, as_of, revision, &name);
        let inner = self.files.within();
        let maker = Maker { job, store, runs, as_of, planner: &planner, files: &inner };
        let (BurstRendered { rendered, recipients, made }, loaded, notes) = maker.render(&mut stages)?;
        let result = deliver(rendered, &inner, stages)?;
        let unfinished = RunStore::unfinished(&tree, &name)?;
        let words = MessageWords::read(&job.report.load.templates)?;
        let sealer = Sealer { planner: &planner, words: &words, as_of, run: &unfinished, files: &inner };
        let shipments = sealer.shipments(&recipients, &made)?;
        let state = RunState {
            revision,
            as_of: instant(as_of.utc()),
            started: instant(timer.began()),
            shipments,
            ..self.state(job, period, &result, (&recipients, &made), &loaded)
        };
        let statuses = state.statuses_of_none();
        let mut done = JobResult { run: None, state, statuses, made: Some(result), notes, seconds: timer.seconds(), ended: 0 };
        if self.options.dry_run {
            return Ok(done);
        }
        let run = self.keep(job, store, (tree, &unfinished), &loaded, &done.state)?;
        drop(loaded);
        if let Some(made) = &mut done.made {
            made.moved(&unfinished.path, &run.path);
        }
        done.run = Some(run.path.clone());
        runs.push((name.clone(), done.state.clone()));
        self.ship(job, (store, runs), &run, done, &timer)
    }

    /// What the run is, as far as that follows from what was made.
    fn state(
        &self,
        job: &ScheduledJob,
        period: &Period,
        result: &RunResult,
        (recipients, made): (&[Recipient], &[Made]),
        loaded: &Loaded,
    ) -> RunState {
        let recipient = |(recipient, made): (&Recipient, &Made)| RecipientState {
            name: recipient.name.clone(),
            not_due: made.not_due.as_ref().map(|not_due| not_due.why.clone()),
            is_unchanged: made.not_due.as_ref().is_some_and(|not_due| not_due.is_unchanged),
        };
        RunState {
            schema: SCHEMA,
            id: self.files.id.clone(),
            job: job.name.clone(),
            job_file: std::path::absolute(&job.file).unwrap_or_else(|_| job.file.clone()),
            period: period.key.clone(),
            due: instant(period.due),
            inputs: loaded.inputs.iter().map(|input| (input.file.clone(), input.digest.as_ref().map(|it| it.sha256.clone()))).collect(),
            rows: loaded.classified.orders.read,
            manifest: result.manifest_file.as_ref().map(|file| file.file.clone()).unwrap_or_default(),
            recipients: recipients.iter().zip(made).map(recipient).collect(),
            ..RunState::default()
        }
    }

    /// Writes what is needed to go on after a kill, and publishes the run in one step.
    fn keep(
        &self,
        job: &ScheduledJob,
        store: &RunStore,
        (tree, unfinished): (Tree, &StoredRun),
        loaded: &Loaded,
        state: &RunState,
    ) -> Result<StoredRun> {
        let (inner, name) = (self.files.within(), unfinished.name.as_str());
        unfinished.write(SNAPSHOT, &inner, |out| loaded.classified.store(out))?;
        let text = templates::read(&job.file)?;
        unfinished.replace(JOB, text.as_bytes(), &inner)?;
        unfinished.replace(STATE, state.text()?.as_bytes(), &inner)?;
        tree.publish(name)?;
        store.set_latest(name, self.files)?;
        self.files.advise(format!("the reports are kept; 'portstatus run --resume {name}' delivers what has not arrived"));
        self.log.event(Level::Info, "kept", json!({ "run": name }));
        store.run(name)
    }

    /// Delivers what has not arrived, notes what became of all in the manifest, and clears away runs that are not kept.
    fn ship(
        &self,
        job: &ScheduledJob,
        (store, runs): Runs<'_>,
        run: &StoredRun,
        mut result: JobResult,
        timer: &RunTimer,
    ) -> Result<JobResult> {
        let is_open = |status: &ShipmentStatus| match status.progress {
            Progress::Pending | Progress::Failed => true,
            Progress::Unknown => self.options.resend_unknown,
            Progress::Delivered => false,
        };
        let open = result.state.shipments.iter().zip(&result.statuses).filter(|(_, status)| is_open(status));
        let open: Vec<(&PlannedShipment, u32)> = open.map(|(shipment, status)| (shipment, status.attempts)).collect();
        if !open.is_empty() {
            self.progress.stage(Stage::Delivering);
            Shipper::new(run, &job.deliveries, self.files, self.log)?.deliver(&open)?;
            result.statuses = result.state.statuses(run);
        }
        self.note_deliveries(run, &result)?;
        (result.seconds, result.ended) = (timer.seconds(), AsOf::now().utc().timestamp());
        let expired = retention::expired(runs, &job.history, AsOf::now());
        if !expired.is_empty() {
            let removed = retention::remove(store, &expired, self.files)?;
            result.notes.push(format!("earlier runs that are not kept were removed: {removed}"));
            let gone: Vec<String> = expired.into_iter().map(str::to_owned).collect();
            runs.retain(|(name, _)| !gone.contains(name));
        }
        if let Some(path) = &job.metrics_file {
            metrics::write(path, &result, self.files)?;
        }
        Ok(result)
    }

    /// Adds what became of the shipments to the manifest of the run.
    fn note_deliveries(&self, run: &StoredRun, result: &JobResult) -> Result<()> {
        let missing = || Error::data(Place::path(&run.path), "has lost its manifest", "start the job again");
        let text = run.read(&result.state.manifest).and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(missing)?;
        let lines = result.state.shipments.iter().zip(&result.statuses).map(|(shipment, status)| DeliveryLine {
            recipient: shipment.recipient.clone(),
            delivery: shipment.delivery.clone(),
            target: shipment.target.clone(),
            state: status.progress.code().to_owned(),
            attempts: status.attempts,
            files: shipment.files.iter().map(|file| file.name.clone()).collect(),
            reference: status.reference.clone(),
            why: status.error.clone(),
        });
        let nothing = result.state.recipients.iter().filter_map(|recipient| {
            Some(DeliveryLine {
                recipient: recipient.name.clone(),
                state: "nothing to send".to_owned(),
                why: Some(recipient.not_due.clone()?),
                ..DeliveryLine::default()
            })
        });
        let lines: Vec<DeliveryLine> = lines.chain(nothing).collect();
        run.replace(&result.state.manifest, with_deliveries(&text, &lines)?.as_bytes(), self.files)
    }
}

/// An instant as the state of a run tells it.
fn instant(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
