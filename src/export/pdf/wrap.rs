//! Breaks the text of a cell into lines of a given width; never loses a character that can be seen.

use crate::export::pdf::fonts::{GlyphMap, NumberType};

/// A line: a range of the text's bytes and its width in ems.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How wide it is, in ems.
    pub width: f32,
}

/// A place where the current line may end.
#[derive(Clone, Copy)]
struct BreakPoint {
    /// The end of this line, and its width.
    end: usize,
    width: f32,
    /// The start of the next line, and the width up to there.
    next: usize,
    skipped: f32,
}

/// Where the current line may end: at its last blank, or at a weaker place after that.
#[derive(Default)]
struct BreakPoints {
    blank: Option<BreakPoint>,
    weaker: Option<BreakPoint>,
}

impl BreakPoints {
    /// The best place, which is then the start of a new line for the places after it.
    fn take(&mut self) -> Option<BreakPoint> {
        let taken = self.blank.take().or_else(|| self.weaker.take())?;
        if let Some(later) = &mut self.weaker {
            later.width -= taken.skipped;
            later.skipped -= taken.skipped;
        }
        Some(taken)
    }
}

/// Appends the lines of `text` to `lines`: broken at blanks; after joints and between ideographs where a word alone
/// is too long for a line; else within the word. Blank text has no lines.
pub fn wrap(glyph_map: &GlyphMap, text: &str, width: f32, lines: &mut Vec<Line>) {
    let limit = width + 1e-4;
    let (mut start, mut so_far) = (0, 0.0_f32);
    let (mut inked, mut inked_width) = (0, 0.0_f32);
    let mut chances = BreakPoints::default();
    for (at, character) in text.char_indices() {
        let letter = glyph_map.letter(character);
        let after = at + character.len_utf8();
        match letter.class {
            NumberType::ZeroWidth => continue,
            NumberType::Space if inked <= start => {
                start = after;
                continue;
            }
            NumberType::Space => {
                let skipped = so_far + letter.advance;
                chances = BreakPoints { blank: Some(BreakPoint { end: inked, width: inked_width, next: after, skipped }), weaker: None };
                so_far = skipped;
                continue;
            }
            NumberType::Wide if inked > start => {
                chances.weaker = Some(BreakPoint { end: inked, width: inked_width, next: at, skipped: so_far });
            }
            _ => {}
        }
        while so_far + letter.advance > limit && inked > start {
            let taken = chances.take().unwrap_or(BreakPoint { end: at, width: so_far, next: at, skipped: so_far });
            lines.push(Line { start, end: taken.end, width: taken.width });
            start = taken.next;
            so_far -= taken.skipped;
        }
        so_far += letter.advance;
        (inked, inked_width) = (after, so_far);
        if matches!(letter.class, NumberType::BreakAfter | NumberType::Wide) {
            chances.weaker = Some(BreakPoint { end: after, width: so_far, next: after, skipped: so_far });
        }
    }
    if inked > start {
        lines.push(Line { start, end: inked, width: inked_width });
    }
}

/// The widest part of `text` that has no place to break, in ems.
pub fn longest_word(glyph_map: &GlyphMap, text: &str) -> f32 {
    let (mut longest, mut current) = (0.0_f32, 0.0_f32);
    for character in text.chars() {
        let letter = glyph_map.letter(character);
        current = match letter.class {
            NumberType::Space => 0.0,
            NumberType::Wide => letter.advance,
            _ => current + letter.advance,
        };
        longest = longest.max(current);
        if letter.class == NumberType::BreakAfter {
            current = 0.0;
        }
    }
    longest
}
