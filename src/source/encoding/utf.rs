//! The encodings that a byte order mark may announce; UTF-16 and UTF-32, decoded strictly; what a decoded text is.

use std::borrow::Cow;

use crate::domain::text::counted;
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

/// An encoding that has a byte order mark.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Utf {
    pub(crate) name: &'static str,
    /// Bytes of a unit.
    pub(crate) unit: usize,
    pub(crate) is_little_endian: bool,
    pub(crate) mark: &'static [u8],
}

const UTF_32LE: Utf = Utf { name: "UTF-32LE", unit: 4, is_little_endian: true, mark: b"\xff\xfe\0\0" };
/// UTF-32 and UTF-16, in the order in which they are looked for.
pub(crate) static WIDE: [Utf; 4] = [
    UTF_32LE,
    Utf { name: "UTF-32BE", unit: 4, is_little_endian: false, mark: b"\0\0\xfe\xff" },
    Utf { name: "UTF-16LE", unit: 2, is_little_endian: true, mark: b"\xff\xfe" },
    Utf { name: "UTF-16BE", unit: 2, is_little_endian: false, mark: b"\xfe\xff" },
];
static UTF_8: Utf = Utf { name: "UTF-8", unit: 1, is_little_endian: true, mark: b"\xef\xbb\xbf" };

impl Utf {
    /// The encoding that the byte order mark of a text announces.
    pub(crate) fn of_mark(bytes: &[u8]) -> Option<&'static Self> {
        // UTF-32LE begins as UTF-16LE does; a UTF-16LE text that begins with a NUL letter is no text.
        let fits = |utf: &&Self| bytes.starts_with(utf.mark) && (**utf != UTF_32LE || bytes.len().is_multiple_of(4));
        WIDE.iter().chain([&UTF_8]).find(fits)
    }
}

/// Decodes UTF-16 or UTF-32 from `start`, strictly.
pub(crate) fn wide<'a>(name: &str, bytes: &'a [u8], start: usize, utf: &Utf) -> Result<Decoded<'a>> {
    let (unit, little) = (utf.unit, utf.is_little_endian);
    let body = &bytes[start..];
    let bad = |index: usize, what: &str| {
        let what = format!("byte {} is not {} ({what})", start + index * unit + 1, utf.name);
        Error::data(name, what, "specify the right encoding").with_remedy(Place::option("encoding"))
    };
    let capacity = body.len() / unit + body.len() / 8;
    let text = if unit == 2 {
        let units = body.as_chunks().0.iter().map(|pair| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
        let letters = char::decode_utf16(units).map(std::result::Result::ok);
        collect(letters, char::len_utf16, capacity).map_err(|index| bad(index, "half of a surrogate pair"))?
    } else {
        let units = body.as_chunks().0.iter().map(|four| if little { u32::from_le_bytes(*four) } else { u32::from_be_bytes(*four) });
        collect(units.map(char::from_u32), |_| 1, capacity).map_err(|index| bad(index, "not a character"))?
    };
    let left = &body[body.len() - body.len() % unit..];
    if left.iter().any(|byte| *byte != 0) {
        return Err(bad(body.len() / unit, "the file ends in the middle of a character"));
    }
    let notes =
        if left.is_empty() { Vec::new() } else { vec![format!("the file ends with {}", counted(left.len() as u64, "stray zero byte"))] };
    Ok(Decoded { text: Cow::Owned(text), encoding: utf.name.to_owned(), notes })
}

/// The text of `letters`, of so many units each, or the number of units before the first that is missing.
fn collect(letters: impl Iterator<Item = Option<char>>, units: fn(char) -> usize, capacity: usize) -> std::result::Result<String, usize> {
    let mut text = String::with_capacity(capacity);
    let mut index = 0;
    for letter in letters {
        let letter = letter.ok_or(index)?;
        text.push(letter);
        index += units(letter);
    }
    Ok(text)
}

/// `byte 17 (0xE9, line 2)`, of the byte at an offset.
pub(crate) fn describe_byte(bytes: &[u8], offset: usize) -> String {
    format!("byte {} (0x{:02X}, line {})", offset + 1, bytes[offset], line_of(bytes, offset))
}

/// The line, from 1, that a byte of single-byte or UTF-8 text stands on.
pub(crate) fn line_of(bytes: &[u8], offset: usize) -> usize {
    let before = &bytes[..offset];
    let feeds = memchr::memchr_iter(b'\n', before).count();
    1 + if feeds == 0 { memchr::memchr_iter(b'\r', before).count() } else { feeds }
}
