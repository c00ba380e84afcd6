//! Stops a run when the system asks for it: unfinished files are removed, nothing half done is published.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGABRT, SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use crate::cli::show::raw_terminal::restore;
use crate::deliver::RunFiles;
use crate::domain::text::thousands;
use crate::error::{Error, ErrorKind, Result, system_words};

/// How long deliveries that are under way have to end.
const PATIENCE: Duration = Duration::from_secs(4);

/// Watches for SIGTERM, SIGINT and SIGHUP (unless whoever started the run has it ignored, as nohup does): the first stops the run that `files` belongs to as soon as no publication is under
/// way and removes what is unfinished; the second stops it at once.
///
/// # Errors
/// [`Error::system`] when the system grants no handler or no thread.
pub fn watch(files: RunFiles) -> Result<()> {
    let help = "raise the limits of processes and open files";
    prepare(files)
        .map_err(|error| Error::system("", format!("signals cannot be handled: {}", system_words(&error)), help).with_cause(error))
}

fn prepare(files: RunFiles) -> io::Result<()> {
    // Memory that is refused where a library cannot say so ends in SIGABRT, once a line about it was printed.
    flag::register_conditional_shutdown(SIGABRT, ErrorKind::System.exit_code().into(), Arc::new(AtomicBool::new(true)))?;
    // Left alone, a file that grows past the limit of the process kills it; handled, the write says so.
    flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
    let again = Arc::new(AtomicBool::new(false));
    let watched: Vec<i32> = [SIGTERM, SIGINT].into_iter().chain((!is_ignored(SIGHUP)).then_some(SIGHUP)).collect();
    for &signal in &watched {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&again))?;
        flag::register(signal, Arc::clone(&again))?;
    }
    let mut signals = Signals::new(watched)?;
    let stop = move || {
        if let Some(signal) = signals.forever().next() {
            files.deliveries.stop(PATIENCE);
            // Held until the process is gone, so that nothing begins after this.
            let stopped = files.stop();
            restore();
            let clear = if io::stderr().is_terminal() { "\r\x1b[2K" } else { "" };
            let line = format!("{clear}portstatus: interrupted; {}\n", stopped.publication_state());
            let _ = rustix::io::write(rustix::stdio::stderr(), line.as_bytes());
            signal_hook::low_level::exit(128 + signal);
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(stop).map(drop)
}

/// Whether this process was set apart from the one that started it: it leads a session of its own, as services and `setsid` have it,
/// or is not to hear of a closed terminal, as `nohup` has it.
pub fn is_set_apart() -> bool {
    let leads = rustix::process::getsid(None).is_ok_and(|session| session == rustix::process::getpid());
    leads || is_ignored(SIGHUP)
}

/// Whether whoever started this process has it ignore `signal`.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// The open files that a run may need at once: inputs, outputs, pipes to a reader of workbooks, and what libraries hold.
const DESCRIPTORS: u64 = 32;

/// Raises the soft limit of open files as far as it may go.
///
/// # Errors
/// [`Error::system`] when even that is too low; met midway, it would end the run less clearly.
pub fn raise_descriptors() -> Result<()> {
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let enough = |most: Option<u64>| most.is_none_or(|most| most >= DESCRIPTORS);
    if !enough(limit.current) && enough(limit.maximum) {
        limit.current = Some(DESCRIPTORS.max(1024)).filter(|wanted| limit.maximum.is_none_or(|most| most >= *wanted)).or(limit.maximum);
        let _ = rustix::process::setrlimit(rustix::process::Resource::Nofile, limit);
    }
    match limit.current {
        Some(current) if current < DESCRIPTORS => {
            let what = format!("the limit of {} open files is too low", thousands(current));
            Err(Error::system("system", what, format!("raise it to {DESCRIPTORS} or more (ulimit -n)")))
        }
        _ => Ok(()),
    }
}

/// Keeps a crash from leaving the data of a run in a core file.
pub fn forbid_core_files() {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
}

/// Keeps what the run makes from everybody else, and from depending on the mask of the surroundings: files are made
/// 0600 and folders 0700 by their own modes, of which this mask takes nothing away.
pub fn keep_files_private() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Whether the process goes on after a panic.
static GOES_ON: AtomicBool = AtomicBool::new(false);

/// Lets the process go on after a panic, of which a line is printed all the same: a server that answers one request with an error
/// answers the next.
pub fn go_on_after_panics() {
    GOES_ON.store(true, Ordering::Relaxed);
}

/// Makes every panic the end of the process, unless it is a server: one line without any data of the run in it, the unfinished files of the run
/// removed, and the exit code 71 when the system refused memory or threads, else 70. Unwinding instead would leave other
/// threads waiting for one that is gone. Memory that is refused where a library cannot say so ends the process by SIGABRT,
/// which [`watch`] gives the same exit code.
pub fn exit_on_panic(files: RunFiles) {
    let reported = AtomicBool::new(false);
    std::panic::set_hook(Box::new(move |panic| {
        let goes_on = GOES_ON.load(Ordering::Relaxed);
        if reported.swap(true, Ordering::Relaxed) && !goes_on {
            // Another thread is about to end the process; this one holds nothing that it waits for once it unwinds.
            return;
        }
        let payload = panic.payload().downcast_ref::<String>().map(String::as_str).or(panic.payload().downcast_ref().copied());
        let is_refusal = payload.is_some_and(|payload| REFUSALS.iter().any(|refusal| payload.contains(refusal)));
        let place = panic.location().map(|place| format!("{}:{}", short(place.file()), place.line())).unwrap_or_default();
        let (kind, line) = match is_refusal {
            true => {
                (ErrorKind::System, "system: memory or a thread was refused; raise the limits (ulimit -v, ulimit -u) or free memory".into())
            }
            false => (
                ErrorKind::Internal,
                format!("{place}: internal error; this is a bug in portstatus, please report it with the command that was run"),
            ),
        };
        restore();
        let _ = rustix::io::write(rustix::stdio::stderr(), format!("portstatus: {line}\n").as_bytes());
        if goes_on {
            return;
        }
        let _stopped = files.stop();
        signal_hook::low_level::exit(kind.exit_code().into());
    }));
}

/// What libraries say when they give up because the system granted no thread or no memory.
const REFUSALS: [&str; 4] = ["Os { code: 11,", "Os { code: 12,", "Cannot allocate memory", "Resource temporarily unavailable"];

/// The path of a source file from its package on.
fn short(file: &str) -> &str {
    file.split_once("/registry/src/").and_then(|(_, rest)| rest.split_once('/')).map_or(file, |(_, rest)| rest)
}
