//! A window of valid text that slides over an XML member, so that a member of any size is read with little memory.

use std::io::{self, Read};

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};

use crate::source::open::fill;

/// What a look at the next text of a window can end with, apart from success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// The window ends within what is looked at.
    Cut,
    /// It is written in a way that is not known here.
    Unknown,
}

/// A success, or why there is none.
pub type Look<T> = Result<T, Gap>;

/// Text read at once, at least.
const WINDOW_BYTES: usize = 256 << 10;

/// The window.
pub struct Window<R> {
    input: R,
    bytes: Vec<u8>,
    /// How much of `bytes` is filled.
    filled: usize,
    /// Bytes read from the input.
    total: u64,
}

impl<R: Read> Window<R> {
    /// Nothing as yet.
    pub fn new(input: R) -> Self {
        Self { input, bytes: vec![0; WINDOW_BYTES], filled: 0, total: 0 }
    }

    /// Has all text taken, piece by piece: `take` is given the text and where in it to go on, and says where that piece ends, or
    /// `None` when it was the last. Returns whether it came to that.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn read_pieces<E>(&mut self, mut take: impl FnMut(&str, usize) -> Result<Look<Option<usize>>, E>) -> Result<bool, E> {
        let mut used = 0;
        loop {
            // What cannot be read is put into words by the general reader.
            let Ok((text, is_last)) = self.slide(used) else { return Ok(false) };
            used = 0;
            let gap = loop {
                match take(text, used)? {
                    Ok(Some(end)) => used = end,
                    Ok(None) => return Ok(true),
                    Err(gap) => break gap,
                }
            };
            if gap == Gap::Unknown || is_last {
                return Ok(false);
            }
        }
    }

    /// Reads on to the end of the input, and returns whether it has so many bytes.
    pub fn ends_at(&mut self, size: u64) -> bool {
        while self.total <= size {
            match self.fill(0) {
                Ok(0) => return self.total == size,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        false
    }

    /// Gives up the first `used` bytes, fills the window up, and returns its text and whether it is the last. The window grows
    /// when nothing was used.
    fn slide(&mut self, used: usize) -> io::Result<(&str, bool)> {
        self.bytes.copy_within(used..self.filled, 0);
        self.filled -= used;
        if self.filled == self.bytes.len() {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        self.filled += self.fill(self.filled)?;
        let (filled, is_last) = (&self.bytes[..self.filled], self.filled < self.bytes.len());
        match std::str::from_utf8(filled) {
            Ok(text) => Ok((text, is_last)),
            // A letter that the window cuts is whole in the next one.
            Err(error) if error.error_len().is_none() && !is_last => {
                let text = std::str::from_utf8(&filled[..error.valid_up_to()]).map_err(io::Error::other)?;
                Ok((text, false))
            }
            Err(_) => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Fills the window from a place on; less than to its end at the end of the input.
    fn fill(&mut self, from: usize) -> io::Result<usize> {
        let count = fill(&mut self.input, &mut self.bytes[from..])?;
        self.total += count as u64;
        Ok(count)
    }
}

/// Goes past `literal`.
///
/// # Errors
/// `Unknown` when something else stands there.
pub fn expect(text: &str, at: usize, literal: &str) -> Look<usize> {
    let rest = &text.as_bytes()[at..];
    if rest.starts_with(literal.as_bytes()) {
        return Ok(at + literal.len());
    }
    Err(if literal.as_bytes().starts_with(rest) { Gap::Cut } else { Gap::Unknown })
}

/// Where the next `<` is.
pub fn next_tag(text: &str, at: usize) -> Look<usize> {
    memchr::memchr(b'<', &text.as_bytes()[at..]).map(|offset| at + offset).ok_or(Gap::Cut)
}

/// Takes the attributes of a tag whose name ends at `at`, and returns where the tag ends and whether its element is empty.
///
/// # Errors
/// `Unknown` for anything but plain names and values.
pub fn attributes<'t>(text: &'t str, mut at: usize, mut take: impl FnMut(&'t [u8], &'t str) -> Look<()>) -> Look<(usize, bool)> {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().ok_or(Gap::Cut);
    if !matches!(byte(at)?, b'>' | b'/' | b' ' | b'\n' | b'\r' | b'\t') {
        return Err(Gap::Unknown);
    }
    loop {
        match byte(at)? {
            b'>' => return Ok((at + 1, false)),
            b'/' => return Ok((expect(text, at, "/>")?, true)),
            b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            _ => {
                let name = at;
                while byte(at)? != b'=' {
                    if !matches!(bytes[at], b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b':' | b'_' | b'-' | b'.') {
                        return Err(Gap::Unknown);
                    }
                    at += 1;
                }
                let quote = byte(at + 1)?;
                if at == name || !matches!(quote, b'"' | b'\'') {
                    return Err(Gap::Unknown);
                }
                let value = at + 2;
                let mut end = value;
                while byte(end)? != quote {
                    if matches!(bytes[end], b'<' | b'&') {
                        return Err(Gap::Unknown);
                    }
                    end += 1;
                }
                take(&bytes[name..at], &text[value..end])?;
                at = end + 1;
            }
        }
    }
}

/// What stands between `at` and `closing`, the end tag of an element that mostly holds one `t` and its text; and where that
/// tag ends.
///
/// # Errors
/// `Unknown` for a comment or a CDATA section.
pub fn until_closing<'t>(text: &'t str, at: usize, closing: &str) -> Look<(&'t str, usize)> {
    let bytes = text.as_bytes();
    if bytes[at..].starts_with(b"<t") {
        let end = next_tag(text, at + 1)?;
        let after = end + "</t>".len();
        if bytes[end..].starts_with(b"</t>") && bytes[after..].starts_with(closing.as_bytes()) {
            return Ok((&text[at..after], after + closing.len()));
        }
    }
    let end = memmem::find(&bytes[at..], closing.as_bytes()).ok_or(Gap::Cut)? + at;
    let content = &text[at..end];
    if content.contains("<!") { Err(Gap::Unknown) } else { Ok((content, end + closing.len())) }
}

/// Goes to the inside of the first element of this name, and has every tag before it looked at. `None` when it has no inside.
///
/// # Errors
/// `Cut` when it is not in the text, `Unknown` when the text is no XML or declares another encoding than its own, and those of
/// `look`.
pub fn enter(text: &str, name: &str, mut look: impl FnMut(&BytesStart<'_>) -> Look<()>) -> Look<Option<usize>> {
    let document = text.trim_start_matches('\u{FEFF}');
    let mut reader = Reader::from_str(document);
    reader.config_mut().check_end_names = false;
    loop {
        let event = reader.read_event();
        let end = text.len() - document.len() + usize::try_from(reader.buffer_position()).map_err(|_| Gap::Unknown)?;
        match event {
            Ok(Event::Start(tag)) if tag.local_name().as_ref() == name => return check_attributes(&tag).map(|()| Some(end)),
            Ok(Event::Empty(tag)) if tag.local_name().as_ref() == name => return check_attributes(&tag).map(|()| None),
            Ok(Event::Start(tag) | Event::Empty(tag)) => look(&tag)?,
            Ok(Event::Decl(declaration)) => {
                let encoding = declaration.encoding().transpose().map_err(|_| Gap::Unknown)?;
                if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("utf-8")) {
                    return Err(Gap::Unknown);
                }
            }
            Ok(Event::Eof) | Err(quick_xml::Error::Syntax(_)) => return Err(Gap::Cut),
            Ok(Event::DocType(_)) | Err(_) => return Err(Gap::Unknown),
            Ok(_) => {}
        }
    }
}

/// Whether the attributes of a tag are well-formed.
///
/// # Errors
/// `Unknown` when they are not.
pub fn check_attributes(tag: &BytesStart<'_>) -> Look<()> {
    let is_named = |attribute: &Attribute<'_>| attribute.key.as_ref().starts_with(|letter: char| letter.is_alphabetic());
    let mut attributes = tag.attributes();
    if attributes.all(|attribute| attribute.is_ok_and(|attribute| is_named(&attribute))) { Ok(()) } else { Err(Gap::Unknown) }
}
