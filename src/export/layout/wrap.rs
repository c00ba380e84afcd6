//! Breaks the text of a cell into lines of a given width; never loses a character that can be seen.

use std::sync::Arc;

use crate::export::layout::fonts::{BreakClass, GlyphMap};
use crate::export::layout::paragraph::{Paragraph, ShapedLine};
use crate::export::layout::units::{Unit, plain_units};

/// A line: a range of the text's bytes and its width in ems.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How wide it is, in ems.
    pub width: f32,
    /// How it is set, where that is not character by character.
    pub shaped: Option<Arc<ShapedLine>>,
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
/// and the like or beside an ideograph, then after a stop; else anywhere, but not before a mark. Blank text has no lines.
pub fn wrap(glyph_map: &GlyphMap, text: &str, width: f32, lines: &mut Vec<Line>) {
    let limit = width + ROUNDING_EM;
    if let Some(width) = glyph_map.plain_width(text).filter(|width| *width <= limit) {
        lines.push(Line { start: 0, end: text.len(), width, shaped: None });
        return;
    }
    match Paragraph::new(glyph_map, text) {
        None => break_units(plain_units(glyph_map, text), 0, limit, lines),
        Some(paragraph) => wrap_shaped(glyph_map, (text, &paragraph), limit, lines),
    }
}

/// Rounding may make a line so much too long, in ems.
const ROUNDING_EM: f32 = 1e-4;
/// How often a line is ended earlier because the letters at its ends became wider than they were within a word.
const ATTEMPTS: usize = 8;

/// Breaks text that is shaped: by the widths that its parts have on one line, after which each line is shaped by itself.
fn wrap_shaped(glyph_map: &GlyphMap, (text, paragraph): (&str, &Paragraph<'_>), limit: f32, lines: &mut Vec<Line>) {
    let begin = text.len() - text.trim_start().len();
    let end = text.trim_end().len();
    if begin >= end {
        return;
    }
    let whole = paragraph.line(begin..end);
    if whole.width() <= limit {
        lines.push(Line { start: begin, end, width: whole.width(), shaped: Some(Arc::new(whole)) });
        return;
    }
    let mut units = whole.units(glyph_map, &text[begin..end]);
    units.iter_mut().for_each(|unit| (unit.start, unit.end) = (unit.start + begin, unit.end + begin));
    let mut rest = &units[..];
    while let Some((line, width)) = first_line(rest, limit, limit) {
        let (mut line, mut room) = (line, width);
        for _ in 0..ATTEMPTS {
            let shaped = paragraph.line(line.start..line.end);
            (line.width, line.shaped) = (shaped.width(), Some(Arc::new(shaped)));
            if line.width <= limit {
                break;
            }
            match first_line(rest, room - 2.0 * ROUNDING_EM, limit).filter(|(shorter, _)| shorter.end < line.end) {
                Some(shorter) => (line, room) = shorter,
                // A part that is wider than a line stands there alone.
                None => break,
            }
        }
        rest = &rest[rest.partition_point(|unit| unit.start < line.end)..];
        lines.push(line);
    }
}

/// The first line of `units` at most `room` ems wide, not yet shaped, and the width of its parts; `limit` is how wide lines may be.
fn first_line(units: &[Unit], room: f32, limit: f32) -> Option<(Line, f32)> {
    let skipped = units.iter().take_while(|unit| matches!(unit.class, BreakClass::Space | BreakClass::ZeroWidth)).count();
    let mut sum = 0.0;
    // What is beyond a second line does not matter to where the first ends.
    let near = units[skipped..].iter().copied().take_while(|unit| {
        let is_near = sum <= 2.0 * limit;
        sum += unit.advance;
        is_near
    });
    let mut lines = Vec::new();
    break_units(near, units.get(skipped)?.start, room, &mut lines);
    let line = lines.into_iter().next()?;
    let width = line.width;
    Some((line, width))
}

/// Appends the lines of `units`, which begin at the byte `first` and are at most `limit` ems wide, to `lines`.
fn break_units(units: impl Iterator<Item = Unit>, first: usize, limit: f32, lines: &mut Vec<Line>) {
    let (mut start, mut so_far) = (first, 0.0_f32);
    // The end of the last unit that can be seen, and the width up to there.
    let (mut shown, mut shown_width) = (first, 0.0_f32);
    let mut breaks = BreakPoints::default();
    for Unit { start: at, end: after, advance, class } in units {
        match class {
            BreakClass::ZeroWidth => continue,
            BreakClass::Space if shown <= start => {
                start = after;
                continue;
            }
            BreakClass::Space => {
                so_far += advance;
                breaks.add(BLANK, BreakPoint { end: shown, width: shown_width, next: after, skipped: so_far });
                continue;
            }
            BreakClass::Wide | BreakClass::BreakBefore if shown > start => {
                breaks.add(WITHIN_WORD, BreakPoint { end: shown, width: shown_width, next: at, skipped: so_far });
            }
            _ => {}
        }
        while so_far + advance > limit && shown > start {
            let taken = breaks.take().unwrap_or(BreakPoint { end: at, width: so_far, next: at, skipped: so_far });
            lines.push(Line { start, end: taken.end, width: taken.width, shaped: None });
            start = taken.next;
            so_far -= taken.skipped;
        }
        so_far += advance;
        (shown, shown_width) = (after, so_far);
        let here = BreakPoint { end: after, width: so_far, next: after, skipped: so_far };
        match class {
            BreakClass::BreakAfter | BreakClass::Wide => breaks.add(WITHIN_WORD, here),
            BreakClass::LastResort => breaks.add(LAST_RESORT, here),
            _ => {}
        }
    }
    if shown > start {
        lines.push(Line { start, end: shown, width: shown_width, shaped: None });
    }
}

/// The widths of `text`.
pub fn text_widths(glyph_map: &GlyphMap, text: &str) -> TextWidths {
    match Paragraph::new(glyph_map, text) {
        None => unit_widths(plain_units(glyph_map, text)),
        Some(paragraph) => unit_widths(paragraph.line(0..text.len()).units(glyph_map, text).into_iter()),
    }
}

fn unit_widths(units: impl Iterator<Item = Unit>) -> TextWidths {
    let mut widest = TextWidths::default();
    let (mut part, mut word) = (0.0_f32, 0.0_f32);
    for Unit { advance, class, .. } in units {
        widest.line += advance;
        (part, word) = match class {
            BreakClass::Space => (0.0, 0.0),
            BreakClass::Wide => (advance, advance),
            BreakClass::BreakBefore => (advance, word + advance),
            _ => (part + advance, word + advance),
        };
        widest.part = widest.part.max(part);
        widest.word = widest.word.max(word);
        if class == BreakClass::BreakAfter {
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
    fn no_line_begins_with_a_mark_and_every_line_is_as_wide_as_it_may_be() {
        let faces = Faces::load().unwrap();
        let regular = &faces.regular;
        let marked = "e\u{323}\u{301}".repeat(9);
        for text in
            [&*marked, "भारत संचार निगम हिन्दी", "บริษัทโทรคมนาคมจำกัด", "شركة الاتصالات المتحدة", "الاتصالات", "חֲבֵרָה", "がか\u{3099}か\u{3099}"]
        {
            for ems in [1, 2, 3, 5, 8] {
                let mut lines = Vec::new();
                wrap(regular, text, ems as f32, &mut lines);
                let all: String = lines.iter().flat_map(|line| text[line.start..line.end].chars()).filter(|c| !c.is_whitespace()).collect();
                assert_eq!(all, text.chars().filter(|c| !c.is_whitespace()).collect::<String>(), "{text} in {ems}");
                for line in &lines {
                    let first = text[line.start..].chars().next().unwrap();
                    assert!(!unicode_normalization::char::is_combining_mark(first), "{text} in {ems}: a line begins with {first:?}");
                    let is_alone = line.shaped.as_ref().is_some_and(|shaped| shaped.pieces.len() == 1);
                    assert!(line.width <= ems as f32 + 0.001 || is_alone, "{text} in {ems}: {line:?}");
                }
            }
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
