//! Words for nothing, such as `NULL` and `N/A`: cells of any column, or of one, that hold them are empty.

use std::collections::BTreeMap;

use crate::domain::record::Field;

/// The words for nothing of each column.
#[derive(Debug, Clone, Default)]
pub struct NullWords {
    any: WordList,
    /// Of columns that have more of them; those of any column are among them.
    of: BTreeMap<Field, WordList>,
}

impl NullWords {
    /// From the words of any column and those of single ones.
    pub fn new<'a>(any: &[String], of: impl IntoIterator<Item = (Field, &'a [String])>) -> Self {
        let any = WordList::new(any);
        let of = of.into_iter().map(|(field, words)| (field, any.with(&WordList::new(words)))).collect();
        Self { any, of }
    }

    /// The words of a column, or those of any column.
    pub fn of(&self, field: Option<Field>) -> &WordList {
        field.and_then(|field| self.of.get(&field)).unwrap_or(&self.any)
    }

    /// Adds the words of `other`.
    pub fn extend(&mut self, other: &Self) {
        let fields: Vec<Field> = self.of.keys().chain(other.of.keys()).copied().collect();
        self.of = fields.into_iter().map(|field| (field, self.of(Some(field)).with(other.of(Some(field))))).collect();
        self.any = self.any.with(&other.any);
    }
}

/// Words that are compared with whole cells; case does not count. Most cells are told by their length and first byte.
#[derive(Debug, Clone, Default)]
pub struct WordList {
    /// In lower case, by their length in bytes.
    words: BTreeMap<usize, Vec<String>>,
    /// A bit for each length in bytes.
    lengths: u64,
    /// A bit for each first byte below 128, in lower case.
    firsts: u128,
    /// Whether some word does not begin with one.
    has_others: bool,
}

impl WordList {
    fn new(words: &[String]) -> Self {
        Self::from_lower(words.iter().map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()))
    }

    fn with(&self, other: &Self) -> Self {
        Self::from_lower(self.words.values().chain(other.words.values()).flatten().cloned())
    }

    fn from_lower(words: impl Iterator<Item = String>) -> Self {
        let mut list = Self::default();
        for word in words {
            list.lengths |= length_bit(word.len());
            match word.as_bytes()[0] {
                first if first.is_ascii() => list.firsts |= 1 << first,
                _ => list.has_others = true,
            }
            list.words.entry(word.len()).or_default().push(word);
        }
        list
    }

    /// Whether `cell`, without blanks around it, is one of the words.
    pub fn contains(&self, cell: &str) -> bool {
        let Some(first) = cell.bytes().next() else { return false };
        if self.lengths & length_bit(cell.len()) == 0 {
            return false;
        }
        match first.is_ascii() {
            true => self.firsts >> first.to_ascii_lowercase() & 1 == 1 && self.find(cell),
            false => self.has_others && self.find(cell),
        }
    }

    fn find(&self, cell: &str) -> bool {
        let mut words = self.words.get(&cell.len()).into_iter().flatten();
        match cell.is_ascii() {
            true => words.any(|word| word.eq_ignore_ascii_case(cell)),
            false => words.any(|word| *word == cell.to_lowercase()),
        }
    }
}

/// The longest words share a bit.
fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}
