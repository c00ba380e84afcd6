//! A folder for outputs, opened once: every later step names files below its descriptor, so nobody can swap the path. It follows no link.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat};
use rustix::io::{Errno, retry_on_intr};

use crate::deliver::failure;
use crate::deliver::lock::{self, Attempt};
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

    pub(crate) fn descriptor(&self) -> &File {
        &self.descriptor
    }

    /// Whether this run made it.
    pub(crate) fn is_new(&self) -> bool {
        !self.made.is_empty()
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
        let file: File = match retry_on_intr(|| rustix::fs::openat(&self.descriptor, name, flags, Mode::RUSR | Mode::WUSR)) {
            Ok(descriptor) => descriptor.into(),
            Err(Errno::EXIST) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Another run may take it for stale until it is locked, and removes it under that lock. A file system without locks
        // cannot say who is alive; its stale files stay, which is safe.
        let cleared = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK);
        if cleared || file.metadata()?.nlink() == 0 {
            self.remove(name);
            return Ok(None);
        }
        Ok(Some(file))
    }

    /// Swaps `new` under the name `name`: the file that had it, if any, is then called `new`. One step: the name is never free.
    pub(crate) fn exchange(&self, new: &str, name: &str) -> io::Result<Exchange> {
        if !self.has(name) {
            match self.rename(new, name) {
                // Somebody took the name meanwhile.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                renamed => return renamed.map(|()| Exchange::Placed),
            }
        }
        match self.swap(new, name) {
            Ok(()) => Ok(Exchange::Swapped),
            // This file system cannot swap: the old file is replaced instead, in one step all the same.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOENT) => {
                retry_on_intr(|| rustix::fs::renameat(&self.descriptor, new, &self.descriptor, name))?;
                Ok(Exchange::Replaced)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn swap(&self, new: &str, name: &str) -> std::result::Result<(), Errno> {
        self.exchange_with(new, self, name)
    }

    fn exchange_with(&self, new: &str, target: &Self, name: &str) -> std::result::Result<(), Errno> {
        retry_on_intr(|| rustix::fs::renameat_with(&self.descriptor, new, &target.descriptor, name, RenameFlags::EXCHANGE))
    }

    /// Gives the file called `old` the name `new`, which nothing has.
    pub(crate) fn rename(&self, old: &str, new: &str) -> io::Result<()> {
        self.rename_to(old, self, new)
    }

    /// Gives what is called `old` the name `new` in `target`, which nothing has there.
    fn rename_to(&self, old: &str, target: &Self, new: &str) -> io::Result<()> {
        match retry_on_intr(|| rustix::fs::renameat_with(&self.descriptor, old, &target.descriptor, new, RenameFlags::NOREPLACE)) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) if !target.has(new) => {
                Ok(retry_on_intr(|| rustix::fs::renameat(&self.descriptor, old, &target.descriptor, new))?)
            }
            renamed => Ok(renamed?),
        }
    }

    /// Takes back an [`exchange`](Self::exchange), and says whether that worked.
    pub(crate) fn rollback(&self, new: &str, name: &str, exchange: Exchange) -> bool {
        match exchange {
            Exchange::Swapped => self.swap(new, name).is_ok(),
            Exchange::Placed => self.rename(name, new).is_ok(),
            Exchange::Replaced => false,
        }
    }

    /// Removes `name`, with everything in it if it is a folder, if it is there, and says whether it is gone.
    pub(crate) fn remove(&self, name: &str) -> bool {
        match retry_on_intr(|| rustix::fs::unlinkat(&self.descriptor, name, AtFlags::empty())) {
            Ok(()) | Err(Errno::NOENT) => true,
            Err(Errno::ISDIR | Errno::PERM) => self.remove_folder(name),
            Err(_) => false,
        }
    }

    /// Removes the folder `name`, which no link leads to, with everything in it.
    fn remove_folder(&self, name: &str) -> bool {
        let is_folder =
            self.stat(name).is_ok_and(|stat| stat.is_some_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory));
        // Below the descriptor, wherever the folder's own path points by now.
        let below = format!("/proc/self/fd/{}/{name}", self.descriptor.as_raw_fd());
        is_folder && (std::fs::remove_dir_all(below).is_ok() || !self.has(name))
    }

    /// Makes the folder `name` (mode 0700) and opens it.
    pub(crate) fn make(&self, name: &str) -> io::Result<File> {
        retry_on_intr(|| rustix::fs::mkdirat(&self.descriptor, name, Mode::RWXU))?;
        self.enter(name)
    }

    /// Opens the folder `name`, which is no link.
    pub(crate) fn enter(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(retry_on_intr(|| rustix::fs::openat(&self.descriptor, name, flags, Mode::empty())).map(File::from)?)
    }

    /// A folder that is open already, called `name` in this one.
    pub(crate) fn within(&self, name: &str, descriptor: File) -> Self {
        Self { descriptor, path: self.path.join(name), made: Vec::new() }
    }

    /// Makes durable all that was written to the file system of this folder.
    pub(crate) fn sync_all(&self) -> io::Result<()> {
        Ok(retry_on_intr(|| rustix::fs::syncfs(&self.descriptor))?)
    }

    /// Moves `name` to `target`, where nothing has that name.
    pub(crate) fn move_to(&self, name: &str, target: &Self) -> io::Result<()> {
        self.rename_to(name, target, name)
    }

    /// Swaps `name` with what is called so in `target`; one step for both names.
    pub(crate) fn swap_with(&self, name: &str, target: &Self) -> io::Result<()> {
        Ok(self.exchange_with(name, target, name)?)
    }

    /// The names of everything in the folder, in no order.
    pub(crate) fn list(&self) -> io::Result<Vec<String>> {
        let entries = Dir::read_from(&self.descriptor)?;
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<io::Result<Vec<String>>>()?;
        Ok(names.into_iter().filter(|name| name != "." && name != "..").collect())
    }

    /// Whether anything is called `name` here.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.stat(name).is_ok_and(|stat| stat.is_some())
    }

    /// The plain file `name`, opened for reading, if it is there and can be read.
    pub(crate) fn open_plain(&self, name: &str) -> Option<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file: File = retry_on_intr(|| rustix::fs::openat(&self.descriptor, name, flags, Mode::empty())).ok()?.into();
        file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some(file)
    }

    /// The plain file `name`, if it is there, can be read, and has at most `most` bytes.
    pub(crate) fn read(&self, name: &str, most: u64) -> Option<Vec<u8>> {
        let file = self.open_plain(name)?;
        file.metadata().ok().filter(|data| data.len() <= most)?;
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Makes the names in this folder durable, and those of the folders that were made for it.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.made.iter().try_for_each(CreatedDir::sync)?;
        Ok(safe_open::sync(&self.descriptor)?)
    }

    /// Waits until no other run is publishing here. The lock ends with the guard; there is none where the file system has no locks.
    ///
    /// # Errors
    /// [`Error::try_later`] that names who is, when it takes too long.
    pub(crate) fn lock(&self) -> Result<Option<File>> {
        lock::wait(&self.path, || self.reopened())
    }

    /// The folder, opened anew: a lock belongs to one opening.
    fn reopened(&self) -> Option<File> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        retry_on_intr(|| rustix::fs::openat(&self.descriptor, ".", flags, Mode::empty())).ok().map(File::from)
    }

    /// The name of unfinished file `number` of run `run`.
    pub(crate) fn unfinished(run: &str, number: u64) -> String {
        format!("{UNFINISHED}{run}-{number}{ENDING}")
    }

    /// Removes the unfinished files of runs that have ended, and says how many, unless another run is publishing here just
    /// now. A live run holds a lock on each of its own.
    ///
    /// # Errors
    /// [`Error::try_later`] when the folder is locked by a process that waits for this one.
    pub(crate) fn clear_stale(&self) -> Result<usize> {
        let Some(folder) = self.reopened() else { return Ok(0) };
        // Files that are being put in place of others stand here without a lock of their own.
        let _lock = match lock::attempt(folder) {
            Attempt::Held(lock) => lock,
            Attempt::Taken(holder) => return holder.refuse_if_ours(&self.path).map(|()| 0),
        };
        let Ok(entries) = Dir::read_from(&self.descriptor) else { return Ok(0) };
        let names = entries.flatten().filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned));
        let stale: Vec<String> = names.filter(|name| name.starts_with(UNFINISHED) && name.ends_with(ENDING)).collect();
        Ok(stale.iter().filter(|name| self.remove_if_dead(name)).count())
    }

    /// Removes the unfinished file `name` if it is ours and nobody holds its lock, which is held until it is gone: a run that
    /// has made the file and not yet locked it sees that and makes another.
    fn remove_if_dead(&self, name: &str) -> bool {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let Ok(file) = retry_on_intr(|| rustix::fs::openat(&self.descriptor, name, flags, Mode::empty())) else {
            return false;
        };
        let is_ours = rustix::fs::fstat(&file).is_ok_and(|stat| {
            matches!(FileType::from_raw_mode(stat.st_mode), FileType::RegularFile | FileType::Directory)
                && stat.st_uid == rustix::process::geteuid().as_raw()
        });
        is_ours && rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() && self.remove(name)
    }

    fn stat(&self, name: &str) -> Result<Option<Stat>> {
        match retry_on_intr(|| rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW)) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(failure(&self.path_of(name), "the output cannot be inspected", &error.into())),
        }
    }

    /// Lets everybody look into the folders this run made.
    pub(crate) fn open_to_all(&self) -> io::Result<()> {
        Ok(self.made.iter().try_for_each(CreatedDir::open_to_all)?)
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

/// The identity of an open `stream`, such as standard input, if it is a plain file.
pub fn stream_id(stream: impl AsFd) -> Option<FileId> {
    let stat = rustix::fs::fstat(stream).ok()?;
    (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile).then_some((stat.st_dev, stat.st_ino))
}
