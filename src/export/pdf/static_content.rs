//! Text and rectangles with their places, for what is set once: covers, captions, headers.

use krilla::surface::Surface;

use crate::export::layout::fonts::{Face, Faces};
use crate::export::layout::wrap::wrap;
use crate::export::pdf::fonts::Fonts;
use crate::export::pdf::glyph_runs::{GlyphBatch, Rects};
use crate::report::style;

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// The weight.
    pub face: Face,
    /// In points.
    pub size: f32,
    /// 0xRRGGBB.
    pub colour: u32,
}

/// The ink of what is not the matter itself.
pub const MUTED: u32 = 0x5A6675;
/// The body text of the cover.
pub const BODY: Style = Style { face: Face::Regular, size: 8.6, colour: style::INK };
/// What counts in it.
pub const STRONG: Style = Style { face: Face::Bold, ..BODY };
/// What explains it.
pub const CAPTION: Style = Style { face: Face::Regular, size: 7.0, colour: MUTED };

/// A line of text.
struct Words {
    style: Style,
    x: f32,
    /// The baseline.
    y: f32,
    text: String,
}

/// A filled rectangle.
struct Rect {
    colour: u32,
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

/// What is on a page beside the rows of the table.
#[derive(Default)]
pub struct StaticContent {
    words: Vec<Words>,
    patches: Vec<Rect>,
}

impl StaticContent {
    /// Adds a line of text that starts at `x` with its baseline at `y`.
    pub fn text(&mut self, style: Style, x: f32, y: f32, text: impl Into<String>) {
        self.words.push(Words { style, x, y, text: text.into() });
    }

    /// Adds a line of text that ends at `x`.
    pub fn text_to(&mut self, faces: &Faces, style: Style, x: f32, y: f32, text: impl Into<String>) {
        let text = text.into();
        let width = faces.glyph_map(style.face).width(&text) * style.size;
        self.text(style, x - width, y, text);
    }

    /// Writes `lines` below each other, the first on the baseline `y`; the baseline of the next.
    pub fn lines(&mut self, style: Style, (x, y): (f32, f32), lines: Vec<String>) -> f32 {
        lines.into_iter().fold(y, |y, line| {
            self.text(style, x, y, line);
            y + leading(style)
        })
    }

    /// Adds a rectangle.
    pub fn patch(&mut self, colour: u32, left: f32, top: f32, width: f32, height: f32) {
        self.patches.push(Rect { colour, left, top, width, height });
    }

    /// Adds everything of `other`, `down` points further down.
    pub fn append(&mut self, other: Self, down: f32) {
        self.words.extend(other.words.into_iter().map(|words| Words { y: words.y + down, ..words }));
        self.patches.extend(other.patches.into_iter().map(|patch| Rect { top: patch.top + down, ..patch }));
    }

    /// Draws everything: rectangles below text. How many characters had no face.
    pub fn draw(&self, surface: &mut Surface<'_>, fonts: &Fonts) -> u64 {
        for group in self.patches.chunk_by(|a, b| a.colour == b.colour) {
            let mut patches = Rects::default();
            group.iter().for_each(|patch| patches.push(patch.left, patch.top, patch.width, patch.height));
            patches.draw(surface, group[0].colour);
        }
        let mut missing = 0;
        for group in self.words.chunk_by(|a, b| a.style.size == b.style.size && a.style.colour == b.style.colour) {
            let mut batch = GlyphBatch::new(group[0].style.size);
            for words in group {
                batch.write(fonts.faces.glyph_map(words.style.face), words.x, words.y, &words.text);
            }
            batch.draw(surface, fonts, group[0].style.colour);
            missing += batch.missing;
        }
        missing
    }
}

/// From line to line of a paragraph, in points.
pub fn leading(style: Style) -> f32 {
    style.size * 1.28
}

/// The lines of `text` at most `width` points wide.
pub fn broken(faces: &Faces, style: Style, width: f32, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    wrap(faces.glyph_map(style.face), text, width / style.size, &mut lines);
    lines.iter().map(|line| text[line.start..line.end].to_owned()).collect()
}
