//! Reads one cell of a worksheet from its XML, as spreadsheet programs write it.

use std::borrow::Cow;

use calamine::{CellErrorType, DataRef};
use quick_xml::escape::unescape;

use crate::source::workbook::child::number_formats::{NumberKind, number_value};
use crate::source::workbook::child::shared_strings::SharedStrings;
use crate::source::workbook::child::xml_text::{append_string_item, plain_string_item, resolve_text};
use crate::source::workbook::child::xml_window::{Gap, Look, attributes, expect, next_tag, until_closing};

/// Whole numbers of so many digits are exact.
const EXACT_DIGITS: usize = 15;

/// What the cells of a workbook refer to.
pub struct CellContext {
    /// What a cell of type `s` shows.
    pub strings: SharedStrings,
    /// For each style what its numbers are.
    pub styles: Vec<NumberKind>,
    /// Whether dates count from 1904.
    pub is_1904: bool,
}

/// A cell as it is written.
#[derive(Default)]
pub struct Cell<'t> {
    /// Row and column, from 0, where it says so.
    pub place: Option<(u32, u32)>,
    style: Option<usize>,
    kind: Kind,
    content: Option<Content<'t>>,
    /// Whether its value is a formula's result.
    pub has_formula: bool,
}

/// The type of a cell.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    SharedString,
    InlineString,
    FormulaString,
    Bool,
    Error,
    IsoDate,
}

/// Where the value of a cell stands.
#[derive(Clone, Copy)]
enum Content<'t> {
    Value(&'t str),
    Inline(&'t str),
}

/// Reads the cell whose tag's name ends at `at`, and returns where it ends.
///
/// # Errors
/// `Unknown` when it is not written plainly.
pub fn read_cell(text: &str, at: usize) -> Look<(Cell<'_>, usize)> {
    let mut cell = Cell::default();
    let mut has_kind = false;
    let (mut at, is_empty) = attributes(text, at, |name, value| {
        let is_new = match name {
            b"r" => cell.place.replace(parse_place(value).ok_or(Gap::Unknown)?).is_none(),
            b"s" => cell.style.replace(digits(value, 7).ok_or(Gap::Unknown)? as usize).is_none(),
            b"t" => {
                cell.kind = kind(value)?;
                !std::mem::replace(&mut has_kind, true)
            }
            _ => true,
        };
        if is_new { Ok(()) } else { Err(Gap::Unknown) }
    })?;
    if is_empty {
        return Ok((cell, at));
    }
    loop {
        let start = next_tag(text, at)?;
        if text[at..start].bytes().any(|byte| !byte.is_ascii_whitespace()) {
            return Err(Gap::Unknown);
        }
        let content = match text.as_bytes().get(start + 1).ok_or(Gap::Cut)? {
            b'/' => return Ok((cell, expect(text, start, "</c>")?)),
            b'v' => {
                let (value, end) = read_element(text, start, "<v", "</v>")?;
                at = end;
                Content::Value(value)
            }
            b'f' => {
                at = read_formula(text, start)?;
                cell.has_formula = true;
                continue;
            }
            b'i' => {
                let (content, end) = until_closing(text, expect(text, start, "<is>")?, "</is>")?;
                at = end;
                Content::Inline(content)
            }
            _ => return Err(Gap::Unknown),
        };
        // Of two values the last one counts, but which it is depends on their types.
        if cell.content.replace(content).is_some() {
            return Err(Gap::Unknown);
        }
    }
}

/// The text of an element that holds nothing else.
fn read_element<'t>(text: &'t str, at: usize, open: &str, close: &str) -> Look<(&'t str, usize)> {
    let (start, is_empty) = attributes(text, expect(text, at, open)?, |_, _| Ok(()))?;
    if is_empty {
        return Ok(("", start));
    }
    let end = next_tag(text, start)?;
    Ok((&text[start..end], expect(text, end, close)?))
}

/// Goes past a formula that the general reader would not refuse.
fn read_formula(text: &str, at: usize) -> Look<usize> {
    let (mut kind, mut index, mut range) = (None, None, None);
    let (start, is_empty) = attributes(text, expect(text, at, "<f")?, |name, value| {
        let known = match name {
            b"t" => &mut kind,
            b"si" => &mut index,
            b"ref" => &mut range,
            _ => return Ok(()),
        };
        if known.replace(value).is_none() { Ok(()) } else { Err(Gap::Unknown) }
    })?;
    let is_sound = range.is_none_or(is_range) && (kind != Some("shared") || index.is_some_and(|index| digits(index, 7).is_some()));
    let end = if is_empty { start } else { next_tag(text, start)? };
    let formula = &text[start..end];
    if !is_sound || (formula.contains('&') && unescape(formula).is_err()) {
        return Err(Gap::Unknown);
    }
    if is_empty { Ok(end) } else { expect(text, end, "</f>") }
}

fn kind(name: &str) -> Look<Kind> {
    Ok(match name {
        "n" => Kind::Number,
        "s" => Kind::SharedString,
        "inlineStr" => Kind::InlineString,
        "str" => Kind::FormulaString,
        "b" => Kind::Bool,
        "e" => Kind::Error,
        "d" => Kind::IsoDate,
        _ => return Err(Gap::Unknown),
    })
}

impl Cell<'_> {
    /// Its value; `None` when it is not written plainly. `scratch` is an empty text that it may borrow from.
    pub fn value<'v>(&'v self, context: &'v CellContext, scratch: &'v mut String) -> Option<DataRef<'v>> {
        let raw = match self.content {
            None => return Some(DataRef::Empty),
            Some(Content::Inline(content)) => {
                if let Some(text) = plain_string_item(content) {
                    return Some(DataRef::SharedString(text));
                }
                append_string_item(scratch, content)?;
                return Some(DataRef::SharedString(scratch));
            }
            Some(Content::Value(raw)) => raw,
        };
        match self.kind {
            Kind::InlineString => Some(DataRef::Empty),
            Kind::FormulaString => Some(match resolve_text(raw)? {
                Cow::Borrowed(text) => DataRef::SharedString(text),
                Cow::Owned(text) => DataRef::String(text),
            }),
            // An ISO date is text, and an empty one is not nothing.
            Kind::IsoDate => (!raw.contains(['&', '\r'])).then(|| DataRef::DateTimeIso(raw.to_owned())),
            Kind::Error => raw.parse::<CellErrorType>().ok().map(DataRef::Error),
            Kind::Bool => match raw {
                "0" => Some(DataRef::Bool(false)),
                "1" => Some(DataRef::Bool(true)),
                _ => None,
            },
            Kind::SharedString | Kind::Number if raw.is_empty() => Some(DataRef::Empty),
            Kind::SharedString => context.strings.get(digits(raw, 9)? as usize).map(DataRef::SharedString),
            Kind::Number => {
                let number = parse_number(raw)?;
                let kind = self.style.and_then(|style| context.styles.get(style)).copied().unwrap_or(NumberKind::Plain);
                Some(number_value(number, kind, context.is_1904))
            }
        }
    }
}

/// A number in digits, with a fraction and an exponent or without.
fn parse_number(raw: &str) -> Option<f64> {
    if raw.len() <= EXACT_DIGITS && raw.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(raw.bytes().fold(0_u64, |value, byte| value * 10 + u64::from(byte - b'0')) as f64);
    }
    let unsigned = raw.strip_prefix('-').unwrap_or(raw);
    let is_plain = unsigned.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    // Letters of "inf" and "nan" are none of these, and a number that begins otherwise is left to the general reader.
    if !is_plain || !unsigned.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    raw.parse().ok()
}

/// A whole number of at most so many digits.
pub fn digits(raw: &str, most: usize) -> Option<u32> {
    let is_plain = !raw.is_empty() && raw.len() <= most && raw.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| raw.bytes().fold(0, |value, byte| value * 10 + u32::from(byte - b'0')))
}

/// Row and column, from 0, of a reference such as `AB12`.
fn parse_place(raw: &str) -> Option<(u32, u32)> {
    let bytes = raw.as_bytes();
    let mut column = 0;
    let mut letters = 0;
    while let Some(letter @ b'A'..=b'Z') = bytes.get(letters) {
        column = column * 26 + u32::from(letter - b'A') + 1;
        letters += 1;
        if letters > 3 {
            return None;
        }
    }
    let row = digits(&raw[letters..], 7)?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

/// Whether this is a reference, or two of them in order.
pub fn is_range(raw: &str) -> bool {
    match raw.split_once(':') {
        None => parse_place(raw).is_some(),
        Some((first, last)) => match (parse_place(first), parse_place(last)) {
            (Some(first), Some(last)) => first.0 <= last.0 && first.1 <= last.1,
            _ => false,
        },
    }
}
