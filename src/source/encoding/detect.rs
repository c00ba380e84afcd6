//! Detects how an unmarked text is encoded, from its bytes alone; a guess is always noted.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::domain::text::numbered;
use crate::error::{Error, Place, Result};
use crate::source::encoding::utf::{Decoded, Utf, WIDE, describe_byte, line_of, wide};

/// Bytes looked at for the pattern of UTF-16 and UTF-32.
const SAMPLE: usize = 64 << 10;
/// Bad bytes listed one by one in the notes.
const LISTED: usize = 20;

pub(crate) fn decode<'a>(name: &str, bytes: &'a [u8], start: usize) -> Result<Decoded<'a>> {
    let body = &bytes[start..];
    if start == 0
        && let Some(utf) = detect_utf16_32(body)
    {
        let mut decoded = wide(name, bytes, 0, utf)?;
        decoded.notes.push(format!("the encoding {} was detected from the bytes: the file has no byte order mark", utf.name));
        return Ok(decoded);
    }
    // This borrows, and checks with vector instructions.
    if let Some(text) = UTF_8.decode_without_bom_handling_and_without_replacement(body) {
        return Ok(Decoded { text, encoding: UTF_8.name().to_owned(), notes: Vec::new() });
    }
    let first = start + Encoding::utf8_valid_up_to(body);
    let damage = Utf8Errors::of(body);
    if start > 0 || damage.letters > damage.bad {
        return Ok(damaged(bytes, start, &damage));
    }
    if let Some(at) = body.iter().position(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)) {
        let first = describe_byte(bytes, first);
        let what = format!("{first} is not UTF-8, and byte {} (0x{:02X}) is not windows-1252", start + at + 1, body[at]);
        return Err(Error::data(name, what, "specify the encoding, such as shift_jis,").with_remedy(Place::option("encoding")));
    }
    let first = describe_byte(bytes, first);
    let note = format!("{first} is not UTF-8: the file is read as windows-1252; if characters look wrong, specify the encoding");
    let text = WINDOWS_1252.decode_without_bom_handling(body).0;
    Ok(Decoded { text, encoding: WINDOWS_1252.name().to_owned(), notes: vec![note] })
}

/// How much of a text that is not valid UTF-8 is UTF-8 all the same.
#[derive(Default)]
struct Utf8Errors {
    /// Valid letters beyond ASCII.
    letters: usize,
    /// Bytes that are not UTF-8.
    bad: usize,
    /// Offsets of the first bad bytes.
    first: Vec<usize>,
}

impl Utf8Errors {
    fn of(body: &[u8]) -> Self {
        let mut damage = Self::default();
        let mut offset = 0;
        for chunk in body.utf8_chunks() {
            damage.letters += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
            damage.bad += chunk.invalid().len();
            offset += chunk.valid().len();
            if !chunk.invalid().is_empty() && damage.first.len() < LISTED {
                damage.first.push(offset);
            }
            offset += chunk.invalid().len();
        }
        damage
    }
}

fn damaged<'a>(bytes: &'a [u8], start: usize, damage: &Utf8Errors) -> Decoded<'a> {
    let body = &bytes[start..];
    let mut notes = vec![format!("{} not UTF-8 and replaced by U+FFFD", numbered(damage.bad as u64, "byte is", "bytes are"))];
    for at in &damage.first {
        notes.push(format!("line {}: byte {} (0x{:02X}) is not UTF-8", line_of(body, *at), start + at + 1, body[*at]));
    }
    Decoded { text: Cow::Owned(String::from_utf8_lossy(body).into_owned()), encoding: UTF_8.name().to_owned(), notes }
}

/// UTF-16 or UTF-32 without a mark: every line end, delimiter and tab of the sample has its zeros on the same side.
fn detect_utf16_32(body: &[u8]) -> Option<&'static Utf> {
    let sample = &body[..body.len().min(SAMPLE)];
    memchr::memchr(0, sample)?;
    WIDE.iter().find(|utf| fits(sample, utf))
}

fn fits(sample: &[u8], utf: &Utf) -> bool {
    let place = if utf.is_little_endian { 0 } else { utf.unit - 1 };
    let (mut proper, mut stray) = (0, 0);
    for letter in sample.chunks_exact(utf.unit) {
        let separators = letter.iter().enumerate().filter(|(_, byte)| matches!(byte, b'\n' | b'\r' | b'\t' | b',' | b';' | b'|'));
        for (index, _) in separators {
            let is_alone = letter.iter().enumerate().all(|(other, byte)| other == index || *byte == 0);
            if index == place && is_alone {
                proper += 1;
            } else {
                stray += 1;
            }
        }
    }
    // The same bytes occur inside letters of other scripts, now and then.
    proper > 0 && stray * 20 <= proper
}
