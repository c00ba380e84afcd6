//! Puts runs of glyphs and rectangles on a page, many in one call.

use std::ops::Range;

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule};
use krilla::surface::{Location, Surface};
use krilla::text::{Glyph, GlyphId};

use crate::export::layout::fonts::{BreakClass, Face, GlyphInfo, GlyphMap};
use crate::export::pdf::fonts::Fonts;

/// A fill of one colour, 0xRRGGBB.
pub fn fill(colour: u32) -> Fill {
    let [_, red, green, blue] = colour.to_be_bytes();
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

/// Units of the faces in an em. The sizes of runs are eighths of a point, so that sums of whole units are
/// exact in single precision: no noise in the last digits, which would not compress.
const UNITS_PER_EM: f32 = 2048.0;
/// Gaps between cells on one line are multiples of so many units, a sixty-fourth of an em: few different numbers
/// compress well.
const GAP_UNITS: f32 = 32.0;
/// A cell may begin this far from where it should, in points: less than a printer's dot, and more than half a gap's
/// unit at the largest size of cells.
const MAX_OFFSET: f32 = 0.08;

/// A distance in ems as a multiple of `step` units.
fn round_to_units(ems: f32, step: f32) -> f32 {
    (ems * (UNITS_PER_EM / step)).round() * (step / UNITS_PER_EM)
}

/// A glyph on its line: smaller than the glyph of the library, since a page has thousands.
struct PositionedGlyph {
    glyph: u16,
    length: u8,
    start: u32,
    /// To the next glyph, in ems; the gap to the next cell is part of it.
    advance: f32,
    /// Above the first line of the run, in ems.
    rise: f32,
}

impl Glyph for PositionedGlyph {
    fn glyph_id(&self) -> GlyphId {
        GlyphId::new(u32::from(self.glyph))
    }
    fn text_range(&self) -> Range<usize> {
        self.start as usize..self.start as usize + usize::from(self.length)
    }
    fn x_advance(&self, size: f32) -> f32 {
        self.advance * size
    }
    fn x_offset(&self, _size: f32) -> f32 {
        0.0
    }
    fn y_offset(&self, size: f32) -> f32 {
        self.rise * size
    }
    fn y_advance(&self, _size: f32) -> f32 {
        0.0
    }
    fn location(&self) -> Option<Location> {
        None
    }
}

/// The glyphs of one face, colour and size on one page, drawn by one call.
#[derive(Default)]
struct Run {
    glyphs: Vec<PositionedGlyph>,
    text: String,
    start: (f32, f32),
    /// Where the last glyph begins and ends.
    begin: f32,
    end: f32,
    /// The line of the last glyph.
    line: f32,
    rise: f32,
}

impl Run {
    #[inline]
    fn push(&mut self, x: f32, y: f32, size: f32, glyph: GlyphInfo, character: char) {
        if let Some(last) = self.glyphs.last_mut() {
            let gap = x - self.end;
            if y != self.line {
                last.advance += round_to_units(gap / size, 1.0);
                self.end = self.begin + last.advance * size;
                self.line = y;
                self.rise = (self.start.1 - y) / size;
            } else if gap.abs() > MAX_OFFSET {
                last.advance += round_to_units(gap / size, GAP_UNITS);
                self.end = self.begin + last.advance * size;
            }
        } else {
            self.start = (x, y);
            (self.end, self.line, self.rise) = (x, y, 0.0);
        }
        let start = self.text.len();
        self.text.push(character);
        self.glyphs.push(PositionedGlyph {
            glyph: glyph.glyph,
            length: (self.text.len() - start) as u8,
            start: start as u32,
            advance: glyph.advance,
            rise: self.rise,
        });
        self.begin = self.end;
        self.end += glyph.advance * size;
    }

    fn draw(&mut self, surface: &mut Surface<'_>, fonts: &Fonts, face: Face, size: f32) {
        if !self.glyphs.is_empty() {
            surface.draw_glyphs(Point::from_xy(self.start.0, self.start.1), &self.glyphs, fonts.embedded(face), &self.text, size, false);
            self.glyphs.clear();
            self.text.clear();
        }
    }
}

/// The run of replacements: one glyph with many meanings, for which the writer takes a slower way.
const MISSING: usize = 3;

/// Text of one size and colour waiting to be drawn: a run a face, and one for what is missing. Reused from page to page.
pub struct GlyphBatch {
    size: f32,
    runs: [Run; 4],
    /// Characters drawn so far that no face has.
    pub missing: u64,
}

impl GlyphBatch {
    /// No text yet, of `size` points.
    pub fn new(size: f32) -> Self {
        Self { size, runs: Default::default(), missing: 0 }
    }

    /// Takes up a line of text with its baseline at `y`, points from the top of the page.
    pub fn write(&mut self, glyph_map: &GlyphMap, x: f32, y: f32, text: &str) {
        let mut x = x;
        for character in text.chars() {
            let glyph = glyph_map.glyph(character);
            let (run, shown) = match glyph.class {
                BreakClass::ZeroWidth => continue,
                BreakClass::Space => (glyph.face as usize, ' '),
                BreakClass::Missing => {
                    self.missing += 1;
                    (MISSING, if character.is_control() { '\u{FFFD}' } else { character })
                }
                _ => (glyph.face as usize, character),
            };
            self.runs[run].push(x, y, self.size, glyph, shown);
            x += glyph.advance * self.size;
        }
    }

    /// Draws what was taken up, in `colour`.
    pub fn draw(&mut self, surface: &mut Surface<'_>, fonts: &Fonts, colour: u32) {
        surface.set_fill(Some(fill(colour)));
        // Missing glyphs have one replacement, that of the regular face, in bold text too.
        for (run, face) in self.runs.iter_mut().zip([Face::Regular, Face::Bold, Face::Fallback, Face::Regular]) {
            run.draw(surface, fonts, face, self.size);
        }
    }
}

/// Rectangles of one colour, drawn by one call.
#[derive(Default)]
pub struct Rects {
    path: Option<PathBuilder>,
}

impl Rects {
    /// Takes up a rectangle; one without an area is left out.
    pub fn push(&mut self, left: f32, top: f32, width: f32, height: f32) {
        if let Some(rectangle) = Rect::from_xywh(left, top, width, height).filter(|_| width > 0.0 && height > 0.0) {
            self.path.get_or_insert_with(PathBuilder::new).push_rect(rectangle);
        }
    }

    /// Draws what was taken up, in `colour`.
    pub fn draw(&mut self, surface: &mut Surface<'_>, colour: u32) {
        if let Some(path) = self.path.take().and_then(PathBuilder::finish) {
            surface.set_fill(Some(fill(colour)));
            surface.draw_path(&path);
        }
    }
}
