//! Writes what is drawn on a page, or in a form that pages share, as a content stream: rectangles and lines of text.

use std::sync::Arc;

use crate::export::layout::fonts::{BreakClass, Face, GlyphInfo, GlyphMap};
use crate::export::pdf::marks::{Element, Mark};
use crate::export::pdf::operands::{hundredths, push_escaped, push_hundredths, push_number};
use crate::export::pdf::used_glyphs::UsedGlyphs;

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

/// How a run of glyphs is written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Code {
    /// A byte a glyph: characters from 0 to 255.
    Latin,
    /// Two bytes a glyph: its number in the face.
    Other,
}

/// Where a picture is: left, bottom, right and top, in points from the bottom left of the page.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The picture.
    pub element: Arc<Element>,
    /// Its bounds.
    pub bounds: [f32; 4],
}

/// A content stream in the making. Lengths are points from the top left of the page, as everywhere in the layout.
pub struct Content {
    bytes: Vec<u8>,
    /// The height of the page, in hundredths of a point.
    height: i32,
    is_in_text: bool,
    /// Whether its pieces are marked with what they are.
    is_tagged: bool,
    /// What follows is a part of; `None` for what is there for the eye alone.
    part_of: Option<Mark>,
    /// Whether a marked piece is open, and if so whether it began within text.
    open: Option<bool>,
    /// What each marked piece of the page belongs to, by number.
    marks: Vec<Mark>,
    figures: Vec<Figure>,
    /// Where the last line of text began, in hundredths of a point from the bottom left of the page.
    at: (i32, i32),
    font: Option<(Face, Code, f32)>,
    colour: Option<u32>,
    /// The glyphs that were used.
    pub used: UsedGlyphs,
    /// Characters that no face has.
    pub missing: u64,
}

impl Content {
    /// Nothing yet, on a page so many points high, whose pieces are marked or not.
    pub fn new(height: f32, is_tagged: bool) -> Self {
        Self {
            bytes: Vec::with_capacity(16_384),
            height: hundredths(height),
            is_in_text: false,
            is_tagged,
            part_of: None,
            open: None,
            marks: Vec::new(),
            figures: Vec::new(),
            at: (0, 0),
            font: None,
            colour: None,
            used: UsedGlyphs::default(),
            missing: 0,
        }
    }

    /// The bytes of the stream; the glyphs that they use stay.
    pub fn stream(&mut self) -> &[u8] {
        self.end_text();
        self.close();
        &self.bytes
    }

    /// What the pieces of the page belong to, by number, and where its pictures are.
    pub fn take_marks(&mut self) -> (Vec<Mark>, Vec<Figure>) {
        (std::mem::take(&mut self.marks), std::mem::take(&mut self.figures))
    }

    /// Whether pieces are marked.
    pub const fn is_tagged(&self) -> bool {
        self.is_tagged
    }

    /// What is drawn from now on is a part of `mark`; without one, it is there for the eye alone.
    pub fn part_of(&mut self, mark: Option<Mark>) {
        let is_same = match (&self.part_of, &mark) {
            (None, None) => true,
            (Some(one), Some(other)) => one.is_same(other),
            _ => false,
        };
        if self.is_tagged && !is_same {
            self.close();
            self.part_of = mark;
        }
    }

    /// Says where the picture `element` is.
    pub fn figure(&mut self, element: &Arc<Element>, [left, top, width, height]: [f32; 4]) {
        if self.is_tagged {
            let whole = self.height as f32 / 100.0;
            let bounds = [left, whole - top - height, left + width, whole - top];
            self.figures.push(Figure { element: Arc::clone(element), bounds });
        }
    }

    /// Opens a marked piece, within text or outside, if none is open there.
    fn open(&mut self, in_text: bool) {
        if !self.is_tagged || self.open == Some(in_text) {
            return;
        }
        self.close();
        match &self.part_of {
            // Text for the eye alone is what pages repeat.
            None if in_text => self.bytes.extend_from_slice(b"/Artifact<</Type/Pagination>>BDC\n"),
            None => self.bytes.extend_from_slice(b"/Artifact BMC\n"),
            Some(mark) => {
                self.bytes.push(b'/');
                self.bytes.extend_from_slice(mark.role().name().as_bytes());
                self.bytes.extend_from_slice(b"<</MCID ");
                push_number(&mut self.bytes, self.marks.len());
                self.bytes.extend_from_slice(b">>BDC\n");
                self.marks.push(mark.clone());
            }
        }
        self.open = Some(in_text);
    }

    /// Closes the marked piece that is open, if one is.
    fn close(&mut self) {
        if self.open.take().is_some() {
            // A font or a place may have been set for text that did not come.
            if self.bytes.last() != Some(&b'\n') {
                self.bytes.push(b'\n');
            }
            self.bytes.extend_from_slice(b"EMC\n");
        }
    }

    /// Forgets what was drawn, to begin another page; the glyphs that were used and the characters that were missing stay.
    pub fn clear(&mut self) {
        self.bytes.clear();
        (self.is_in_text, self.font, self.colour) = (false, None, None);
        (self.part_of, self.open) = (None, None);
    }

    /// Draws the form called `name`.
    pub fn form(&mut self, name: &str) {
        self.end_text();
        self.open(false);
        self.bytes.push(b'/');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b" Do\n");
    }

    /// Fills the rectangles (left, top, width and height each) with `colour`; those without an area are left out.
    pub fn rectangles(&mut self, colour: u32, rectangles: impl IntoIterator<Item = [f32; 4]>) {
        let mut rectangles = rectangles.into_iter().filter(|rectangle| rectangle[2] > 0.0 && rectangle[3] > 0.0).peekable();
        if rectangles.peek().is_none() {
            return;
        }
        self.end_text();
        self.open(false);
        self.colour(colour);
        for [left, top, width, height] in rectangles {
            let (from, to) = (self.height - hundredths(top + height), self.height - hundredths(top));
            for value in [hundredths(left), from, hundredths(width), to - from] {
                push_hundredths(&mut self.bytes, value);
                self.bytes.push(b' ');
            }
            self.bytes.extend_from_slice(b"re\n");
        }
        self.bytes.extend_from_slice(b"f\n");
    }

    /// Writes a line of text that begins at `x`, its baseline at `y`. Of an empty one there is nothing but its mark.
    pub fn line(&mut self, glyphs: &GlyphMap, style: Style, x: f32, y: f32, text: &str) {
        if !self.is_in_text {
            self.close();
            self.bytes.extend_from_slice(b"BT\n");
            (self.is_in_text, self.at) = (true, (0, 0));
        }
        self.open(true);
        if text.is_empty() {
            return;
        }
        self.colour(style.colour);
        let to = (hundredths(x), self.height - hundredths(y));
        push_hundredths(&mut self.bytes, to.0 - self.at.0);
        self.bytes.push(b' ');
        push_hundredths(&mut self.bytes, to.1 - self.at.1);
        self.bytes.extend_from_slice(b" Td");
        self.at = to;
        if text.bytes().all(|byte| (b' '..0x7F).contains(&byte)) {
            self.font(style.face, Code::Latin, style.size);
            self.ascii(style.face, text);
        } else {
            self.runs(glyphs, style, text);
        }
    }

    /// Shows text that is ASCII alone: the codes are the bytes.
    fn ascii(&mut self, face: Face, text: &str) {
        self.bytes.push(b'(');
        for byte in text.bytes() {
            self.used.add_latin(face, byte);
            if matches!(byte, b'(' | b')' | b'\\') {
                self.bytes.push(b'\\');
            }
            self.bytes.push(byte);
        }
        self.bytes.extend_from_slice(b")Tj\n");
    }

    /// Shows text of any kind, a run a face and code.
    fn runs(&mut self, glyphs: &GlyphMap, style: Style, text: &str) {
        let mut is_open = false;
        for character in text.chars() {
            let glyph = glyphs.glyph(character);
            if glyph.class == BreakClass::ZeroWidth {
                continue;
            }
            let shown = if glyph.class == BreakClass::Space { ' ' } else { character };
            let code = if is_latin(glyph, shown) { Code::Latin } else { Code::Other };
            let needs_words = glyph.class == BreakClass::Missing || (code == Code::Other && !glyph.is_own);
            if is_open && (needs_words || self.font != Some((glyph.face, code, style.size))) {
                self.bytes.extend_from_slice(b")Tj\n");
                is_open = false;
            }
            self.font(glyph.face, code, style.size);
            if needs_words {
                self.missing += u64::from(glyph.class == BreakClass::Missing);
                self.in_words(glyph, if character.is_control() { '\u{FFFD}' } else { character });
                continue;
            }
            if !is_open {
                self.open(true);
                self.bytes.push(b'(');
                is_open = true;
            }
            match code {
                Code::Latin => {
                    self.used.add_latin(glyph.face, shown as u8);
                    push_escaped(&mut self.bytes, shown as u8);
                }
                Code::Other => self.two_bytes(glyph),
            }
        }
        if is_open {
            self.bytes.extend_from_slice(b")Tj\n");
        }
    }

    /// Shows a glyph that does not tell by itself which character it is, with the character beside it.
    fn in_words(&mut self, glyph: GlyphInfo, character: char) {
        // A piece of its own where pieces are marked: not every reader of structures finds its way out of one within another.
        let mark = self.part_of.clone().filter(|_| self.is_tagged);
        if mark.is_some() {
            self.close();
        }
        self.bytes.extend_from_slice(b"/Span<<");
        if let Some(mark) = mark {
            self.bytes.extend_from_slice(format!("/MCID {}", self.marks.len()).as_bytes());
            self.marks.push(mark);
        }
        self.bytes.extend_from_slice(b"/ActualText<FEFF");
        for unit in character.encode_utf16(&mut [0; 2]) {
            self.bytes.extend_from_slice(format!("{unit:04X}").as_bytes());
        }
        self.bytes.extend_from_slice(b">>>BDC(");
        self.two_bytes(glyph);
        self.bytes.extend_from_slice(b")Tj EMC\n");
    }

    fn two_bytes(&mut self, glyph: GlyphInfo) {
        self.used.add_other(glyph.face, glyph.glyph);
        glyph.glyph.to_be_bytes().into_iter().for_each(|byte| push_escaped(&mut self.bytes, byte));
    }

    fn font(&mut self, face: Face, code: Code, size: f32) {
        if self.font == Some((face, code, size)) {
            return;
        }
        self.font = Some((face, code, size));
        self.bytes.push(b'/');
        self.bytes.extend_from_slice(if code == Code::Latin { face.latin_name() } else { face.other_name() });
        self.bytes.push(b' ');
        push_hundredths(&mut self.bytes, hundredths(size));
        self.bytes.extend_from_slice(b" Tf");
    }

    fn colour(&mut self, colour: u32) {
        if self.colour == Some(colour) {
            return;
        }
        self.colour = Some(colour);
        let [_, red, green, blue] = colour.to_be_bytes();
        for part in [red, green, blue] {
            self.bytes.extend_from_slice(format!("{} ", (f32::from(part) / 2.55).round() / 100.0).as_bytes());
        }
        self.bytes.extend_from_slice(b"rg\n");
    }

    fn end_text(&mut self) {
        if std::mem::take(&mut self.is_in_text) {
            self.close();
            self.bytes.extend_from_slice(b"ET\n");
        }
    }
}

/// Whether a character is written as one byte.
fn is_latin(glyph: GlyphInfo, character: char) -> bool {
    glyph.class != BreakClass::Missing && glyph.face != Face::Fallback && u32::from(character) <= 0xFF
}

#[cfg(test)]
mod tests {
    use crate::export::layout::fonts::{Face, Faces};
    use crate::export::pdf::content::{Content, Style};

    #[test]
    fn a_cell_is_one_move_and_one_show() {
        let faces = Faces::load().unwrap();
        let mut content = Content::new(100.0, false);
        let style = Style { face: Face::Regular, size: 7.0, colour: 0 };
        content.line(&faces.regular, style, 10.0, 20.0, "a(b)\\");
        content.line(&faces.regular, style, 10.0, 28.5, "é \u{0}\u{4e2d}");
        let said = String::from_utf8_lossy(content.stream()).into_owned();
        let expected = "BT\n0 0 0 rg\n10 80 Td/R 7 Tf(a\\(b\\)\\\\)Tj\n0 -8.5 Td(\u{FFFD} )Tj\n/R2 7 Tf/Span<</ActualText<FEFFFFFD>>>BDC(";
        assert!(said.starts_with(expected), "{said}");
        assert!(said.contains("/F2 7 Tf(") && said.ends_with(")Tj\nET\n"), "{said}");
        assert_eq!(content.missing, 1);
        assert_eq!(content.used.latin(Face::Regular).collect::<Vec<_>>(), b" ()\\ab\xE9");
    }
}
