//! Folders and patterns of files as inputs: which files they stand for, in the order of their names, and which are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use glob::MatchOptions;

use crate::domain::note::Note;
use crate::domain::text::{counted, first_few};
use crate::error::{Error, Result, system_words};
use crate::source::SOURCES;
use crate::source::input::{Input, Member};
use crate::source::redact::printable;

/// Endings of files that some program is still writing or has left behind.
const UNFINISHED: [&str; 9] = [".crdownload", ".part", ".partial", ".filepart", ".download", ".tmp", ".swp", ".bak", "~"];
/// Endings of compressed files, behind the ending of what is in them.
const COMPRESSED: [&str; 3] = [".gz", ".zst", ".zstd"];
/// What a file's column has where a folder's name says that its key has no value.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";
/// How a manifest of ours ends.
const MANIFEST: &str = ".manifest.json";
/// Bytes of the largest file that is looked at as a manifest.
const MAX_MANIFEST_BYTES: u64 = 16 << 20;
/// Names that a note lists; it counts the others.
const MAX_LISTED: usize = 10;
/// Folders within folders, at most.
const MAX_DEPTH: usize = 32;

/// Why a file of a folder is no input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Skipped {
    Hidden,
    Unfinished,
    Ours,
    Unknown,
    Folder,
}

impl Skipped {
    const fn words(self) -> &'static str {
        match self {
            Self::Hidden => "hidden files skipped",
            Self::Unfinished => "files skipped that are not finished, by their names",
            Self::Ours => "reports and manifests of earlier runs skipped",
            Self::Unknown => "files skipped whose names do not end like an input",
            Self::Folder => "folders within it skipped",
        }
    }
}

/// The files that `inputs` stand for, each folder and pattern replaced by its files, and what to note of those left out.
///
/// # Errors
/// [`Error::no_input`] for a pattern that no file matches and a folder without a file to read; what the system says of a
/// folder that cannot be listed.
pub fn expand(inputs: Vec<Input>) -> Result<(Vec<Input>, Vec<Note>)> {
    let (mut expanded, mut notes) = (Vec::with_capacity(inputs.len()), Vec::new());
    for input in inputs {
        let Input::File(path) = &input else {
            expanded.push(input);
            continue;
        };
        let mut found = Found::default();
        let is_there = fs::symlink_metadata(path).is_ok();
        if path.is_dir() {
            found.add_folder(path, 0)?;
        } else if let Some(pattern) = path.to_str().filter(|pattern| !is_there && is_pattern(pattern)) {
            found.add_matches(pattern)?;
        } else {
            expanded.push(input);
            continue;
        }
        let place = printable(&path.display().to_string());
        let base = base(path);
        notes.extend(found.notes(&place, &base));
        if found.files.is_empty() {
            return Err(Error::no_input(place, found.nothing(), "check the path, or name the files"));
        }
        expanded.extend(found.files.into_iter().map(|file| Input::Member(Box::new(member(file, &base)))));
    }
    Ok((expanded, notes))
}

/// Whether a path has letters that stand for others.
fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// The folder below which a file's name is told from others: a folder itself, else what stands before a pattern's first
/// letter that stands for others.
fn base(path: &Path) -> PathBuf {
    let plain = |part: &&OsStr| part.to_str().is_none_or(|part| !is_pattern(part));
    if path.is_dir() { path.to_path_buf() } else { path.iter().take_while(plain).collect() }
}

fn member(path: PathBuf, base: &Path) -> Member {
    let name = path.strip_prefix(base).unwrap_or(&path).to_string_lossy().into_owned();
    let mut keys: Vec<(String, String)> = Vec::new();
    for folder in path.ancestors().skip(1) {
        let Some((key, value)) = folder.file_name().and_then(key_of) else { break };
        keys.push((key, value));
    }
    keys.reverse();
    Member { path, name, keys }
}

/// The key and the value that the name of a folder says: `account=A-7`, with what is percent-encoded in it decoded.
fn key_of(name: &OsStr) -> Option<(String, String)> {
    let (key, value) = name.to_str()?.split_once('=').filter(|(key, _)| !key.is_empty())?;
    let value = if value == NO_VALUE { String::new() } else { decoded(value) };
    Some((decoded(key), value))
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escape = (*first == b'%').then(|| behind.get(..2).and_then(|digits| hex::decode(digits).ok())).flatten();
        rest = match escape {
            Some(byte) => {
                bytes.extend(byte);
                &behind[2..]
            }
            None => {
                bytes.push(*first);
                behind
            }
        };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// The files of a folder or pattern.
#[derive(Default)]
struct Found {
    files: BTreeSet<PathBuf>,
    skipped: BTreeMap<Skipped, BTreeSet<PathBuf>>,
    /// Files that a manifest beside them lists.
    ours: BTreeMap<PathBuf, BTreeSet<String>>,
}

impl Found {
    /// The files of a folder, and those of the folders within it whose names are a key and a value.
    fn add_folder(&mut self, folder: &Path, depth: usize) -> Result<()> {
        let place = || printable(&folder.display().to_string());
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::PermissionDenied => {
                Error::permission(place(), "permission denied", "it must be readable by the user who runs this").with_cause(error)
            }
            _ => Error::input_output(place(), format!("cannot be listed: {}", system_words(&error)), "check the path").with_cause(error),
        };
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let is_key = path.file_name().is_some_and(|name| key_of(name).is_some());
            match path.is_dir() {
                true if is_key && depth < MAX_DEPTH => self.add_folder(&path, depth + 1)?,
                true if is_hidden(&path) => self.skip(Skipped::Hidden, path),
                true => self.skip(Skipped::Folder, path),
                false => self.add_file(path, true),
            }
        }
        Ok(())
    }

    /// The files that `pattern` matches.
    fn add_matches(&mut self, pattern: &str) -> Result<()> {
        let options = MatchOptions { require_literal_separator: true, require_literal_leading_dot: true, ..MatchOptions::new() };
        let place = || printable(pattern);
        let wrong = |error: &glob::PatternError| {
            Error::no_input(place(), format!("no such file, and not a pattern of names ({})", error.msg), "check the path")
        };
        // A pattern that says itself how the names end asks for just these.
        let names_endings = pattern.rsplit(['*', '?', ']']).next().is_some_and(|end| end.contains('.'));
        for path in glob::glob_with(pattern, options).map_err(|error| wrong(&error))? {
            let path = path.map_err(|error| {
                let folder = printable(&error.path().display().to_string());
                Error::permission(folder, "permission denied", "it must be readable by the user who runs this")
            })?;
            match path.is_dir() {
                true if path.file_name().is_some_and(|name| key_of(name).is_some()) => self.add_folder(&path, 1)?,
                true => self.skip(Skipped::Folder, path),
                false => self.add_file(path, !names_endings),
            }
        }
        Ok(())
    }

    fn add_file(&mut self, path: PathBuf, by_ending: bool) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if is_hidden(&path) {
            self.skip(Skipped::Hidden, path);
        } else if UNFINISHED.iter().any(|ending| name.ends_with(ending)) {
            self.skip(Skipped::Unfinished, path);
        } else if self.is_ours(&path) {
            self.skip(Skipped::Ours, path);
        } else if by_ending && !ends_like_an_input(&name) || !path.is_file() {
            self.skip(Skipped::Unknown, path);
        } else {
            self.files.insert(path);
        }
    }

    fn skip(&mut self, why: Skipped, path: PathBuf) {
        self.skipped.entry(why).or_default().insert(path);
    }

    /// Whether a file is a manifest of ours, or one that a manifest beside it lists.
    fn is_ours(&mut self, path: &Path) -> bool {
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let listed = self.ours.entry(folder).or_insert_with_key(|folder| outputs(folder));
        path.file_name().is_some_and(|name| listed.contains(name.to_string_lossy().as_ref()))
    }

    /// A note for each reason for which files were left out.
    fn notes(&self, place: &str, base: &Path) -> Vec<Note> {
        let note = |(why, paths): (&Skipped, &BTreeSet<PathBuf>)| {
            let name = |path: &PathBuf| format!("'{}'", printable(&path.strip_prefix(base).unwrap_or(path).to_string_lossy()));
            let names: Vec<String> = paths.iter().map(name).collect();
            Note::from(format!("{place}: {}: {}", why.words(), first_few(&names, MAX_LISTED, ", ")))
        };
        self.skipped.iter().map(note).collect()
    }

    /// Why there is nothing to read.
    fn nothing(&self) -> String {
        match self.skipped.values().map(BTreeSet::len).sum::<usize>() {
            0 => "there is no file".to_owned(),
            skipped => format!("there is no file to read; {} skipped: {}", counted(skipped as u64, "entry"), self.reasons()),
        }
    }

    fn reasons(&self) -> String {
        self.skipped.keys().map(|why| why.words()).collect::<Vec<_>>().join(", ")
    }
}

/// Hidden by its name, or by what programs that write folders of data call what is none.
fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| matches!(name.as_encoded_bytes().first(), Some(b'.' | b'_')))
}

/// Whether a name, in lower case, ends as those of inputs do.
fn ends_like_an_input(name: &str) -> bool {
    let inner = COMPRESSED.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    SOURCES.iter().flat_map(|source| source.endings()).any(|ending| inner.ends_with(ending))
}

/// The manifests of earlier runs in a folder, and the files that they list.
fn outputs(folder: &Path) -> BTreeSet<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut ours = BTreeSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(MANIFEST) || entry.metadata().is_ok_and(|data| data.len() > MAX_MANIFEST_BYTES) {
            continue;
        }
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let Some(listed) = manifest["content"]["outputs"].as_array() else { continue };
        ours.insert(name);
        let names = listed.iter().filter_map(|output| Path::new(output["file"].as_str()?).file_name());
        ours.extend(names.map(|name| name.to_string_lossy().into_owned()));
    }
    ours
}
