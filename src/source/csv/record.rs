//! How delimited text separates and quotes its fields, and the walk over one record of it: RFC 4180, with stray quotes taken as letters; it never allocates but for its list of fields.

use memchr::{memchr, memchr2};

/// How fields are separated and quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields that hold delimiters, quotes or line ends.
    pub quote: u8,
    /// Whether a backslash inside quotes makes the quote or backslash behind it a letter. Doubled quotes are letters either way.
    pub backslash: bool,
    /// Whether a blank behind a delimiter belongs to it, and a quote behind blanks opens a field.
    pub padded: bool,
    /// The bytes that end an unquoted field.
    ends: [bool; 256],
    /// These and the quote.
    stops: [bool; 256],
}

impl Dialect {
    /// A dialect of doubled quotes without blanks behind delimiters; both bytes are ASCII and no line end.
    pub fn new(delimiter: u8, quote: u8) -> Self {
        let mut ends = [false; 256];
        for byte in [delimiter, b'\n', b'\r'] {
            ends[usize::from(byte)] = true;
        }
        let mut stops = ends;
        stops[usize::from(quote)] = true;
        Self { delimiter, quote, backslash: false, padded: false, ends, stops }
    }

    /// The same delimiter and quote, with blanks and backslashes read so.
    #[must_use]
    pub fn with(&self, padded: bool, backslash: bool) -> Self {
        Self { padded, backslash, ..self.clone() }
    }

    /// Whether this byte ends an unquoted field.
    pub fn ends_field(&self, byte: u8) -> bool {
        self.ends[usize::from(byte)]
    }

    /// Where the field behind a delimiter begins: behind a blank that belongs to the delimiter, at a quote behind blanks.
    fn field_start(&self, text: &[u8], at: usize) -> usize {
        if !self.padded {
            return at;
        }
        let blanks = text[at..].iter().take_while(|byte| **byte == b' ').count();
        if text.get(at + blanks) == Some(&self.quote) { at + blanks } else { at + blanks.min(1) }
    }

    /// Whether a quote behind this text, which is not quoted, opens a field.
    pub(crate) fn opens_after(&self, before: &[u8]) -> bool {
        let last = before.last().copied();
        if !self.padded || last != Some(b' ') {
            return last.is_some_and(|byte| self.ends_field(byte));
        }
        before.iter().rev().find(|byte| **byte != b' ') == Some(&self.delimiter)
    }

    /// Whether the quote at `at`, in a field whose text begins at `start`, is a letter behind a backslash.
    fn is_escaped(&self, text: &[u8], start: usize, at: usize) -> bool {
        self.backslash && text[start..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
    }

    /// Where a field whose quotes close before `after` ends: there, or behind blanks; `None` when text follows the quote.
    pub(crate) fn end_after_quote(&self, text: &[u8], after: usize) -> Option<usize> {
        let is_end = |at: usize| text.get(at).is_none_or(|byte| self.ends_field(*byte));
        if is_end(after) {
            return Some(after);
        }
        let blanks = text[after..].iter().take_while(|byte| **byte == b' ').count();
        is_end(after + blanks).then_some(after + blanks)
    }

    /// The quote, from `from` on, that is no letter, in a field whose text begins at `start`; whether others before it are.
    pub(crate) fn closing_quote(&self, text: &[u8], start: usize, from: usize) -> (Option<usize>, bool) {
        let (mut from, mut letters) = (from, false);
        while let Some(distance) = memchr(self.quote, &text[from..]) {
            let at = from + distance;
            let escaped = self.is_escaped(text, start, at);
            if !escaped && text.get(at + 1) != Some(&self.quote) {
                return (Some(at), letters);
            }
            letters = true;
            from = at + if escaped { 1 } else { 2 };
        }
        (None, letters)
    }
}

/// How a field is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// The text as it stands: unquoted, or between quotes with none inside.
    Plain,
    /// Between quotes, with quotes or backslashes inside: [`Field::text`] undoes them.
    Raw,
}

/// A field's place in the text, without the quotes around it.
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
    pub fn text<'a>(&self, text: &'a str, dialect: &Dialect, scratch: &'a mut String) -> &'a str {
        let raw = &text[self.start..self.end];
        match self.quoting {
            Quoting::Plain => raw,
            Quoting::Raw => {
                unquote(raw, dialect, scratch);
                scratch
            }
        }
    }

    /// Whether nothing but white space is in it.
    pub fn is_blank(&self, text: &str) -> bool {
        text[self.start..self.end].trim().is_empty()
    }

    /// Whether it is unquoted and holds a quote: one in the middle is a letter, and a sign of quotes that went wrong.
    pub fn is_stray(&self, text: &[u8], quote: u8) -> bool {
        self.quoting == Quoting::Plain && memchr(quote, &text[self.start..self.end]).is_some()
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
        /// Whether quotes were taken as letters.
        quotes: QuoteLetters,
    },
    /// It has a quote that is unclosed, or that closes on another line in the middle of a field.
    Unclosed {
        /// How far it reaches.
        reaches: usize,
    },
}

/// Which quotes of a record were taken as letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuoteLetters {
    /// Some that are neither doubled nor escaped, inside quotes.
    pub inside: bool,
    /// Some in unquoted fields.
    pub outside: bool,
}

/// How many fields a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Width {
    /// Fields, all of them.
    pub fields: usize,
    /// How many of these, the last ones, stand beyond the header and are blank in every row.
    pub surplus: usize,
}

impl Width {
    /// Whether these fields can be a row. One field more or fewer, even a blank one, may stand anywhere in it.
    pub fn fits(self, text: &str, fields: &[Field]) -> bool {
        fields.len() == self.fields && (self.surplus == 0 || fields[self.fields - self.surplus..].iter().all(|field| field.is_blank(text)))
    }
}

/// Walks the record that begins at `start` and lists its fields.
pub fn walk(text: &[u8], start: usize, dialect: &Dialect, fields: &mut Vec<Field>) -> Ending {
    fields.clear();
    let mut at = start;
    let mut lines = 0;
    let mut quotes = QuoteLetters::default();
    loop {
        let end = if text.get(at) == Some(&dialect.quote) {
            match quoted(text, at, dialect) {
                Ok(quoted) => {
                    add(fields, quoted.field);
                    lines += quoted.breaks;
                    quotes.inside |= quoted.loose;
                    quoted.end
                }
                Err(reaches) => return Ending::Unclosed { reaches },
            }
        } else {
            let mut end = stop(text, at, dialect);
            if text.get(end) == Some(&dialect.quote) {
                quotes.outside = true;
                end = field_end(text, end, dialect);
            }
            add(fields, Field { start: at, end, quoting: Quoting::Plain });
            end
        };
        match text.get(end) {
            None => return Ending::Whole { next: text.len(), lines, quotes },
            Some(b'\n') => return Ending::Whole { next: end + 1, lines: lines + 1, quotes },
            Some(b'\r') => {
                return Ending::Whole { next: end + 1 + usize::from(text.get(end + 1) == Some(&b'\n')), lines: lines + 1, quotes };
            }
            Some(_) => at = dialect.field_start(text, end + 1),
        }
    }
}

/// Walks one line, in which a quote that opens a field is a letter unless it closes at the end of one.
pub fn walk_line(text: &[u8], start: usize, dialect: &Dialect, fields: &mut Vec<Field>) -> usize {
    fields.clear();
    let (line, next) = line_end(text, start);
    let text = &text[..line];
    let mut at = start;
    loop {
        let clean = (text.get(at) == Some(&dialect.quote)).then(|| quoted(text, at, dialect).ok().filter(|quoted| !quoted.loose));
        let end = match clean.flatten() {
            Some(quoted) => {
                add(fields, quoted.field);
                quoted.end
            }
            None => {
                let end = field_end(text, at, dialect);
                add(fields, Field { start: at, end, quoting: Quoting::Plain });
                end
            }
        };
        if end >= line {
            return next;
        }
        at = dialect.field_start(text, end + 1);
    }
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
fn unquote(raw: &str, dialect: &Dialect, out: &mut String) {
    out.clear();
    let quote = char::from(dialect.quote);
    let is_special = |letter: char| letter == quote || (dialect.backslash && letter == '\\');
    let mut rest = raw;
    while let Some(at) = rest.find(is_special) {
        let (before, after) = rest.split_at(at + 1);
        let next = after.chars().next().filter(|letter| is_special(*letter));
        // Of two quotes one is meant, and of a backslash and what it escapes the latter; alone, each stands for itself.
        match next {
            Some(next) if before.ends_with('\\') || next == quote => {
                out.push_str(&before[..at]);
                out.push(next);
                rest = &after[1..];
            }
            _ => {
                out.push_str(before);
                rest = after;
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

/// A field between quotes.
struct QuotedField {
    field: Field,
    /// Where its delimiter or line end stands.
    end: usize,
    /// Line ends inside it.
    breaks: u32,
    loose: bool,
}

/// The field that a quote opens; how far an unclosed quote reaches. A quote with text behind it is a letter where the
/// field closes on the line that it opens on; else there is no telling where the field ends.
fn quoted(text: &[u8], open: usize, dialect: &Dialect) -> Result<QuotedField, usize> {
    let start = open + 1;
    let (mut from, mut limit) = (start, text.len());
    let (mut raw, mut loose) = (false, false);
    loop {
        let (close, letters) = dialect.closing_quote(&text[..limit], start, from);
        raw |= letters;
        let Some(close) = close else {
            return Err(limit);
        };
        if let Some(end) = dialect.end_after_quote(text, close + 1) {
            let inside = &text[start..close];
            let raw = raw || loose || (dialect.backslash && memchr(b'\\', inside).is_some());
            let quoting = if raw { Quoting::Raw } else { Quoting::Plain };
            let breaks = if loose { 0 } else { line_breaks(inside) };
            return Ok(QuotedField { field: Field { start, end: close, quoting }, end, breaks, loose });
        }
        if !loose {
            if memchr2(b'\n', b'\r', &text[start..close]).is_some() {
                return Err(close);
            }
            limit = line_end(text, close).0;
        }
        loose = true;
        from = close + 1;
    }
}

/// The first byte that ends an unquoted field, or quote.
fn stop(text: &[u8], from: usize, dialect: &Dialect) -> usize {
    text[from..].iter().position(|byte| dialect.stops[usize::from(*byte)]).map_or(text.len(), |length| from + length)
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
