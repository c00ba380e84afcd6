//! Turns the bytes of a text file into UTF-8: specified, marked, or detected; a letter that is changed is noted.

mod declared;
mod detect;
mod utf;

pub use crate::source::encoding::utf::Decoded;

use crate::error::Result;
use crate::source::encoding::utf::{Mark, UtfWidth, wide};

/// Decodes a text file. A byte order mark decides; else `label` (a WHATWG label, or UTF-32), which then must fit;
/// else the bytes: UTF-16 and UTF-32 by their zeros, UTF-8 if it is valid, Windows-1252 if nothing speaks against it.
/// UTF-8 with a few bad bytes in it stays UTF-8, the bad bytes become U+FFFD and are listed in the notes.
///
/// # Errors
/// An unknown label (64); a label that does not fit, or bytes that no encoding fits, with the first bad byte (65).
pub fn decode<'a>(name: &str, bytes: &'a [u8], label: Option<&str>) -> Result<Decoded<'a>> {
    let mark = mark(bytes);
    let length = match mark {
        None => 0,
        Some(Mark::Utf8) => 3,
        Some(Mark::Wide(wide)) => wide.unit(),
    };
    let mut decoded = match label {
        Some(label) => declared::decode(name, bytes, label, mark, length)?,
        None => match mark {
            Some(Mark::Wide(encoding)) => wide(name, bytes, length, encoding)?,
            _ => detect::decode(name, bytes, length)?,
        },
    };
    let lost = count_replaced(&decoded.text);
    if lost > 0 && decoded.notes.is_empty() {
        decoded.notes.push(format!("{lost} characters were lost before the file was read: it holds U+FFFD in their place"));
    }
    Ok(decoded)
}

fn mark(bytes: &[u8]) -> Option<Mark> {
    // UTF-32LE begins as UTF-16LE does; a UTF-16LE text that begins with a NUL letter is no text.
    if bytes.starts_with(b"\xff\xfe\0\0") && bytes.len().is_multiple_of(4) {
        Some(Mark::Wide(UtfWidth::Little32))
    } else if bytes.starts_with(b"\0\0\xfe\xff") {
        Some(Mark::Wide(UtfWidth::Big32))
    } else if bytes.starts_with(b"\xff\xfe") {
        Some(Mark::Wide(UtfWidth::Little16))
    } else if bytes.starts_with(b"\xfe\xff") {
        Some(Mark::Wide(UtfWidth::Big16))
    } else if bytes.starts_with(b"\xef\xbb\xbf") {
        Some(Mark::Utf8)
    } else {
        None
    }
}

fn count_replaced(text: &str) -> usize {
    memchr::memmem::find_iter(text.as_bytes(), "\u{fffd}".as_bytes()).count()
}
