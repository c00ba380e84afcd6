//! Starts the process that reads a workbook, asks it, and turns its early end into an error.

use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::error::{Error, Result};
use crate::source::input::ReadOptions;
use crate::source::open::InputBytes;
use crate::source::redact;
use crate::source::workbook::protocol::{Book, OUT_OF_MEMORY, Refusal, RefusalKind, Reply, Request, Task, decode, receive_frame, send};

/// The hidden argument that makes portstatus a workbook reader.
pub const ARGUMENT: &str = "__workbook";

const SAVE_AGAIN: &str = "open it in a spreadsheet program and save it again, or export the sheet as CSV";

/// A process that reads one workbook. It ends with this value.
pub struct WorkbookProcess {
    name: String,
    child: Child,
    requests: Option<ChildStdin>,
    replies: ChildStdout,
    /// The last answer, as it came.
    frame: Vec<u8>,
    deadline: Option<Deadline>,
}

/// Ends the process when nothing is heard from it for long.
struct Deadline {
    heard: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl WorkbookProcess {
    /// Starts the process, hands it the workbook and waits until it has checked and opened it.
    ///
    /// # Errors
    /// `System` when no process can be started; `Data` when the workbook cannot be read.
    pub fn start(opened: &InputBytes, options: &ReadOptions) -> Result<(Self, Book)> {
        let refused = |error: io::Error| {
            Error::system(
                &opened.name,
                format!("the process that reads workbooks cannot be started: {error}"),
                "try again with fewer programs running",
            )
        };
        let program = options.workbook_program.clone().map_or_else(own_program, Ok).map_err(refused)?;
        let mut child = Command::new(program)
            .arg(ARGUMENT)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(refused)?;
        let (Some(mut requests), Some(replies)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::internal(&opened.name, "the process that reads workbooks has no pipes"));
        };
        let deadline = Deadline::over(&child, Duration::from_secs(60 + 2 * options.limits.cpu_seconds)).map_err(refused)?;
        let task = Task {
            size: opened.bytes.len() as u64,
            inflated_bytes: options.limits.inflated_bytes,
            memory_bytes: options.limits.memory_bytes,
            cpu_seconds: options.limits.cpu_seconds,
        };
        // When it dies while it is fed, its answer is missing, and that is reported below.
        let _ = send(&mut requests, &task).and_then(|()| requests.write_all(&opened.bytes)).and_then(|()| requests.flush());
        let (name, requests, deadline) = (opened.name.clone(), Some(requests), Some(deadline));
        let mut process = Self { name, child, requests, replies, frame: Vec::new(), deadline };
        match process.reply()? {
            Reply::Book(book) => Ok((process, book)),
            _ => Err(process.refusal_error(&Refusal::protocol())),
        }
    }

    /// Asks for something and waits for the first answer.
    ///
    /// # Errors
    /// `Data` when the workbook turns out unreadable.
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
    /// `Data` when the workbook turns out unreadable.
    pub fn reply(&mut self) -> Result<Reply<'_>> {
        let received = receive_frame(&mut self.replies, &mut self.frame);
        if let Some(heard) = self.deadline.as_ref().and_then(|deadline| deadline.heard.as_ref()) {
            // The deadline has passed when it ended the process; the answer is missing then.
            let _ = heard.send(());
        }
        match received {
            Ok(true) => {}
            Ok(false) => return Err(self.exit_error()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(self.exit_error()),
            Err(_) => return Err(self.refusal_error(&Refusal::protocol())),
        }
        match decode(&self.frame) {
            Ok(Reply::Refused(refusal)) => Err(self.refusal_error(&refusal)),
            Ok(reply) => Ok(reply),
            Err(_) => Err(self.refusal_error(&Refusal::protocol())),
        }
    }

    /// The error that tells a user of a refusal, this process's own refusal of an answer among them.
    pub fn refusal_error(&self, refusal: &Refusal) -> Error {
        let text = redact::redacted(&refusal.text);
        let (what, help) = match refusal.kind {
            RefusalKind::Encrypted => (
                format!("the workbook is password-protected: {text}"),
                "open it in a spreadsheet program with its password and save a copy without one",
            ),
            RefusalKind::TooLarge => (format!("not a readable workbook ({text})"), "if it is genuine, export the sheet as CSV"),
            RefusalKind::Damaged => (format!("not a readable workbook ({text})"), SAVE_AGAIN),
            RefusalKind::NotAWorkbook => (
                format!("not a workbook: {text}"),
                "give a workbook (.xlsx, .xls, .xlsb, .ods), or a text file under a text file's name (.csv, .tsv)",
            ),
            RefusalKind::Protocol => {
                return Error::internal(&self.name, "the process that reads workbooks gave an invalid answer");
            }
        };
        Error::data(&self.name, what, help)
    }

    fn exit_error(&mut self) -> Error {
        let cause = match self.end() {
            Ok(status) => exit_cause(status),
            Err(error) => error.to_string(),
        };
        Error::data(&self.name, format!("not a readable workbook ({cause})"), SAVE_AGAIN)
    }

    /// Collects a process that has closed its end of the pipes.
    ///
    /// The deadline goes first: the number of a process that was collected may come to name another.
    fn end(&mut self) -> io::Result<ExitStatus> {
        self.requests = None;
        self.deadline = None;
        self.child.wait()
    }
}

impl Drop for WorkbookProcess {
    fn drop(&mut self) {
        self.deadline = None;
        // It may have ended by itself, and there is nobody to tell if not.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.heard = None;
        if let Some(thread) = self.thread.take() {
            // It cannot panic.
            let _ = thread.join();
        }
    }
}

impl Deadline {
    fn over(child: &Child, silence: Duration) -> io::Result<Self> {
        let process = Pid::from_child(child);
        let (heard, hears) = channel();
        let thread = std::thread::Builder::new().name("workbook deadline".to_owned()).spawn(move || {
            loop {
                match hears.recv_timeout(silence) {
                    Ok(()) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {
                        // If it has just ended by itself, all the better.
                        let _ = kill_process(process, Signal::KILL);
                        return;
                    }
                }
            }
        })?;
        Ok(Self { heard: Some(heard), thread: Some(thread) })
    }
}

fn own_program() -> io::Result<PathBuf> {
    std::env::current_exe()
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
