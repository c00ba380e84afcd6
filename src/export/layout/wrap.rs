//! Breaks the text of a cell into lines of a given width; never loses a character that can be seen.

use crate::export::layout::fonts::{BreakClass, GlyphMap};

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

/// The widths of a text, in ems.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TextWidths {
    /// Of the widest part without a break that a reader expects.
    pub part: f32,
    /// Of the widest word.
    pub word: f32,
    /// Of the whole text on one line.
    pub line: f32,
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

/// Ranks of break points, best first.
const BLANK: usize = 0;
const WITHIN_WORD: usize = 1;
const LAST_RESORT: usize = 2;

/// Where the current line may end: the last place of each rank that no place of a better rank follows.
#[derive(Default)]
struct BreakPoints([Option<BreakPoint>; 3]);

impl BreakPoints {
    fn add(&mut self, rank: usize, point: BreakPoint) {
        self.0[rank..].fill(None);
        self.0[rank] = Some(point);
    }

    /// The best place, which is then the start of a new line for the places after it.
    fn take(&mut self) -> Option<BreakPoint> {
        let taken = self.0.iter_mut().find_map(Option::take)?;
        for later in self.0.iter_mut().flatten() {
            later.width -= taken.skipped;
            later.skipped -= taken.skipped;
        }
        Some(taken)
    }
}

/// Appends the lines of `text` to `lines`: broken at blanks; where a word alone is too long for a line, after a hyphen
/// and the like or beside an ideograph, then after a stop; else anywhere. Blank text has no lines.
pub fn wrap(glyph_map: &GlyphMap, text: &str, width: f32, lines: &mut Vec<Line>) {
    let limit = width + 1e-4;
    if let Some(width) = glyph_map.plain_width(text).filter(|width| *width <= limit) {
        lines.push(Line { start: 0, end: text.len(), width });
        return;
    }
    let (mut start, mut so_far) = (0, 0.0_f32);
    // The end of the last glyph that can be seen, and the width up to there.
    let (mut shown, mut shown_width) = (0, 0.0_f32);
    let mut breaks = BreakPoints::default();
    for (at, character) in text.char_indices() {
        let glyph = glyph_map.glyph(character);
        let after = at + character.len_utf8();
        match glyph.class {
            BreakClass::ZeroWidth => continue,
            BreakClass::Space if shown <= start => {
                start = after;
                continue;
            }
            BreakClass::Space => {
                so_far += glyph.advance;
                breaks.add(BLANK, BreakPoint { end: shown, width: shown_width, next: after, skipped: so_far });
                continue;
            }
            BreakClass::Wide if shown > start => {
                breaks.add(WITHIN_WORD, BreakPoint { end: shown, width: shown_width, next: at, skipped: so_far });
            }
            _ => {}
        }
        while so_far + glyph.advance > limit && shown > start {
            let taken = breaks.take().unwrap_or(BreakPoint { end: at, width: so_far, next: at, skipped: so_far });
            lines.push(Line { start, end: taken.end, width: taken.width });
            start = taken.next;
            so_far -= taken.skipped;
        }
        so_far += glyph.advance;
        (shown, shown_width) = (after, so_far);
        let here = BreakPoint { end: after, width: so_far, next: after, skipped: so_far };
        match glyph.class {
            BreakClass::BreakAfter | BreakClass::Wide => breaks.add(WITHIN_WORD, here),
            BreakClass::LastResort => breaks.add(LAST_RESORT, here),
            _ => {}
        }
    }
    if shown > start {
        lines.push(Line { start, end: shown, width: shown_width });
    }
}

/// The widths of `text`.
pub fn text_widths(glyph_map: &GlyphMap, text: &str) -> TextWidths {
    let mut widest = TextWidths::default();
    let (mut part, mut word) = (0.0_f32, 0.0_f32);
    for character in text.chars() {
        let glyph = glyph_map.glyph(character);
        widest.line += glyph.advance;
        (part, word) = match glyph.class {
            BreakClass::Space => (0.0, 0.0),
            BreakClass::Wide => (glyph.advance, glyph.advance),
            _ => (part + glyph.advance, word + glyph.advance),
        };
        widest.part = widest.part.max(part);
        widest.word = widest.word.max(word);
        if glyph.class == BreakClass::BreakAfter {
            part = 0.0;
        }
    }
    widest
}

#[cfg(test)]
mod tests {
    use crate::export::layout::fonts::Faces;
    use crate::export::layout::wrap::{text_widths, wrap};

    #[test]
    fn lines_end_at_blanks_then_within_words_then_at_stops() {
        let faces = Faces::load().unwrap();
        let regular = &faces.regular;
        let broken = |text: &str, width_of: &str| {
            let mut lines = Vec::new();
            wrap(regular, text, regular.width(width_of), &mut lines);
            lines.iter().map(|line| text[line.start..line.end].to_owned()).collect::<Vec<_>>()
        };
        for (text, width_of, expected) in [
            ("Firm order confirmation", "confirmation", vec!["Firm order", "confirmation"]),
            ("ana.lee@acct7.example", "ana.lee@acct7.", vec!["ana.lee@", "acct7.example"]),
            ("ana.lee@acct7.example", "ana.lee@", vec!["ana.lee@", "acct7.", "example"]),
            ("see kept-as-it-is", "kept-as-it-is", vec!["see", "kept-as-it-is"]),
            ("kept-as-it-is", "kept-as", vec!["kept-", "as-it-is"]),
            ("東京電話 Ltd", "東京電", vec!["東京電", "話 Ltd"]),
            ("  a \u{a0} b  ", "a", vec!["a", "b"]),
            ("WWWW", "WW", vec!["WW", "WW"]),
            (" \n ", "a", vec![]),
        ] {
            assert_eq!(broken(text, width_of), expected, "{text:?}");
        }
    }

    #[test]
    fn parts_are_no_wider_than_words_and_words_than_lines() {
        let faces = Faces::load().unwrap();
        let regular = &faces.regular;
        let widths = text_widths(regular, "to ana.lee@acct7.example 東京");
        assert_eq!(widths.part, regular.width("acct7.example"));
        assert_eq!(widths.word, regular.width("ana.lee@acct7.example"));
        assert_eq!(widths.line, regular.width("to ana.lee@acct7.example 東京"));
    }
}
