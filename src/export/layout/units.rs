//! The parts of a text that a line does not break: characters, or the clusters of shaped text.

use crate::export::layout::fonts::{BreakClass, GlyphMap};
use crate::export::layout::paragraph::{Piece, Setting, ShapedLine};

/// A part of a text that a line does not break: its bytes, its width in ems and its part in breaking lines.
#[derive(Debug, Clone, Copy)]
pub struct Unit {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// The width.
    pub advance: f32,
    /// The class.
    pub class: BreakClass,
}

impl ShapedLine {
    /// What the line, whose text is `text`, may be broken between, in logical order.
    pub fn units(&self, glyph_map: &GlyphMap, text: &str) -> Vec<Unit> {
        let mut pieces: Vec<&Piece> = self.pieces.iter().collect();
        pieces.sort_by_key(|piece| piece.bytes.start);
        let mut units = Vec::with_capacity(text.len());
        for piece in pieces {
            let part = &text[piece.bytes.clone()];
            match piece.setting {
                Setting::Plain => units.extend(plain_units(glyph_map, part).map(|unit| Unit {
                    start: unit.start + piece.bytes.start,
                    end: unit.end + piece.bytes.start,
                    ..unit
                })),
                Setting::Cluster { .. } => {
                    let of = |character: char| glyph_map.glyph(character).class;
                    let seen = part.chars().map(of).find(|class| *class != BreakClass::ZeroWidth).unwrap_or(BreakClass::ZeroWidth);
                    // A cluster may be of several characters, the last of which decides what may follow it.
                    let last = part.chars().map(of).rfind(|class| *class != BreakClass::ZeroWidth).unwrap_or(seen);
                    let class = match (seen, last) {
                        (BreakClass::Missing, _) => BreakClass::Plain,
                        (BreakClass::Plain, BreakClass::BreakAfter) => BreakClass::BreakAfter,
                        (seen, _) => seen,
                    };
                    units.push(Unit { start: piece.bytes.start, end: piece.bytes.end, advance: piece.width / 1000.0, class });
                }
            }
        }
        units
    }
}

/// The units of text that is set character by character.
pub fn plain_units(glyph_map: &GlyphMap, text: &str) -> impl Iterator<Item = Unit> {
    text.char_indices().map(|(start, character)| {
        let glyph = glyph_map.glyph(character);
        Unit { start, end: start + character.len_utf8(), advance: glyph.advance, class: glyph.class }
    })
}
