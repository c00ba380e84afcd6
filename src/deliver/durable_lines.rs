//! A file that grows by lines, each of which is durable before anything else is done; lines of several threads become so together.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;
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
    /// How many lines were written.
    written: Mutex<u64>,
    /// How many of them are durable.
    durable: Mutex<u64>,
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

    /// Adds `line`, which has no line end, and returns once it is durable.
    ///
    /// # Errors
    /// What the system refused.
    pub(crate) fn add(&self, line: &str) -> Result<()> {
        let refused = |error: io::Error| failure(&self.path, &format!("the {} cannot be written", self.name), &error);
        let own = {
            let mut written = locked(&self.written);
            (&self.file).write_all(format!("{line}\n").as_bytes()).map_err(refused)?;
            *written += 1;
            *written
        };
        let mut durable = locked(&self.durable);
        if *durable < own {
            let all = *locked(&self.written);
            self.file.sync_data().map_err(refused)?;
            *durable = all;
        }
        Ok(())
    }
}

fn locked(count: &Mutex<u64>) -> MutexGuard<'_, u64> {
    count.lock().unwrap_or_else(PoisonError::into_inner)
}
