//! Standard output as the place of one format: streamed, hashed and counted. What was written cannot be taken back.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::deliver::failure;
use crate::error::{Error, Result};
use crate::port::text::hex;

/// Bytes gathered before a write.
const PIECE: usize = 1 << 18;

/// A writer to standard output that remembers what the system refused.
#[derive(Debug)]
pub struct Standard {
    file: File,
    gathered: Vec<u8>,
    written: u64,
    hash: Sha256,
    fault: Option<Error>,
}

impl Standard {
    /// Standard output, whatever it is connected to.
    ///
    /// # Errors
    /// [`Error::System`] when its descriptor cannot be had.
    pub fn open() -> Result<Self> {
        let descriptor = io::stdout().as_fd().try_clone_to_owned().map_err(|error| refused(&error))?;
        Ok(Self { file: descriptor.into(), gathered: Vec::with_capacity(PIECE), written: 0, hash: Sha256::new(), fault: None })
    }

    /// The error to report when writing failed: the system's refusal if there was one, else `told`.
    pub fn cause(&mut self, told: Error) -> Error {
        self.fault.take().unwrap_or(told)
    }

    /// Writes what is still gathered and says how many bytes there were and what their SHA-256 is, in hex.
    ///
    /// # Errors
    /// [`Error::InputOutput`]; [`Error::Interrupted`] by SIGPIPE when the reader went away.
    pub fn finish(mut self) -> Result<(u64, String)> {
        match self.flush() {
            Ok(()) => Ok((self.written, hex(&self.hash.finalize()))),
            Err(error) => Err(self.cause(refused(&error))),
        }
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.hash.update(&self.gathered);
        let written = self.file.write_all(&self.gathered);
        self.written += self.gathered.len() as u64;
        self.gathered.clear();
        written.inspect_err(|error| {
            self.fault.get_or_insert(refused(error));
        })
    }
}

/// The error for a failed write to standard output. A reader that went away is no fault: the run stops quietly.
pub fn refused(error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Error::Interrupted(rustix::process::Signal::PIPE.as_raw());
    }
    failure(Path::new("standard output"), "cannot be written", error)
}

impl Write for Standard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.gathered.len() + bytes.len() > PIECE && !self.gathered.is_empty() {
            self.write_out()?;
        }
        let taken = bytes.len().min(PIECE);
        self.gathered.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() { Ok(()) } else { self.write_out() }
    }
}

impl Seek for Standard {
    /// Says where it is; a stream cannot go elsewhere.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let here = self.written + self.gathered.len() as u64;
        match to {
            SeekFrom::Current(0) => Ok(here),
            SeekFrom::Start(there) if there == here => Ok(here),
            _ => Err(io::Error::new(io::ErrorKind::Unsupported, "standard output cannot go back")),
        }
    }
}
