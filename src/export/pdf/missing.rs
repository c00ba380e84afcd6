//! Remembers which characters no face has, and in which rows of the numbers they are.

use std::collections::BTreeSet;

use crate::domain::note::Note;
use crate::domain::text::{numbered, thousands};

/// Rows that are named; of further ones there is the count.
const NAMED_ROWS: usize = 5;

/// Characters that are drawn as the replacement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    characters: BTreeSet<char>,
    /// The first rows, from 1.
    named: Vec<usize>,
    rows: u64,
    last: Option<usize>,
}

impl Missing {
    /// Adds `character`, which is in the row `row` of the numbers, from 1, or elsewhere. Rows come in order.
    pub fn add(&mut self, character: char, row: Option<usize>) {
        self.characters.insert(character);
        if let Some(row) = row.filter(|_| row != self.last) {
            self.last = Some(row);
            self.add_rows(&[row], 1);
        }
    }

    /// Adds what comes after it.
    pub fn append(&mut self, other: &Self) {
        self.characters.extend(&other.characters);
        // A row may begin on one page and end on the next.
        let is_begun = other.named.first().is_some_and(|first| Some(*first) == self.last);
        self.add_rows(&other.named[usize::from(is_begun)..], other.rows - u64::from(is_begun));
        self.last = other.last.or(self.last);
    }

    /// Forgets in which rows they are: those of another table than the numbers.
    pub fn forget_rows(&mut self) {
        (self.named, self.rows, self.last) = (Vec::new(), 0, None);
    }

    fn add_rows(&mut self, named: &[usize], rows: u64) {
        self.named.extend(named.iter().take(NAMED_ROWS - self.named.len()));
        self.rows += rows;
    }

    /// What a reader should know of them, if there are any.
    pub fn note(&self) -> Option<Note> {
        let first = self.characters.first()?;
        let code = format!("U+{:04X}", u32::from(*first));
        let what = match self.characters.len() as u64 - 1 {
            0 => format!("{code} has no glyph in any font"),
            1 => format!("{code} and another character have no glyph in any font"),
            others => format!("{code} and {} other characters have no glyph in any font", thousands(others)),
        };
        let named: Vec<String> = self.named.iter().map(|row| thousands(*row as u64)).collect();
        let places = match (&*named, self.rows - self.named.len() as u64) {
            ([], _) => "the first pages show".to_owned(),
            ([row], 0) => format!("row {row} shows"),
            ([rows @ .., last], 0) => format!("rows {} and {last} show", rows.join(", ")),
            (rows, more) => format!("rows {} and {} show", rows.join(", "), numbered(more, "more", "more")),
        };
        Some(Note::from(format!("{what}: {places} \u{FFFD} in its place")).with_remedy("font", "FILE"))
    }
}

#[cfg(test)]
mod tests {
    use crate::export::pdf::missing::Missing;

    #[test]
    fn rows_are_named_once_and_counted() {
        let mut first = Missing::default();
        assert_eq!(first.note(), None);
        first.add('\u{1F600}', None);
        let said = |missing: &Missing| (**missing.note().as_ref().unwrap()).to_owned();
        assert_eq!(said(&first), "U+1F600 has no glyph in any font: the first pages show \u{FFFD} in its place");
        first.add('\u{1F600}', Some(3));
        first.add('\u{1F600}', Some(3));
        assert_eq!(said(&first), "U+1F600 has no glyph in any font: row 3 shows \u{FFFD} in its place");
        let mut next = Missing::default();
        [3, 17].iter().for_each(|row| next.add('\u{13000}', Some(*row)));
        first.append(&next);
        assert_eq!(said(&first), "U+13000 and another character have no glyph in any font: rows 3 and 17 show \u{FFFD} in its place");
        let mut last = Missing::default();
        (17..2_000).for_each(|row| last.add('\u{13001}', Some(row)));
        first.append(&last);
        let expected =
            "U+13000 and 2 other characters have no glyph in any font: rows 3, 17, 18, 19, 20 and 1,979 more show \u{FFFD} in its place";
        assert_eq!(said(&first), expected);
    }
}
