//! A file on disk that is read block by block, and never held whole.

use std::fs::File;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::source::input::{Input, ReadOptions};
use crate::source::open::{cannot_read, changed, fill, mark};
use crate::source::orders::FileDigest;
use crate::source::redact::printable;

/// A file, as far as it was read.
pub struct Blocks<'a> {
    file: File,
    path: &'a Path,
    /// What tells its content from another.
    mark: (u64, u64, u64, i64, i64),
    hash: Sha256,
}

impl<'a> Blocks<'a> {
    /// The file of an input, if it is one on disk of so many bytes at the least, and of no more than `options` allow. One that
    /// cannot be opened is told of when it is read whole.
    pub fn open(input: &'a Input, options: &ReadOptions, least: u64) -> Option<Self> {
        let path = match input {
            Input::File(path) => path,
            Input::Member(member) => &member.path,
            Input::Standard | Input::Sqlite(_) | Input::Server(_) | Input::Odbc(_) => return None,
        };
        let file = File::open(path).ok()?;
        let metadata = file.metadata().ok()?;
        let is_long = metadata.is_file() && (least..=options.limits.inflated_bytes).contains(&metadata.len());
        is_long.then(|| Self { file, path, mark: mark(&metadata), hash: Sha256::new() })
    }

    /// Adds so many bytes to `buffer`, fewer at the end of the file.
    ///
    /// # Errors
    /// A read that fails.
    pub fn read(&mut self, buffer: &mut Vec<u8>, bytes: usize) -> Result<usize> {
        let before = buffer.len();
        buffer.resize(before + bytes, 0);
        let read = fill(&mut self.file, &mut buffer[before..]).map_err(|error| cannot_read(&self.place(), error))?;
        buffer.truncate(before + read);
        Ok(read)
    }

    /// Takes these bytes into the hash of the file; they are the next ones.
    pub fn hash(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// The size and hash of the file, all bytes of which were hashed.
    ///
    /// # Errors
    /// It changed while it was read.
    pub fn digest(self) -> Result<FileDigest> {
        let is_same = |metadata: std::io::Result<std::fs::Metadata>| metadata.is_ok_and(|metadata| mark(&metadata) == self.mark);
        if !is_same(self.file.metadata()) || !is_same(std::fs::metadata(self.path)) {
            return Err(changed(&self.place()));
        }
        Ok(FileDigest { bytes: self.mark.2, sha256: hex::encode(self.hash.finalize()) })
    }

    fn place(&self) -> String {
        printable(&self.path.display().to_string())
    }
}
