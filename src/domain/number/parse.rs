//! Reads one phone number: plain digits and separators first, then the shapes beyond them; and ranges: `35319609036 - 46` is eleven.

use std::ops::RangeInclusive;

use crate::domain::number::e164::{DefaultNumbering, Digits, InvalidNumber, Number, Repair, nanp};
use crate::domain::number::international::interpret;
use crate::domain::number::pieces::{digit, is_dash, is_separator, sides, unwrap};

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
    if sides(text).is_some() {
        return Err(InvalidNumber::Several);
    }
    let mut digits = Digits::default();
    let mut plus = false;
    for (at, character) in text.char_indices() {
        match character {
            '+' | '＋' if digits.count == 0 && !plus => plus = true,
            '-' if digits.count == 0 && !plus => return Err(InvalidNumber::NotANumber),
            _ => match digit(character) {
                Some(value) => digits.push(value),
                None if is_separator(character) => {}
                None => return Err(beside(&text[at + character.len_utf8()..])),
            },
        }
    }
    if bare == DefaultNumbering::International && is_nanp_grouping(text) {
        // A calling code is never grouped so; only what no number under +1 can be is tried as another.
        if let Ok(number) = nanp(digits.as_slice()?, repair) {
            return Ok(number);
        }
    }
    match digits.count {
        0 => Err(InvalidNumber::NotANumber),
        20.. => Err(InvalidNumber::Several),
        _ => interpret(digits.as_slice()?, plus, bare, repair),
    }
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

/// The fault of a text with something beside a number: another number, or what is none.
fn beside(rest: &str) -> InvalidNumber {
    let more = rest.bytes().filter(u8::is_ascii_digit).count() >= 4 && rest.trim_start().starts_with(|c: char| "+(0123456789".contains(c));
    if more { InvalidNumber::Several } else { InvalidNumber::NotANumber }
}

/// The text before an extension (`x12`, `ext. 12`, `#12`, `,12`), if it ends in one.
fn extension(text: &str) -> Option<&str> {
    let (main, rest) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic() || matches!(c, '#' | ','))?);
    let enough = main.chars().filter(char::is_ascii_digit).count() >= 7;
    (enough && is_extension(rest)).then_some(main)
}

fn is_extension(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let number = ["extension", "ext=", "ext.", "ext", "x.", "x", "#", ","].iter().find_map(|word| text.strip_prefix(word));
    let number = number.map(|number| number.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '#' | '.')));
    number.is_some_and(|number| (1..=7).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether ten digits are grouped as numbers under +1 are: `(650) 253-0001`, `650-253-0001`, `650.253.0001`.
fn is_nanp_grouping(text: &str) -> bool {
    let mut groups = text.split(|c: char| digit(c).is_none()).map(str::chars).map(Iterator::count).filter(|count| *count > 0);
    let grouped = [groups.next(), groups.next(), groups.next(), groups.next()] == [Some(3), Some(3), Some(4), None];
    let parentheses = text.trim_start().starts_with('(');
    let joined = |sign: fn(char) -> bool| text.chars().filter(|c| sign(*c)).count() == 2;
    grouped && (parentheses || joined(is_dash) || joined(|c| c == '.'))
}

/// Numbers a range may have; the largest block that is assigned whole.
const MOST_RANGE_NUMBERS: u64 = 10_000;

/// The numbers of a range as whole numbers, calling code first: `35319609036 - 35319609046`, or with only
/// the last digits of its end, `35319609036 - 46`. `None` when the text is no range.
///
/// # Errors
/// The fault of its first number, or [`InvalidNumber::BadRange`] when it does not run upwards, its end is no
/// number, or it has more than 10,000 numbers.
pub fn range(text: &str, bare: DefaultNumbering) -> Option<Result<RangeInclusive<u64>, InvalidNumber>> {
    let (first, last) = sides(unwrap(text))?;
    Some(range_numbers(first, last.trim(), bare))
}

fn range_numbers(first: &str, last: &str, bare: DefaultNumbering) -> Result<RangeInclusive<u64>, InvalidNumber> {
    let whole = |text: &str| {
        let number = parse(text, bare)?;
        let digits = number.as_str().trim_start_matches('+').parse::<u64>().ok();
        digits.filter(|_| number.repair == Repair::None).ok_or(InvalidNumber::BadRange)
    };
    let start = whole(first)?;
    let shorter = last.len() < start.to_string().len() && last.bytes().all(|b| b.is_ascii_digit());
    let end = match last.parse::<u64>() {
        // Only the digits that change are written.
        Ok(ending) if shorter => {
            let places = 10_u64.pow(last.len() as u32);
            start / places * places + ending
        }
        _ => whole(last).map_err(|_| InvalidNumber::BadRange)?,
    };
    let runs = start < end && end - start < MOST_RANGE_NUMBERS;
    if runs { Ok(start..=end) } else { Err(InvalidNumber::BadRange) }
}
