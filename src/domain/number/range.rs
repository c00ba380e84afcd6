//! Reads a range of numbers: `35319609036 - 46` is eleven, `415-555-2000 to 2009` ten.

use std::ops::RangeInclusive;

use crate::domain::number::e164::{DefaultNumbering, InvalidNumber, Repair};
use crate::domain::number::parse::parse;
use crate::domain::number::pieces::{digit, is_separator, unwrap};
use crate::domain::number::several::sides;

/// Numbers a range may have; the largest block that is assigned whole.
const MOST_NUMBERS: u64 = 10_000;

/// The numbers of a range as whole numbers, calling code first: `35319609036 - 35319609046`, or with only
/// the last digits of its end, `35319609036 - 46`, `4155552000-09`, `415-555-2000 to 555-2009`. `None` when the text is
/// no range.
///
/// # Errors
/// The fault of its first number, or [`InvalidNumber::BadRange`] when it does not run upwards, its end is no
/// number, or it has more than 10,000 numbers.
pub fn range(text: &str, bare: DefaultNumbering) -> Option<Result<RangeInclusive<u64>, InvalidNumber>> {
    let (first, last) = sides(unwrap(text), bare)?;
    Some(numbers(first, last.trim(), bare))
}

fn numbers(first: &str, last: &str, bare: DefaultNumbering) -> Result<RangeInclusive<u64>, InvalidNumber> {
    let whole = |text: &str| {
        let number = parse(text, bare)?;
        let digits = number.as_str().trim_start_matches('+').parse::<u64>().ok();
        digits.filter(|_| number.repair == Repair::None).ok_or(InvalidNumber::BadRange)
    };
    let start = whole(first)?;
    let ending: Option<String> = last.chars().filter(|c| !is_separator(*c)).map(|c| digit(c).map(char::from)).collect();
    let shorter = ending.filter(|ending| ending.len() < start.to_string().len()).map(|ending| (ending.len(), ending.parse::<u64>()));
    let end = match shorter {
        // Only the digits that change are written.
        Some((length, Ok(ending))) => {
            let places = 10_u64.pow(length as u32);
            start / places * places + ending
        }
        _ => whole(last).map_err(|_| InvalidNumber::BadRange)?,
    };
    let runs = start < end && end - start < MOST_NUMBERS;
    if runs { Ok(start..=end) } else { Err(InvalidNumber::BadRange) }
}
