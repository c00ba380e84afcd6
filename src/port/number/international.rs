//! Which country a number's digits belong to. Never takes a number for another country's without being told.

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumberFormat};

use crate::port::number::{Bare, Number, NumberFault, Remark, nanp};
use crate::port::status::Class;

pub(in crate::port::number) fn interpret(digits: &[u8], plus: bool, bare: Bare, remark: Remark) -> Result<Number, NumberFault> {
    if digits.len() < 7 {
        return Err(NumberFault::TooShort);
    }
    if plus {
        return international(digits, Certainty::Announced, remark);
    }
    for prefix in [b"00".as_slice(), b"011"] {
        // Ten digits under +1 may begin with neither, so they are not taken for a dialling prefix.
        if let Some(rest) = digits.strip_prefix(prefix).filter(|_| digits.len() > 10 || bare != Bare::Nanp) {
            return international(rest, Certainty::Announced, remark);
        }
    }
    match (digits.len(), bare) {
        (11, _) if digits[0] == b'1' => nanp(&digits[1..], remark),
        (10, Bare::Nanp) => nanp(digits, remark),
        (7..10, Bare::Nanp) => Err(NumberFault::TooShort),
        (_, Bare::Nanp) => Err(NumberFault::NoCountry),
        (_, Bare::Abroad) => international(digits, Certainty::Assumed, remark),
        (10, Bare::International) => {
            international(digits, Certainty::Assumed, remark).or_else(|fault| nanp(digits, remark).map_err(|_| fault))
        }
        (_, Bare::International) => international(digits, Certainty::Assumed, remark),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    /// A plus or a dialling prefix stood before the calling code.
    Announced,
    /// The profile says that digits begin with the calling code.
    Assumed,
}

/// A number that begins with a calling code. A trunk zero written inside (`+44 (0)20 …`) is left out.
fn international(digits: &[u8], certainty: Certainty, remark: Remark) -> Result<Number, NumberFault> {
    if digits.first() == Some(&b'1') {
        return nanp(&digits[1..], remark);
    }
    if digits.len() > 15 {
        return Err(NumberFault::TooLong);
    }
    let mut text = [b'+'; 16];
    text[1..=digits.len()].copy_from_slice(digits);
    let text = std::str::from_utf8(&text[..=digits.len()]).map_err(|_| NumberFault::NotANumber)?;
    let unknown = match certainty {
        Certainty::Announced => NumberFault::UnknownCountry,
        Certainty::Assumed => NumberFault::NoCountry,
    };
    let parsed = PHONE_NUMBER_UTIL.parse(text, None).map_err(|error| match error {
        ParseError::InvalidCountryCode => unknown,
        _ if certainty == Certainty::Assumed => NumberFault::NoCountry,
        _ => NumberFault::ImpossibleLength,
    })?;
    let valid = PHONE_NUMBER_UTIL.is_valid_number(&parsed);
    if !valid && certainty == Certainty::Assumed {
        return Err(NumberFault::NoCountry);
    }
    // A length that is dialled only within a town is no whole number.
    let possible = matches!(PHONE_NUMBER_UTIL.is_possible_number_with_reason(&parsed), Ok(NumberLengthType::IsPossible));
    if !valid && !possible {
        return Err(NumberFault::ImpossibleLength);
    }
    let e164 = PHONE_NUMBER_UTIL.format(&parsed, PhoneNumberFormat::E164);
    let mut text = [0; 16];
    let whole = text.get_mut(..e164.len()).ok_or(NumberFault::TooLong)?;
    whole.copy_from_slice(e164.as_bytes());
    Ok(Number { text, length: e164.len() as u8, class: Class::Local, remark, unassignable: !valid })
}
