//! Writes an output: gathers what is written, hashes it on the way, and remembers what the system refused.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::deliver::failure;
use crate::error::{Error, Result};

/// Bytes held before a write, and read at a time when a file is read back.
pub(crate) const BUFFER_SIZE: usize = 1 << 18;

/// A file or standard output being written.
#[derive(Debug)]
pub struct OutputWriter {
    file: File,
    path: PathBuf,
    buffer: Vec<u8>,
    bytes: u64,
    hash: Sha256,
    fault: Option<Error>,
}

impl OutputWriter {
    /// A writer to `file`, called `path` in errors.
    pub(crate) fn new(file: File, path: PathBuf) -> Self {
        Self { file, path, buffer: Vec::with_capacity(BUFFER_SIZE), bytes: 0, hash: Sha256::new(), fault: None }
    }

    /// The first error the system gave, else `otherwise`: what a format says of a failed write is less exact.
    pub fn cause(&mut self, otherwise: Error) -> Error {
        self.fault.take().unwrap_or(otherwise)
    }

    /// Writes out what is left; the file, how many bytes it was given and the SHA-256 of them.
    pub(crate) fn finish(mut self) -> Result<(File, u64, String)> {
        // A refusal is remembered, like those before it.
        let _ = self.flush();
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok((self.file, self.bytes, hex::encode(self.hash.finalize()))),
        }
    }
}

/// The error for a failed write to `path`. A pipe that its reader closed ends the program as the signal would have.
pub(crate) fn refused(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Error::reader_gone(),
        _ => failure(path, "cannot be written", error),
    }
}

impl Write for OutputWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.fault.is_some() {
            return Err(io::Error::other("an earlier write failed"));
        }
        if self.buffer.len() + bytes.len() > BUFFER_SIZE {
            self.flush()?;
        }
        let taken = bytes.len().min(BUFFER_SIZE);
        self.buffer.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hash.update(&self.buffer);
        let written = self.file.write_all(&self.buffer);
        self.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        written.inspect_err(|error| self.fault = Some(refused(&self.path, error)))
    }
}
