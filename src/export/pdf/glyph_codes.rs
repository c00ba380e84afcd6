//! Gives the glyphs of shaped text their codes: one for each glyph and what it says, so that whoever reads a code knows both. In which order they are given depends on the pages alone.

use std::collections::{BTreeSet, HashMap};

use unicode_normalization::UnicodeNormalization;

use crate::export::layout::fonts::{Face, Faces};

/// What a glyph says that nothing is left for: nothing that can be seen, and no place where a line may end.
pub const NOTHING: &str = "\u{2060}";
/// What a glyph says for which no code is left.
const UNKNOWN: &str = "\u{FFFD}";
/// Hexadecimal digits of a code.
pub const CODE_DIGITS: usize = 4;

/// A glyph in a content stream whose code is not known yet.
pub struct PendingCode {
    /// Where its [`CODE_DIGITS`] digits are.
    pub at: usize,
    /// The face.
    pub face: Face,
    /// The glyph in it.
    pub glyph: u16,
    /// What it says.
    pub text: Box<str>,
}

/// A code of a face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlyphCode {
    /// The code.
    pub code: u16,
    /// Its glyph.
    pub glyph: u16,
    /// What it says.
    pub text: Box<str>,
}

/// The codes of a face that were given.
#[derive(Default)]
struct FaceCodes {
    codes: HashMap<(u16, Box<str>), u16>,
    /// By code, from 1.
    given: Vec<(u16, Box<str>)>,
    /// Glyphs whose code is counted from the last one down, whatever they say.
    wordless: BTreeSet<u16>,
    /// How many codes may be given.
    limit: usize,
}

/// The codes of a document.
pub struct GlyphCodes(Vec<FaceCodes>);

impl GlyphCodes {
    /// No code yet.
    pub fn new(faces: &Faces) -> Self {
        let of_face = |glyphs: usize| FaceCodes { limit: usize::from(u16::MAX).saturating_sub(glyphs), ..FaceCodes::default() };
        Self(faces.files().map(|(_, file)| of_face(file.metrics.advances.len())).collect())
    }

    /// Writes the codes of `pending` where they are awaited in `bytes`.
    pub fn fill(&mut self, bytes: &mut [u8], pending: Vec<PendingCode>) {
        for PendingCode { at, face, glyph, text } in pending {
            let code = self.0.get_mut(face.place()).map_or(0, |codes| codes.code(glyph, text));
            let digits = format!("{code:04X}");
            if let Some(place) = bytes.get_mut(at..at + CODE_DIGITS) {
                place.copy_from_slice(digits.as_bytes());
            }
        }
    }

    /// The codes of `face`, in order.
    pub fn of(&self, face: Face) -> Vec<GlyphCode> {
        let Some(codes) = self.0.get(face.place()) else { return Vec::new() };
        let given = codes.given.iter().enumerate();
        let given = given.map(|(place, (glyph, text))| GlyphCode { code: place as u16 + 1, glyph: *glyph, text: text.clone() });
        let wordless = codes.wordless.iter().rev();
        given.chain(wordless.map(|glyph| GlyphCode { code: u16::MAX - glyph, glyph: *glyph, text: UNKNOWN.into() })).collect()
    }
}

impl FaceCodes {
    fn code(&mut self, glyph: u16, text: Box<str>) -> u16 {
        if let Some(code) = self.codes.get(&(glyph, text.clone())) {
            return *code;
        }
        if self.given.len() >= self.limit {
            self.wordless.insert(glyph);
            return u16::MAX - glyph;
        }
        self.given.push((glyph, text.clone()));
        let code = self.given.len() as u16;
        self.codes.insert((glyph, text), code);
        code
    }
}

/// What each of `count` glyphs of a cluster says that stands for `text`, from left to right: together they say it in the order in
/// which readers of pages expect it, which is that of the eye.
pub fn shares(text: &str, count: usize, is_right_to_left: bool) -> Vec<Box<str>> {
    // Marks of byte order and of direction are no text.
    let is_mark = |character: &char| matches!(character, '\u{FEFF}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let mut characters: Vec<char> = text.chars().filter(|character| !is_mark(character) && !character.is_control()).collect();
    if is_right_to_left {
        characters.reverse();
    }
    if characters.len() < count {
        characters = taken_apart(&characters, count, is_right_to_left);
    }
    let nothing = (0..count.saturating_sub(characters.len())).map(|_| Box::from(NOTHING));
    let single = characters.len().min(count.saturating_sub(1));
    let (singles, rest) = characters.split_at(if characters.len() > count { single } else { characters.len() });
    let said = singles.iter().map(|character| Box::from(character.to_string()));
    let rest = (!rest.is_empty()).then(|| Box::from(rest.iter().collect::<String>()));
    // Where letters run to the left, marks come before what they stand on.
    if is_right_to_left { nothing.chain(said).chain(rest).collect() } else { said.chain(rest).chain(nothing).collect() }
}

/// `characters` in as many parts as there are glyphs, where Unicode takes them apart into so many: vowels of Tamil that stand on both
/// sides of a letter, and the Thai am. Whoever reads the parts has the same text.
fn taken_apart(characters: &[char], count: usize, is_right_to_left: bool) -> Vec<char> {
    let logical = |characters: &[char]| -> Vec<char> {
        if is_right_to_left { characters.iter().rev().copied().collect() } else { characters.to_vec() }
    };
    let whole = logical(characters);
    let parts = [whole.iter().copied().nfd().collect::<Vec<char>>(), whole.iter().copied().nfkd().collect()];
    parts.iter().find(|parts| parts.len() == count).map_or_else(|| characters.to_vec(), |parts| logical(parts))
}

#[cfg(test)]
mod tests {
    use crate::export::layout::fonts::{Face, Faces};
    use crate::export::pdf::glyph_codes::{GlyphCode, GlyphCodes, PendingCode, shares};

    #[test]
    fn glyphs_of_a_cluster_say_all_of_it_in_order() {
        for (text, count, is_right_to_left, expected) in [
            ("ab", 1, false, vec!["ab"]),
            ("ab", 1, true, vec!["ba"]),
            ("abc", 2, false, vec!["a", "bc"]),
            ("abc", 2, true, vec!["c", "ba"]),
            ("ab", 2, true, vec!["b", "a"]),
            ("a", 3, false, vec!["a", "\u{2060}", "\u{2060}"]),
            ("a", 2, true, vec!["\u{2060}", "a"]),
            ("\u{feff}", 1, false, vec!["\u{2060}"]),
            // What Unicode takes apart: a vowel on both sides of its letter, and the Thai am.
            ("\u{b95}\u{bca}", 3, false, vec!["\u{b95}", "\u{bc6}", "\u{bbe}"]),
            ("\u{e08}\u{e33}", 3, false, vec!["\u{e08}", "\u{e4d}", "\u{e32}"]),
        ] {
            let found: Vec<String> = shares(text, count, is_right_to_left).into_iter().map(String::from).collect();
            assert_eq!(found, expected, "{text} by {count}");
        }
    }

    #[test]
    fn a_code_is_given_once_for_a_glyph_and_what_it_says() {
        let mut codes = GlyphCodes::new(&Faces::load().unwrap());
        let mut bytes = b"<000000000000>".to_vec();
        let pending = |at: usize, text: &str| PendingCode { at, face: Face::BOLD, glyph: 7, text: text.into() };
        codes.fill(&mut bytes, vec![pending(1, "a"), pending(5, "b"), pending(9, "a")]);
        assert_eq!(bytes, b"<000100020001>");
        let code = |code: u16, text: &str| GlyphCode { code, glyph: 7, text: text.into() };
        assert_eq!(codes.of(Face::BOLD), [code(1, "a"), code(2, "b")]);
        assert_eq!(codes.of(Face::REGULAR), []);
    }
}
