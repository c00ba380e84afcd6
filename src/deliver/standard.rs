//! Standard output as the place of one format: streamed, hashed and counted. What was written cannot be taken back.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::deliver::failure;
use crate::domain::text::hex;
use crate::error::{Error, Result};

/// Bytes held before a write.
const BUFFER_SIZE: usize = 1 << 18;

/// A writer to standard output that remembers what the system refused.
#[derive(Debug)]
pub struct StdoutSink {
    file: File,
    buffer: Vec<u8>,
    written: u64,
    hash: Sha256,
    fault: Option<Error>,
}

impl StdoutSink {
    /// Standard output, whatever it is connected to.
    ///
    /// # Errors
    /// [`Error::system`] when its descriptor cannot be had.
    pub fn open() -> Result<Self> {
        let descriptor = io::stdout().as_fd().try_clone_to_owned().map_err(|error| refused(&error))?;
        Ok(Self { file: descriptor.into(), buffer: Vec::with_capacity(BUFFER_SIZE), written: 0, hash: Sha256::new(), fault: None })
    }

    /// The error to report when writing failed: the system's refusal if there was one, else `told`.
    pub fn cause(&mut self, told: Error) -> Error {
        self.fault.take().unwrap_or(told)
    }

    /// Writes what is still held and says how many bytes there were and what their SHA-256 is, in hex.
    ///
    /// # Errors
    /// [`Error::input_output`]; [`Error::interrupted`] by SIGPIPE when the reader went away.
    pub fn finish(mut self) -> Result<(u64, String)> {
        match self.flush() {
            Ok(()) => Ok((self.written, hex(&self.hash.finalize()))),
            Err(error) => Err(self.cause(refused(&error))),
        }
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.hash.update(&self.buffer);
        let written = self.file.write_all(&self.buffer);
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        written.inspect_err(|error| {
            self.fault.get_or_insert(refused(error));
        })
    }
}

/// The error for a failed write to standard output. A reader that went away is no fault: the run stops quietly.
pub fn refused(error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Error::interrupted(rustix::process::Signal::PIPE.as_raw());
    }
    failure(Path::new("standard output"), "cannot be written", error)
}

impl Write for StdoutSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
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

impl Seek for StdoutSink {
    /// Says where it is; a stream cannot go elsewhere.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let here = self.written + self.buffer.len() as u64;
        match to {
            SeekFrom::Current(0) => Ok(here),
            SeekFrom::Start(there) if there == here => Ok(here),
            _ => Err(io::Error::new(io::ErrorKind::Unsupported, "standard output cannot go back")),
        }
    }
}
