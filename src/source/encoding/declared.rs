//! Decodes a text in the encoding that was specified; a text that does not fit is refused.

use encoding_rs::{DecoderResult, Encoding};

use crate::error::{Error, Place, Result};
use crate::source::encoding::utf::{Decoded, Utf, WIDE, describe_byte, wide};

/// Decodes a text in the encoding that is called `label`; `marked` is the one that its byte order mark announces.
pub(crate) fn decode<'a>(name: &str, bytes: &'a [u8], label: &str, marked: Option<&'static Utf>) -> Result<Decoded<'a>> {
    let declared = declared(label, marked)?;
    let declared_name = match declared {
        DeclaredEncoding::Wide(utf) => utf.name,
        DeclaredEncoding::Table(encoding) => encoding.name(),
    };
    if let Some(marked) = marked.filter(|marked| marked.name != declared_name) {
        let (first, marked) = (bytes[0], marked.name);
        let what = format!("byte 1 (0x{first:02X}) begins the byte order mark of {marked}, but the encoding specified is {label}");
        return Err(Error::data(name, what, "leave out the encoding"));
    }
    let start = marked.map_or(0, |marked| marked.mark.len());
    match declared {
        DeclaredEncoding::Wide(utf) => wide(name, bytes, start, utf),
        DeclaredEncoding::Table(encoding) => table(name, bytes, start, encoding),
    }
}

#[derive(Clone, Copy)]
enum DeclaredEncoding {
    Wide(&'static Utf),
    Table(&'static Encoding),
}

fn declared(label: &str, marked: Option<&'static Utf>) -> Result<DeclaredEncoding> {
    let plain = label.trim().to_ascii_lowercase().replace('_', "-");
    let compact = plain.replacen("utf-", "utf", 1);
    // The names utf-16 and utf-32 leave the order of bytes to the mark.
    let mut meant = WIDE.iter().filter(|utf| {
        let own = utf.name.to_ascii_lowercase().replace('-', "");
        own == compact || own[.."utf16".len()] == compact
    });
    if let Some(utf) = meant.clone().find(|utf| marked == Some(utf)).or_else(|| meant.next()) {
        return Ok(DeclaredEncoding::Wide(utf));
    }
    match Encoding::for_label(label.as_bytes()).or_else(|| Encoding::for_label(plain.as_bytes())) {
        // The standard's stand-in for encodings it bans reads nothing.
        Some(encoding) if encoding != encoding_rs::REPLACEMENT => {
            let utf = WIDE.iter().find(|utf| utf.name == encoding.name());
            Ok(utf.map_or(DeclaredEncoding::Table(encoding), DeclaredEncoding::Wide))
        }
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
    let what = format!("{} is not {}", describe_byte(bytes, at), encoding.name());
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
