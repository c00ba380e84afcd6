//! Text as markup languages hold it: what has to be escaped, and what stands in for what they cannot hold.

use std::borrow::Cow;

/// Whether XML 1.0 does not allow `character`.
pub fn is_illegal(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// What a document shows in place of a character that XML or HTML does not allow or that no reader shows: the picture of a
/// control character, else the replacement character.
fn stand_in(character: char) -> Option<char> {
    match character {
        '\t' | '\n' | '\r' => None,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)),
        '\u{7f}' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}' | '\u{fdd0}'..='\u{fdef}' => Some(char::REPLACEMENT_CHARACTER),
        _ if u32::from(character) & 0xFFFE == 0xFFFE => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

/// Bytes of UTF-8 that may begin something to be escaped or replaced.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < special.len() {
        special[byte] = matches!(byte as u8, 0..=8 | 11..=31 | b'&' | b'<' | b'>' | b'"' | 0x7f | 0xc2 | 0xef..=0xff);
        byte += 1;
    }
    special
};

/// Markup in the making, and how many texts of it had to be changed.
#[derive(Debug, Default)]
pub struct Markup {
    /// What was written so far, UTF-8.
    pub bytes: Vec<u8>,
    /// Texts that held characters which were replaced.
    pub changed: u64,
}

impl Markup {
    /// Appends markup as it is. It is never data.
    pub fn raw(&mut self, markup: &str) -> &mut Self {
        self.bytes.extend_from_slice(markup.as_bytes());
        self
    }

    /// Appends text, escaped for elements and for attributes in double quotes.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.changed += u64::from(escape(text, &mut self.bytes));
        self
    }

    /// Appends `<name>` around text, where `name` may have attributes.
    pub fn element(&mut self, name: &str, text: &str) -> &mut Self {
        let tag = name.split(' ').next().unwrap_or(name);
        self.raw("<").raw(name).raw(">").text(text).raw("</").raw(tag).raw(">")
    }
}

/// `text` with what cannot stand in a document replaced as it is where it is escaped.
pub fn shown(text: String) -> String {
    if !text.chars().any(|character| stand_in(character).is_some()) {
        return text;
    }
    text.chars().map(|character| stand_in(character).unwrap_or(character)).collect()
}

/// `text` as whoever reads a document finds it, where it was written by [`escape`].
pub fn text_in_document(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| SPECIAL[usize::from(byte)]) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(shown(text.replace("\r\n", "\n").replace('\r', "\n")))
}

/// Appends `text` escaped for elements and for attributes in double quotes, its line ends as line feeds and what cannot stand in
/// a document replaced as `stand_in` says; whether anything was replaced.
pub fn escape(text: &str, out: &mut Vec<u8>) -> bool {
    if !text.bytes().any(|byte| SPECIAL[usize::from(byte)]) {
        out.extend_from_slice(text.as_bytes());
        return false;
    }
    let mut is_changed = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '"' => out.extend_from_slice(b"&quot;"),
            // A parser would do the same, so that no reader can tell.
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' => out.push(b'\n'),
            character => {
                let shown = stand_in(character);
                is_changed |= shown.is_some();
                out.extend_from_slice(shown.unwrap_or(character).encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    is_changed
}

#[cfg(test)]
mod tests {
    use crate::export::markup::{escape, is_illegal, stand_in};

    fn escaped(text: &str) -> (String, bool) {
        let mut out = Vec::new();
        let is_changed = escape(text, &mut out);
        (String::from_utf8_lossy(&out).into_owned(), is_changed)
    }

    #[test]
    fn markup_is_escaped_and_what_no_document_holds_is_replaced() {
        let cases = [
            ("+16505551234", "+16505551234", false),
            ("a\tb\nc", "a\tb\nc", false),
            ("<b a=\"c\">&amp;", "&lt;b a=&quot;c&quot;&gt;&amp;amp;", false),
            ("one\r\ntwo\rthree", "one\ntwo\nthree", false),
            ("bell\u{7} nul\0 del\u{7f}", "bell\u{2407} nul\u{2400} del\u{2421}", true),
            ("\u{85}\u{ffff}\u{1fffe}\u{fdd0}", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}", true),
            ("£ ＝ 😀 é", "£ ＝ 😀 é", false),
        ];
        for (text, expected, is_changed) in cases {
            assert_eq!(escaped(text), (expected.to_owned(), is_changed), "{text:?}");
        }
    }

    #[test]
    fn everything_that_xml_does_not_allow_is_replaced() {
        for character in (0..=0x10_FFFF).filter_map(char::from_u32) {
            assert!(!is_illegal(character) || stand_in(character).is_some(), "{character:?}");
            assert!(stand_in(character).and_then(stand_in).is_none(), "{character:?}");
        }
    }
}
