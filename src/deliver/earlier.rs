//! Earlier runs, by their manifests: what one left under the names of this one, and where its files are that can be read again.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::deliver::Folder;
use crate::error::{Error, Place, Result, system_words};

/// How the name of a manifest ends.
pub const MANIFEST_ENDING: &str = ".manifest.json";

/// Bytes of the largest manifest that is read for this; a larger one is left unread.
const MAX_MANIFEST_BYTES: u64 = 64 << 20;

#[derive(Deserialize)]
struct Manifest {
    content: Content,
}

#[derive(Deserialize)]
struct Content {
    as_of: Option<String>,
    outputs: Vec<Output>,
}

#[derive(Deserialize)]
struct Output {
    file: String,
    #[serde(default)]
    format: String,
}

/// A run that has ended, as its manifest tells of it.
pub struct EarlierRun {
    /// The manifest.
    pub manifest: PathBuf,
    /// The instant that its report speaks of.
    pub as_of: DateTime<Utc>,
    outputs: Vec<Output>,
}

impl EarlierRun {
    /// The run whose manifest is the file at `path`.
    ///
    /// # Errors
    /// [`Error::no_input`] when there is none, [`Error::data`] for another file.
    pub fn read(path: &Path) -> Result<Self> {
        let place = || Place::path(path);
        let help = "name the .manifest.json that a run wrote";
        let bytes = std::fs::read(path).map_err(|error| Error::no_input(place(), system_words(&error), help).with_cause(error))?;
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|error| Error::data(place(), "is not a manifest of a run", help).with_cause(error))?;
        let as_of = manifest.content.as_of.as_deref().and_then(|as_of| DateTime::parse_from_rfc3339(as_of).ok());
        let as_of = as_of.ok_or_else(|| Error::data(place(), "does not say of which instant it speaks", help))?;
        Ok(Self { manifest: path.to_path_buf(), as_of: as_of.with_timezone(&Utc), outputs: manifest.content.outputs })
    }

    /// Of the runs in `folder` the newest, or the newest that speaks of an instant before `instant`. What only is called like a manifest is
    /// none.
    ///
    /// # Errors
    /// [`Error::no_input`] when the folder cannot be read.
    pub fn newest(folder: &Path, instant: Option<DateTime<Utc>>) -> Result<Option<Self>> {
        let refused =
            |error: std::io::Error| Error::no_input(Place::path(folder), system_words(&error), "name a folder of runs").with_cause(error);
        let paths = std::fs::read_dir(folder).map_err(refused)?.flatten().map(|entry| entry.path());
        let runs = paths.filter(|path| path.to_string_lossy().ends_with(MANIFEST_ENDING)).filter_map(|path| Self::read(&path).ok());
        let earlier = runs.filter(|run| instant.is_none_or(|instant| run.as_of < instant));
        Ok(earlier.max_by(|one, other| (one.as_of, &one.manifest).cmp(&(other.as_of, &other.manifest))))
    }

    /// The run that wrote `file`, if its manifest stands beside it and lists it.
    pub fn of_file(file: &Path) -> Option<Self> {
        let run = Self::read(&file.with_extension(&MANIFEST_ENDING[1..])).ok()?;
        let name = file.file_name()?.to_str()?;
        run.outputs.iter().any(|output| output.file == name).then_some(run)
    }

    /// The files of this format, by their names beside the manifest; those elsewhere are left out.
    pub fn files(&self, format: &str) -> Vec<PathBuf> {
        let is_here = |name: &Path| name.components().all(|part| matches!(part, Component::Normal(_)));
        let names = self.outputs.iter().filter(|output| output.format == format).map(|output| PathBuf::from(&output.file));
        names.filter(|name| is_here(name)).collect()
    }
}

/// The files, as paths for people, that the manifest called `manifest` in `folder` lists, that are still there, and that are
/// not among `replaced`: names in the folder, or whole paths of files elsewhere.
pub(crate) fn left_over(folder: &Folder, manifest: &str, replaced: &BTreeSet<String>) -> Vec<String> {
    let Some(bytes) = folder.read(manifest, MAX_MANIFEST_BYTES) else { return Vec::new() };
    let Ok(earlier) = serde_json::from_slice::<Manifest>(&bytes) else { return Vec::new() };
    let files: BTreeSet<String> = earlier.content.outputs.into_iter().map(|output| output.file).collect();
    let is_there = |file: &str| match file.starts_with('/') {
        true => std::fs::symlink_metadata(file).is_ok(),
        // Another folder's is none of this one's.
        false => Path::new(file).components().all(|part| matches!(part, Component::Normal(_))) && folder.has(file),
    };
    let left = files.into_iter().filter(|file| !replaced.contains(file) && is_there(file));
    left.map(|file| if file.starts_with('/') { file } else { folder.path_of(&file).display().to_string() }).collect()
}
