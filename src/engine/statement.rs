//! One statement and its answer, which comes in one stream after another until the engine says that it is complete.
//!
//! An engine ends a stream whenever it likes, after two minutes as a rule: only the message `ResultComplete` is the end of an answer.
//! Until then the stream is taken up again behind the last response that was received.

use std::collections::HashSet;

use spark_connect_proto::execute_plan_response::{ArrowBatch, ExecutionProgress, ResponseType};
use spark_connect_proto::{self as wire, ExecutePlanResponse};
use tokio::task::JoinHandle;
use tonic::{Status, Streaming};

use crate::clock::RunTimer;
use crate::engine::answer::{AnswerBatch, batches};
use crate::engine::backoff::Attempts;
use crate::engine::failure::{broken_promise, explain, forgotten, interrupted, is_running_already, is_transient, is_unknown};
use crate::engine::session::{Session, uuid};
use crate::error::{Error, Result};

/// A stream that ends sooner without a response was not waited for: the engine does not work on the statement.
const SHORT_STREAM_SECONDS: f64 = 1.0;
/// Seconds after the last response when the engine is given up.
const MAX_SILENCE_SECONDS: f64 = 86_400.0;

/// How far the engine is with a statement, as it says itself now and then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Tasks of the stages that it knows of; later stages add to them.
    pub tasks: u64,
    /// Those that are done.
    pub completed_tasks: u64,
    /// Those that run.
    pub running_tasks: u64,
    /// Bytes read so far.
    pub input_bytes: u64,
    /// Rows of the answer that were handed over.
    pub rows: u64,
}

/// Who hears of the progress and who takes the batches.
pub struct Listeners<'a> {
    /// Hears of the progress.
    pub progress: &'a mut dyn FnMut(Progress),
    /// Takes each batch, once and in order.
    pub batch: &'a mut dyn FnMut(&AnswerBatch) -> Result<()>,
}

/// A statement that runs, and how much of its answer was received.
pub struct Statement<'a> {
    session: &'a Session,
    sql: &'a str,
    operation_id: String,
    last_response: Option<String>,
    received: HashSet<String>,
    /// Responses that were received for the first time, and rows in them.
    responses: u64,
    rows: u64,
    attempts: Attempts,
    last_failure: Option<Status>,
    last_heard: RunTimer,
    releasing: Option<JoinHandle<()>>,
}

/// How a stream is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    Execute,
    Reattach,
}

/// How a stream ended.
enum StreamEnd {
    Complete,
    Early,
    Failed(Box<Status>),
    Interrupted,
}

impl<'a> Statement<'a> {
    /// The statement `sql`, not yet sent.
    pub fn new(session: &'a Session, sql: &'a str) -> Self {
        Self {
            session,
            sql,
            operation_id: uuid(),
            last_response: None,
            received: HashSet::new(),
            responses: 0,
            rows: 0,
            attempts: Attempts::default(),
            last_failure: None,
            last_heard: RunTimer::start(),
            releasing: None,
        }
    }

    /// Runs it to its end. One that does not get there is ended on the engine as well.
    ///
    /// # Errors
    /// Those of the engine, in our words; the first that taking a batch gives; an interruption (75).
    pub fn run(mut self, listeners: &mut Listeners<'_>) -> Result<()> {
        let _running = self.session.interruption.watch();
        let done = self.follow(listeners);
        if done.is_err() {
            self.interrupt();
        }
        self.release_all();
        done
    }

    fn follow(&mut self, listeners: &mut Listeners<'_>) -> Result<()> {
        let mut opening = Opening::Execute;
        loop {
            let (opened, responses) = (RunTimer::start(), self.responses);
            let end = match self.open(opening) {
                Some(Ok(stream)) => self.drain(stream, listeners)?,
                Some(Err(status)) => StreamEnd::Failed(Box::new(status)),
                None => StreamEnd::Interrupted,
            };
            opening = match end {
                StreamEnd::Complete => return Ok(()),
                StreamEnd::Interrupted => return Err(interrupted(&self.session.place)),
                StreamEnd::Early => self.take_up_again(self.responses == responses && opened.seconds() < SHORT_STREAM_SECONDS)?,
                StreamEnd::Failed(status) => self.recover(&status, opening)?,
            };
        }
    }

    /// Opens the first stream, or one that goes on behind the last response; nothing when somebody interrupts.
    fn open(&self, opening: Opening) -> Option<std::result::Result<Streaming<ExecutePlanResponse>, Status>> {
        let mut client = self.session.client();
        let opened = match opening {
            Opening::Execute => {
                let request = self.session.request(self.execute_request());
                self.session.wait(async move { client.execute_plan(request).await })?
            }
            Opening::Reattach => {
                let request = self.session.request(self.reattach_request());
                self.session.wait(async move { client.reattach_execute(request).await })?
            }
        };
        Some(opened.map(tonic::Response::into_inner))
    }

    fn execute_request(&self) -> wire::ExecutePlanRequest {
        use wire::execute_plan_request::{RequestOption, request_option::RequestOption as Kind};
        let (session_id, user_context, observed, client_type) = self.session.names();
        let sql = wire::Sql { query: self.sql.to_owned(), ..wire::Sql::default() };
        let root = wire::Relation { common: None, rel_type: Some(wire::relation::RelType::Sql(sql)) };
        let reattachable = Kind::ReattachOptions(wire::ReattachOptions { reattachable: true });
        wire::ExecutePlanRequest {
            session_id,
            client_observed_server_side_session_id: observed,
            user_context,
            operation_id: Some(self.operation_id.clone()),
            plan: Some(wire::Plan { op_type: Some(wire::plan::OpType::Root(root)) }),
            client_type,
            request_options: vec![RequestOption { request_option: Some(reattachable) }],
            tags: Vec::new(),
        }
    }

    fn reattach_request(&self) -> wire::ReattachExecuteRequest {
        let (session_id, user_context, observed, client_type) = self.session.names();
        wire::ReattachExecuteRequest {
            session_id,
            client_observed_server_side_session_id: observed,
            user_context,
            operation_id: self.operation_id.clone(),
            client_type,
            last_response_id: self.last_response.clone(),
        }
    }

    /// Takes the responses of a stream until it ends.
    fn drain(&mut self, mut stream: Streaming<ExecutePlanResponse>, listeners: &mut Listeners<'_>) -> Result<StreamEnd> {
        loop {
            match self.session.wait(stream.message()) {
                None => return Ok(StreamEnd::Interrupted),
                Some(Err(status)) => return Ok(StreamEnd::Failed(Box::new(status))),
                Some(Ok(None)) => return Ok(StreamEnd::Early),
                Some(Ok(Some(response))) => {
                    if self.take(response, listeners)? {
                        return Ok(StreamEnd::Complete);
                    }
                }
            }
        }
    }

    /// Takes a response; whether it completes the answer. One that was received before, as after a connection that broke, is left out.
    fn take(&mut self, response: ExecutePlanResponse, listeners: &mut Listeners<'_>) -> Result<bool> {
        self.session.observe(&response.session_id, &response.server_side_session_id)?;
        if response.operation_id != self.operation_id {
            return Err(broken_promise(&self.session.place, "the engine answered another statement"));
        }
        let id = response.response_id;
        if !id.is_empty() && !self.received.insert(id.clone()) {
            return Ok(false);
        }
        self.responses += 1;
        self.attempts.succeed();
        self.last_heard = RunTimer::start();
        match response.response_type {
            Some(ResponseType::ResultComplete(_)) => return Ok(true),
            Some(ResponseType::ArrowBatch(batch)) => self.hand_over(&batch, listeners)?,
            Some(ResponseType::ExecutionProgress(progress)) => (listeners.progress)(self.progress(&progress)),
            Some(ResponseType::SqlCommandResult(_)) => {
                return Err(broken_promise(&self.session.place, "the engine answered with a plan instead of rows"));
            }
            _ => {}
        }
        if !id.is_empty() {
            self.release_until(&id);
            self.last_response = Some(id);
        }
        Ok(false)
    }

    /// Hands the batches of a response over, once it is sure that they are whole and follow those before.
    fn hand_over(&mut self, message: &ArrowBatch, listeners: &mut Listeners<'_>) -> Result<()> {
        let promise = |what: &str| broken_promise(&self.session.place, what);
        if message.num_chunks_in_batch.is_some_and(|chunks| chunks > 1) {
            return Err(promise("the engine sent a batch in pieces, which it was not asked for"));
        }
        let count = u64::try_from(message.row_count).map_err(|_| promise("the engine sent a batch of less than no rows"))?;
        match message.start_offset.map(|offset| u64::try_from(offset).unwrap_or(u64::MAX)) {
            Some(offset) if count > 0 && offset.saturating_add(count) <= self.rows => return Ok(()),
            Some(offset) if offset != self.rows => return Err(promise("rows of the answer are missing, or came twice")),
            _ => {}
        }
        let batches = batches(&message.data).map_err(|what| promise(&what))?;
        if batches.iter().map(|batch| batch.len() as u64).sum::<u64>() != count {
            return Err(promise("a batch of the answer has other rows than it says"));
        }
        batches.iter().try_for_each(|batch| (listeners.batch)(batch))?;
        self.rows += count;
        Ok(())
    }

    fn progress(&self, progress: &ExecutionProgress) -> Progress {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let sum =
            |of: fn(&wire::execute_plan_response::execution_progress::StageInfo) -> i64| progress.stages.iter().map(of).map(count).sum();
        Progress {
            tasks: sum(|stage| stage.num_tasks),
            completed_tasks: sum(|stage| stage.num_completed_tasks),
            running_tasks: count(progress.num_inflight_tasks),
            input_bytes: sum(|stage| stage.input_bytes_read),
            rows: self.rows,
        }
    }

    /// How to go on behind a stream that ended early. Streams that end at once, one after another, are waited for like failures.
    fn take_up_again(&mut self, is_short: bool) -> Result<Opening> {
        if self.last_response.is_none() && self.rows > 0 {
            return Err(broken_promise(&self.session.place, "the engine ended its answer early, and where cannot be said"));
        }
        if self.last_heard.seconds() > MAX_SILENCE_SECONDS {
            return Err(Error::unavailable(self.session.place.to_string(), "the engine says nothing for a day", "see what it does"));
        }
        if is_short {
            let what = "the engine ends every stream with nothing new of the answer";
            let silent = || Error::unavailable(self.session.place.to_string(), what, "see the log of the engine");
            let pause = self.attempts.fail().ok_or_else(silent)?;
            self.session.pause(pause)?;
        }
        Ok(Opening::Reattach)
    }

    /// How to go on after `status`, if that may help.
    fn recover(&mut self, status: &Status, opening: Opening) -> Result<Opening> {
        let place = &self.session.place;
        let next = match opening {
            // The engine never heard of it, or forgot it; as long as nothing was received, it can be run from its start.
            Opening::Reattach if is_unknown(status) && self.responses == 0 => Opening::Execute,
            Opening::Reattach if is_unknown(status) => return Err(forgotten(status, place)),
            _ if is_running_already(status) || is_transient(status) => Opening::Reattach,
            _ => return Err(explain(status, place)),
        };
        if next == Opening::Reattach {
            self.last_failure = Some(status.clone());
        }
        let Some(pause) = self.attempts.fail() else {
            // What the engine does not know because it never heard of it is not the cause.
            let cause = self.last_failure.as_ref().unwrap_or(status);
            return Err(explain(cause, place).and(format!("tried {} times", self.attempts.count())));
        };
        if next == Opening::Reattach {
            self.session.pause(pause)?;
        }
        Ok(next)
    }

    /// Lets the engine forget the responses up to the one called `id`, beside whatever comes next: a later one makes up for one missed.
    fn release_until(&mut self, id: &str) {
        use wire::release_execute_request::{Release, ReleaseUntil};
        if self.releasing.as_ref().is_none_or(JoinHandle::is_finished) {
            let request = self.session.request(self.release_request(Release::ReleaseUntil(ReleaseUntil { response_id: id.to_owned() })));
            let mut client = self.session.client();
            self.releasing = Some(self.session.tell_beside(async move { drop(client.release_execute(request).await) }));
        }
    }

    /// Lets the engine forget the statement.
    fn release_all(&self) {
        use wire::release_execute_request::{Release, ReleaseAll};
        let request = self.session.request(self.release_request(Release::ReleaseAll(ReleaseAll {})));
        let mut client = self.session.client();
        self.session.tell(async move { client.release_execute(request).await });
    }

    fn release_request(&self, release: wire::release_execute_request::Release) -> wire::ReleaseExecuteRequest {
        let (session_id, user_context, observed, client_type) = self.session.names();
        wire::ReleaseExecuteRequest {
            session_id,
            client_observed_server_side_session_id: observed,
            user_context,
            operation_id: self.operation_id.clone(),
            client_type,
            release: Some(release),
        }
    }

    /// Has the engine end the statement.
    fn interrupt(&self) {
        use wire::interrupt_request::{Interrupt, InterruptType};
        let (session_id, user_context, observed, client_type) = self.session.names();
        let request = self.session.request(wire::InterruptRequest {
            session_id,
            client_observed_server_side_session_id: observed,
            user_context,
            client_type,
            interrupt_type: InterruptType::OperationId as i32,
            interrupt: Some(Interrupt::OperationId(self.operation_id.clone())),
        });
        let mut client = self.session.client();
        self.session.tell(async move { client.interrupt(request).await });
    }
}
