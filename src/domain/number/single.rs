//! Reads a text that is one number and nothing beside it.

use crate::domain::number::e164::{DefaultNumbering, Digits, InvalidNumber, Number, Repair, nanp};
use crate::domain::number::international::interpret;
use crate::domain::number::pieces::{digit, is_dash, is_separator};

/// One number and nothing beside it; dashes are separators.
pub(in crate::domain::number) fn single(text: &str, bare: DefaultNumbering, repair: Repair) -> Result<Number, InvalidNumber> {
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

/// The fault of a text with something beside a number: another number, or what is none.
pub(in crate::domain::number) fn beside(rest: &str) -> InvalidNumber {
    let more = rest.bytes().filter(u8::is_ascii_digit).count() >= 4 && rest.trim_start().starts_with(|c: char| "+(0123456789".contains(c));
    if more { InvalidNumber::Several } else { InvalidNumber::NotANumber }
}

/// Whether ten digits are grouped as numbers under +1 are: `(650) 253-0001`, `650-253-0001`, `650.253.0001`.
fn is_nanp_grouping(text: &str) -> bool {
    let mut groups = text.split(|c: char| digit(c).is_none()).map(str::chars).map(Iterator::count).filter(|count| *count > 0);
    let grouped = [groups.next(), groups.next(), groups.next(), groups.next()] == [Some(3), Some(3), Some(4), None];
    let parentheses = text.trim_start().starts_with('(');
    let joined = |sign: fn(char) -> bool| text.chars().filter(|c| sign(*c)).count() == 2;
    grouped && (parentheses || joined(is_dash) || joined(|c| c == '.'))
}
