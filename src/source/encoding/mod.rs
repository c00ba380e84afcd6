//! Turns the bytes of a text file into UTF-8: specified, marked, or detected; a letter that is changed is noted.

mod declared;
mod detect;
mod utf;

pub use crate::source::encoding::utf::Decoded;

use crate::domain::text::numbered;
use crate::error::Result;
use crate::source::encoding::utf::{Utf, wide};

/// Decodes a text file. A byte order mark decides; else `label` (a WHATWG label, or UTF-32), which then must fit;
/// else the bytes: UTF-16 and UTF-32 by their zeros, UTF-8 if it is valid, Windows-1252 if nothing speaks against it.
/// UTF-8 with a few bad bytes in it stays UTF-8, the bad bytes become U+FFFD and are listed in the notes.
///
/// # Errors
/// An unknown label (64); a label that does not fit, or bytes that no encoding fits, with the first bad byte (65).
pub fn decode<'a>(name: &str, bytes: &'a [u8], label: Option<&str>) -> Result<Decoded<'a>> {
    let marked = Utf::of_mark(bytes);
    let mut decoded = match (label, marked) {
        (Some(label), _) => declared::decode(name, bytes, label, marked)?,
        (None, Some(utf)) if utf.unit > 1 => wide(name, bytes, utf.mark.len(), utf)?,
        (None, _) => detect::decode(name, bytes, marked.map_or(0, |utf| utf.mark.len()))?,
    };
    let lost = memchr::memmem::find_iter(decoded.text.as_bytes(), "\u{fffd}".as_bytes()).count();
    if lost > 0 && decoded.notes.is_empty() {
        decoded.notes.push(format!(
            "{} lost before the file was read: it holds U+FFFD in their place",
            numbered(lost as u64, "character was", "characters were")
        ));
    }
    Ok(decoded)
}
