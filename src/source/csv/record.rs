//! How delimited text separates and quotes its fields, and the walk over one record of it: RFC 4180, with stray quotes taken as letters; it never allocates but for its list of fields.

use memchr::{memchr, memchr2};

/// How fields are separated and quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields that hold delimiters, quotes or line ends.
    pub quote: u8,
    ends: [bool; 256],
}

impl Dialect {
    /// A dialect; both bytes are ASCII and no line end.
    pub fn new(delimiter: u8, quote: u8) -> Self {
        let mut ends = [false; 256];
        for byte in [delimiter, b'\n', b'\r'] {
            ends[usize::from(byte)] = true;
        }
        Self { delimiter, quote, ends }
    }

    /// Whether this byte ends an unquoted field.
    pub fn ends_field(&self, byte: u8) -> bool {
        self.ends[usize::from(byte)]
    }
}

/// How a field is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// The text as it stands: unquoted, or between quotes with none inside.
    Plain,
    /// Doubled quotes inside, or text after the closing quote: [`Field::text`] undoes them.
    Raw,
}

/// A field's place in the text, without its quotes when it is plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// How it is quoted.
    pub quoting: Quoting,
}

impl Field {
    /// Its text, in which quotes are undone with the help of `scratch`.
    pub fn text<'a>(&self, text: &'a str, quote: u8, scratch: &'a mut String) -> &'a str {
        let raw = &text[self.start..self.end];
        match self.quoting {
            Quoting::Plain => raw,
            Quoting::Raw => {
                unquote(raw, quote, scratch);
                scratch
            }
        }
    }
}

/// Fields of a record that are distinguished; a record of so many is not a row.
pub const MOST_FIELDS: usize = 1 << 15;

/// Where a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With its line, or the text.
    Whole {
        /// Where the next record begins.
        next: usize,
        /// Line ends passed.
        lines: u32,
    },
    /// It has a quote that is unclosed, or that closes on another line in the middle of a field.
    Unclosed {
        /// Where the quote opens.
        open: usize,
        /// How far it reaches.
        reaches: usize,
    },
}

/// How many fields a row may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width {
    /// Fields at least: headers up to the last that has a name.
    pub least: usize,
    /// Headers. More fields are fine if they are empty.
    pub most: usize,
}

impl Width {
    /// The width that these headers ask for.
    pub fn of(headers: &[String]) -> Self {
        let named = headers.iter().rposition(|name| !name.is_empty()).map_or(headers.len(), |last| last + 1);
        Self { least: named.max(1), most: headers.len().max(1) }
    }

    /// Whether these fields can be a row.
    pub fn fits(self, fields: &[Field]) -> bool {
        (self.least..MOST_FIELDS).contains(&fields.len()) && fields.iter().skip(self.most).all(|field| field.start == field.end)
    }
}

/// Walks the record that begins at `start` and lists its fields.
pub fn walk(text: &[u8], start: usize, dialect: &Dialect, fields: &mut Vec<Field>) -> Ending {
    fields.clear();
    let mut at = start;
    let mut lines = 0;
    loop {
        let end = if text.get(at) == Some(&dialect.quote) {
            match quoted(text, at, dialect) {
                Ok((field, end, breaks)) => {
                    add(fields, field);
                    lines += breaks;
                    end
                }
                Err(reaches) => return Ending::Unclosed { open: at, reaches },
            }
        } else {
            let end = field_end(text, at, dialect);
            add(fields, Field { start: at, end, quoting: Quoting::Plain });
            end
        };
        match text.get(end) {
            None => return Ending::Whole { next: text.len(), lines },
            Some(b'\n') => return Ending::Whole { next: end + 1, lines: lines + 1 },
            Some(b'\r') => {
                return Ending::Whole { next: end + 1 + usize::from(text.get(end + 1) == Some(&b'\n')), lines: lines + 1 };
            }
            Some(_) => at = end + 1,
        }
    }
}

/// Walks one line, a quote that does not close in it closing at its end.
pub fn walk_line(text: &[u8], start: usize, dialect: &Dialect, fields: &mut Vec<Field>) -> usize {
    let (end, next) = line_end(text, start);
    if let Ending::Unclosed { open, .. } = walk(&text[..end], start, dialect, fields) {
        fields.push(Field { start: open + 1, end, quoting: Quoting::Plain });
    }
    next
}

/// The end of the line that `start` stands in, without and with its line end.
pub fn line_end(text: &[u8], start: usize) -> (usize, usize) {
    match memchr2(b'\n', b'\r', &text[start..]) {
        None => (text.len(), text.len()),
        Some(length) => {
            let end = start + length;
            let pair = text[end] == b'\r' && text.get(end + 1) == Some(&b'\n');
            (end, end + 1 + usize::from(pair))
        }
    }
}

/// The text of a raw field, into `out`.
fn unquote(raw: &str, quote: u8, out: &mut String) {
    out.clear();
    let quote = char::from(quote);
    let mut rest = raw.strip_prefix(quote).unwrap_or(raw);
    while let Some((before, after)) = rest.split_once(quote) {
        out.push_str(before);
        match after.strip_prefix(quote) {
            Some(after) => {
                out.push(quote);
                rest = after;
            }
            None => {
                rest = after;
                break;
            }
        }
    }
    out.push_str(rest);
}

fn add(fields: &mut Vec<Field>, field: Field) {
    if fields.len() < MOST_FIELDS {
        fields.push(field);
    }
}

/// The field that a quote opens, its end and the line ends inside it; how far an unclosed quote reaches.
fn quoted(text: &[u8], open: usize, dialect: &Dialect) -> Result<(Field, usize, u32), usize> {
    let mut from = open + 1;
    let mut doubled = false;
    let close = loop {
        let Some(distance) = memchr(dialect.quote, &text[from..]) else {
            return Err(text.len());
        };
        let at = from + distance;
        if text.get(at + 1) != Some(&dialect.quote) {
            break at;
        }
        doubled = true;
        from = at + 2;
    };
    let breaks = line_breaks(&text[open + 1..close]);
    let after = close + 1;
    if text.get(after).is_none_or(|byte| dialect.ends_field(*byte)) {
        let field = if doubled {
            Field { start: open, end: after, quoting: Quoting::Raw }
        } else {
            Field { start: open + 1, end: close, quoting: Quoting::Plain }
        };
        return Ok((field, after, breaks));
    }
    if breaks > 0 {
        return Err(close);
    }
    let end = field_end(text, after, dialect);
    Ok((Field { start: open, end, quoting: Quoting::Raw }, end, breaks))
}

fn field_end(text: &[u8], from: usize, dialect: &Dialect) -> usize {
    text[from..].iter().position(|byte| dialect.ends_field(*byte)).map_or(text.len(), |length| from + length)
}

/// Line ends inside a quoted field: LF, CRLF and CR, each one.
pub fn line_breaks(text: &[u8]) -> u32 {
    let mut breaks = 0;
    let mut from = 0;
    while let Some(distance) = memchr2(b'\n', b'\r', &text[from..]) {
        let at = from + distance;
        breaks += 1;
        from = at + 1 + usize::from(text[at] == b'\r' && text.get(at + 1) == Some(&b'\n'));
    }
    breaks
}
