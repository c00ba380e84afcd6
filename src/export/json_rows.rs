//! Writes rows and texts as JSON: an object a row, every key there, nothing in it that a terminal would obey.

use crate::domain::date::text::write_date;
use crate::domain::text::decimal;
use crate::export::typed::{TypedCell, write_exact_instant, write_whole_time};
use crate::report::Column;

/// Writes the rows of a table as objects.
pub struct ObjectWriter {
    /// By column, what stands before its value: `{"phone_number":`, `,"status":`.
    heads: Vec<Vec<u8>>,
}

impl ObjectWriter {
    /// A writer of rows with these columns, in their order.
    pub fn new(columns: &[Column]) -> Self {
        let head = |(place, column): (usize, &Column)| {
            let mut head = vec![if place == 0 { b'{' } else { b',' }];
            write_text(&mut head, &column.key);
            head.push(b':');
            head
        };
        Self { heads: columns.iter().enumerate().map(head).collect() }
    }

    /// Appends row `row` of `columns`, `null` for an empty cell.
    pub fn row(&self, columns: &[Column], row: usize, out: &mut Vec<u8>) {
        for (column, head) in columns.iter().zip(&self.heads) {
            out.extend_from_slice(head);
            match TypedCell::of(column, row) {
                None => out.extend_from_slice(b"null"),
                Some(TypedCell::Text(text)) => write_text(out, text),
                Some(TypedCell::Bool(yes)) => out.extend_from_slice(if yes { b"true" } else { b"false" }),
                Some(TypedCell::Date(days)) => quoted(out, |out| write_date(out, days)),
                Some(TypedCell::Time(seconds)) => quoted(out, |out| write_whole_time(out, seconds)),
                Some(TypedCell::Instant(micros)) => quoted(out, |out| write_exact_instant(out, micros)),
                Some(TypedCell::Count(count)) => out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes()),
                Some(TypedCell::Amount(hundredths)) => out.extend_from_slice(decimal(hundredths).as_bytes()),
                Some(TypedCell::Share(share)) => out.extend_from_slice(share.to_string().as_bytes()),
            }
        }
        out.extend_from_slice(if self.heads.is_empty() { b"{}" } else { b"}" });
    }
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

/// Appends `text` as a JSON string. Escaped are, beside what JSON asks for, the other characters that a terminal obeys (U+007F to
/// U+009F) and those that end a line in JavaScript (U+2028, U+2029).
pub fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    write_escaped(out, text, |byte| NEEDS_LOOK[usize::from(byte)]);
    out.push(b'"');
}

/// `json`, which is JSON already, with the same characters escaped within its strings.
pub fn harmless(json: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    write_escaped(&mut out, json, |byte| byte >= 0x7f && NEEDS_LOOK[usize::from(byte)]);
    out
}

/// Appends `text`; of the characters whose first byte `is_suspect` those that need it are escaped.
fn write_escaped(out: &mut Vec<u8>, text: &str, is_suspect: impl Fn(u8) -> bool) {
    let bytes = text.as_bytes();
    let mut done = 0;
    let mut at = 0;
    while let Some(step) = bytes[at..].iter().position(|byte| is_suspect(*byte)) {
        at += step;
        let (escape, length) = match &bytes[at..] {
            [b'"', ..] => (Escape::Sign(b'"'), 1),
            [b'\\', ..] => (Escape::Sign(b'\\'), 1),
            [b'\n', ..] => (Escape::Sign(b'n'), 1),
            [b'\r', ..] => (Escape::Sign(b'r'), 1),
            [b'\t', ..] => (Escape::Sign(b't'), 1),
            [byte @ (..0x20 | 0x7f), ..] => (Escape::Unit(u16::from(*byte)), 1),
            [0xc2, byte @ 0x80..=0x9f, ..] => (Escape::Unit(u16::from(*byte)), 2),
            [0xe2, 0x80, byte @ 0xa8..=0xa9, ..] => (Escape::Unit(0x2000 + u16::from(*byte) - 0x80), 3),
            _ => {
                at += 1;
                continue;
            }
        };
        out.extend_from_slice(&bytes[done..at]);
        match escape {
            Escape::Sign(sign) => out.extend_from_slice(&[b'\\', sign]),
            Escape::Unit(unit) => out.extend_from_slice(format!("\\u{unit:04x}").as_bytes()),
        }
        at += length;
        done = at;
    }
    out.extend_from_slice(&bytes[done..]);
}

/// How a character is written.
enum Escape {
    /// A backslash and this.
    Sign(u8),
    /// By the number of its UTF-16 unit.
    Unit(u16),
}

/// Whether a character that begins with this byte may have to be escaped.
const NEEDS_LOOK: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table[0x7f] = true;
    table[0xc2] = true;
    table[0xe2] = true;
    table
};
