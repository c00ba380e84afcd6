//! Turns the text between tags of a workbook's XML into what its cell shows.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use crate::source::workbook::child::xml_window::check_attributes;

/// Bytes of `_x000D_`.
const ESCAPE_BYTES: usize = 7;
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The text of a value, with its line ends, entities and the escapes of spreadsheet programs resolved; `None` when an entity
/// is unknown.
pub fn resolve_text(raw: &str) -> Option<Cow<'_, str>> {
    Some(unescape_code_units(resolve_entities(raw)?))
}

/// Appends the text of a string item, given what stands between its tags: one `t`, or runs of rich text without their phonetic
/// hints. `None` when it is not well-formed.
pub fn append_string_item(text: &mut String, content: &str) -> Option<()> {
    match single_text(content).filter(|(raw, _)| memchr::memchr(b'<', raw.as_bytes()).is_none()) {
        Some((raw, keeps_blanks)) => append_run(text, raw, keeps_blanks),
        None => append_runs(text, content),
    }
}

/// The borrowed text of a string item that needs nothing resolved, which most are.
pub fn plain_string_item(content: &str) -> Option<&str> {
    let (raw, keeps_blanks) = single_text(content)?;
    let is_plain = !raw.bytes().any(|byte| matches!(byte, b'<' | b'&' | b'\r' | b'_'));
    is_plain.then(|| if keeps_blanks { raw } else { raw.trim_matches(BLANKS) })
}

/// What stands in a string item that begins and ends as one `t`, and whether its blanks count.
fn single_text(content: &str) -> Option<(&str, bool)> {
    let (rest, keeps_blanks) = match content.strip_prefix("<t>") {
        Some(rest) => (rest, false),
        None => (content.strip_prefix("<t xml:space=\"preserve\">")?, true),
    };
    Some((rest.strip_suffix("</t>")?, keeps_blanks))
}

fn append_run(text: &mut String, raw: &str, keeps_blanks: bool) -> Option<()> {
    let resolved = resolve_entities(raw)?;
    let kept = if keeps_blanks { &*resolved } else { resolved.trim_matches(BLANKS) };
    text.push_str(&unescape_code_units(Cow::Borrowed(kept)));
    Some(())
}

fn append_runs(text: &mut String, content: &str) -> Option<()> {
    let mut reader = Reader::from_str(content);
    reader.config_mut().expand_empty_elements = true;
    let (mut is_phonetic, mut depth) = (false, 0);
    loop {
        let event = reader.read_event().ok()?;
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Eof => return (depth == 0).then_some(()),
            _ => {}
        }
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "rPh" => is_phonetic = true,
                "t" if !is_phonetic => append_text_element(text, content, &tag, reader.buffer_position())?,
                "si" | "is" => return None,
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "rPh" => is_phonetic = false,
            // What stands beside the texts is formatting.
            _ => {}
        }
    }
}

/// Appends what stands between a tag `t`, which ends at `start`, and its end tag: text alone, because comments and CDATA
/// sections are left to a reader that knows all of XML.
fn append_text_element(text: &mut String, content: &str, tag: &BytesStart<'_>, start: u64) -> Option<()> {
    check_attributes(tag).ok()?;
    let start = usize::try_from(start).ok()?;
    // An empty element has been read to its end already.
    if content[..start].ends_with("/>") {
        return Some(());
    }
    let space = tag.try_get_attribute("xml:space").ok()?;
    let end = start + memchr::memchr(b'<', &content.as_bytes()[start..])?;
    content[end..].strip_prefix("</")?.strip_prefix(tag.name().as_ref())?.strip_prefix('>')?;
    append_run(text, &content[start..end], space.is_some_and(|space| &*space.value == "preserve"))
}

fn resolve_entities(raw: &str) -> Option<Cow<'_, str>> {
    let has = |byte| memchr::memchr(byte, raw.as_bytes()).is_some();
    let ends = if has(b'\r') { Cow::Owned(raw.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(raw) };
    if !has(b'&') {
        return Some(ends);
    }
    Some(Cow::Owned(unescape(&ends).ok()?.into_owned()))
}

/// Resolves `_x000D_` and its like, which spreadsheet programs write for what XML cannot hold: units of UTF-16.
fn unescape_code_units(text: Cow<'_, str>) -> Cow<'_, str> {
    let Some(first) = find_escape(&text, 0) else { return text };
    let mut resolved = String::with_capacity(text.len());
    let (mut copied, mut next) = (0, Some(first));
    while let Some((start, unit)) = next {
        resolved.push_str(&text[copied..start]);
        copied = start + ESCAPE_BYTES;
        let low = escape_at(&text, copied).filter(|low| (0xDC00..=0xDFFF).contains(low));
        let letter = match (unit, low) {
            (0xD800..=0xDBFF, Some(low)) => {
                copied += ESCAPE_BYTES;
                char::decode_utf16([unit, low]).next().and_then(Result::ok)
            }
            _ => char::from_u32(u32::from(unit)),
        };
        resolved.push(letter.unwrap_or(char::REPLACEMENT_CHARACTER));
        next = find_escape(&text, copied);
    }
    resolved.push_str(&text[copied..]);
    Cow::Owned(resolved)
}

fn find_escape(text: &str, from: usize) -> Option<(usize, u16)> {
    memchr::memchr_iter(b'_', &text.as_bytes()[from..]).find_map(|offset| Some((from + offset, escape_at(text, from + offset)?)))
}

fn escape_at(text: &str, at: usize) -> Option<u16> {
    let digits = text.as_bytes().get(at..at + ESCAPE_BYTES)?.strip_prefix(b"_x")?.strip_suffix(b"_")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
