//! Starts the process that reads a file on this one's behalf, asks it, and turns its early end into an error.

use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::Signal;

use crate::error::{Error, Place, Result, system_words};
use crate::source::guarded::ARGUMENT;
use crate::source::guarded::protocol::{Content, OUT_OF_MEMORY, Refusal, Reply, Request, Task, decode, receive_frame, send};
use crate::source::input::ReadOptions;
use crate::source::redact;

/// A process that reads one file. It ends with this value.
pub struct GuardedProcess {
    name: String,
    content: Content,
    child: Arc<Mutex<Child>>,
    requests: Option<ChildStdin>,
    replies: ChildStdout,
    /// The last answer, as it came.
    frame: Vec<u8>,
    /// Puts off the end that comes when nothing is heard for long.
    heard: Sender<()>,
}

impl GuardedProcess {
    /// Starts the process and hands it the `bytes` of the file `name`, which hold `content`. Its first answer comes by
    /// [`Self::reply`], once it has opened them.
    ///
    /// # Errors
    /// `System` when no process can be started.
    pub fn start(name: &str, bytes: &[u8], content: Content, options: &ReadOptions) -> Result<Self> {
        let refused = |error: io::Error| {
            let what = format!("the process that reads it cannot be started: {}", system_words(&error));
            Error::system(name, what, "try again with fewer programs running")
        };
        let program = options.guarded_program.clone().map_or_else(std::env::current_exe, Ok).map_err(refused)?;
        let mut child = Command::new(program)
            .arg(ARGUMENT)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(refused)?;
        let (Some(mut requests), Some(replies)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::internal(name, "the process that reads it has no pipes"));
        };
        let child = Arc::new(Mutex::new(child));
        let heard = kill_when_silent(Arc::clone(&child), Duration::from_secs(60 + 2 * options.limits.cpu_seconds)).map_err(refused)?;
        let task = Task { content, size: bytes.len() as u64, limits: options.limits.clone() };
        // When it dies while it is fed, its answer is missing, and that is reported when it is waited for.
        let _ = send(&mut requests, &task).and_then(|()| requests.write_all(bytes)).and_then(|()| requests.flush());
        Ok(Self { name: name.to_owned(), content, child, requests: Some(requests), replies, frame: Vec::new(), heard })
    }

    /// Asks for something and waits for the first answer.
    ///
    /// # Errors
    /// `Data` when the file turns out unreadable.
    pub fn ask(&mut self, request: &Request) -> Result<Reply<'_>> {
        if let Some(requests) = &mut self.requests {
            // A process that is gone is reported by its missing answer.
            let _ = send(requests, request);
        }
        self.reply()
    }

    /// Waits for the next answer.
    ///
    /// # Errors
    /// `Data` when the file turns out unreadable.
    pub fn reply(&mut self) -> Result<Reply<'_>> {
        let received = receive_frame(&mut self.replies, &mut self.frame);
        // Nobody listens once silence has ended the process; the answer is missing then.
        let _ = self.heard.send(());
        match received {
            Ok(true) => {}
            Ok(false) => return Err(self.exit_error()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(self.exit_error()),
            Err(_) => return Err(self.refusal_error(Refusal::Protocol)),
        }
        match decode(&self.frame) {
            Ok(Reply::Refused(refusal)) => Err(self.refusal_error(refusal)),
            Ok(reply) => Ok(reply),
            Err(_) => Err(self.refusal_error(Refusal::Protocol)),
        }
    }

    /// The error that tells a user of a refusal, this process's own refusal of an answer among them.
    pub fn refusal_error(&self, refusal: Refusal) -> Error {
        let (content, name) = (self.content, self.name.as_str());
        match refusal {
            Refusal::Encrypted => Error::data(
                name,
                "the workbook is password-protected: it is encrypted with a password",
                "open it in a spreadsheet program with its password and save a copy without one",
            ),
            Refusal::TooLarge(text) => Error::data(name, content.unreadable(&redact::redacted(&text)), content.help_for_too_large()),
            Refusal::Damaged(text) => Error::data(name, content.unreadable(&redact::redacted(&text)), content.help_for_damage()),
            Refusal::NotAWorkbook(text) => Error::data(
                name,
                format!("not a workbook: {}", redact::redacted(&text)),
                "give a workbook (.xlsx, .xls, .xlsb, .ods), or a text file under a text file's name (.csv, .tsv)",
            ),
            Refusal::OverLimit(most) => {
                let what = format!("inflates to more than the {} MiB that one input may have", most >> 20);
                Error::data(name, what, "split the file, or raise the limit").with_remedy(Place::option("max_inflated_bytes"))
            }
            Refusal::Protocol => Error::internal(name, "the process that reads it gave an invalid answer"),
        }
    }

    /// Collects a process that has closed its end of the pipes, and says why it ended.
    fn exit_error(&mut self) -> Error {
        self.requests = None;
        let cause = lock(&self.child).wait().map_or_else(|error| system_words(&error), exit_cause);
        Error::data(&self.name, self.content.unreadable(&cause), self.content.help_for_damage())
    }
}

impl Drop for GuardedProcess {
    fn drop(&mut self) {
        let mut child = lock(&self.child);
        // It may have ended by itself, and there is nobody to tell if not.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Kills `child` when its answers, each of which is sent to the sender that this returns, stay out for `silence`. A child
/// that was collected is not killed, because its number may name another process by then.
fn kill_when_silent(child: Arc<Mutex<Child>>, silence: Duration) -> io::Result<Sender<()>> {
    let (heard, hears) = channel();
    std::thread::Builder::new().name("reader deadline".to_owned()).spawn(move || {
        loop {
            match hears.recv_timeout(silence) {
                Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => return,
                // If it has just ended by itself, all the better.
                Err(RecvTimeoutError::Timeout) => return drop(lock(&child).kill()),
            }
        }
    })?;
    Ok(heard)
}

fn lock(child: &Mutex<Child>) -> MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn exit_cause(status: ExitStatus) -> String {
    let is = |signal: Signal| status.signal() == Some(signal.as_raw());
    let starved = status.code() == Some(i32::from(OUT_OF_MEMORY));
    match status.signal() {
        _ if starved || is(Signal::ABORT) || is(Signal::SEGV) || is(Signal::BUS) => {
            "reading it took more memory than its size allows".to_owned()
        }
        _ if is(Signal::XCPU) => "reading it took more processor time than its size allows".to_owned(),
        _ if is(Signal::KILL) => "the reader was stopped: it took too long or the machine ran out of memory".to_owned(),
        Some(number) => format!("the reader was ended by signal {number}"),
        None => "the reader failed on it".to_owned(),
    }
}
