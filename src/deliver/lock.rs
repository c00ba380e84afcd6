//! The lock of a folder in which a run publishes: held by one run at a time, waited for a stated time, and named by its holder.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use rustix::fs::FlockOperation;
use rustix::io::{Errno, retry_on_intr};

use crate::error::{Error, Place, Result};

/// Seconds that a run waits for another to finish publishing, which takes it moments.
const WAIT_SECONDS: u64 = 30;

/// Milliseconds between two tries.
const STEP_MILLIS: u64 = 25;

/// What came of a try.
pub(crate) enum Attempt {
    /// The lock is held as long as this is open; nothing is, where the file system has no locks.
    Held(Option<File>),
    /// Somebody else has it.
    Taken(Holder),
}

/// Who has a lock.
#[derive(Debug, Default)]
pub(crate) struct Holder {
    process: Option<u32>,
    name: String,
    /// Whether this very run holds it, by a descriptor that it was started with: waiting would never end.
    is_ours: bool,
}

/// Tries to lock the folder open as `folder`.
pub(crate) fn attempt(folder: File) -> Attempt {
    match retry_on_intr(|| rustix::fs::flock(&folder, FlockOperation::NonBlockingLockExclusive)) {
        Ok(()) => Attempt::Held(Some(folder)),
        Err(Errno::WOULDBLOCK) => Attempt::Taken(holder(&folder)),
        Err(_) => Attempt::Held(None),
    }
}

/// Locks the folder at `path`, which `open` opens anew for each try; `None` where the file system has no locks.
///
/// # Errors
/// [`Error::try_later`] that names the holder, at once when it is the command that started this one, else after
/// [`WAIT_SECONDS`].
pub(crate) fn wait(path: &Path, open: impl Fn() -> Option<File>) -> Result<Option<File>> {
    let mut tries = WAIT_SECONDS * 1000 / STEP_MILLIS;
    loop {
        let Some(folder) = open() else { return Ok(None) };
        match attempt(folder) {
            Attempt::Held(lock) => return Ok(lock),
            Attempt::Taken(holder) if tries == 0 => return Err(holder.refuse(path)),
            Attempt::Taken(holder) => holder.refuse_if_ours(path)?,
        }
        tries -= 1;
        std::thread::sleep(Duration::from_millis(STEP_MILLIS));
    }
}

impl Holder {
    /// Ends the run when the lock of the folder at `path` is held by the command that started it, for as long as it runs.
    ///
    /// # Errors
    /// [`Error::try_later`].
    pub(crate) fn refuse_if_ours(&self, path: &Path) -> Result<()> {
        if self.is_ours { Err(self.refuse(path)) } else { Ok(()) }
    }

    fn refuse(&self, path: &Path) -> Error {
        let who = match (self.process, self.name.as_str()) {
            (Some(process), "") => format!("process {process}"),
            (Some(process), name) => format!("process {process} ({name})"),
            (None, _) => "another process".to_owned(),
        };
        let (what, help) = if self.is_ours {
            let help = "runs lock it by themselves while they publish; lock another file around this command, or nothing";
            (format!("the folder is locked for this run by {who}, which started it"), help)
        } else {
            (format!("the folder is locked by {who}, and was for {WAIT_SECONDS} seconds"), "run it again when that process is done")
        };
        Error::try_later(Place::path(path), what, help)
    }
}

/// Who has the lock of `folder`, as far as the system says.
fn holder(folder: &File) -> Holder {
    let Ok(data) = folder.metadata() else { return Holder::default() };
    let (device, inode) = (data.dev(), data.ino());
    let device = format!("{:02x}:{:02x}:", rustix::fs::major(device), rustix::fs::minor(device));
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    // A line such as `1: FLOCK  ADVISORY  WRITE 1234 fe:01:5678 0 EOF`; what waits has an arrow before its kind.
    let found = locks.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (kind, process, place) = (words.get(1)?, words.get(4)?, words.get(5)?);
        let is_here = *kind == "FLOCK" && place.rsplit(':').next()?.parse() == Ok(inode);
        // Layered file systems report another device than the one that holds the lock.
        is_here.then(|| (place.starts_with(&device), process.parse::<u32>().ok().filter(|process| *process > 0)))
    });
    let process = found.max_by_key(|(is_same_device, _)| *is_same_device).and_then(|(_, process)| process);
    let name = process.and_then(|process| fs::read_to_string(format!("/proc/{process}/comm")).ok()).unwrap_or_default();
    let is_ours = is_inherited(inode);
    Holder { process, name: name.trim().escape_debug().to_string(), is_ours }
}

/// Whether this process was started with a descriptor that holds a lock on the folder with this inode.
fn is_inherited(inode: u64) -> bool {
    let ending = format!(":{inode}");
    let holds = |text: String| {
        let mut locks = text.lines().filter(|line| line.starts_with("lock:") && line.contains("FLOCK"));
        locks.any(|line| line.split_whitespace().any(|word| word.ends_with(&ending)))
    };
    let descriptors = fs::read_dir("/proc/self/fdinfo").into_iter().flatten().flatten();
    descriptors.filter_map(|entry| fs::read_to_string(entry.path()).ok()).any(holds)
}
