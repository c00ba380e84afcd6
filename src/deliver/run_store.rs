//! A folder of runs: each run is a folder in it that came there in one step, and a link leads to the latest.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::deliver::output_writer::OutputWriter;
use crate::deliver::{Folder, RunFiles, Staged, Tree, failure};
use crate::error::{Error, Place, Result, system_words};

/// The file that whoever starts a run locks. It is never removed: a lock on a file that is gone would keep nobody out.
const LOCK: &str = ".lock";
/// The link to the latest run.
const LATEST: &str = "latest";
/// Bytes of the largest file of a run that is read.
const MAX_BYTES: u64 = 1 << 30;

/// A folder of runs.
#[derive(Debug, Clone)]
pub struct RunStore {
    folder: Arc<Folder>,
    path: PathBuf,
}

/// Keeps other runs out as long as it lives.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

/// A run: a folder that is whole.
#[derive(Debug)]
pub struct StoredRun {
    /// Its name in the folder of runs.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    folder: Arc<Folder>,
}

impl RunStore {
    /// Opens the folder of runs at `path`, which is made if it is not there.
    ///
    /// # Errors
    /// What the folder is refused for.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { folder: Arc::new(Folder::open(path)?), path: path.to_path_buf() })
    }

    /// Opens the folder of runs at `path`, if it is there.
    ///
    /// # Errors
    /// [`Error::no_input`] when it is not.
    pub fn existing(path: &Path) -> Result<Self> {
        let data = path.metadata().map_err(|error| {
            Error::no_input(Place::path(path), system_words(&error), "name the history folder of a job").with_cause(error)
        })?;
        if !data.is_dir() {
            return Err(Error::no_input(Place::path(path), "is not a folder", "name the history folder of a job"));
        }
        Self::open(path)
    }

    /// Whether nothing is in it but its lock.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn is_empty(&self) -> Result<bool> {
        let names = self.folder.list().map_err(|error| failure(&self.path, "the folder cannot be read", &error))?;
        Ok(names.iter().all(|name| name == LOCK))
    }

    /// Keeps all other runs out of this folder.
    ///
    /// # Errors
    /// [`Error::try_later`] that names the process of the run that is under way, at once.
    pub fn lock(&self) -> Result<RunLock> {
        let path = self.path.join(LOCK);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file: File = self.folder.open_in(LOCK, flags).map_err(|error| failure(&path, "the lock cannot be opened", &error))?;
        match retry_on_intr(|| rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)) {
            Ok(()) => {
                let text = format!("process {}\n", std::process::id());
                // Who it is only helps whoever is kept out.
                let _ = file.set_len(0).and_then(|()| Ok(rustix::io::pwrite(&file, text.as_bytes(), 0)?));
                Ok(RunLock { _file: file })
            }
            Err(Errno::WOULDBLOCK) => {
                let holder = self.folder.read(LOCK, 4096).map(|text| String::from_utf8_lossy(&text).trim().to_owned());
                let since = file.metadata().ok().map(|data| {
                    let at = chrono::DateTime::from_timestamp(data.mtime(), 0).unwrap_or_default();
                    format!(" since {}", at.format("%Y-%m-%dT%H:%M:%SZ"))
                });
                let who = holder.filter(|who| !who.is_empty()).map(|who| format!(" ({who}{})", since.unwrap_or_default()));
                let what = format!("another run of this job is under way{}", who.unwrap_or_default());
                Err(Error::try_later(Place::path(&self.path), what, "start it again when that one has ended"))
            }
            Err(error) => Err(failure(&path, "the folder of runs cannot be locked", &error.into())),
        }
    }

    /// Clears away what dead runs left unfinished.
    ///
    /// # Errors
    /// What the system refused.
    pub fn clear_stale(&self) -> Result<()> {
        self.folder.clear_stale().map(drop)
    }

    /// Makes the private folder of a new run.
    ///
    /// # Errors
    /// What the system refused.
    pub fn begin(&self, run: &RunFiles) -> Result<Tree> {
        Tree::create(&self.folder, run)
    }

    /// The runs, by name, the earliest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>> {
        let refused = |error: io::Error| failure(&self.path, "the folder of runs cannot be read", &error);
        let mut names = self.folder.list().map_err(refused)?;
        names.retain(|name| !name.starts_with('.') && name != LATEST && self.folder.enter(name).is_ok());
        names.sort();
        Ok(names)
    }

    /// The run called `name`.
    ///
    /// # Errors
    /// [`Error::no_input`] when there is none.
    pub fn run(&self, name: &str) -> Result<StoredRun> {
        let path = self.path.join(name);
        let opened = self.folder.enter(name).map_err(|error| {
            Error::no_input(Place::path(&path), system_words(&error), "'portstatus history list' names the runs").with_cause(error)
        })?;
        Ok(StoredRun { name: name.to_owned(), path, folder: Arc::new(self.folder.within(name, opened)) })
    }

    /// The run whose folder is at `path`, which may be a link such as the one to the latest.
    ///
    /// # Errors
    /// [`Error::no_input`] when there is none.
    pub fn run_at(path: &Path) -> Result<StoredRun> {
        let none = || Error::no_input(Place::path(path), "is not the folder of a run", "'portstatus history list' names the runs");
        let whole = path.canonicalize().map_err(|error| none().with_cause(error))?;
        let (folder, name) = whole.parent().zip(whole.file_name().and_then(|name| name.to_str())).ok_or_else(none)?;
        Self::existing(folder)?.run(name)
    }

    /// The run called `name` that is being made in `tree`.
    ///
    /// # Errors
    /// What the system refused.
    pub fn unfinished(tree: &Tree, name: &str) -> Result<StoredRun> {
        let path = tree.path().join(name);
        let folder = tree.enter(name).map_err(|error| failure(&path, "the folder cannot be opened", &error))?;
        Ok(StoredRun { name: name.to_owned(), path, folder: Arc::new(folder) })
    }

    /// Has the link to the latest run lead to the one called `name`, in one step.
    ///
    /// # Errors
    /// What the system refused.
    pub fn set_latest(&self, name: &str, run: &RunFiles) -> Result<()> {
        let path = self.path.join(LATEST);
        let new = Folder::unfinished(&run.id, 0);
        self.folder.remove(&new);
        let linked = self.folder.link(name, &new).and_then(|()| self.folder.replace(&new, LATEST)).and_then(|()| self.folder.sync());
        linked.map_err(|error| failure(&path, "the link to the latest run cannot be set", &error))
    }

    /// Removes the run called `name` in one step: it is gone, whatever happens to its files then.
    ///
    /// # Errors
    /// What the system refused.
    pub fn remove(&self, name: &str, run: &RunFiles) -> Result<()> {
        let gone = format!("{}-{name}", run.id);
        let unfinished = Folder::unfinished(&gone, 0);
        let refused = |error: io::Error| failure(&self.path.join(name), "the run cannot be removed", &error);
        self.folder.rename(name, &unfinished).map_err(refused)?;
        if self.folder.remove(&unfinished) { Ok(()) } else { Err(refused(io::ErrorKind::PermissionDenied.into())) }
    }
}

impl StoredRun {
    /// The folder at `path`, which is made if it is not there, as one whose files are read and replaced as those of a run are.
    ///
    /// # Errors
    /// What the folder is refused for.
    pub fn in_folder(path: &Path) -> Result<Self> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        Ok(Self { name, path: path.to_path_buf(), folder: Arc::new(Folder::open(path)?) })
    }

    /// The file called `name`, if it is there.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.folder.read(name, MAX_BYTES)
    }

    /// Opens the file called `name` for reading.
    ///
    /// # Errors
    /// [`Error::no_input`] when it is not there.
    pub fn open(&self, name: &str) -> Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        self.folder.open_in(name, flags).map_err(|error| {
            Error::no_input(Place::path(&self.path.join(name)), system_words(&error), "name another run").with_cause(error)
        })
    }

    /// Opens the file called `name` for appending; it is made (mode 0600) if it is not there.
    ///
    /// # Errors
    /// What the system refused.
    pub fn open_for_appending(&self, name: &str) -> Result<File> {
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let path = self.path.join(name);
        let file = self.folder.open_in(name, flags).map_err(|error| failure(&path, "the file cannot be opened", &error))?;
        self.folder.sync().map_err(|error| failure(&path, "the folder cannot be made durable", &error))?;
        Ok(file)
    }

    /// Puts a file with these `bytes` under the name `name`, whole, in place of the one that has it.
    ///
    /// # Errors
    /// What the system refused.
    pub fn replace(&self, name: &str, bytes: &[u8], run: &RunFiles) -> Result<()> {
        self.write(name, run, |out| io::Write::write_all(out, bytes).map_err(|error| Error::unwritten("run", error)))
    }

    /// Puts what `write` writes under the name `name`, whole, in place of the file that has it.
    ///
    /// # Errors
    /// Those of `write`; what the system refused.
    pub fn write(&self, name: &str, run: &RunFiles, write: impl FnOnce(&mut OutputWriter) -> Result<()>) -> Result<()> {
        let mut staged = Staged::create(&self.folder, name, run)?;
        write(&mut staged.writer).map_err(|error| staged.writer.cause(error))?;
        let finished = staged.finish()?;
        let _state = run.lock();
        let placed = self.folder.replace(&finished.target.unfinished, name).and_then(|()| self.folder.sync());
        placed.map_err(|error| failure(&self.path.join(name), "the file cannot be published", &error))
    }
}

impl Folder {
    /// Opens the file `name` in this folder; a new one has mode 0600.
    pub(crate) fn open_in(&self, name: &str, flags: OFlags) -> io::Result<File> {
        Ok(retry_on_intr(|| rustix::fs::openat(self.descriptor(), name, flags, Mode::RUSR | Mode::WUSR)).map(File::from)?)
    }

    /// Makes the symbolic link `name` to `target`, which is in this folder.
    fn link(&self, target: &str, name: &str) -> io::Result<()> {
        Ok(retry_on_intr(|| rustix::fs::symlinkat(target, self.descriptor(), name))?)
    }

    /// Gives `new` the name `name`, whatever had it.
    fn replace(&self, new: &str, name: &str) -> io::Result<()> {
        if retry_on_intr(|| rustix::fs::statat(self.descriptor(), name, AtFlags::SYMLINK_NOFOLLOW))
            .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::Directory)
        {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(retry_on_intr(|| rustix::fs::renameat(self.descriptor(), new, self.descriptor(), name))?)
    }
}
