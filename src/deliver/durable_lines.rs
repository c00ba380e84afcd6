//! A file that grows by lines, each of which is durable before anything else is done; lines of several threads become so together.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::deliver::failure;
use crate::error::Result;

/// A file that grows by lines.
#[derive(Debug)]
pub(crate) struct DurableLines {
    file: File,
    path: PathBuf,
    /// What it is, for errors.
    name: &'static str,
    written: Mutex<Written>,
    /// How many lines are durable.
    durable: Mutex<u64>,
}

/// What is in the file of a run.
#[derive(Debug, Default)]
struct Written {
    /// How many lines.
    lines: u64,
    /// Whether the last one was cut off by a write that failed midway.
    is_torn: bool,
}

impl DurableLines {
    /// Goes on after what is in `file`, which is open for reading and appending and called `name` in errors.
    ///
    /// # Errors
    /// What the system refused.
    pub(crate) fn new(mut file: File, path: PathBuf, name: &'static str) -> Result<Self> {
        let refused = |error: io::Error| failure(&path, &format!("the {name} cannot be continued"), &error);
        let mut last = [b'\n'];
        if file.metadata().map_err(refused)?.len() > 0 {
            file.seek(io::SeekFrom::End(-1)).and_then(|_| file.read_exact(&mut last)).map_err(refused)?;
        }
        if last != [b'\n'] {
            // The line that a kill cut off stays alone.
            file.write_all(b"\n").map_err(refused)?;
        }
        Ok(Self { file, path, name, written: Mutex::default(), durable: Mutex::default() })
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether no name leads to the file any more, so that what is written to it is lost.
    ///
    /// # Errors
    /// What the system refused.
    pub(crate) fn is_deleted(&self) -> Result<bool> {
        let found = self.file.metadata().map_err(|error| failure(&self.path, &format!("the {} cannot be inspected", self.name), &error))?;
        Ok(found.nlink() == 0)
    }

    /// Adds `line`, which has no line end, and returns once it is durable.
    ///
    /// # Errors
    /// What the system refused.
    pub(crate) fn add(&self, line: &str) -> Result<()> {
        let refused = |error: io::Error| failure(&self.path, &format!("the {} cannot be written", self.name), &error);
        let own = {
            let mut written = locked(&self.written);
            // What was cut off stays alone.
            let begin = if written.is_torn { "\n" } else { "" };
            write_line(&self.file, format!("{begin}{line}\n").as_bytes(), &mut written.is_torn).map_err(refused)?;
            written.lines += 1;
            written.lines
        };
        let mut durable = locked(&self.durable);
        if *durable < own {
            let all = locked(&self.written).lines;
            self.file.sync_data().map_err(refused)?;
            *durable = all;
        }
        Ok(())
    }
}

/// Writes `bytes`, and tells in `is_torn` whether the file ends in the middle of a line then.
fn write_line(mut file: &File, bytes: &[u8], is_torn: &mut bool) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match file.write(&bytes[done..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                done += count;
                *is_torn = bytes[done - 1] != b'\n';
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
