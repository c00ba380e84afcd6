//! Tells whether a cell holds several numbers: the two sides of a range, a block, one behind the other.

use crate::domain::number::e164::{DefaultNumbering, Digits, Repair, nanp};
use crate::domain::number::pieces::{digit, is_dash, is_separator};
use crate::domain::number::single::single;

/// Digits that a whole number has at least, where a dash may also stand inside one.
const WHOLE: usize = 10;

/// What stands before and behind the sign of a range: a word or sign that no number has, a dash with a blank before it
/// behind a whole number, or one behind a number that is whole without what follows and would be none with it.
pub(in crate::domain::number) fn sides(text: &str, bare: DefaultNumbering) -> Option<(&str, &str)> {
    let mut digits = 0;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        if digits >= 7
            && let Some(sign) = sign(&text[at..], before)
        {
            return Some((&text[..at], &text[at + sign..]));
        }
        if is_dash(character) && digits >= WHOLE {
            let (first, last) = (&text[..at], &text[at + character.len_utf8()..]);
            if before.is_whitespace() || is_whole(first, last, text, bare) {
                return Some((first, last));
            }
        }
        digits += usize::from(digit(character).is_some());
        before = character;
    }
    None
}

/// The bytes of a sign of a range with which `text` begins, dashes aside.
fn sign(text: &str, before: char) -> Option<usize> {
    let first = text.as_bytes()[0];
    if first.is_ascii_alphabetic() {
        let word = &text[..text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len())];
        let known = ["to", "thru", "through", "until", "till"].iter().any(|known| word.eq_ignore_ascii_case(known));
        return (known && !before.is_alphabetic() && text[word.len()..].contains(|c| digit(c).is_some())).then_some(word.len());
    }
    if first.is_ascii_digit() || first == b' ' {
        return None;
    }
    ["...", "..", "…", "->", "=>", "→", "⇒", "~", "～"].iter().find(|sign| text.starts_with(**sign)).map(|sign| sign.len())
}

/// Whether `first` is a whole number to which the digits of `last` do not belong: one under +1, which has no more digits,
/// or another if all of `text` is no number.
fn is_whole(first: &str, last: &str, text: &str, bare: DefaultNumbering) -> bool {
    let follows = last.trim_start().starts_with(|c: char| digit(c).is_some() || matches!(c, '+' | '('));
    let nanp = |text: &str| digits_of(text).is_some_and(|digits| is_under_plus_one(&digits));
    follows && (nanp(first) || single(first, bare, Repair::None).is_ok() && single(text, bare, Repair::None).is_err())
}

fn is_under_plus_one(digits: &Digits) -> bool {
    let Ok(digits) = digits.as_slice() else { return false };
    let national = if digits.len() == 11 { digits.strip_prefix(b"1").unwrap_or(digits) } else { digits };
    nanp(national, Repair::None).is_ok()
}

/// The digits of a text that has nothing but them, a plus and separators.
fn digits_of(text: &str) -> Option<Digits> {
    let mut digits = Digits::default();
    for character in text.chars() {
        match digit(character) {
            Some(value) => digits.push(value),
            None if is_separator(character) || matches!(character, '+' | '＋') => {}
            None => return None,
        }
    }
    Some(digits)
}

/// What stands for a digit that is left open.
const OPEN: [char; 5] = ['x', 'X', '*', '#', '?'];

/// Whether a text is a block of numbers whose last digits are left open: `415-555-20XX`.
pub(in crate::domain::number) fn is_block(text: &str) -> bool {
    let Some(at) = text.find(OPEN) else { return false };
    let open = text[at..].chars().filter(|c| !is_separator(*c));
    let known = text[..at].chars().filter(|c| digit(*c).is_some()).count();
    let all_open = open.clone().all(|c| OPEN.contains(&c));
    all_open && known >= 6 && (10..=15).contains(&(known + open.count()))
}

/// Whether a text that is no number begins with one under +1, behind whose end further digits stand: `415-555-2000 2001`.
pub(in crate::domain::number) fn is_several(text: &str) -> bool {
    let mut digits = Digits::default();
    for (at, character) in text.char_indices() {
        match digit(character) {
            Some(value) => digits.push(value),
            None if is_separator(character) => {
                let more = text[at..].chars().filter(|c| digit(*c).is_some()).count();
                if digits.count >= WHOLE && more >= 2 && is_under_plus_one(&digits) {
                    return true;
                }
            }
            None if character == '+' && digits.count == 0 => {}
            None => return false,
        }
    }
    false
}
