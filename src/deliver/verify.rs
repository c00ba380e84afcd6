//! Compares what a manifest lists with the files that are there: each is read again, and its size and hash are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;
use rustix::fs::{CWD, Dir, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::deliver::earlier::MANIFEST_ENDING;
use crate::deliver::manifest::SCHEMA;
use crate::deliver::output_writer::BUFFER_SIZE;
use crate::deliver::staged::digest;
use crate::error::{Error, Place, Result, system_words};

/// Bytes of the largest manifest that is read.
const MAX_MANIFEST_BYTES: u64 = 1 << 30;

/// What a manifest lists, as far as it is compared.
#[derive(Deserialize)]
struct Manifest {
    content: Content,
    content_sha256: String,
}

#[derive(Deserialize)]
struct Content {
    schema: u32,
    outputs: Vec<Output>,
}

#[derive(Deserialize)]
struct Output {
    file: String,
    bytes: u64,
    sha256: String,
}

/// What came of comparing one manifest.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// The manifest.
    pub manifest: PathBuf,
    /// What is wrong with the manifest itself; nothing it lists was compared then.
    pub fault: Option<String>,
    /// The files that it lists.
    pub files: Vec<VerifiedFile>,
    /// Files beside those listed that look like theirs.
    pub unlisted: Vec<String>,
}

/// What came of comparing one file.
#[derive(Debug, Clone, Serialize)]
pub struct VerifiedFile {
    /// As the manifest lists it.
    pub file: String,
    /// What is wrong with it.
    pub fault: Option<String>,
}

impl Verified {
    /// How many things are wrong.
    pub fn faults(&self) -> usize {
        usize::from(self.fault.is_some()) + self.files.iter().filter(|file| file.fault.is_some()).count()
    }
}

/// The manifests that `place` stands for: itself, or all those in a folder, by name.
///
/// # Errors
/// [`Error::no_input`] when there is none.
pub fn manifests(place: &Path) -> Result<Vec<PathBuf>> {
    let none = |what: String, help: &str| Error::no_input(place.display().to_string(), what, help);
    let data = place.metadata().map_err(|error| none(system_words(&error), "name the folder of a run, or a manifest").with_cause(error))?;
    if !data.is_dir() {
        return Ok(vec![place.to_path_buf()]);
    }
    let entries =
        std::fs::read_dir(place).map_err(|error| none(system_words(&error), "name a folder that can be read").with_cause(error))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name().is_some_and(|name| name.as_bytes().ends_with(MANIFEST_ENDING.as_bytes()) && !name.as_bytes().starts_with(b"."))
        })
        .collect();
    found.sort();
    if found.is_empty() {
        return Err(none("has no manifest".to_owned(), "name the folder of a run, or a manifest"));
    }
    Ok(found)
}

/// Compares the files that the manifest at `path` lists with those that are there. Files listed by their whole path, which lie
/// elsewhere, are only compared `with_elsewhere`: somebody who can change a manifest could have any file read.
///
/// # Errors
/// [`Error::no_input`] when there is no such manifest.
pub fn verify(path: &Path, with_elsewhere: bool) -> Result<Verified> {
    let home = path.parent().filter(|home| !home.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default();
    let gone = |error: Errno| {
        let error = std::io::Error::from(error);
        Error::no_input(Place::from(path.display().to_string()), system_words(&error), "name the folder of a run, or a manifest")
            .with_cause(error)
    };
    let folder = retry_on_intr(|| rustix::fs::openat(CWD, home, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()))
        .map_err(gone)?;
    let mut made = Verified { manifest: path.to_path_buf(), fault: None, files: Vec::new(), unlisted: Vec::new() };
    let outputs = match open_file(&folder, name).map_err(|error| told(&error)).and_then(read_manifest) {
        Ok(outputs) => outputs,
        Err(fault) => return Ok(Verified { fault: Some(fault), ..made }),
    };
    let mut seen = BTreeSet::new();
    let is_first: Vec<bool> = outputs.iter().map(|output| seen.insert(output.file.as_str())).collect();
    let compared = |(output, is_first): (&Output, &bool)| {
        let fault = if *is_first { compare(&folder, output, with_elsewhere).err() } else { Some("is listed twice".to_owned()) };
        VerifiedFile { file: output.file.clone(), fault }
    };
    made.files = outputs.par_iter().zip(&is_first).map(compared).collect();
    made.unlisted = unlisted(&folder, name, &seen);
    Ok(made)
}

/// The outputs of the manifest in `file`, if it is whole.
fn read_manifest(file: File) -> std::result::Result<Vec<Output>, String> {
    let mut text = String::new();
    file.take(MAX_MANIFEST_BYTES).read_to_string(&mut text).map_err(|error| told(&error))?;
    let Manifest { content, content_sha256 } = serde_json::from_str(&text).map_err(|_| "is not a manifest, or is cut off".to_owned())?;
    // Its content is hashed as the run wrote it, whose order of keys only the text has.
    let text = compact(&text);
    let hashed = text.strip_prefix("{\"content\":").and_then(|text| Some(text.split_once(",\"content_sha256\":\"")?.0));
    if hashed.is_none_or(|hashed| digest(hashed.as_bytes()) != content_sha256) {
        return Err("was changed: its content is not what its own hash says".to_owned());
    }
    if content.schema > SCHEMA {
        return Err(format!("was written by a newer version (layout {}, and this one knows {SCHEMA})", content.schema));
    }
    Ok(content.outputs)
}

/// JSON without the white space between its tokens, as it was hashed.
fn compact(json: &str) -> String {
    let (mut is_text, mut is_escaped) = (false, false);
    let keep = |letter: &char| {
        let is_kept = is_text || !letter.is_ascii_whitespace();
        match (is_escaped, *letter) {
            (true, _) => is_escaped = false,
            (_, '\\') => is_escaped = is_text,
            (_, '"') => is_text = !is_text,
            _ => {}
        }
        is_kept
    };
    json.chars().filter(keep).collect()
}

/// Says what is wrong with the file that `output` lists.
fn compare(folder: &OwnedFd, output: &Output, with_elsewhere: bool) -> std::result::Result<(), String> {
    let path = Path::new(&output.file);
    let is_within = path.components().all(|part| matches!(part, Component::Normal(_))) && !output.file.is_empty();
    let file = if is_within {
        open_within(folder, path)
    } else if path.is_absolute() && path.components().all(|part| matches!(part, Component::Normal(_) | Component::RootDir)) {
        if !with_elsewhere {
            return Err("lies elsewhere, and was not looked at".to_owned());
        }
        open_file(CWD, path)
    } else {
        return Err("is no path of a file that a run writes, and was not looked at".to_owned());
    };
    let mut file = file.map_err(|error| told(&error))?;
    let bytes = file.metadata().map_err(|error| told(&error))?.len();
    if bytes != output.bytes {
        return Err(format!("has {bytes} bytes, and {} are listed", output.bytes));
    }
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; BUFFER_SIZE]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(told(&error)),
        }
    }
    if hex::encode(hash.finalize()) == output.sha256.to_lowercase() { Ok(()) } else { Err("has another SHA-256 than is listed".to_owned()) }
}

/// Opens the file at `path` below `folder`, which follows no link on the way.
fn open_within(folder: &OwnedFd, path: &Path) -> std::io::Result<File> {
    let mut parts: Vec<&OsStr> = path.iter().collect();
    let name = parts.pop().unwrap_or_default();
    let mut here = rustix::io::fcntl_dupfd_cloexec(folder, 0)?;
    for part in parts {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        here = retry_on_intr(|| rustix::fs::openat(&here, part, flags, Mode::empty()))?;
    }
    open_file(&here, name)
}

/// Opens a plain file, which is no link.
fn open_file(folder: impl std::os::fd::AsFd, name: impl AsRef<Path>) -> std::io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file: File = retry_on_intr(|| rustix::fs::openat(folder.as_fd(), name.as_ref(), flags, Mode::empty()))?.into();
    if file.metadata()?.is_file() { Ok(file) } else { Err(std::io::Error::other("is not a plain file")) }
}

fn told(error: &std::io::Error) -> String {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NOENT | Errno::NOTDIR) => "is missing".to_owned(),
        Some(Errno::LOOP) => "is a symbolic link, and was not looked at".to_owned(),
        Some(_) => format!("cannot be read: {}", system_words(error)),
        None if error.kind() == std::io::ErrorKind::InvalidData => "is not a manifest, or is damaged".to_owned(),
        None => error.to_string(),
    }
}

/// Files that are not among `listed`: those beside the manifest called `name` that begin as it does, and all in the folders that
/// hold listed files.
fn unlisted(folder: &OwnedFd, name: &OsStr, listed: &BTreeSet<&str>) -> Vec<String> {
    let stem = name.as_bytes().strip_suffix(&MANIFEST_ENDING.as_bytes()[1..]).unwrap_or(b"\0");
    let mut folders: BTreeMap<&Path, BTreeSet<&OsStr>> = BTreeMap::from([(Path::new(""), BTreeSet::new())]);
    for path in listed.iter().map(|file| Path::new(*file)).filter(|path| path.components().all(|part| matches!(part, Component::Normal(_))))
    {
        folders.entry(path.parent().unwrap_or(Path::new(""))).or_default().extend(path.file_name());
    }
    let mut found = Vec::new();
    for (path, known) in folders {
        let is_home = path.as_os_str().is_empty();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let Ok(entries) = rustix::fs::openat(folder, if is_home { Path::new(".") } else { path }, flags, Mode::empty()).and_then(Dir::new)
        else {
            continue;
        };
        for entry in entries.flatten() {
            let entry_name = entry.file_name().to_bytes();
            let is_theirs = if is_home { entry_name.starts_with(stem) } else { !matches!(entry_name, b"." | b"..") };
            let entry_name = OsStr::from_bytes(entry_name);
            if is_theirs && !known.contains(entry_name) && !(is_home && entry_name == name) {
                found.push(path.join(entry_name).display().to_string());
            }
        }
    }
    found.sort();
    found
}
