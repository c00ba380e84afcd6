//! Reads one phone number: plain digits and separators first, then the shapes beyond them.

use crate::domain::number::e164::{DefaultNumbering, Digits, InvalidNumber, Number, Repair, nanp};
use crate::domain::number::international::interpret;
use crate::domain::number::pieces::unwrap;
use crate::domain::number::several::{is_block, is_several, sides};
use crate::domain::number::single::{beside, single};

/// Reads one telephone number. Spaces, dashes, dots, parentheses, slashes and invisible marks do not
/// count; `+`, `00` and `011` announce a calling code; a spreadsheet's decimal is made whole again when
/// no digit is lost; an extension is left off, and so are the parameters of a `tel:` address, but nothing
/// else. Numbers under +1 are read without allocating.
///
/// # Errors
/// [`InvalidNumber`] when the text is no usable number.
pub fn parse(text: &str, bare: DefaultNumbering) -> Result<Number, InvalidNumber> {
    let mut digits = Digits::default();
    let (mut plus, mut dots) = (false, 0);
    for &byte in text.as_bytes() {
        match byte {
            b'0'..=b'9' => digits.push(byte),
            b' ' | b'(' | b')' => {}
            b'-' if digits.count > 0 => {}
            b'.' => dots += 1,
            b'+' if digits.count == 0 && !plus => plus = true,
            _ => return parse_lenient(text, bare),
        }
    }
    let national = match digits.count {
        11 if digits.bytes[0] == b'1' => &digits.bytes[1..11],
        10 if !plus && bare == DefaultNumbering::Nanp && digits.bytes[0] != b'0' => &digits.bytes[..10],
        _ => return parse_lenient(text, bare),
    };
    // One dot may be a decimal point: 1650555123.0 is not 1 650 555 1230.
    if dots == 1 { parse_lenient(text, bare) } else { nanp(national, Repair::None) }
}

/// The number that a person means by `text`, in any format: a national one under +1 first, else one with its calling code.
///
/// # Errors
/// Why it is none under +1.
pub fn meant(text: &str) -> Result<Number, InvalidNumber> {
    parse(text, DefaultNumbering::Nanp).or_else(|fault| parse(text, DefaultNumbering::International).map_err(|_| fault))
}

/// The shapes beyond plain digits and separators.
fn parse_lenient(text: &str, bare: DefaultNumbering) -> Result<Number, InvalidNumber> {
    let text = unwrap(text);
    if text.is_empty() {
        return Err(InvalidNumber::Empty);
    }
    if let Some(decimal) = decimal(text) {
        let (plus, digits) = decimal?;
        return interpret(digits.as_slice()?, plus, bare, Repair::DecimalRestored);
    }
    let (text, repair) = main_number(text)?;
    if sides(text, bare).is_some() || is_block(text) {
        return Err(InvalidNumber::Several);
    }
    single(text, bare, repair).map_err(|fault| if is_several(text) { InvalidNumber::Several } else { fault })
}

/// `6505551234.0`, `6.505551234E9`: the digits behind a spreadsheet's decimal; `None` for other texts.
/// Shortest decimal texts drop trailing zeros only, so up to two may be put back; more would be a guess.
fn decimal(text: &str) -> Option<Result<(bool, Digits), InvalidNumber>> {
    let (plus, text) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix('+').unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 40 || fraction.len() > 40 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let length = match exponent {
        None if fraction.is_empty() || !mantissa.contains('.') || whole.len() < 10 || fraction.bytes().any(|b| b != b'0') => return None,
        None => whole.len(),
        Some(exponent) if exponent.is_empty() || exponent.len() > 2 || !all_digits(exponent) => return None,
        Some(exponent) => whole.len() + exponent.parse::<usize>().ok()?,
    };
    if length >= 15 {
        return Some(Err(InvalidNumber::DigitsLost));
    }
    let mut digits = Digits::default();
    let mut given = whole.bytes().chain(fraction.bytes());
    given.by_ref().take(length).for_each(|byte| digits.push(byte));
    let missing = length - digits.count;
    if missing > 2 || given.any(|byte| byte != b'0') {
        return Some(Err(InvalidNumber::DigitsLost));
    }
    (0..missing).for_each(|_| digits.push(b'0'));
    Some(Ok((plus, digits)))
}

/// Parameters of a `tel:` address (RFC 3966, RFC 4694): they say how to dial a number, not which.
const PARAMETERS: [&str; 11] =
    ["phone-context", "isub", "npdi", "rn", "rn-context", "cic", "cic-context", "tgrp", "trunk-context", "enumdi", "postd"];

/// The number itself, without an extension and without the parameters of a `tel:` address.
fn main_number(text: &str) -> Result<(&str, Repair), InvalidNumber> {
    let mut parts = text.split(';');
    let main = parts.next().unwrap_or_default();
    let mut repair = Repair::None;
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        let name = part.split('=').next().unwrap_or_default();
        if is_extension(part) {
            repair = Repair::ExtensionRemoved;
        } else if !PARAMETERS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return Err(beside(part));
        }
    }
    Ok(match extension(main) {
        Some(main) => (main, Repair::ExtensionRemoved),
        None => (main, repair),
    })
}

/// The text before an extension (`x12`, `ext. 12`, `#12`, `,12`), if it ends in one.
fn extension(text: &str) -> Option<&str> {
    let (main, rest) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic() || matches!(c, '#' | ','))?);
    let enough = main.chars().filter(char::is_ascii_digit).count() >= 7;
    (enough && is_extension(rest) && !is_next_number(main, rest)).then_some(main)
}

/// Whether what stands behind a comma is the end of a further number, as in `415-555-2000, 2001`.
fn is_next_number(main: &str, rest: &str) -> bool {
    let Some(next) = rest.strip_prefix(',').map(str::trim) else { return false };
    let ending: String = main.chars().filter(char::is_ascii_digit).collect();
    next.len() == 4 && next > &ending[ending.len() - 4..]
}

fn is_extension(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let number = ["extension", "ext=", "ext.", "ext", "x.", "x", "#", ","].iter().find_map(|word| text.strip_prefix(word));
    let number = number.map(|number| number.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '#' | '.')));
    number.is_some_and(|number| (1..=7).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
}
