//! Writes text and rows as XML: escaped, characters that XML does not allow replaced and counted, nothing in it that a terminal
//! would obey.

use std::borrow::Cow;

use crate::domain::date::text::write_date;
use crate::domain::text::decimal;
use crate::export::markup::is_illegal;
use crate::export::typed::{TypedCell, write_exact_instant, write_whole_time};
use crate::report::Column;

/// What stands in the place of a character that XML does not allow.
const REPLACEMENT: &str = "\u{fffd}";

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Between tags, where line ends stay as they are.
    Content,
    /// In an attribute, where they would become blanks.
    Attribute,
}

/// Writes the rows of a table as elements, a cell an element called by the key of its column. Empty cells are left out.
pub struct ElementWriter {
    /// By column, its start tag and its end tag.
    tags: Vec<(String, String)>,
}

impl ElementWriter {
    /// A writer of rows with these columns, in their order.
    pub fn new(columns: &[Column]) -> Self {
        Self { tags: columns.iter().map(|column| (format!("<{}>", column.key), format!("</{}>", column.key))).collect() }
    }

    /// Appends row `row` of `columns` as an element called `name`, with a line end; returns how many cells had to be changed.
    pub fn row(&self, name: &str, columns: &[Column], row: usize, out: &mut Vec<u8>) -> u64 {
        let mut changed = 0;
        out.extend_from_slice(b"<");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b">");
        for (column, (start, end)) in columns.iter().zip(&self.tags) {
            let Some(cell) = TypedCell::of(column, row) else { continue };
            out.extend_from_slice(start.as_bytes());
            match cell {
                TypedCell::Text(text) => changed += u64::from(write_text(out, text, Place::Content)),
                TypedCell::Bool(yes) => out.extend_from_slice(if yes { b"true" } else { b"false" }),
                TypedCell::Date(days) => write_date(out, days),
                TypedCell::Time(seconds) => write_whole_time(out, seconds),
                TypedCell::Instant(micros) => write_exact_instant(out, micros),
                TypedCell::Count(count) => out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes()),
                TypedCell::Amount(hundredths) => out.extend_from_slice(decimal(hundredths).as_bytes()),
                TypedCell::Share(share) => out.extend_from_slice(share.to_string().as_bytes()),
            }
            out.extend_from_slice(end.as_bytes());
        }
        out.extend_from_slice(b"</");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b">\n");
        changed
    }
}

/// Appends ` name="text"`; returns whether the text had to be changed.
pub fn write_attribute(out: &mut Vec<u8>, name: &str, text: &str) -> bool {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
    let changed = write_text(out, text, Place::Attribute);
    out.push(b'"');
    changed
}

/// `text` as whoever reads the document finds it, where it was written by [`write_text`].
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_illegal) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|letter| if is_illegal(letter) { char::REPLACEMENT_CHARACTER } else { letter }).collect())
}

/// Appends `text` escaped; returns whether it held characters that XML does not allow, each of which is replaced. Characters that
/// a terminal obeys are written by their number where XML allows them.
pub fn write_text(out: &mut Vec<u8>, text: &str, place: Place) -> bool {
    if !text.bytes().any(|byte| NEEDS_LOOK[usize::from(byte)]) {
        out.extend_from_slice(text.as_bytes());
        return false;
    }
    let mut is_changed = false;
    for letter in text.chars() {
        match letter {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '"' if place == Place::Attribute => out.extend_from_slice(b"&quot;"),
            '\n' | '\t' if place == Place::Content => out.push(letter as u8),
            // A bare carriage return is read as a line feed.
            '\n' | '\t' | '\r' | '\u{7f}'..='\u{9f}' => out.extend_from_slice(format!("&#{};", u32::from(letter)).as_bytes()),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                out.extend_from_slice(REPLACEMENT.as_bytes());
                is_changed = true;
            }
            _ => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    is_changed
}

/// Whether a character that begins with this byte may have to be escaped: controls, markup, and the first bytes of U+0080 to
/// U+00BF and of U+F000 to U+FFFF.
const NEEDS_LOOK: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    let others = [b'&', b'<', b'>', b'"', 0x7f, 0xc2, 0xef];
    let mut index = 0;
    while index < others.len() {
        table[others[index] as usize] = true;
        index += 1;
    }
    table
};
