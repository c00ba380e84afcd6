//! Sets text that cannot be set character by character: finds the order of its parts from left to right, and has each part shaped by the face that has it.

use std::ops::Range;

use harfrust::{BufferFlags, Direction, Script, UnicodeBuffer};
use unicode_bidi::{BidiClass, BidiDataSource, BidiInfo, HardcodedBidiData, Level};
use unicode_normalization::UnicodeNormalization;

use crate::domain::text::is_right_to_left;
use crate::export::layout::complex_text::{extends_cluster, is_complex, needs_shaping};
use crate::export::layout::fonts::{BreakClass, Face, GlyphMap};
use crate::export::layout::glyph_info::is_invisible;

/// A glyph of a cluster: lengths in thousandths of an em.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShapedGlyph {
    /// Its number in the face.
    pub glyph: u16,
    /// Its origin, from the left edge of the line.
    pub left: f32,
    /// How far it is above the line.
    pub rise: f32,
}

/// What a part of a line is set by.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// Each character by its own glyph, from left to right.
    Plain,
    /// The glyphs of a face with these places among those of the line.
    Cluster {
        /// The face.
        face: Face,
        /// The glyphs, from left to right.
        glyphs: Range<usize>,
        /// Whether it is a part of text that runs from right to left.
        is_right_to_left: bool,
    },
}

/// A part of a line that is not taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// The bytes of the text, from the first of the line.
    pub bytes: Range<usize>,
    /// The left edge, from that of the line, and the width, in thousandths of an em.
    pub left: f32,
    /// The width.
    pub width: f32,
    /// How it is set.
    pub setting: Setting,
}

/// A line of text that was shaped.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShapedLine {
    /// Its pieces, from left to right.
    pub pieces: Vec<Piece>,
    /// The glyphs of all clusters.
    pub glyphs: Vec<ShapedGlyph>,
}

/// Room for marks that stand on no letter, in thousandths of an em: their pictures are to the left of where they stand.
const BARE_MARKS: f32 = 500.0;

impl ShapedLine {
    /// The width, in ems.
    pub fn width(&self) -> f32 {
        self.pieces.last().map_or(0.0, |piece| (piece.left + piece.width) / 1000.0)
    }

    /// Whether some of it runs from right to left.
    pub fn has_right_to_left(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece.setting, Setting::Cluster { is_right_to_left: true, .. }))
    }

    /// Moves what follows to the right where marks that stand on no letter would reach beyond the left edge, into another cell.
    fn keep_marks_within(&mut self) {
        let is_bare = |piece: &Piece| piece.width <= 0.0 && matches!(piece.setting, Setting::Cluster { .. });
        let least = if self.pieces.first().is_some_and(is_bare) { BARE_MARKS } else { 0.0 };
        let reach = self.glyphs.iter().map(|glyph| -glyph.left).fold(least, f32::max);
        let Some((first, others)) = self.pieces.split_first_mut().filter(|_| reach > 0.0) else { return };
        first.width += reach;
        others.iter_mut().for_each(|piece| piece.left += reach);
        self.glyphs.iter_mut().for_each(|glyph| glyph.left += reach);
    }

    fn push(&mut self, bytes: Range<usize>, width: f32, setting: Setting) {
        let left = self.pieces.last().map_or(0.0, |piece| piece.left + piece.width);
        self.pieces.push(Piece { bytes, left, width, setting });
    }
}

/// The classes of characters as cells want them: a cell is one paragraph whatever line ends are in it, and nothing in it is shown
/// against the direction in which its script is read, by which a name could pass for another.
struct CellBidi;

impl BidiDataSource for CellBidi {
    fn bidi_class(&self, character: char) -> BidiClass {
        match HardcodedBidiData.bidi_class(character) {
            // The plus of a phone number stays at its front.
            _ if character == '+' => BidiClass::EN,
            BidiClass::B | BidiClass::S => BidiClass::WS,
            BidiClass::RLO => BidiClass::RLE,
            BidiClass::LRO => BidiClass::LRE,
            class => class,
        }
    }
}

/// A text, of which lines are set. The first letter that has a direction decides where it begins.
pub struct Paragraph<'a> {
    text: &'a str,
    glyph_map: &'a GlyphMap,
    /// The directions, where there are several.
    bidi: Option<BidiInfo<'a>>,
}

/// Characters that are shaped together: of one face, script and direction.
struct Run {
    bytes: Range<usize>,
    /// `None` for what is set character by character.
    face: Option<Face>,
    script: Option<Script>,
}

impl<'a> Paragraph<'a> {
    /// `text` as a paragraph; `None` where every character of it can be set by its own glyph.
    pub fn new(glyph_map: &'a GlyphMap, text: &'a str) -> Option<Self> {
        needs_shaping(text).then(|| {
            let bidi = text.chars().any(is_right_to_left).then(|| BidiInfo::new_with_data_source(&CellBidi, text, None));
            Self { text, glyph_map, bidi }
        })
    }

    /// The line of the bytes `line`, which are whole characters.
    pub fn line(&self, line: Range<usize>) -> ShapedLine {
        let mut shaped = ShapedLine::default();
        match &self.bidi {
            None => self.add_level(&mut shaped, line.clone(), line.start, false),
            Some(bidi) => {
                // Lines neither begin nor end with blanks, which alone would be ordered otherwise at the ends of a line.
                let levels: Vec<&[Level]> = bidi.levels[line.clone()].chunk_by(|one, other| one == other).collect();
                let ends = levels.iter().scan(line.start, |end, run| {
                    *end += run.len();
                    Some(*end)
                });
                let runs: Vec<(Level, Range<usize>)> = levels.iter().zip(ends).map(|(run, end)| (run[0], end - run.len()..end)).collect();
                for place in BidiInfo::reorder_visual(&runs.iter().map(|run| run.0).collect::<Vec<_>>()) {
                    let (level, bytes) = &runs[place];
                    self.add_level(&mut shaped, bytes.clone(), line.start, level.is_rtl());
                }
            }
        }
        shaped.keep_marks_within();
        shaped
    }

    /// Adds text of one direction to the line that begins at the byte `start`.
    fn add_level(&self, shaped: &mut ShapedLine, bytes: Range<usize>, start: usize, is_right_to_left: bool) {
        let mut runs = self.runs(bytes, is_right_to_left);
        if is_right_to_left {
            runs.reverse();
        }
        for run in runs {
            let is_set = run.face.is_some_and(|face| self.add_run(shaped, &run, face, start, is_right_to_left));
            if !is_set {
                self.add_plain(shaped, run.bytes, start);
            }
        }
    }

    /// Adds characters each of which is set by its own glyph. One that its glyph does not tell of is a piece by itself.
    fn add_plain(&self, shaped: &mut ShapedLine, bytes: Range<usize>, start: usize) {
        let (mut begin, mut width) = (bytes.start, 0.0);
        for (at, character) in self.text[bytes.clone()].char_indices() {
            let (glyph, at) = (self.glyph_map.glyph(character), bytes.start + at);
            let is_alone = glyph.class == BreakClass::Missing || !glyph.is_own && glyph.class != BreakClass::ZeroWidth;
            if is_alone && begin < at {
                shaped.push(begin - start..at - start, width, Setting::Plain);
                (begin, width) = (at, 0.0);
            }
            width += glyph.advance * 1000.0;
            let next = at + character.len_utf8();
            if is_alone || next == bytes.end {
                shaped.push(begin - start..next - start, width, Setting::Plain);
                (begin, width) = (next, 0.0);
            }
        }
    }

    /// The runs of text of one direction, in logical order.
    fn runs(&self, bytes: Range<usize>, is_right_to_left: bool) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let text = &self.text[bytes.clone()];
        let mut starts =
            text.char_indices().filter(|(at, character)| *at == 0 || !extends_cluster(*character)).map(|(at, _)| at).peekable();
        while let Some(at) = starts.next() {
            let end = starts.peek().copied().unwrap_or(text.len());
            let cluster = &text[at..end];
            let is_shaped = is_right_to_left || cluster.chars().any(is_complex);
            let last = runs.last_mut();
            let face = is_shaped.then(|| self.face_of(cluster, last.as_ref().and_then(|run| run.face))).flatten();
            let script = face.and_then(|_| script_of(cluster));
            match last {
                Some(run) if run.face == face && (run.script == script || run.script.is_none() || script.is_none()) => {
                    run.bytes.end = bytes.start + end;
                    run.script = run.script.or(script);
                }
                _ => runs.push(Run { bytes: bytes.start + at..bytes.start + end, face, script }),
            }
        }
        runs
    }

    /// The face that has all of `cluster`; for what all have, that of the text `before`.
    fn face_of(&self, cluster: &str, before: Option<Face>) -> Option<Face> {
        let has_all = |face: Face| {
            let has = |character: char| is_invisible(character) || self.glyph_map.file(face).is_some_and(|file| file.has(character));
            cluster.chars().all(has) || cluster.nfc().all(has)
        };
        let first = cluster.chars().find(|character| !is_invisible(*character));
        let Some(first) = first else { return before };
        if first.is_whitespace() && before.is_some_and(has_all) {
            return before;
        }
        // Nearly always the face of the first character has the others, too.
        let own = self.glyph_map.glyph(first);
        let is_whole = cluster.len() == first.len_utf8() || has_all(own.face);
        if own.class != BreakClass::Missing && is_whole { Some(own.face) } else { self.glyph_map.faces().find(|face| has_all(*face)) }
    }

    /// Shapes a run and adds its clusters; whether its face can.
    fn add_run(&self, shaped: &mut ShapedLine, run: &Run, face: Face, start: usize, is_right_to_left: bool) -> bool {
        let text = &self.text[run.bytes.clone()];
        let direction = if is_right_to_left { Direction::RightToLeft } else { Direction::LeftToRight };
        let Some(file) = self.glyph_map.file(face) else { return false };
        let Some(glyphs) = file.shape(buffer(text, run.script, direction)) else { return false };
        let unit = file.metrics.unit;
        let all: Vec<_> = glyphs.glyph_infos().iter().zip(glyphs.glyph_positions()).collect();
        let mut starts: Vec<usize> = all.iter().map(|(info, _)| info.cluster as usize).collect();
        starts.sort_unstable();
        starts.dedup();
        let offset = run.bytes.start - start;
        // What has no glyph of its own, such as a joiner before everything, is told by the first.
        let begin = |cluster: usize| if Some(&cluster) == starts.first() { 0 } else { cluster };
        let end = |cluster: usize| starts.get(starts.partition_point(|start| *start <= cluster)).copied().unwrap_or(text.len());
        let mut x = shaped.pieces.last().map_or(0.0, |piece| piece.left + piece.width);
        for cluster in all.chunk_by(|one, other| one.0.cluster == other.0.cluster) {
            let (first, place, left) = (shaped.glyphs.len(), cluster[0].0.cluster as usize, x);
            for (info, position) in cluster {
                let (left, rise) = (x + position.x_offset as f32 * unit, position.y_offset as f32 * unit);
                shaped.glyphs.push(ShapedGlyph { glyph: info.glyph_id as u16, left, rise });
                x += position.x_advance as f32 * unit;
            }
            let setting = Setting::Cluster { face, glyphs: first..shaped.glyphs.len(), is_right_to_left };
            shaped.push(offset + begin(place)..offset + end(place), x - left, setting);
        }
        !all.is_empty()
    }
}

/// `text` ready for shaping.
fn buffer(text: &str, script: Option<Script>, direction: Direction) -> UnicodeBuffer {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.set_direction(direction);
    buffer.set_script(script.unwrap_or(harfrust::script::COMMON));
    buffer.set_flags(BufferFlags::BEGINNING_OF_TEXT | BufferFlags::END_OF_TEXT | BufferFlags::REMOVE_DEFAULT_IGNORABLES);
    buffer
}

/// The script of `cluster`; `None` for what all scripts have.
fn script_of(cluster: &str) -> Option<Script> {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(cluster);
    buffer.guess_segment_properties();
    Some(buffer.script()).filter(|script| *script != harfrust::script::UNKNOWN)
}

impl GlyphMap {
    /// The width of `text` on one line, in ems.
    pub fn width(&self, text: &str) -> f32 {
        match Paragraph::new(self, text) {
            None => text.chars().map(|character| self.glyph(character).advance).sum(),
            Some(paragraph) => paragraph.line(0..text.len()).width(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::text::isolated;
    use crate::export::layout::fonts::Faces;
    use crate::export::layout::paragraph::Paragraph;

    #[test]
    fn parts_stand_where_their_readers_look_for_them() {
        let faces = Faces::load().unwrap();
        // The parts from left to right; letters that run to the left, one after the other.
        let seen = |text: &str| {
            let line = Paragraph::new(&faces.regular, text).unwrap().line(0..text.len());
            let all: String = line.pieces.iter().map(|piece| &text[piece.bytes.clone()]).collect();
            all.chars().filter(|character| !matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')).collect::<String>()
        };
        for (text, expected) in [
            ("Acme שלום Ltd", "Acme םולש Ltd"),
            ("שלום Acme Ltd", "Acme Ltd םולש"),
            ("שלום +15551234567", "+15551234567 םולש"),
            ("(שלום)", ")םולש("),
            // Nothing is shown against its direction.
            ("\u{202E}Acme\u{202C} ש", "ש Acme"),
            ("company is שלום; 2026", "company is 2026 ;םולש"),
        ] {
            assert_eq!(seen(text), expected, "{text:?}");
        }
        let sentence = format!("company is {}; 2026 and {}", isolated("שלום"), isolated("Acme"));
        assert_eq!(seen(&sentence), "company is םולש; 2026 and Acme");
        assert_eq!(isolated("Café"), "Café");
    }
}
