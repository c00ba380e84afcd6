//! Which characters cannot be set one after the other, each by its glyph: those of scripts whose letters join, move or run from right to left, and marks on others.

use unicode_normalization::char::is_combining_mark;

use crate::export::layout::glyph_info::is_invisible;

/// Whether `text` holds such a character.
pub fn needs_shaping(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(is_complex)
}

/// Whether `character` is one.
pub fn is_complex(character: char) -> bool {
    match character {
        '\0'..='\u{2FF}' | '\u{3100}'..='\u{A66E}' | '\u{AC00}'..='\u{D7A3}' => false,
        // Hebrew to Myanmar, Hangul by its parts, Tagalog to Vedic signs, Syloti Nagri to parts of Hangul again.
        '\u{590}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{1700}'..='\u{1C8F}' | '\u{1CD0}'..='\u{1CFF}' => true,
        '\u{A800}'..='\u{ABFF}' | '\u{D7B0}'..='\u{D7FF}' => true,
        // Presentation forms of Hebrew and Arabic, the supplementary scripts that run from right to left or are of India's kind.
        '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}' | '\u{10800}'..='\u{11FFF}' | '\u{1E800}'..='\u{1EFFF}' => true,
        _ => is_combining_mark(character) && !is_invisible(character),
    }
}

/// Whether `character` belongs to the one before it: a mark, a joiner, a later part of a syllable of Hangul.
pub fn extends_cluster(character: char) -> bool {
    match character {
        '\0'..='\u{2FF}' => false,
        '\u{1160}'..='\u{11FF}' | '\u{D7B0}'..='\u{D7FF}' => true,
        _ => is_combining_mark(character) || is_invisible(character),
    }
}

#[cfg(test)]
mod tests {
    use crate::export::layout::complex_text::needs_shaping;

    #[test]
    fn letters_that_stand_by_themselves_need_nothing() {
        for (text, expected) in [
            ("Smith & Sons, +15551234567", false),
            ("Müller Nguyễn Ωμέγα Связь", false),
            ("東京電話 한국통신 საქართველოს Հայաստանի", false),
            ("e\u{301}", true),
            ("שלום", true),
            ("شركة", true),
            ("ไทย", true),
            ("भारत", true),
            ("\u{202e}detrever\u{202c}\u{feff}", false),
        ] {
            assert_eq!(needs_shaping(text), expected, "{text}");
        }
    }
}
