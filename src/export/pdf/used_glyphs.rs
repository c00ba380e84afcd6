//! Remembers which glyphs the texts of a document use.

use crate::export::layout::fonts::Face;

/// The glyphs that texts use, by face: what is embedded.
#[derive(Clone)]
pub struct UsedGlyphs {
    /// Characters from 0 to 255, which are written as one byte each, of the faces of body text.
    latin: [[bool; 256]; 2],
    /// Bits of all other glyphs, which are written as two bytes each.
    others: Vec<Vec<u64>>,
}

impl Default for UsedGlyphs {
    fn default() -> Self {
        Self { latin: [[false; 256]; 2], others: Vec::new() }
    }
}

impl UsedGlyphs {
    /// The characters of `face` that are written as one byte each.
    pub fn latin(&self, face: Face) -> impl Iterator<Item = u8> {
        let of_face = self.latin.get(face.place());
        (0..=255).filter(move |code| of_face.is_some_and(|latin| latin[usize::from(*code)]))
    }

    /// The glyphs of `face` that are written as two bytes each.
    pub fn others(&self, face: Face) -> impl Iterator<Item = u16> {
        let bits = self.others.get(face.place()).map_or(&[][..], |bits| bits);
        (0..bits.len() * 64).filter(|glyph| bits[glyph / 64] >> (glyph % 64) & 1 == 1).map(|glyph| glyph as u16)
    }

    /// Adds a character of `face` that is written as one byte.
    pub fn add_latin(&mut self, face: Face, code: u8) {
        if let Some(latin) = self.latin.get_mut(face.place()) {
            latin[usize::from(code)] = true;
        }
    }

    /// Adds characters of `face` that are written as one byte each.
    pub fn add_all_latin(&mut self, face: Face, codes: &[u8]) {
        if let Some(latin) = self.latin.get_mut(face.place()) {
            codes.iter().for_each(|code| latin[usize::from(*code)] = true);
        }
    }

    /// Adds a glyph of `face` that is written as two bytes.
    pub fn add_other(&mut self, face: Face, glyph: u16) {
        if self.others.len() <= face.place() {
            self.others.resize(face.place() + 1, Vec::new());
        }
        let (bits, word) = (&mut self.others[face.place()], usize::from(glyph / 64));
        if bits.len() <= word {
            bits.resize(word + 1, 0);
        }
        bits[word] |= 1 << (glyph % 64);
    }

    /// Adds those of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (own, other) in self.latin.iter_mut().flatten().zip(other.latin.iter().flatten()) {
            *own |= other;
        }
        self.others.resize(self.others.len().max(other.others.len()), Vec::new());
        for (own, other) in self.others.iter_mut().zip(&other.others) {
            own.resize(own.len().max(other.len()), 0);
            own.iter_mut().zip(other).for_each(|(own, other)| *own |= other);
        }
    }
}
