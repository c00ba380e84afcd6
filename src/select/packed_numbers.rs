//! Phone numbers as they are searched, one machine word each: millions of them are looked through in a few milliseconds.

use rayon::prelude::*;

use crate::select::find::SearchTerm;

/// Digits that E.164 allows, each of which takes four bits.
const MOST_DIGITS: usize = 15;
/// Bits of a digit.
const BITS: usize = 4;
/// A cell that holds no number: no digit is like it.
const NOTHING: u64 = u64::MAX;
/// Numbers that a core looks through at a time.
const NUMBERS_AT_ONCE: usize = 65_536;
/// One cell in so many may be another text than a number in E.164.
const LEAST_SHARE: usize = 16;

/// Numbers in E.164, and the few cells that are none.
#[derive(Debug, Clone)]
pub struct PackedNumbers {
    /// The digits of each, four bits each, the last one lowest, with ones above the first.
    packed: Vec<u64>,
    /// The cells that are no such numbers, each with its place.
    others: Vec<(usize, String)>,
}

impl PackedNumbers {
    /// Packs `cells`; `None` where many are no numbers in E.164.
    pub fn of<'a>(cells: impl Iterator<Item = Option<&'a str>>) -> Option<Self> {
        let mut others = Vec::new();
        let packed: Vec<u64> = cells
            .enumerate()
            .map(|(place, cell)| {
                let packed = cell.and_then(packed);
                if let (None, Some(cell)) = (packed, cell) {
                    others.push((place, cell.to_owned()));
                }
                packed.unwrap_or(NOTHING)
            })
            .collect();
        (others.len() * LEAST_SHARE <= packed.len()).then_some(Self { packed, others })
    }

    /// What numbers are compared by where they are put in order as texts are, `None` for each empty cell; nothing where a cell is no number
    /// in E.164.
    pub fn keys(&self) -> Option<impl Iterator<Item = Option<u64>>> {
        let key = |packed: &u64| (*packed != NOTHING).then(|| key_of(*packed));
        self.others.is_empty().then(|| self.packed.iter().map(key))
    }

    /// Marks in `found`, which has a place for each number, those that have one of `terms`, as `SearchTerm::is_in` and
    /// `SearchTerm::is_number_in` tell.
    pub fn mark(&self, terms: &[SearchTerm], found: &mut [bool]) {
        for wanted in terms.iter().filter_map(Wanted::of) {
            let parts = self.packed.par_chunks(NUMBERS_AT_ONCE).zip(found.par_chunks_mut(NUMBERS_AT_ONCE));
            parts.for_each(|(packed, found)| packed.iter().zip(found).for_each(|(packed, found)| *found |= wanted.is_in(*packed)));
        }
        for (place, cell) in &self.others {
            found[*place] |= terms.iter().any(|term| term.is_in(cell) || term.is_number_in(cell));
        }
    }
}

/// A number that is less than another where the text of one is before that of the other: the digits from the first one on, each one more
/// than it is, so that none is like no digit.
fn key_of(packed: u64) -> u64 {
    let digits = MOST_DIGITS + 1 - packed.leading_ones() as usize / BITS;
    let ones = 0x1111_1111_1111_1111 & !(NOTHING << (BITS * digits));
    ((packed & !(NOTHING << (BITS * digits))) + ones) << (BITS * (MOST_DIGITS - digits))
}

/// The digits of `text` after its `+`; `None` for what is no number in E.164.
fn packed(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('+').filter(|digits| (1..=MOST_DIGITS).contains(&digits.len()))?;
    digits.bytes().try_fold(NOTHING, |packed, digit| digit.is_ascii_digit().then(|| packed << BITS | u64::from(digit - b'0')))
}

/// What a term is among packed digits.
enum Wanted {
    /// In every number, as `+` is.
    Anywhere,
    /// Some of the digits, or the end of them.
    Digits { whole: Option<u64>, part: Option<Digits>, ends: Vec<(Digits, Option<Digits>)> },
}

/// Digits that follow each other.
#[derive(Clone, Copy)]
struct Digits {
    packed: u64,
    mask: u64,
    count: usize,
}

impl Digits {
    /// None for more than a number has, or fewer than one.
    fn of(digits: &str) -> Option<Self> {
        let packed = packed(&format!("+{digits}"))?;
        let mask = !(NOTHING << (BITS * digits.len()));
        Some(Self { packed: packed & mask, mask, count: digits.len() })
    }

    fn are_in(self, number: u64) -> bool {
        (0..=MOST_DIGITS - self.count).fold(false, |are_in, place| are_in | (number >> (BITS * place) & self.mask == self.packed))
    }

    fn end(self, number: u64) -> bool {
        number & self.mask == self.packed
    }

    fn begin(self, number: u64) -> bool {
        let digits = MOST_DIGITS + 1 - (number.leading_ones() as usize / BITS);
        digits.checked_sub(self.count).is_some_and(|after| self.end(number >> (BITS * after)))
    }
}

impl Wanted {
    /// `None` for a term that is in no number.
    fn of(term: &SearchTerm) -> Option<Self> {
        if term.folded == "+" {
            return Some(Self::Anywhere);
        }
        let dialled = term.digits.iter().flat_map(|digits| SearchTerm::dialled(digits));
        let ends = dialled.filter_map(|(rest, country)| {
            let country = if country.is_empty() { None } else { Some(Digits::of(country)?) };
            Some((Digits::of(rest)?, country))
        });
        let wanted = Self::Digits {
            whole: term.number.as_deref().and_then(packed),
            part: term.digits.as_deref().and_then(Digits::of),
            ends: ends.collect(),
        };
        Some(wanted)
    }

    fn is_in(&self, number: u64) -> bool {
        match self {
            Self::Anywhere => number != NOTHING,
            Self::Digits { whole, part, ends } => {
                *whole == Some(number)
                    || part.is_some_and(|part| part.are_in(number))
                    || ends.iter().any(|(rest, country)| rest.end(number) && country.is_none_or(|country| country.begin(number)))
            }
        }
    }
}
