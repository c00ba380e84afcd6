//! Turns the bytes of a text file into UTF-8: told, marked, or found out; it never changes a letter without saying so.

mod declared;
mod detect;

use std::borrow::Cow;

use crate::error::{Error, Place, Result};

/// A text and how it was encoded.
#[derive(Debug, Clone)]
pub struct Decoded<'a> {
    /// The text, without a byte order mark; borrowed when it was UTF-8 already.
    pub text: Cow<'a, str>,
    /// The encoding's name: `UTF-8`, `windows-1252`, `UTF-16LE` …
    pub encoding: String,
    /// What a reader should know: a guess, or letters that could not be read.
    pub notes: Vec<String>,
}

/// The encodings that need no table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UtfWidth {
    Little16,
    Big16,
    Little32,
    Big32,
}

impl UtfWidth {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Little16 => "UTF-16LE",
            Self::Big16 => "UTF-16BE",
            Self::Little32 => "UTF-32LE",
            Self::Big32 => "UTF-32BE",
        }
    }

    pub(crate) fn unit(self) -> usize {
        match self {
            Self::Little16 | Self::Big16 => 2,
            Self::Little32 | Self::Big32 => 4,
        }
    }
}

/// What a byte order mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Utf8,
    Wide(UtfWidth),
}

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
        decoded.notes.push(format!("{lost} letters were lost before the file came here: it holds U+FFFD in their place"));
    }
    Ok(decoded)
}

/// Decodes UTF-16 or UTF-32 from `start`, strictly.
pub(crate) fn wide<'a>(name: &str, bytes: &'a [u8], start: usize, encoding: UtfWidth) -> Result<Decoded<'a>> {
    let unit = encoding.unit();
    let body = &bytes[start..];
    let mut text = String::with_capacity(body.len() / unit + body.len() / 8);
    let bad = |index: usize, what: &str| {
        let offset = start + index * unit;
        let what = format!("byte {} is not {} ({what})", offset + 1, encoding.name());
        Error::data(name, what, "specify the right encoding").with_remedy(Place::option("encoding"))
    };
    let mut wrong = None;
    if unit == 2 {
        let little = encoding == UtfWidth::Little16;
        let units = body.as_chunks::<2>().0.iter().map(|pair| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
        let mut index = 0;
        for letter in char::decode_utf16(units) {
            match letter {
                Ok(letter) => {
                    text.push(letter);
                    index += letter.len_utf16();
                }
                Err(_) => {
                    wrong = Some(bad(index, "half of a surrogate pair"));
                    break;
                }
            }
        }
    } else {
        let little = encoding == UtfWidth::Little32;
        for (index, four) in body.as_chunks::<4>().0.iter().enumerate() {
            match char::from_u32(if little { u32::from_le_bytes(*four) } else { u32::from_be_bytes(*four) }) {
                Some(letter) => text.push(letter),
                None => {
                    wrong = Some(bad(index, "no such letter"));
                    break;
                }
            }
        }
    }
    if let Some(error) = wrong {
        return Err(error);
    }
    let left = &body[body.len() - body.len() % unit..];
    let mut notes = Vec::new();
    if left.iter().any(|byte| *byte != 0) {
        return Err(bad(body.len() / unit, "the file ends in the middle of a letter"));
    } else if !left.is_empty() {
        notes.push(format!("the file ends with {} stray zero bytes", left.len()));
    }
    Ok(Decoded { text: Cow::Owned(text), encoding: encoding.name().to_owned(), notes })
}

/// The line, from 1, that a byte of single-byte or UTF-8 text stands on.
pub(crate) fn line_of(bytes: &[u8], offset: usize) -> usize {
    let before = &bytes[..offset];
    let feeds = memchr::memchr_iter(b'\n', before).count();
    1 + if feeds == 0 { memchr::memchr_iter(b'\r', before).count() } else { feeds }
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
