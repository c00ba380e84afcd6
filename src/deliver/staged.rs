//! An output while it is being written: a private file beside its final place. It is removed unless it is published.

use std::fs::{File, Permissions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::deliver::output_writer::{BUFFER_SIZE, OutputWriter};
use crate::deliver::{Folder, RunFiles, failure};
use crate::error::{Error, Place, Result};

/// Names tried before giving up.
const MAX_ATTEMPTS: usize = 100;

/// A file that is not published: its place, and the name it has until then. Dropped, it is removed.
#[derive(Debug)]
pub struct Unfinished {
    /// The folder it is in.
    pub folder: Arc<Folder>,
    /// The name it is to have.
    pub name: String,
    /// The name it has.
    pub(crate) unfinished: String,
    run: RunFiles,
}

/// A file being written.
#[derive(Debug)]
pub struct Staged {
    /// Which file it is.
    pub target: Unfinished,
    /// Where its content is written.
    pub writer: OutputWriter,
}

/// A finished file that waits to be published: synced, read back and found to be what was written.
#[derive(Debug)]
pub struct Finished {
    /// Which file it is.
    pub target: Unfinished,
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
    pub fn create(folder: &Arc<Folder>, name: &str, run: &RunFiles) -> Result<Self> {
        let path = folder.path_of(name);
        let mut state = run.lock();
        for _ in 0..MAX_ATTEMPTS {
            state.created += 1;
            let unfinished = Folder::unfinished(&run.id, state.created);
            let created = folder.create(&unfinished).map_err(|error| failure(&path, "the file cannot be created", &error))?;
            if let Some(file) = created {
                state.unfinished.push((Arc::clone(folder), unfinished.clone()));
                let target = Unfinished { folder: Arc::clone(folder), name: name.to_owned(), unfinished, run: run.clone() };
                return Ok(Self { target, writer: OutputWriter::new(file, path) });
            }
        }
        Err(Error::cannot_create(Place::path(&path), "no name is free for an unfinished file", "remove .portstatus-*.tmp there"))
    }

    /// Ends the writing: flushes, syncs, reads the file back and compares it with what was written.
    ///
    /// # Errors
    /// [`Error::input_output`] when the disk refused or returned something else. A failed sync is never tried again,
    /// because the system may have dropped the data and forgotten the failure.
    pub fn finish(self) -> Result<Finished> {
        let path = self.target.path();
        let (mut file, bytes, sha256) = self.writer.finish()?;
        file.sync_all().map_err(|error| failure(&path, "the file cannot be made durable", &error))?;
        let read = read_back(&mut file).map_err(|error| failure(&path, "the file cannot be read back", &error))?;
        if read != (bytes, sha256.clone()) {
            return Err(Error::input_output(
                Place::path(&path),
                "what was read back is not what was written",
                "check the disk and run it again",
            ));
        }
        Ok(Finished { target: self.target, bytes, sha256, _file: file })
    }

    /// As [`finish`](Self::finish), the file and the folders made for it then being for everybody to read: it holds nothing of
    /// anybody's data.
    ///
    /// # Errors
    /// Those of [`finish`](Self::finish), and a refusal to change who may read it.
    pub fn finish_public(self) -> Result<Finished> {
        let path = self.target.path();
        let finished = self.finish()?;
        let public = finished._file.set_permissions(Permissions::from_mode(0o644)).and_then(|()| finished.target.folder.open_to_all());
        public.map_err(|error| failure(&path, "the file cannot be made readable", &error))?;
        Ok(finished)
    }
}

impl Finished {
    /// The same file, to be read by whoever may read the one in whose place it comes, if there is one.
    ///
    /// # Errors
    /// A refusal to change who may read it.
    pub fn with_earlier_permissions(self) -> Result<Self> {
        let path = self.target.path();
        let earlier = std::fs::symlink_metadata(&path).ok().filter(std::fs::Metadata::is_file);
        let kept = earlier.map_or(Ok(()), |earlier| self._file.set_permissions(earlier.permissions()));
        kept.map_err(|error| failure(&path, "its permissions cannot be kept", &error))?;
        Ok(self)
    }
}

impl Unfinished {
    /// Where it is to be.
    pub fn path(&self) -> PathBuf {
        self.folder.path_of(&self.name)
    }

    /// Where it is until then.
    pub fn unfinished_path(&self) -> PathBuf {
        self.folder.path_of(&self.unfinished)
    }

    /// Another private file in the same folder, which is to be called `name`.
    ///
    /// # Errors
    /// As [`Staged::create`].
    pub fn beside(&self, name: &str) -> Result<Staged> {
        Staged::create(&self.folder, name, &self.run)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.run.discard(&self.folder, &self.unfinished);
    }
}

/// The size and SHA-256 of `file`, read from its start.
pub(crate) fn read_back(file: &mut File) -> io::Result<(u64, String)> {
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(BUFFER_SIZE);
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; size.clamp(1, BUFFER_SIZE)]);
    file.rewind()?;
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok((bytes, hex::encode(hash.finalize()))),
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
    hex::encode(Sha256::digest(bytes))
}
