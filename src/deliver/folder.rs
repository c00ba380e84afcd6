//! A folder for outputs, opened once: every later step names files below its descriptor, so nobody can swap the path. It follows no link.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat};
use rustix::io::Errno;

use crate::deliver::failure;
use crate::deliver::safe_open::{self, CreatedDir};
use crate::error::{Error, Place, Result};

/// How the name of an unfinished file begins; the rest is the run's id and a number.
const UNFINISHED: &str = ".portstatus-";
/// How the name of an unfinished file ends.
const ENDING: &str = ".tmp";

/// What a file is, wherever its name points: device and inode.
pub type FileId = (u64, u64);

/// A folder that outputs go to.
#[derive(Debug)]
pub struct Folder {
    descriptor: File,
    path: PathBuf,
    made: Vec<CreatedDir>,
}

impl Folder {
    /// Opens the folder at `path`; makes it (mode 0700), and its parents, when it does not exist.
    ///
    /// # Errors
    /// [`Error::cannot_create`] when a part of the path is a file or another user's link, [`Error::permission`] when one
    /// may not be entered.
    pub fn open(path: &Path) -> Result<Self> {
        let (descriptor, made) = safe_open::open(path)?;
        Ok(Self { descriptor, path: path.to_path_buf(), made })
    }

    /// The path of `name` in this folder, for people.
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Which folder it is, whatever path led to it.
    pub(crate) fn identity(&self) -> Option<FileId> {
        self.descriptor.metadata().ok().map(|data| (data.dev(), data.ino()))
    }

    /// Refuses `name` as an output when a link, a folder, a device or one of the `inputs` has that name now.
    ///
    /// # Errors
    /// [`Error::cannot_create`]; [`Error::usage`] for an input.
    pub fn refuse_unfit(&self, name: &str, inputs: &[FileId]) -> Result<()> {
        let Some(stat) = self.stat(name)? else { return Ok(()) };
        let path = self.path_of(name);
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile if inputs.contains(&(stat.st_dev, stat.st_ino)) => {
                return Err(Error::usage(Place::path(&path), "is an input of this run", "name another output"));
            }
            FileType::RegularFile => return Ok(()),
            FileType::Symlink => "is a symbolic link",
            FileType::Directory => "is a folder",
            _ => "is a device, a pipe or a socket",
        };
        Err(Error::cannot_create(Place::path(&path), kind, "an output replaces plain files only; remove it or name another place"))
    }

    /// Makes the new file `name` for reading and writing (mode 0600), and locks it for as long as it is open.
    /// `None` when the name is taken, or was cleared away before the lock held.
    pub(crate) fn create(&self, name: &str) -> io::Result<Option<File>> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file: File = match rustix::fs::openat(&self.descriptor, name, flags, Mode::RUSR | Mode::WUSR) {
            Ok(descriptor) => descriptor.into(),
            Err(Errno::EXIST) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // A file system without locks cannot say who is alive; its stale files stay, which is safe.
        let cleared = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK);
        if cleared || file.metadata()?.nlink() == 0 {
            self.remove(name);
            return Ok(None);
        }
        Ok(Some(file))
    }

    /// Swaps `new` under the name `name`: the file that had it, if any, is then called `new`. One step: the name is never free.
    pub(crate) fn exchange(&self, new: &str, name: &str) -> io::Result<Exchange> {
        let is_taken = self.stat(name).is_ok_and(|stat| stat.is_some());
        if is_taken {
            match rustix::fs::renameat_with(&self.descriptor, new, &self.descriptor, name, RenameFlags::EXCHANGE) {
                Ok(()) => return Ok(Exchange::Swapped),
                // This file system cannot swap: the old file is replaced instead, in one step all the same.
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
        rustix::fs::renameat(&self.descriptor, new, &self.descriptor, name)?;
        Ok(if is_taken { Exchange::Replaced } else { Exchange::Placed })
    }

    /// Takes back an [`exchange`](Self::exchange), as far as it can be.
    pub(crate) fn rollback(&self, new: &str, name: &str, exchange: Exchange) {
        let _ = match exchange {
            Exchange::Swapped => rustix::fs::renameat_with(&self.descriptor, new, &self.descriptor, name, RenameFlags::EXCHANGE),
            Exchange::Placed => rustix::fs::renameat(&self.descriptor, name, &self.descriptor, new),
            Exchange::Replaced => Ok(()),
        };
    }

    /// Removes `name` if it is there.
    pub(crate) fn remove(&self, name: &str) {
        let _ = rustix::fs::unlinkat(&self.descriptor, name, AtFlags::empty());
    }

    /// Makes the names in this folder durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.descriptor)?)
    }

    /// Waits until no other run is publishing here. The lock ends with the guard.
    pub(crate) fn lock(&self) -> Option<File> {
        let guard = rustix::fs::openat(&self.descriptor, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()?;
        rustix::fs::flock(&guard, FlockOperation::LockExclusive).ok()?;
        Some(guard.into())
    }

    /// The name of unfinished file `number` of run `run`.
    pub(crate) fn unfinished(run: &str, number: u64) -> String {
        format!("{UNFINISHED}{run}-{number}{ENDING}")
    }

    /// Removes the unfinished files of runs that have ended, and says how many. A live run holds a lock on each of its own.
    pub(crate) fn clear_stale(&self) -> usize {
        let Ok(entries) = Dir::read_from(&self.descriptor) else { return 0 };
        let names = entries.flatten().filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned));
        let stale: Vec<String> =
            names.filter(|name| name.starts_with(UNFINISHED) && name.ends_with(ENDING) && self.is_dead(name)).collect();
        stale.iter().for_each(|name| self.remove(name));
        stale.len()
    }

    fn is_dead(&self, name: &str) -> bool {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let Ok(file) = rustix::fs::openat(&self.descriptor, name, flags, Mode::empty()) else {
            return false;
        };
        let ours = rustix::fs::fstat(&file).is_ok_and(|stat| {
            FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile && stat.st_uid == rustix::process::geteuid().as_raw()
        });
        ours && rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
    }

    fn stat(&self, name: &str) -> Result<Option<Stat>> {
        match rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(failure(&self.path_of(name), "the output cannot be inspected", &error.into())),
        }
    }

    /// Removes the folders this run made, unless something is in them.
    pub(crate) fn remove_if_made_and_empty(&self) {
        self.made.iter().for_each(CreatedDir::remove_if_empty);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.remove_if_made_and_empty();
    }
}

/// How a new file came under its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// The name was free.
    Placed,
    /// The old file now has the new one's former name.
    Swapped,
    /// The old file is gone.
    Replaced,
}

/// The identities of `paths` that exist, links followed.
pub fn file_ids<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Vec<FileId> {
    paths.into_iter().filter_map(|path| std::fs::metadata(path).ok()).map(|data| (data.dev(), data.ino())).collect()
}
