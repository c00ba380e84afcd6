//! Which country a number's digits belong to.

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumberFormat, PhoneNumberType};

use crate::domain::number::e164::{DefaultNumbering, InvalidNumber, Number, Repair, nanp};
use crate::domain::status::NumberType;

/// The country of a number in E.164, by the two letters of its ISO code, as far as the number tells. A toll-free number under
/// +1, which several countries share, counts as one of the United States.
///
/// ```
/// assert_eq!(portstatus::domain::number::country("+14165550123").as_deref(), Some("CA"));
/// assert_eq!(portstatus::domain::number::country("+442079460000").as_deref(), Some("GB"));
/// assert_eq!(portstatus::domain::number::country("+18005550123").as_deref(), Some("US"));
/// assert_eq!(portstatus::domain::number::country("+80012345678"), None);
/// ```
pub fn country(e164: &str) -> Option<String> {
    let parsed = PHONE_NUMBER_UTIL.parse(e164, None).ok()?;
    let region = PHONE_NUMBER_UTIL.get_region_for_number(&parsed)?;
    // What is no country's own, such as an international toll-free number, has digits in place of letters.
    Some(region.to_string()).filter(|region| region.len() == 2)
}

pub(in crate::domain::number) fn interpret(
    digits: &[u8],
    plus: bool,
    bare: DefaultNumbering,
    repair: Repair,
) -> Result<Number, InvalidNumber> {
    if digits.len() < 7 {
        return Err(InvalidNumber::TooShort);
    }
    if plus {
        return international(digits, repair);
    }
    for prefix in [b"00".as_slice(), b"011"] {
        // Ten digits under +1 may begin with neither, so they are not taken for a dialling prefix.
        if let Some(rest) = digits.strip_prefix(prefix).filter(|_| digits.len() > 10 || bare != DefaultNumbering::Nanp) {
            return international(rest, repair);
        }
    }
    match (digits.len(), bare) {
        (11, _) if digits[0] == b'1' => nanp(&digits[1..], repair),
        (10, DefaultNumbering::Nanp) => nanp(digits, repair),
        (7..10, DefaultNumbering::Nanp) => Err(InvalidNumber::TooShort),
        (_, DefaultNumbering::Nanp) => Err(InvalidNumber::NoCountry),
        (10, DefaultNumbering::International) => assumed(digits, repair).or_else(|fault| nanp(digits, repair).map_err(|_| fault)),
        (_, DefaultNumbering::International | DefaultNumbering::AlwaysInternational) => assumed(digits, repair),
    }
}

/// A number of which only the profile says that it begins with a calling code: it must be one that a country has.
fn assumed(digits: &[u8], repair: Repair) -> Result<Number, InvalidNumber> {
    match international(digits, repair) {
        Ok(number) if number.unassignable && digits[0] != b'1' => Err(InvalidNumber::NoCountry),
        Err(InvalidNumber::UnknownCountry | InvalidNumber::ImpossibleLength) => Err(InvalidNumber::NoCountry),
        known => known,
    }
}

/// A number that begins with a calling code. A trunk zero written inside (`+44 (0)20 …`) is left out.
fn international(digits: &[u8], repair: Repair) -> Result<Number, InvalidNumber> {
    if digits.first() == Some(&b'1') {
        return nanp(&digits[1..], repair);
    }
    if digits.len() > 15 {
        return Err(InvalidNumber::TooLong);
    }
    let mut text = [b'+'; 16];
    text[1..=digits.len()].copy_from_slice(digits);
    let text = std::str::from_utf8(&text[..=digits.len()]).map_err(|_| InvalidNumber::NotANumber)?;
    let parsed = PHONE_NUMBER_UTIL.parse(text, None).map_err(|error| match error {
        ParseError::InvalidCountryCode => InvalidNumber::UnknownCountry,
        _ => InvalidNumber::ImpossibleLength,
    })?;
    let valid = PHONE_NUMBER_UTIL.is_valid_number(&parsed);
    // A length that is dialled only within a town is no whole number.
    let possible = matches!(PHONE_NUMBER_UTIL.is_possible_number_with_reason(&parsed), Ok(NumberLengthType::IsPossible));
    if !valid && !possible {
        return Err(InvalidNumber::ImpossibleLength);
    }
    let e164 = PHONE_NUMBER_UTIL.format(&parsed, PhoneNumberFormat::E164);
    // Of two trunk zeros the library leaves one, and reads what it wrote as another number.
    let again = || PHONE_NUMBER_UTIL.parse(&*e164, None).is_ok_and(|again| again == parsed);
    if !valid && !again() {
        return Err(InvalidNumber::ImpossibleLength);
    }
    let mut text = [0; 16];
    let whole = text.get_mut(..e164.len()).ok_or(InvalidNumber::TooLong)?;
    whole.copy_from_slice(e164.as_bytes());
    let is_toll_free = matches!(PHONE_NUMBER_UTIL.get_number_type(&parsed), PhoneNumberType::TollFree);
    let number_type = if is_toll_free { NumberType::TollFree } else { NumberType::Local };
    Ok(Number { text, length: e164.len() as u8, number_type, repair, unassignable: !valid })
}
