//! A private tree of folders in which thousands of files are made before any is published: as few are open as are being
//! written, one request makes all of them durable, and a folder that is new goes to its place in one step.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::FlockOperation;

use crate::deliver::folder::{Exchange, FileId};
use crate::deliver::output_writer::OutputWriter;
use crate::deliver::staged::read_back;
use crate::deliver::{Folder, RunFiles, failure, name};
use crate::error::{Error, Place, Result};

/// Names tried before giving up.
const MAX_ATTEMPTS: usize = 100;

/// A private folder, and the folders in it. Dropped, it is removed with all that was not published.
#[derive(Debug)]
pub struct Tree {
    /// The folder that it is in, and that its folders are to be in.
    pub home: Arc<Folder>,
    inside: Folder,
    unfinished: String,
    run: RunFiles,
    /// The names of its folders, in lower case.
    names: Mutex<BTreeSet<String>>,
    /// Holds the lock that tells other runs this one lives.
    _lock: File,
}

/// A folder of a tree.
#[derive(Debug)]
pub struct Branch {
    folder: Folder,
    /// Where it is to be, for people.
    place: PathBuf,
}

/// A file of a branch: written, read back and found to be what was written.
#[derive(Debug)]
pub struct BranchFile {
    /// Where it is to be.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// What was done to publish a name: a whole folder, or, in a folder that was there before, a file.
#[derive(Debug)]
pub(crate) struct Move {
    folder: Option<String>,
    name: String,
    how: Moved,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    To(Exchange),
    /// From its place into the tree, with which it goes.
    Away,
}

impl Tree {
    /// Makes an empty tree in `home`.
    ///
    /// # Errors
    /// What [`failure`] makes of the system's refusal.
    pub fn create(home: &Arc<Folder>, run: &RunFiles) -> Result<Self> {
        let mut state = run.lock();
        for _ in 0..MAX_ATTEMPTS {
            state.created += 1;
            let unfinished = Folder::unfinished(&run.id, state.created);
            let refused = |error: io::Error| failure(&home.path_of(&unfinished), "the folder cannot be created", &error);
            let folder = match home.make(&unfinished) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made.map_err(refused)?,
            };
            state.unfinished.push((Arc::clone(home), unfinished.clone()));
            let lock = home.enter(&unfinished).map_err(refused)?;
            // Where the file system has no locks nobody can say who is alive, and nothing is cleared away.
            let _ = rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive);
            let inside = home.within(&unfinished, folder);
            return Ok(Self { home: Arc::clone(home), inside, unfinished, run: run.clone(), names: Mutex::default(), _lock: lock });
        }
        Err(Error::cannot_create(
            Place::path(&home.path_of("")),
            "no name is free for an unfinished folder",
            "remove .portstatus-*.tmp there",
        ))
    }

    /// Makes the folder `name` in the tree.
    ///
    /// # Errors
    /// [`Error::internal`] when there is one of this name; a name that is none, and what the system refused.
    pub fn branch(&self, name: &str) -> Result<Branch> {
        name::check(name)?;
        if !self.names().insert(name.to_lowercase()) {
            return Err(Error::internal("outputs", format!("two folders would be called '{name}'")));
        }
        let place = self.home.path_of(name);
        let folder = self.inside.make(name).map_err(|error| failure(&place, "the folder cannot be created", &error))?;
        Ok(Branch { folder: self.inside.within(name, folder), place })
    }

    /// Where it is until it is published.
    pub fn path(&self) -> PathBuf {
        self.home.path_of(&self.unfinished)
    }

    /// The folder `name` in the tree.
    pub(crate) fn enter(&self, name: &str) -> io::Result<Folder> {
        Ok(self.inside.within(name, self.inside.enter(name)?))
    }

    /// Moves the folder `name` of the tree, which is durable then, to its place, where nothing has that name, in one step. A signal
    /// waits for the end of this. The rest of the tree goes.
    ///
    /// # Errors
    /// What the system refused.
    pub fn publish(self, name: &str) -> Result<()> {
        self.sync()?;
        let mut state = self.run.lock();
        let refused = |error: io::Error| failure(&self.home.path_of(name), "the folder cannot be published", &error);
        self.inside.move_to(name, &self.home).map_err(refused)?;
        state.published = true;
        self.home.sync().map_err(refused)
    }

    fn names(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes everything in the tree durable.
    ///
    /// # Errors
    /// [`Error::input_output`] when the disk refused; it is never asked again, since the system may have forgotten the failure.
    pub(crate) fn sync(&self) -> Result<()> {
        self.inside.sync_all().map_err(|error| failure(&self.home.path_of(""), "the files cannot be made durable", &error))
    }

    /// Gives every folder of the tree its place and notes what was done in `moves`. In a folder that is there already files
    /// take the place of those of their names, and those called `obsolete` that this run does not have are taken away.
    ///
    /// # Errors
    /// What the system refused, and a name that something unfit has.
    pub(crate) fn place(&self, inputs: &[FileId], obsolete: &[String], moves: &mut Vec<Move>) -> Result<()> {
        let refused = |name: &str, error: io::Error| failure(&self.home.path_of(name), "the folder cannot be published", &error);
        let mut names = self.inside.list().map_err(|error| refused("", error))?;
        names.sort();
        for name in names {
            if !self.home.has(&name) {
                match self.inside.move_to(&name, &self.home) {
                    // Somebody took the name meanwhile.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    moved => {
                        moved.map_err(|error| refused(&name, error))?;
                        moves.push(Move { folder: None, name, how: Moved::To(Exchange::Placed) });
                        continue;
                    }
                }
            }
            let (from, to) = self.pair(&name).map_err(|error| refused(&name, error))?;
            merge(&name, &from, &to, (inputs, obsolete), moves)?;
            to.sync().map_err(|error| refused(&name, error))?;
        }
        self.home.sync().map_err(|error| refused("", error))
    }

    /// The folder `name` of the tree, and that of its place.
    fn pair(&self, name: &str) -> io::Result<(Folder, Folder)> {
        Ok((self.inside.within(name, self.inside.enter(name)?), self.home.within(name, self.home.enter(name)?)))
    }

    /// Takes `moves` back, the last first; the paths of what is gone for good.
    pub(crate) fn take_back(&self, moves: Vec<Move>) -> Vec<String> {
        let take_back = |Move { folder, name, how }: &Move| -> io::Result<()> {
            let Some(folder) = folder else { return self.home.move_to(name, &self.inside) };
            let (from, to) = self.pair(folder)?;
            match how {
                Moved::To(Exchange::Placed) => to.move_to(name, &from),
                Moved::To(Exchange::Swapped) => from.swap_with(name, &to),
                Moved::To(Exchange::Replaced) => Err(io::ErrorKind::Unsupported.into()),
                Moved::Away => from.move_to(name, &to),
            }
        };
        let path = |Move { folder, name, .. }: &Move| match folder {
            Some(folder) => self.home.path_of(folder).join(name).display().to_string(),
            None => self.home.path_of(name).display().to_string(),
        };
        moves.iter().rev().filter(|made| take_back(made).is_err()).map(path).collect()
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        self.run.discard(&self.home, &self.unfinished);
    }
}

/// Puts the files of `from`, called `folder`, in place of those of their names in `to`.
fn merge(folder: &str, from: &Folder, to: &Folder, (inputs, obsolete): (&[FileId], &[String]), moves: &mut Vec<Move>) -> Result<()> {
    let refused = |name: &str, error: io::Error| failure(&to.path_of(name), "the file cannot be published", &error);
    let mut names = from.list().map_err(|error| refused("", error))?;
    names.sort();
    for name in obsolete.iter().filter(|name| !names.contains(name) && to.has(name)) {
        to.refuse_unfit(name, inputs)?;
        to.move_to(name, from).map_err(|error| refused(name, error))?;
        moves.push(Move { folder: Some(folder.to_owned()), name: name.clone(), how: Moved::Away });
    }
    for name in names {
        to.refuse_unfit(&name, inputs)?;
        let how = match to.has(&name) {
            false => from.move_to(&name, to).map(|()| Exchange::Placed),
            true => from.swap_with(&name, to).map(|()| Exchange::Swapped),
        };
        let how = Moved::To(how.map_err(|error| refused(&name, error))?);
        moves.push(Move { folder: Some(folder.to_owned()), name, how });
    }
    Ok(())
}

impl Branch {
    /// Writes the file `name` (mode 0600), reads it back, compares it with what was written, and has it looked at by `check`.
    /// It is durable once the tree is.
    ///
    /// # Errors
    /// Those of `write` and `check`; [`Error::input_output`] when the disk refused or returned something else.
    pub fn write<T>(
        &self,
        name: &str,
        write: impl FnOnce(&mut OutputWriter) -> Result<T>,
        check: impl FnOnce(&mut File, &T) -> Result<()>,
    ) -> Result<(T, BranchFile)> {
        name::check(name)?;
        let path = self.place.join(name);
        let created = self.folder.create(name).map_err(|error| failure(&path, "the file cannot be created", &error))?;
        let file = created.ok_or_else(|| Error::internal("outputs", format!("two files would be called '{name}'")))?;
        let mut writer = OutputWriter::new(file, path.clone());
        let written = write(&mut writer).map_err(|error| writer.cause(error))?;
        let (mut file, bytes, sha256) = writer.finish()?;
        let read = read_back(&mut file).map_err(|error| failure(&path, "the file cannot be read back", &error))?;
        if read != (bytes, sha256.clone()) {
            let what = "what was read back is not what was written";
            return Err(Error::input_output(Place::path(&path), what, "check the disk and run it again"));
        }
        check(&mut file, &written)?;
        Ok((written, BranchFile { path, bytes, sha256 }))
    }
}
