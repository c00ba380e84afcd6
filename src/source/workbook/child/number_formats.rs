//! Tells from a number format whether a cell's number is a date, a duration or just a number.

use calamine::{CellErrorType, DataRef, ExcelDateTime, ExcelDateTimeType};

/// What a cell's number is by its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberKind {
    /// A number.
    Plain,
    /// A date, a time of day, or both.
    DateTime,
    /// Hours, minutes or seconds that may be more than a day.
    Duration,
}

/// The kind of a built-in format, by its number.
pub fn builtin_kind(id: u16) -> NumberKind {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => NumberKind::DateTime,
        46 => NumberKind::Duration,
        _ => NumberKind::Plain,
    }
}

/// The kind of a format by its code: that of the first section, in which quoted, escaped, padding and filling characters are
/// no letters of a date.
pub fn kind_of_code(code: &str) -> NumberKind {
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter.to_ascii_lowercase() {
            '"' => _ = letters.by_ref().find(|letter| *letter == '"'),
            '\\' | '_' | '*' => _ = letters.next(),
            '[' => {
                let inside: String = letters.by_ref().take_while(|letter| *letter != ']').collect::<String>().to_ascii_lowercase();
                if ["h", "m", "s"].into_iter().any(|unit| !inside.is_empty() && inside.trim_matches(unit.as_bytes()[0] as char).is_empty())
                {
                    return NumberKind::Duration;
                }
            }
            ';' => return NumberKind::Plain,
            'd' | 'm' | 'h' | 'y' | 's' => return NumberKind::DateTime,
            'a' if letters.as_str().starts_with(['/', 'm', 'M']) => return NumberKind::DateTime,
            _ => {}
        }
    }
    NumberKind::Plain
}

/// The value of a cell with a number of this kind.
pub fn number_value(number: f64, kind: NumberKind, from_1904: bool) -> DataRef<'static> {
    let date = |kind| DataRef::DateTime(ExcelDateTime::new(number, kind, from_1904));
    match kind {
        NumberKind::Plain => DataRef::Float(number),
        NumberKind::DateTime => date(ExcelDateTimeType::DateTime),
        NumberKind::Duration => date(ExcelDateTimeType::TimeDelta),
    }
}

/// The number in the four bytes of an RK value: an integer or the upper half of a float, perhaps in hundredths.
pub fn rk_number(bytes: [u8; 4]) -> f64 {
    let bits = u32::from_le_bytes(bytes);
    let number = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from(bits.cast_signed() >> 2),
    };
    if bits & 1 == 0 { number } else { number / 100.0 }
}

/// The error with this code; one that is not known is an error all the same.
pub fn error_value(code: u8) -> DataRef<'static> {
    DataRef::Error(match code {
        0x00 => CellErrorType::Null,
        0x07 => CellErrorType::Div0,
        0x17 => CellErrorType::Ref,
        0x1D => CellErrorType::Name,
        0x24 => CellErrorType::Num,
        0x2A => CellErrorType::NA,
        0x2B => CellErrorType::GettingData,
        _ => CellErrorType::Value,
    })
}
