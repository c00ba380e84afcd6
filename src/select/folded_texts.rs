//! Texts as they are searched, one after another in one run of bytes, so that a term is looked for in all of them at once.

use memchr::memmem::Finder;
use rayon::prelude::*;

use crate::select::letters::plain_letters;

/// Stands after each text. No term has it, since it is in no UTF-8.
const END: u8 = 0xff;
/// Texts that a core looks through at a time.
const TEXTS_AT_ONCE: usize = 16_384;

/// Texts in plain letters.
#[derive(Debug, Clone, Default)]
pub struct FoldedTexts {
    bytes: Vec<u8>,
    /// Where each text ends in `bytes`, its mark included.
    ends: Vec<usize>,
}

impl FoldedTexts {
    /// Folds `texts`; an empty cell is an empty text, in which nothing is found.
    pub fn of<T: AsRef<str>>(texts: impl Iterator<Item = Option<T>>) -> Self {
        let mut folded = Self::default();
        for text in texts {
            if let Some(text) = text {
                folded.bytes.extend_from_slice(plain_letters(text.as_ref()).as_bytes());
            }
            folded.bytes.push(END);
            folded.ends.push(folded.bytes.len());
        }
        folded.bytes.shrink_to_fit();
        folded
    }

    /// Marks in `found`, which has a place for each text, those that hold `term`, which is folded too and not empty.
    pub fn mark(&self, term: &str, found: &mut [bool]) {
        let finder = Finder::new(term.as_bytes());
        let parts = self.ends.par_chunks(TEXTS_AT_ONCE).zip(found.par_chunks_mut(TEXTS_AT_ONCE)).enumerate();
        parts.for_each(|(part, (mut ends, mut found))| {
            let mut at = self.start(part * TEXTS_AT_ONCE);
            let last = ends.last().copied().unwrap_or(at);
            while let Some(hit) = finder.find(&self.bytes[at..last]) {
                // The text that has the hit is the first that ends after it.
                let text = ends.partition_point(|end| *end <= at + hit);
                found[text] = true;
                at = ends[text];
                (ends, found) = (&ends[text + 1..], &mut found[text + 1..]);
            }
        });
    }

    fn start(&self, text: usize) -> usize {
        text.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}
