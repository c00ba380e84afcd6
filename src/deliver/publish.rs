//! Publishes a set of finished files at once: the manifest of the earlier run goes first, the new one comes last. A failure on
//! the way puts back what was there before, except on a file system that cannot swap two names: what was replaced there is
//! gone, and the error says so.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::deliver::earlier::left_over;
use crate::deliver::folder::{Exchange, FileId};
use crate::deliver::run_files::State;
use crate::deliver::staged::{Finished, Staged, Unfinished};
use crate::deliver::{Folder, RunFiles, Tree, failure, name};
use crate::error::{Error, Result};

/// The outputs of one run: names them, stages them, publishes them.
#[derive(Debug)]
pub struct Delivery {
    run: RunFiles,
    inputs: Vec<FileId>,
    folders: Vec<(PathBuf, Arc<Folder>)>,
    names: Vec<(Arc<Folder>, String)>,
    /// The locks of the folders, once they are held.
    locks: Option<Vec<File>>,
    /// Unfinished files of dead runs that were removed.
    pub cleared: usize,
}

impl Delivery {
    /// A delivery of `run` that never replaces one of `inputs`.
    pub fn new(run: &RunFiles, inputs: Vec<FileId>) -> Self {
        Self { run: run.clone(), inputs, folders: Vec::new(), names: Vec::new(), locks: None, cleared: 0 }
    }

    /// Stages `name` in the folder at `path`, opening (or making) the folder on first use and clearing what dead runs left in it.
    ///
    /// # Errors
    /// The folder's, the name's, and [`crate::error::Error::cannot_create`] when something unfit has the name.
    pub fn stage(&mut self, path: &Path, name: &str) -> Result<Staged> {
        name::check(name)?;
        let folder = self.folder(path)?;
        let lower = name.to_lowercase();
        let is_twin = |known: &&(Arc<Folder>, String)| Arc::ptr_eq(&known.0, &folder) && known.1.to_lowercase() == lower;
        if let Some((_, known)) = self.names.iter().find(is_twin) {
            let what = format!("'{}' and '{}' would be one file", name.min(known), name.max(known));
            return Err(Error::usage("outputs", what, "give them different names"));
        }
        folder.refuse_unfit(name, &self.inputs)?;
        self.names.push((Arc::clone(&folder), name.to_owned()));
        Staged::create(&folder, name, &self.run)
    }

    /// Makes a private tree of folders in the folder at `path`, which is opened (or made) as for [`stage`](Self::stage).
    ///
    /// # Errors
    /// The folder's, and what the system refused.
    pub fn tree(&mut self, path: &Path) -> Result<Tree> {
        let folder = self.folder(path)?;
        Tree::create(&folder, &self.run)
    }

    /// The folders that did not exist before, as they were named.
    pub fn new_folders(&self) -> Vec<String> {
        self.folders.iter().filter(|(_, folder)| folder.is_new()).map(|(path, _)| path.display().to_string()).collect()
    }

    /// Opens (or makes) the folder at `path`, which is cleared of what dead runs left only if this `is_first` of many deliveries
    /// to it: whoever makes thousands need not look through it each time.
    ///
    /// # Errors
    /// The folder's.
    pub fn enter(&mut self, path: &Path, is_first: bool) -> Result<Arc<Folder>> {
        let folder = Arc::new(Folder::open(path)?);
        if is_first {
            self.cleared += folder.clear_stale()?;
        }
        self.folders.push((path.to_path_buf(), Arc::clone(&folder)));
        Ok(folder)
    }

    fn folder(&mut self, path: &Path) -> Result<Arc<Folder>> {
        if let Some((_, folder)) = self.folders.iter().find(|(known, _)| known == path) {
            return Ok(Arc::clone(folder));
        }
        let folder = Folder::open(path)?;
        let known = self.folders.iter().find(|(_, known)| known.identity() == folder.identity());
        let folder = match known {
            Some((_, known)) => Arc::clone(known),
            None => {
                self.cleared += folder.clear_stale()?;
                Arc::new(folder)
            }
        };
        self.folders.push((path.to_path_buf(), Arc::clone(&folder)));
        Ok(folder)
    }

    /// Waits until no other run is publishing in the folders of this one, each of them locked once and in an order that all
    /// runs keep, and keeps others from it as long as the delivery lives.
    ///
    /// # Errors
    /// [`Error::try_later`] that names who holds the lock of a folder for too long.
    pub fn lock(&mut self) -> Result<()> {
        if self.locks.is_some() {
            return Ok(());
        }
        let mut folders: Vec<&Arc<Folder>> = self.folders.iter().map(|(_, folder)| folder).collect();
        folders.sort_by_key(|folder| folder.identity());
        folders.dedup_by(|one, other| one.identity() == other.identity());
        let locks = folders.into_iter().filter_map(|folder| folder.lock().transpose()).collect::<Result<_>>()?;
        self.locks = Some(locks);
        Ok(())
    }

    /// The files, as paths, of an earlier run with the `manifest` of this name that none of `listed`, as the new one lists them,
    /// replaces.
    pub fn left_over<'a>(&self, listed: impl IntoIterator<Item = &'a str>, manifest: &Unfinished) -> Vec<String> {
        left_over(&manifest.folder, &manifest.name, &listed.into_iter().map(str::to_owned).collect())
    }

    /// Takes the earlier run's manifest away, and what is `obsolete` (names that this run was to have and does not need); publishes
    /// `files`, then `manifest`. Readers trust only what a manifest lists; while files are replaced there is none. A signal
    /// waits for the end of this.
    ///
    /// # Errors
    /// [`Error::try_later`] of [`lock`](Self::lock); what the system refused: everything is then as it was, as far as the file
    /// system can swap two names, and the error names what is not.
    pub fn publish(
        self,
        files: Vec<Finished>,
        manifest: Option<Finished>,
        obsolete: impl IntoIterator<Item = (Arc<Folder>, String)>,
    ) -> Result<()> {
        self.publish_tree(None, files, manifest, obsolete)
    }

    /// As [`publish`](Self::publish), with a tree of folders, whose files called as named there are obsolete unless the tree
    /// has them.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn publish_tree(
        mut self,
        tree: Option<(&Tree, &[String])>,
        files: Vec<Finished>,
        manifest: Option<Finished>,
        obsolete: impl IntoIterator<Item = (Arc<Folder>, String)>,
    ) -> Result<()> {
        self.lock()?;
        let mut state = self.run.lock();
        let (mut placed, mut aside, mut moves) = (Vec::new(), Vec::new(), Vec::new());
        let outcome = self
            .set_aside(manifest.as_ref(), obsolete, &mut state, &mut aside)
            .and_then(|()| place_all(&files, &self.inputs, &mut placed))
            .and_then(|()| tree.map_or(Ok(()), |(tree, obsolete)| tree.place(&self.inputs, obsolete, &mut moves)))
            .and_then(|()| place_all(manifest.as_slice(), &self.inputs, &mut placed));
        if let Err(error) = outcome {
            let gone = tree.map(|(tree, _)| tree.take_back(moves)).unwrap_or_default();
            return Err(take_back(error, (placed, gone), aside, &mut state));
        }
        for (file, _) in placed.iter().filter(|(_, exchange)| *exchange == Exchange::Swapped) {
            state.remove(&file.folder, &file.unfinished);
        }
        for aside in &aside {
            state.remove(&aside.folder, &aside.unfinished);
        }
        state.unfinished.retain(|(_, name)| placed.iter().all(|(file, _)| file.unfinished != *name));
        state.published = true;
        Ok(())
    }

    /// Takes the earlier run's manifest away, durably, before the first file that it lists is replaced, and what is `obsolete`.
    fn set_aside(
        &self,
        manifest: Option<&Finished>,
        obsolete: impl IntoIterator<Item = (Arc<Folder>, String)>,
        state: &mut State,
        aside: &mut Vec<Aside>,
    ) -> Result<()> {
        let manifest = manifest.map(|manifest| (Arc::clone(&manifest.target.folder), manifest.target.name.clone(), true));
        let obsolete = obsolete.into_iter().map(|(folder, name)| (folder, name, false));
        for (folder, name, is_manifest) in manifest.into_iter().chain(obsolete) {
            folder.refuse_unfit(&name, &self.inputs)?;
            if !folder.has(&name) {
                continue;
            }
            state.created += 1;
            let (path, unfinished) = (folder.path_of(&name), Folder::unfinished(&self.run.id, state.created));
            match folder.rename(&name, &unfinished) {
                Ok(()) => aside.push(Aside { folder: Arc::clone(&folder), name, unfinished, is_manifest }),
                Err(error) if is_manifest => return Err(failure(&path, "the manifest of the earlier run cannot be taken away", &error)),
                // The new manifest does not list it, and the run names it.
                Err(_) => state.left_as_is(path.clone()),
            }
            if is_manifest {
                folder.sync().map_err(|error| failure(&path, "the folder cannot be made durable", &error))?;
            }
        }
        Ok(())
    }
}

/// A file of the earlier run that was taken away under another name.
struct Aside {
    folder: Arc<Folder>,
    name: String,
    unfinished: String,
    is_manifest: bool,
}

/// The whole path of a file, by which a manifest lists what is not beside it.
pub fn place_of(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string()
}

/// Takes back what was `placed` (others are `gone`) and set `aside` before `error`, but for a manifest that lists a file which is gone.
fn take_back(error: Error, (placed, mut gone): (Vec<(&Unfinished, Exchange)>, Vec<String>), aside: Vec<Aside>, state: &mut State) -> Error {
    for (file, exchange) in placed.into_iter().rev() {
        if !file.folder.rollback(&file.unfinished, &file.name, exchange) {
            gone.push(file.path().display().to_string());
        }
    }
    for aside in aside {
        let path = aside.folder.path_of(&aside.name);
        if aside.is_manifest && !gone.is_empty() {
            state.remove(&aside.folder, &aside.unfinished);
            gone.push(format!("{} (removed, because it is not true any more)", path.display()));
        } else if aside.folder.rename(&aside.unfinished, &aside.name).is_err() {
            gone.push(path.display().to_string());
        }
    }
    if gone.is_empty() {
        return error;
    }
    error.with_help(format!("these were replaced and cannot be put back: {}; fix the cause and run it again", gone.join(", ")))
}

/// Gives each file its name, then makes the names durable.
fn place_all<'a>(files: &'a [Finished], inputs: &[FileId], placed: &mut Vec<(&'a Unfinished, Exchange)>) -> Result<()> {
    let files: Vec<&Unfinished> = files.iter().map(|file| &file.target).collect();
    for file in &files {
        file.folder.refuse_unfit(&file.name, inputs)?;
        let path = file.path();
        let exchange =
            file.folder.exchange(&file.unfinished, &file.name).map_err(|error| failure(&path, "the file cannot be published", &error))?;
        placed.push((file, exchange));
    }
    for (index, file) in files.iter().enumerate() {
        if files[..index].iter().all(|earlier| !Arc::ptr_eq(&earlier.folder, &file.folder)) {
            let path = file.path();
            file.folder.sync().map_err(|error| failure(&path, "the folder cannot be made durable", &error))?;
        }
    }
    Ok(())
}
