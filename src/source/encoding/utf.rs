//! UTF-16 and UTF-32, decoded strictly, and what a decoded text is.

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
                    wrong = Some(bad(index, "not a character"));
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
        return Err(bad(body.len() / unit, "the file ends in the middle of a character"));
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
