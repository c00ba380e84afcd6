//! The names of outputs: made from the as-of date or given by the user, checked before anything is written.

use std::path::{Path, PathBuf};

use crate::clock::AsOf;
use crate::deliver::staged::digest;
use crate::error::{Error, Result};

/// The longest name a file system takes, in bytes.
const LONGEST: usize = 255;

/// What names of the outputs of a report begin with.
pub const REPORT: &str = "partner-port-status";

/// What every output as of `as_of` is called that begins with `name`, without its ending: `partner-port-status-2026-11-21`.
pub fn stem(name: &str, as_of: AsOf) -> String {
    format!("{name}-{}", as_of.date().format("%Y-%m-%d"))
}

/// Splits the path of an output file into its folder and its name.
///
/// # Errors
/// [`Error::usage`] when the path is `-`, does not end in a name, or the name is longer than 255 bytes.
pub fn split(path: &Path) -> Result<(PathBuf, String)> {
    let place = format!("'{}'", path.display());
    if place == "'-'" {
        return Err(Error::usage(place, "is not a place for this file", "name a file, or write ./- for one that is called so"));
    }
    let name = path.file_name().and_then(|name| name.to_str());
    let Some(name) = name.filter(|_| !place.ends_with("/'")) else {
        return Err(Error::usage(place, "is not the name of a file", "end it with a name such as report.xlsx"));
    };
    check(name)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok((folder.to_path_buf(), name.to_owned()))
}

/// Letters of a value that the name of its folder shows at most.
const MAX_SHOWN: usize = 48;
/// Digits of the hash in it: with thousands of values the chance that two agree is less than one in a million.
const HASH_DIGITS: usize = 12;

/// The name of the folder of `value`, which may be any text, made safe for every file system: its letters and digits, and a
/// hash of the whole value, so that values spelled alike do not meet.
pub fn folder_name(value: &str) -> String {
    let mut shown = String::new();
    for letter in value.chars() {
        match letter {
            letter if letter.is_alphanumeric() || (letter == '_' && !shown.is_empty()) => shown.push(letter),
            _ if shown.is_empty() || shown.ends_with('-') => {}
            _ => shown.push('-'),
        }
    }
    let shown: String = shown.chars().take(MAX_SHOWN).collect();
    let hash = digest(value.as_bytes());
    match shown.trim_end_matches(['-', '_']) {
        "" => format!("value-{}", &hash[..HASH_DIGITS]),
        shown => format!("{shown}-{}", &hash[..HASH_DIGITS]),
    }
}

/// Refuses what is not a plain file name.
///
/// # Errors
/// [`Error::usage`] when `name` is empty, longer than 255 bytes, a path, or holds control characters.
pub fn check(name: &str) -> Result<()> {
    let refuse = |what: &str| Err(Error::usage(format!("output name '{}'", name.escape_debug()), what, "choose a plain file name"));
    match name {
        "" | "." | ".." => refuse("is not a file name"),
        _ if name.len() > LONGEST => refuse("is longer than 255 bytes"),
        _ if name.contains(['/', '\\']) => refuse("is a path"),
        _ if name.chars().any(char::is_control) => refuse("holds control characters"),
        _ => Ok(()),
    }
}
