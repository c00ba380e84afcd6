//! Turns the bytes read of each input into how far the reading of all of them is.

use std::sync::Mutex;

use crate::error::Result;
use crate::job::{Progress, Stage};
use crate::source::Input;

/// How far the reading of some inputs is.
pub struct ReadProgress<'a> {
    progress: &'a dyn Progress,
    /// Bytes of all inputs that are files.
    total: u64,
    /// Bytes of the inputs before this one, and of this one.
    read: Mutex<(u64, u64)>,
}

impl<'a> ReadProgress<'a> {
    /// A meter of `inputs`, nothing of them read yet.
    pub fn of(inputs: &[Input], progress: &'a dyn Progress) -> Self {
        let size = |input: &Input| input.path().and_then(|path| std::fs::metadata(path).ok()).map_or(0, |data| data.len());
        Self { progress, total: inputs.iter().map(size).sum(), read: Mutex::new((0, 0)) }
    }

    /// Is told how many bytes of an input were read so far; fewer than before means that the next input was begun.
    ///
    /// # Errors
    /// None; a signal ends the process by itself.
    pub fn read(&self, bytes: u64) -> Result<()> {
        if let Ok(mut read) = self.read.lock() {
            if bytes < read.1 {
                read.0 += read.1;
            }
            read.1 = bytes;
            self.progress.amount(Stage::Reading, read.0 + read.1, self.total);
        }
        Ok(())
    }
}
