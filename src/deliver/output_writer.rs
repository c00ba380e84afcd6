//! Writes an output: gathers what is written, hashes it on the way, and remembers what the system refused.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::deliver::failure;
use crate::error::{Error, Result};

/// Bytes held before a write, and read at a time when a file is read back.
pub(crate) const BUFFER_SIZE: usize = 1 << 18;

/// A file or standard output being written.
#[derive(Debug)]
pub struct OutputWriter {
    pub(crate) file: File,
    path: PathBuf,
    is_stream: bool,
    buffer: Vec<u8>,
    position: u64,
    extent: u64,
    hash: Option<Sha256>,
    fault: Option<Error>,
}

impl OutputWriter {
    /// A writer to `file`, called `path` in errors; a stream cannot go back.
    pub(crate) fn new(file: File, path: PathBuf, is_stream: bool) -> Self {
        let (buffer, hash) = (Vec::with_capacity(BUFFER_SIZE), Some(Sha256::new()));
        Self { file, path, is_stream, buffer, position: 0, extent: 0, hash, fault: None }
    }

    /// The error to report when writing failed: the system's refusal if there was one, else `otherwise`.
    pub fn cause(&mut self, otherwise: Error) -> Error {
        self.fault.take().unwrap_or(otherwise)
    }

    /// Writes what is still held, and says how many bytes there were and what their SHA-256 is, in hex: unknown of a
    /// file that was written out of order, never of a stream.
    ///
    /// # Errors
    /// What the system refused.
    pub(crate) fn finish(&mut self) -> Result<(u64, Option<String>)> {
        if let Err(error) = self.flush() {
            let refused = refused(&self.path, &error);
            return Err(self.cause(refused));
        }
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => Ok((self.extent, self.hash.take().map(|hash| hex::encode(hash.finalize())))),
        }
    }

    fn write_out(&mut self) -> io::Result<()> {
        if let Some(hash) = &mut self.hash {
            hash.update(&self.buffer);
        }
        let written = self.file.write_all(&self.buffer);
        self.position += self.buffer.len() as u64;
        self.extent = self.extent.max(self.position);
        self.buffer.clear();
        self.note(written)
    }

    fn note<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        done.inspect_err(|error| {
            let refused = refused(&self.path, error);
            self.fault.get_or_insert(refused);
        })
    }
}

/// The error for a failed write to `path`. A reader that went away is not an error: the run stops quietly.
pub(crate) fn refused(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Error::interrupted(rustix::process::Signal::PIPE.as_raw()),
        _ => failure(path, "cannot be written", error),
    }
}

impl Write for OutputWriter {
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

impl Seek for OutputWriter {
    /// A file that is written out of order is hashed only when it is read back; a stream says where it is and stays there.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let here = self.position + self.buffer.len() as u64;
        if to == SeekFrom::Current(0) || to == SeekFrom::Start(here) {
            return Ok(here);
        }
        if self.is_stream {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "a stream cannot go back"));
        }
        self.flush()?;
        let sought = self.file.seek(to);
        self.position = self.note(sought)?;
        if self.position != here {
            self.hash = None;
        }
        Ok(self.position)
    }
}
