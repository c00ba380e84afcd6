//! An output while it is being written: a private file beside its final place. It is removed unless it is published.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::deliver::{Folder, failure};
use crate::domain::text::hex;
use crate::error::{Error, Result};

/// Bytes held before a write, and read at a time when a file is read back.
const BUFFER_SIZE: usize = 1 << 18;
/// Names tried before giving up.
const ATTEMPTS: u64 = 100;

/// The unfinished files of this process, so that a signal can remove them.
static UNFINISHED: Mutex<Vec<(Arc<Folder>, String)>> = Mutex::new(Vec::new());
/// The number of the next unfinished file.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What tells one run from another in the names of its unfinished files and in its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunId(String);

impl RunId {
    /// The id of a run of this process that began at `micros` (since 1970).
    pub fn new(micros: i64) -> Self {
        Self(format!("{micros:x}-{:x}", std::process::id()))
    }

    /// The id as text: hexadecimal digits and a hyphen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A file being written. Gathers what is written, hashes it on the way, and says what the disk refused.
#[derive(Debug)]
pub struct Staged {
    folder: Arc<Folder>,
    name: String,
    unfinished: String,
    file: File,
    buffer: Vec<u8>,
    position: u64,
    extent: u64,
    hash: Option<Sha256>,
    fault: Option<Error>,
}

/// A finished file that waits to be published: synced, read back and found to be what was written.
#[derive(Debug)]
pub struct Finished {
    pub(crate) folder: Arc<Folder>,
    pub(crate) name: String,
    pub(crate) unfinished: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its bytes as they were read back, in hex.
    pub sha256: String,
    /// Holds the lock that tells other runs this one lives.
    _file: File,
}

impl Staged {
    /// Makes a private file in `folder` that is to be called `name`.
    ///
    /// # Errors
    /// What [`failure`] makes of the system's refusal.
    pub fn create(folder: &Arc<Folder>, name: &str, run: &RunId) -> Result<Self> {
        let mut registry = registry();
        for _ in 0..ATTEMPTS {
            let unfinished = Folder::unfinished(run.as_str(), NEXT.fetch_add(1, Ordering::Relaxed));
            let created = folder.create(&unfinished).map_err(|error| failure(&folder.path_of(name), "the file cannot be made", &error))?;
            if let Some(file) = created {
                registry.push((Arc::clone(folder), unfinished.clone()));
                let (folder, name) = (Arc::clone(folder), name.to_owned());
                let buffer = Vec::with_capacity(BUFFER_SIZE);
                return Ok(Self { folder, name, unfinished, file, buffer, position: 0, extent: 0, hash: Some(Sha256::new()), fault: None });
            }
        }
        Err(Error::cannot_create(folder.path_of(name).as_path(), "no free name for an unfinished file", "remove .portstatus-*.tmp there"))
    }

    /// The name it is to have.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder it is in.
    pub fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }

    /// The error that is to be reported when writing failed: the system's refusal if there was one, else `told`.
    pub fn cause(&mut self, told: Error) -> Error {
        self.fault.take().unwrap_or(told)
    }

    /// Ends the writing: flushes, syncs, reads the file back and compares it with what was written.
    ///
    /// # Errors
    /// [`Error::input_output`] when the disk refused or returned something else. A failed sync is never tried again,
    /// because the system may have dropped the data and forgotten the failure.
    pub fn finish(mut self) -> Result<Finished> {
        let path = self.folder.path_of(&self.name);
        let refused = |doing: &str, error: &io::Error| failure(&path, doing, error);
        if self.flush().is_err() || self.fault.is_some() {
            let unnamed = Error::input_output(path.as_path(), "the file cannot be written", "");
            return Err(self.fault.take().unwrap_or(unnamed));
        }
        self.file.sync_all().map_err(|error| refused("the file cannot be made durable", &error))?;
        let (bytes, sha256) = read_back(&mut self.file).map_err(|error| refused("the file cannot be read back", &error))?;
        let expected = self.hash.take().map(|hash| hex(&hash.finalize()));
        if bytes != self.extent || expected.as_ref().is_some_and(|expected| *expected != sha256) {
            return Err(Error::input_output(
                path.as_path(),
                "what was read back is not what was written",
                "check the disk and run it again",
            ));
        }
        let file = self.file.try_clone().map_err(|error| refused("the file cannot be kept open", &error))?;
        let (folder, name, unfinished) = (Arc::clone(&self.folder), self.name.clone(), std::mem::take(&mut self.unfinished));
        Ok(Finished { folder, name, unfinished, bytes, sha256, _file: file })
    }

    fn write_out(&mut self) -> io::Result<()> {
        if let Some(hash) = &mut self.hash {
            hash.update(&self.buffer);
        }
        let written = self.file.write_all(&self.buffer);
        self.position += self.buffer.len() as u64;
        self.extent = self.extent.max(self.position);
        self.buffer.clear();
        written.inspect_err(|error| self.note(error))
    }

    fn note(&mut self, error: &io::Error) {
        let fault = failure(&self.folder.path_of(&self.name), "the file cannot be written", error);
        self.fault.get_or_insert(fault);
    }
}

impl Write for Staged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.fault.is_some() {
            return Err(io::Error::other("an earlier write failed"));
        }
        if self.buffer.len() + bytes.len() > BUFFER_SIZE && !self.buffer.is_empty() {
            self.write_out()?;
        }
        let taken = bytes.len().min(BUFFER_SIZE);
        self.buffer.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() { Ok(()) } else { self.write_out() }
    }
}

impl Seek for Staged {
    /// A file that is written out of order is hashed only when it is read back.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let here = self.position + self.buffer.len() as u64;
        if to == SeekFrom::Current(0) || to == SeekFrom::Start(here) {
            return Ok(here);
        }
        self.flush()?;
        self.position = self.file.seek(to).inspect_err(|error| self.note(error))?;
        if self.position != here {
            self.hash = None;
        }
        Ok(self.position)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        unregister(&self.folder, &self.unfinished);
    }
}

impl Drop for Finished {
    fn drop(&mut self) {
        unregister(&self.folder, &self.unfinished);
    }
}

/// Removes the unfinished file `name`, if this process still has it.
fn unregister(folder: &Arc<Folder>, name: &str) {
    let mut registry = registry();
    if let Some(index) = registry.iter().position(|(_, other)| other == name) {
        registry.swap_remove(index);
        folder.remove(name);
    }
}

/// The unfinished files of this process. Whoever renames or removes one holds this.
pub(crate) fn registry() -> MutexGuard<'static, Vec<(Arc<Folder>, String)>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps everything from being published or begun while it lives; see [`remove_unfinished`].
#[derive(Debug)]
pub struct Removed(#[expect(dead_code, reason = "held, not read")] MutexGuard<'static, Vec<(Arc<Folder>, String)>>);

/// Removes every unfinished file of this process, for a signal: waits while a publication is under way, and lets
/// none begin as long as the answer lives.
pub fn remove_unfinished() -> Removed {
    let mut registry = registry();
    for (folder, name) in registry.drain(..) {
        folder.remove(&name);
        folder.remove_if_made_and_empty();
    }
    Removed(registry)
}

/// The size and SHA-256 of `file`, read from its start.
fn read_back(file: &mut File) -> io::Result<(u64, String)> {
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; BUFFER_SIZE]);
    file.rewind()?;
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok((bytes, hex(&hash.finalize()))),
            Ok(count) => {
                hash.update(&piece[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The SHA-256 of `bytes`, in hex.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
