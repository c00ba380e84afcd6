//! What an earlier run left under the names of this one: its manifest says which files were its own.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use crate::deliver::Folder;

/// Bytes of the largest manifest that is read for this; a larger one is left unread.
const MAX_MANIFEST_BYTES: u64 = 64 << 20;

#[derive(Deserialize)]
struct Manifest {
    content: Content,
}

#[derive(Deserialize)]
struct Content {
    outputs: Vec<Output>,
}

#[derive(Deserialize)]
struct Output {
    file: String,
}

/// The files, as paths for people, that the manifest called `manifest` in `folder` lists, that are still there, and that are
/// not among `replaced`: names in the folder, or whole paths of files elsewhere.
pub(crate) fn left_over(folder: &Folder, manifest: &str, replaced: &BTreeSet<String>) -> Vec<String> {
    let Some(bytes) = folder.read(manifest, MAX_MANIFEST_BYTES) else { return Vec::new() };
    let Ok(earlier) = serde_json::from_slice::<Manifest>(&bytes) else { return Vec::new() };
    let files: BTreeSet<String> = earlier.content.outputs.into_iter().map(|output| output.file).collect();
    let is_there = |file: &str| match file.contains('/') {
        true => Path::new(file).is_absolute() && std::fs::symlink_metadata(file).is_ok(),
        false => folder.has(file),
    };
    let left = files.into_iter().filter(|file| !replaced.contains(file) && is_there(file));
    left.map(|file| if file.contains('/') { file } else { folder.path_of(&file).display().to_string() }).collect()
}
