//! Decodes a text in the encoding that was specified; a text that does not fit is refused.

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::{Error, Place, Result};
use crate::source::encoding::utf::{Decoded, Mark, UtfWidth, line_of, wide};

pub(crate) fn decode<'a>(name: &str, bytes: &'a [u8], label: &str, mark: Option<Mark>, length: usize) -> Result<Decoded<'a>> {
    match (declared(label, mark)?, mark) {
        (DeclaredEncoding::Wide(encoding), None) => wide(name, bytes, 0, encoding),
        (DeclaredEncoding::Wide(encoding), Some(Mark::Wide(marked))) if encoding == marked => wide(name, bytes, length, encoding),
        (DeclaredEncoding::Table(encoding), None) => table(name, bytes, 0, encoding),
        (DeclaredEncoding::Table(encoding), Some(Mark::Utf8)) if encoding == UTF_8 => table(name, bytes, length, encoding),
        (_, Some(marked)) => {
            let marked = match marked {
                Mark::Utf8 => UTF_8.name(),
                Mark::Wide(encoding) => encoding.name(),
            };
            let what = format!("byte 1 (0x{:02X}) begins the byte order mark of {marked}, but the encoding specified is {label}", bytes[0]);
            Err(Error::data(name, what, "leave out the encoding"))
        }
    }
}

#[derive(Clone, Copy)]
enum DeclaredEncoding {
    Wide(UtfWidth),
    Table(&'static Encoding),
}

fn declared(label: &str, mark: Option<Mark>) -> Result<DeclaredEncoding> {
    let plain = label.trim().to_ascii_lowercase().replace('_', "-");
    let marked = match mark {
        Some(Mark::Wide(encoding)) => Some(encoding),
        _ => None,
    };
    // The plain names leave the order of bytes to the mark.
    let wide = match plain.as_str() {
        "utf-16" | "utf16" => Some(marked.filter(|wide| wide.unit() == 2).unwrap_or(UtfWidth::Little16)),
        "utf-32" | "utf32" => Some(marked.filter(|wide| wide.unit() == 4).unwrap_or(UtfWidth::Little32)),
        "utf-16le" | "utf16le" => Some(UtfWidth::Little16),
        "utf-16be" | "utf16be" => Some(UtfWidth::Big16),
        "utf-32le" | "utf32le" => Some(UtfWidth::Little32),
        "utf-32be" | "utf32be" => Some(UtfWidth::Big32),
        _ => None,
    };
    if let Some(wide) = wide {
        return Ok(DeclaredEncoding::Wide(wide));
    }
    match Encoding::for_label(label.as_bytes()).or_else(|| Encoding::for_label(plain.as_bytes())) {
        Some(encoding) if encoding == UTF_16LE => Ok(DeclaredEncoding::Wide(UtfWidth::Little16)),
        Some(encoding) if encoding == UTF_16BE => Ok(DeclaredEncoding::Wide(UtfWidth::Big16)),
        // The standard's stand-in for encodings it bans reads nothing.
        Some(encoding) if encoding != encoding_rs::REPLACEMENT => Ok(DeclaredEncoding::Table(encoding)),
        _ => {
            let what = format!("no encoding is called '{label}'");
            Err(Error::usage(Place::option("encoding"), what, "use a name such as utf-8, windows-1252, iso-8859-1, utf-16le or shift_jis"))
        }
    }
}

fn table<'a>(name: &str, bytes: &'a [u8], start: usize, encoding: &'static Encoding) -> Result<Decoded<'a>> {
    let body = &bytes[start..];
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(body) {
        return Ok(Decoded { text, encoding: encoding.name().to_owned(), notes: Vec::new() });
    }
    let at = start + first_bad(body, encoding);
    let what = format!("byte {} (0x{:02X}, line {}) is not {}", at + 1, bytes[at], line_of(bytes, at), encoding.name());
    Err(Error::data(name, what, "specify another encoding, or none to have it detected"))
}

/// The offset of the first byte that the encoding has no letter for.
fn first_bad(body: &[u8], encoding: &'static Encoding) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut sink = vec![0u8; 64 << 10];
    let mut at = 0;
    loop {
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(&body[at..], &mut sink, true);
        at += read;
        match result {
            DecoderResult::OutputFull => {}
            DecoderResult::InputEmpty => return body.len().saturating_sub(1),
            DecoderResult::Malformed(length, after) => return at.saturating_sub(usize::from(length) + usize::from(after)),
        }
    }
}
