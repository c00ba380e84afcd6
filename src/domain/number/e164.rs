//! A telephone number in E.164, why a text is none, and the numbers under +1.

use crate::domain::data_quality::QualityFlag;
use crate::domain::status::{NumberType, closed_lists};

/// How digits without a plus are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultNumbering {
    /// Ten digits, or eleven that begin with 1, under +1; anything else needs a plus.
    #[default]
    Nanp,
    /// The country's calling code comes first: `35310123456` is +353 1 012 3456. Ten digits in the
    /// dress of +1 (`(650) 253-0001`), or that are no such number, are under +1.
    International,
    /// The country's calling code comes first, always.
    #[serde(skip)]
    AlwaysInternational,
}

/// What was done to the text beside taking its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// Nothing.
    None,
    /// It was a spreadsheet's decimal (`6.505551234E9`) and is whole again.
    DecimalRestored,
    /// It ended in an extension, which is no part of the ported number and was left off.
    ExtensionRemoved,
}

closed_lists! {
    /// Why a text is not a usable telephone number; the caption is the reason in one phrase, without the number.
    InvalidNumber {
        /// The cell is empty.
        Empty = "empty", "no phone number";
        /// There are letters or signs that no telephone number has.
        NotANumber = "not_a_number", "not a phone number";
        /// Fewer digits than any number has.
        TooShort = "too_short", "too few digits for a phone number";
        /// More than 15 digits, or more than the country's numbers have.
        TooLong = "too_long", "too many digits for a phone number";
        /// Ten digits under +1 that are not NXX-NXX-XXXX with N from 2 to 9.
        NotNanp = "not_nanp", "not of the form NXX-NXX-XXXX that numbers under +1 have";
        /// No plus, and not a number under +1.
        NoCountry = "no_country", "no country: write it with a plus and the country's calling code";
        /// No country has this calling code.
        UnknownCountry = "unknown_country", "no country has this calling code";
        /// The country has no numbers of this length.
        ImpossibleLength = "impossible_length", "the country has no numbers of this length";
        /// A spreadsheet rounded the last digits away.
        DigitsLost = "digits_lost", "a spreadsheet's decimal whose last digits are lost";
        /// A range or several numbers.
        Several = "several", "a range or several numbers in one cell";
        /// A range that does not run upwards, or is too long.
        BadRange = "bad_range", "a range that does not run from one number up to another, at most 10,000 of them; list the numbers singly";
    }
}

/// A telephone number in E.164.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    pub(in crate::domain::number) text: [u8; 16],
    pub(in crate::domain::number) length: u8,
    /// Local or toll-free, by the number alone.
    pub number_type: NumberType,
    /// What was done to the text.
    pub repair: Repair,
    pub(in crate::domain::number) unassignable: bool,
}

impl Number {
    /// The number in E.164: a plus and up to 15 digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..usize::from(self.length)]).unwrap_or_default()
    }

    /// The bits of [`QualityFlag::NumberRepaired`] and [`QualityFlag::Unassignable`] that apply.
    pub fn quality_flags(&self) -> u64 {
        let repaired = if self.repair == Repair::DecimalRestored { QualityFlag::NumberRepaired.bit() } else { 0 };
        repaired | if self.unassignable { QualityFlag::Unassignable.bit() } else { 0 }
    }
}

/// The seven toll-free prefixes under +1. 800 is one, 803 is a place.
const TOLL_FREE: [&[u8]; 7] = [b"800", b"833", b"844", b"855", b"866", b"877", b"888"];

#[derive(Default, Clone, Copy)]
pub(in crate::domain::number) struct Digits {
    pub(in crate::domain::number) bytes: [u8; 16],
    pub(in crate::domain::number) count: usize,
}

impl Digits {
    pub(in crate::domain::number) fn push(&mut self, digit: u8) {
        if let Some(slot) = self.bytes.get_mut(self.count) {
            *slot = digit;
        }
        self.count += 1;
    }

    pub(in crate::domain::number) fn as_slice(&self) -> Result<&[u8], InvalidNumber> {
        self.bytes.get(..self.count).ok_or(InvalidNumber::TooLong)
    }
}

/// Ten digits under +1.
pub(in crate::domain::number) fn nanp(national: &[u8], repair: Repair) -> Result<Number, InvalidNumber> {
    if national.len() != 10 || !(b'2'..=b'9').contains(&national[0]) {
        return Err(InvalidNumber::NotNanp);
    }
    let number_type = if TOLL_FREE.contains(&&national[..3]) { NumberType::TollFree } else { NumberType::Local };
    // Exports write toll-free numbers such as 800-123-4567 although no exchange begins with 1.
    if !(b'2'..=b'9').contains(&national[3]) && (number_type == NumberType::Local || national[3] != b'1') {
        return Err(InvalidNumber::NotNanp);
    }
    let mut text = [0; 16];
    text[..2].copy_from_slice(b"+1");
    text[2..12].copy_from_slice(national);
    Ok(Number { text, length: 12, number_type, repair, unassignable: reserved(national, number_type) })
}

/// Whether an area code or exchange of NXX-NXX-XXXX is reserved or never assigned.
fn reserved(national: &[u8], number_type: NumberType) -> bool {
    let area = &national[..3];
    let area_reserved = area[1] == b'9' || &area[1..] == b"11" || area.starts_with(b"37") || area.starts_with(b"96");
    let not_geographic = number_type == NumberType::TollFree
        || matches!(area, b"500" | b"533" | b"544" | b"566" | b"577" | b"588" | b"600" | b"700" | b"710" | b"900")
        || area.starts_with(b"52") && area[2] != b'0';
    let exchange_reserved = &national[4..6] == b"11" && !not_geographic;
    area_reserved || exchange_reserved || national[3] == b'1' || &national[3..8] == b"55501"
}
