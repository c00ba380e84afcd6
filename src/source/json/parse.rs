//! Reads JSON piece by piece: numbers keep their digits as written, and nothing is built that nobody asks for.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::domain::text::thousands;

/// Values within values, at most.
const MAX_DEPTH: usize = 64;
/// Values of a record, at most: each takes many times the memory of its text.
const MAX_VALUES: usize = 1_000_000;
/// Keys of an object that are compared one by one; of more a set is made.
const FEW_KEYS: usize = 32;

/// What is wrong with a text, and the byte at which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The byte.
    pub at: usize,
    /// What is wrong, one phrase.
    pub what: String,
}

/// A value.
#[derive(Debug)]
pub enum Node<'t> {
    /// A text, a number as it is written, `true` or `false`; nothing for `null`.
    Scalar(Option<Cow<'t, str>>),
    /// The elements of an array.
    List(Vec<Node<'t>>),
    /// The members of an object.
    Map(Vec<(Cow<'t, str>, Node<'t>)>),
}

/// What a value begins as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An object.
    Map,
    /// An array.
    List,
    /// Anything else.
    Scalar,
}

/// A place in a text from which values are read.
#[derive(Debug, Clone)]
pub struct Parser<'t> {
    text: &'t str,
    /// The byte that is read next.
    at: usize,
    depth: usize,
    /// Values that the record being read may still have.
    values_left: usize,
}

type Parsed<T> = Result<T, Fault>;

/// Reads the value of a member, which begins behind the key, and is told how many members came before.
type MemberVisit<'v, 't> = dyn FnMut(&mut Parser<'t>, Cow<'t, str>, usize) -> Parsed<()> + 'v;

impl<'t> Parser<'t> {
    /// At the beginning of `text`.
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, depth: 0, values_left: MAX_VALUES }
    }

    /// The next byte behind white space.
    pub fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.at += blank;
        rest.get(blank).copied()
    }

    /// What the next value begins as.
    pub fn kind(&mut self) -> Parsed<Kind> {
        match self.peek() {
            Some(b'{') => Ok(Kind::Map),
            Some(b'[') => Ok(Kind::List),
            Some(_) => Ok(Kind::Scalar),
            None => Err(self.fault("it ends where a value is due")),
        }
    }

    /// A fault at the byte that is read next.
    pub fn fault(&self, what: impl Into<String>) -> Fault {
        Fault { at: self.at, what: what.into() }
    }

    /// Reads an object; `visit` reads the value of each member, which begins behind the key, and is told how many came before.
    pub fn members(&mut self, visit: &mut MemberVisit<'_, 't>) -> Parsed<()> {
        let (mut few, mut many): (Vec<Cow<'t, str>>, BTreeSet<Cow<'t, str>>) = (Vec::new(), BTreeSet::new());
        self.enclosed(b'{', b'}', "an object", &mut |parser| {
            if parser.peek() != Some(b'"') {
                return Err(parser.fault("a key in quotes is due here"));
            }
            let begin = parser.at;
            let key = parser.string()?;
            let before = few.len() + many.len();
            let is_new = match few.len() < FEW_KEYS {
                true if few.contains(&key) => false,
                true => {
                    few.push(key.clone());
                    true
                }
                false => !few.contains(&key) && many.insert(key.clone()),
            };
            if !is_new {
                return Err(Fault { at: begin, what: "an object has a key twice".to_owned() });
            }
            if parser.peek() != Some(b':') {
                return Err(parser.fault("a colon is due behind a key"));
            }
            parser.at += 1;
            visit(parser, key, before)
        })
    }

    /// Reads an array; `visit` reads each element.
    pub fn elements(&mut self, visit: &mut dyn FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        self.enclosed(b'[', b']', "an array", visit)
    }

    fn enclosed(&mut self, open: u8, close: u8, what: &str, item: &mut dyn FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        debug_assert_eq!(self.text.as_bytes().get(self.at), Some(&open));
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(format!("it nests deeper than {MAX_DEPTH} levels")));
        }
        if self.peek() == Some(close) {
            self.at += 1;
            self.depth -= 1;
            return Ok(());
        }
        loop {
            item(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => {
                    self.at += 1;
                    self.depth -= 1;
                    return Ok(());
                }
                Some(_) => return Err(self.fault(format!("a comma or the end of {what} is due here"))),
                None => return Err(self.fault(format!("it ends within {what}"))),
            }
        }
    }

    /// Reads past a value.
    pub fn skip(&mut self) -> Parsed<()> {
        match self.kind()? {
            Kind::Map => self.members(&mut |parser, _, _| parser.skip()),
            Kind::List => self.elements(&mut Self::skip),
            Kind::Scalar => self.scalar().map(drop),
        }
    }

    /// Reads a record whole.
    pub fn record(&mut self) -> Parsed<Node<'t>> {
        self.values_left = MAX_VALUES;
        self.node()
    }

    fn node(&mut self) -> Parsed<Node<'t>> {
        let too_many = || Fault { at: self.at, what: format!("a record has more than {} values", thousands(MAX_VALUES as u64)) };
        self.values_left = self.values_left.checked_sub(1).ok_or_else(too_many)?;
        match self.kind()? {
            Kind::Map => {
                let mut members = Vec::new();
                self.members(&mut |parser, key, _| {
                    members.push((key, parser.node()?));
                    Ok(())
                })?;
                Ok(Node::Map(members))
            }
            Kind::List => {
                let mut elements = Vec::new();
                self.elements(&mut |parser| {
                    elements.push(parser.node()?);
                    Ok(())
                })?;
                Ok(Node::List(elements))
            }
            Kind::Scalar => self.scalar().map(Node::Scalar),
        }
    }

    /// Reads a text, a number, `true`, `false` or `null`.
    pub fn scalar(&mut self) -> Parsed<Option<Cow<'t, str>>> {
        match self.peek() {
            Some(b'"') => self.string().map(Some),
            Some(b'-' | b'0'..=b'9') => self.number().map(|number| Some(Cow::Borrowed(number))),
            _ => {
                let rest = &self.text[self.at..];
                let word = ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word));
                let behind = |word: &str| rest.as_bytes().get(word.len()).is_some_and(u8::is_ascii_alphanumeric);
                let word = word.filter(|word| !behind(word)).ok_or_else(|| self.fault("no value begins like this"))?;
                self.at += word.len();
                Ok((word != "null").then_some(Cow::Borrowed(word)))
            }
        }
    }

    fn number(&mut self) -> Parsed<&'t str> {
        let bytes = &self.text.as_bytes()[self.at..];
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let wrong = || Err(self.fault("a number is not written as JSON writes it"));
        let mut end = usize::from(bytes[0] == b'-');
        let whole = digits(end);
        if whole == 0 || (whole > 1 && bytes[end] == b'0') {
            return wrong();
        }
        end += whole;
        if bytes.get(end) == Some(&b'.') {
            let part = digits(end + 1);
            if part == 0 {
                return wrong();
            }
            end += 1 + part;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits((end + 1 + sign).min(bytes.len()));
            if exponent == 0 {
                return wrong();
            }
            end += 1 + sign + exponent;
        }
        let number = &self.text[self.at..self.at + end];
        self.at += end;
        Ok(number)
    }

    /// Reads a text in quotes, at whose first quote it stands.
    fn string(&mut self) -> Parsed<Cow<'t, str>> {
        let begin = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut text = String::new();
        let (mut at, mut from) = (begin, begin);
        loop {
            let Some(next) = memchr::memchr2(b'"', b'\\', &bytes[at..]) else { return Err(self.fault("a text is never closed")) };
            let piece = &bytes[at..at + next];
            if let Some(control) = piece.iter().position(|byte| *byte < 0x20) {
                return Err(Fault { at: at + control, what: "a text holds a line break or another control character".to_owned() });
            }
            at += next;
            if bytes[at] == b'"' {
                self.at = at + 1;
                let last = &self.text[from..at];
                return Ok(if from == begin { Cow::Borrowed(last) } else { Cow::Owned(text + last) });
            }
            text.push_str(&self.text[from..at]);
            let (letter, length) = escape(&bytes[at..]).map_err(|what| Fault { at, what: what.to_owned() })?;
            text.push(letter);
            at += length;
            from = at;
        }
    }
}

/// The letter that an escape stands for, and the bytes that it takes.
fn escape(bytes: &[u8]) -> Result<(char, usize), &'static str> {
    const WRONG: &str = "a backslash is followed by what it cannot escape";
    let letter = match bytes.get(1).ok_or(WRONG)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(bytes),
        _ => return Err(WRONG),
    };
    Ok((letter, 2))
}

fn unicode(bytes: &[u8]) -> Result<(char, usize), &'static str> {
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let first = unit(2).ok_or("an escape \\u lacks its four digits")?;
    if let Some(letter) = char::from_u32(first) {
        return Ok((letter, 6));
    }
    let second = (bytes.get(6..8) == Some(b"\\u")).then(|| unit(8)).flatten();
    let pair = second.filter(|second| first < 0xdc00 && (0xdc00..0xe000).contains(second));
    let letter = pair.and_then(|second| char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)));
    letter.map(|letter| (letter, 12)).ok_or("an escape \\u is half a letter")
}
