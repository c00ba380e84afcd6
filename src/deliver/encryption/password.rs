//! The password in a file, which must be its user's alone.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::deliver::transport::Secret;
use crate::error::{Error, Place, Result, system_words};
use crate::source::database::files::require_private;

/// Bytes of the longest password.
const MAX_BYTES: u64 = 1024;

/// The longest password that every program opens a workbook with, in UTF-16 letters.
const MAX_LETTERS: usize = 255;

/// What to do about a password that is none.
const HELP: &str = "write the password into it, as its only line";

/// The password in the file at `path`: its only line.
///
/// # Errors
/// [`Error::permission`] for a file that others may read, [`Error::data`] for an empty one, one with more than a line, and one
/// that is no text; that it is not there.
pub fn password_file(path: &Path) -> Result<Secret> {
    require_private(path, "a password")?;
    let refuse = |what: &str| Err(Error::data(Place::path(path), what, HELP));
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text));
    match read {
        Ok(bytes) if bytes as u64 > MAX_BYTES => return refuse("is longer than a password"),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => return refuse("is not text"),
        Err(error) => {
            let what = format!("cannot be read: {}", system_words(&error));
            return Err(Error::input_output(Place::path(path), what, "check the path and the disk"));
        }
    }
    password_of(&text, Place::path(path))
}

/// The password that `text`, which stands at `place`, is: its only line.
///
/// # Errors
/// [`Error::data`] for text that is empty, has more than a line, or is no password that every program takes.
pub fn password_of(text: &str, place: Place) -> Result<Secret> {
    let refuse = |what: &str| Err(Error::data(place, what, HELP));
    let line = text.strip_suffix('\n').unwrap_or(text);
    match line.strip_suffix('\r').unwrap_or(line) {
        "" => refuse("is empty"),
        line if line.trim().is_empty() => refuse("holds only blanks"),
        line if line.contains(['\n', '\r']) => refuse("has more than one line"),
        line if line.chars().any(char::is_control) => refuse("holds a control character"),
        line if line.encode_utf16().count() > MAX_LETTERS => refuse("is longer than 255 letters, which spreadsheets do not take"),
        line => Ok(Secret::new(line.to_owned())),
    }
}
