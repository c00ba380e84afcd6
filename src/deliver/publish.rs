//! Publishes a set of finished files at once, its manifest last. A failure on the way puts back what was there before, except
//! on a file system that cannot swap two names: what was replaced there is gone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::deliver::folder::{Exchange, FileId};
use crate::deliver::staged::{Finished, Staged, Unfinished};
use crate::deliver::{Folder, RunFiles, failure, name};
use crate::error::{Error, Result};

/// The outputs of one run: names them, stages them, publishes them.
#[derive(Debug)]
pub struct Delivery {
    run: RunFiles,
    inputs: Vec<FileId>,
    folders: Vec<(PathBuf, Arc<Folder>)>,
    names: Vec<(Arc<Folder>, String)>,
    /// Unfinished files of dead runs that were removed.
    pub cleared: usize,
}

impl Delivery {
    /// A delivery of `run` that never replaces one of `inputs`.
    pub fn new(run: &RunFiles, inputs: Vec<FileId>) -> Self {
        Self { run: run.clone(), inputs, folders: Vec::new(), names: Vec::new(), cleared: 0 }
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

    fn folder(&mut self, path: &Path) -> Result<Arc<Folder>> {
        if let Some((_, folder)) = self.folders.iter().find(|(known, _)| known == path) {
            return Ok(Arc::clone(folder));
        }
        let folder = Folder::open(path)?;
        let known = self.folders.iter().find(|(_, known)| known.identity() == folder.identity());
        let folder = match known {
            Some((_, known)) => Arc::clone(known),
            None => {
                self.cleared += folder.clear_stale();
                Arc::new(folder)
            }
        };
        self.folders.push((path.to_path_buf(), Arc::clone(&folder)));
        Ok(folder)
    }

    /// Publishes `files`, then `manifest`, then removes `obsolete` (names that this run was to have and does not need).
    /// Readers trust only what the manifest lists. A signal waits for the end of this.
    ///
    /// # Errors
    /// What the system refused; everything is then as it was, as far as the file system can swap two names.
    pub fn publish(self, files: Vec<Finished>, manifest: Option<Finished>, obsolete: Option<(Arc<Folder>, String)>) -> Result<()> {
        let _locks: Vec<_> = self.folders.iter().map(|(_, folder)| folder.lock()).collect();
        let mut state = self.run.lock();
        let mut placed = Vec::new();
        let outcome = place_all(&files, &self.inputs, &mut placed).and_then(|()| place_all(manifest.as_slice(), &self.inputs, &mut placed));
        if let Err(error) = outcome {
            for (file, exchange) in placed.into_iter().rev() {
                file.folder.rollback(&file.unfinished, &file.name, exchange);
            }
            return Err(error);
        }
        for (file, exchange) in &placed {
            if *exchange == Exchange::Swapped {
                file.folder.remove(&file.unfinished);
            }
        }
        if let Some((folder, name)) = obsolete {
            folder.remove(&name);
        }
        state.unfinished.retain(|(_, name)| placed.iter().all(|(file, _)| file.unfinished != *name));
        state.published = true;
        Ok(())
    }
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
