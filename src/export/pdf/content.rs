//! Writes what is drawn on a page, or in a form that pages share, as a content stream: rectangles, and what surrounds lines of text.

use std::sync::Arc;

use crate::export::layout::fonts::Face;
use crate::export::pdf::glyph_codes::PendingCode;
use crate::export::pdf::image;
use crate::export::pdf::links::{Link, Target};
use crate::export::pdf::marks::{Element, Mark};
use crate::export::pdf::missing::Missing;
use crate::export::pdf::operands::{hundredths, push_hundredths, push_number};
use crate::export::pdf::paint::Paint;
use crate::export::pdf::used_glyphs::UsedGlyphs;
use crate::report::palette::Palette;

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// The weight.
    pub face: Face,
    /// In points.
    pub size: f32,
    /// The ink.
    pub colour: Paint,
}

/// How a run of glyphs is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Code {
    /// A byte a glyph: characters from 0 to 255.
    Latin,
    /// Two bytes a glyph: its number in the face.
    Other,
    /// Two bytes for a glyph of shaped text and what it says.
    Shaped,
}

/// Where a picture is: left, bottom, right and top, in points from the bottom left of the page.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The picture.
    pub element: Arc<Element>,
    /// Its bounds.
    pub bounds: [f32; 4],
}

/// What is known of a page beside its content.
#[derive(Debug, Default)]
pub struct PageParts {
    /// What its pieces belong to, by number.
    pub marks: Vec<Mark>,
    /// What pieces say whose glyphs say it in another order, by their numbers.
    pub said: Vec<(usize, Box<str>)>,
    /// Its pictures.
    pub figures: Vec<Figure>,
    /// Its links.
    pub links: Vec<Link>,
}

/// Where a layer of a page begins.
#[derive(Debug, Clone, Copy)]
pub struct Layer {
    start: usize,
    /// The first of its glyphs that wait for their codes.
    pending: usize,
}

/// A content stream in the making. Lengths are points from the top left of the page, as everywhere in the layout.
pub struct Content {
    pub(in crate::export::pdf) bytes: Vec<u8>,
    /// The height of the page, in hundredths of a point.
    pub(in crate::export::pdf) height: i32,
    pub(in crate::export::pdf) is_in_text: bool,
    /// Whether its pieces are marked with what they are.
    pub(in crate::export::pdf) is_tagged: bool,
    /// What follows is a part of; `None` for what is there for the eye alone.
    pub(in crate::export::pdf) part_of: Option<Mark>,
    /// Whether a marked piece is open, and if so whether it began within text.
    pub(in crate::export::pdf) open: Option<bool>,
    /// What each marked piece of the page belongs to, by number.
    pub(in crate::export::pdf) marks: Vec<Mark>,
    /// The number of the next piece, where it is known to `marks` already.
    pub(in crate::export::pdf) kept_number: Option<usize>,
    /// What pieces say whose glyphs say it in another order, by their numbers.
    pub(in crate::export::pdf) said: Vec<(usize, Box<str>)>,
    figures: Vec<Figure>,
    links: Vec<Link>,
    /// Where the last line of text began, in hundredths of a point from the bottom left of the page.
    pub(in crate::export::pdf) at: (i32, i32),
    pub(in crate::export::pdf) font: Option<(Face, Code, f32)>,
    pub(in crate::export::pdf) palette: Palette,
    colour: Option<u32>,
    /// Whether letters have a line around them.
    pub(in crate::export::pdf) is_outlined: bool,
    /// The glyphs that were used.
    pub used: UsedGlyphs,
    /// Glyphs of shaped text that wait for their codes.
    pub pending: Vec<PendingCode>,
    /// Characters that no face has.
    pub missing: Missing,
    /// The row of the numbers, from 1, that is drawn.
    pub row: Option<usize>,
}

impl Content {
    /// Nothing yet, on a page so many points high, whose pieces are marked or not, in the colours of `palette`.
    pub fn new(height: f32, is_tagged: bool, palette: Palette) -> Self {
        Self {
            bytes: Vec::with_capacity(16_384),
            height: hundredths(height),
            is_in_text: false,
            is_tagged,
            part_of: None,
            open: None,
            marks: Vec::new(),
            kept_number: None,
            said: Vec::new(),
            figures: Vec::new(),
            links: Vec::new(),
            at: (0, 0),
            font: None,
            palette,
            colour: None,
            is_outlined: false,
            used: UsedGlyphs::default(),
            pending: Vec::new(),
            missing: Missing::default(),
            row: None,
        }
    }

    /// The bytes of the stream; the glyphs that they use stay, and so do those that wait for their codes.
    pub fn stream(&mut self) -> &mut [u8] {
        self.end_text();
        self.close();
        &mut self.bytes
    }

    /// What is known of the page beside its content.
    pub fn take_parts(&mut self) -> PageParts {
        PageParts {
            marks: std::mem::take(&mut self.marks),
            said: std::mem::take(&mut self.said),
            figures: std::mem::take(&mut self.figures),
            links: std::mem::take(&mut self.links),
        }
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
            let bounds = self.bounds([left, top, width, height]);
            self.figures.push(Figure { element: Arc::clone(element), bounds });
        }
    }

    /// Says where `mark` leads, and what it says to those who do not see it; left and top edge, width and height in points.
    pub fn link(&mut self, mark: Mark, area: [f32; 4], target: Target, says: String) {
        let bounds = self.bounds(area);
        self.links.push(Link { mark, bounds, target, says });
    }

    /// The number of the link that comes next on the page, from 0.
    pub fn next_link(&self) -> usize {
        self.links.len()
    }

    /// Left, bottom, right and top, from the bottom left of the page.
    fn bounds(&self, [left, top, width, height]: [f32; 4]) -> [f32; 4] {
        let whole = self.height as f32 / 100.0;
        [left, whole - top - height, left + width, whole - top]
    }

    /// Opens a marked piece, within text or outside, if none is open there.
    pub(in crate::export::pdf) fn open(&mut self, in_text: bool) {
        if !self.is_tagged || self.open == Some(in_text) {
            return;
        }
        self.close();
        match self.part_of.clone() {
            // Text for the eye alone is what pages repeat.
            None if in_text => self.bytes.extend_from_slice(b"/Artifact<</Type/Pagination>>BDC\n"),
            None => self.bytes.extend_from_slice(b"/Artifact BMC\n"),
            Some(mark) => {
                self.bytes.push(b'/');
                self.bytes.extend_from_slice(mark.role().name().as_bytes());
                self.bytes.extend_from_slice(b"<</MCID ");
                let number = self.next_number(mark);
                push_number(&mut self.bytes, number);
                self.bytes.extend_from_slice(b">>BDC\n");
            }
        }
        self.open = Some(in_text);
    }

    /// The number of the next piece of `mark`: the one that was kept for it, else the one after all others.
    pub(in crate::export::pdf) fn next_number(&mut self, mark: Mark) -> usize {
        self.kept_number.take().unwrap_or_else(|| {
            self.marks.push(mark);
            self.marks.len() - 1
        })
    }

    /// Closes the marked piece that is open, if one is.
    pub(in crate::export::pdf) fn close(&mut self) {
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

    /// Ends what is open, so that what is drawn from here on can be moved by [`Content::put_below`].
    pub fn begin_layer(&mut self) -> Layer {
        self.end_text();
        self.close();
        (self.font, self.colour) = (None, None);
        Layer { start: self.bytes.len(), pending: self.pending.len() }
    }

    /// Puts the layer `below`, which is drawn last, below `upper`, which was drawn right before it.
    pub fn put_below(&mut self, upper: Layer, below: Layer) {
        let Layer { start: end, .. } = self.begin_layer();
        self.bytes[upper.start..].rotate_left(below.start - upper.start);
        self.pending[upper.pending..below.pending].iter_mut().for_each(|code| code.at += end - below.start);
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
    pub fn rectangles(&mut self, colour: Paint, rectangles: impl IntoIterator<Item = [f32; 4]>) {
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

    /// Draws the logo, which is `element`: left, top, width and height.
    pub fn logo(&mut self, element: &Arc<Element>, [left, top, width, height]: [f32; 4]) {
        self.end_text();
        self.part_of(Some(Mark::Element(Arc::clone(element))));
        self.open(false);
        self.bytes.extend_from_slice(b"q ");
        let across = [hundredths(width), 0, 0, hundredths(height), hundredths(left), self.height - hundredths(top + height)];
        for value in across {
            push_hundredths(&mut self.bytes, value);
            self.bytes.push(b' ');
        }
        self.bytes.extend_from_slice(format!("cm/{} Do Q\n", image::NAME).as_bytes());
        self.part_of(None);
        self.figure(element, [left, top, width, height]);
    }

    /// Turns to a font.
    pub(in crate::export::pdf) fn font(&mut self, face: Face, code: Code, size: f32) {
        if self.font == Some((face, code, size)) {
            return;
        }
        self.font = Some((face, code, size));
        self.bytes.push(b'/');
        push_font_name(&mut self.bytes, face, code);
        self.bytes.push(b' ');
        push_hundredths(&mut self.bytes, hundredths(size));
        self.bytes.extend_from_slice(b" Tf");
    }

    /// Turns to a colour.
    pub(in crate::export::pdf) fn colour(&mut self, colour: Paint) {
        let colour = colour.colour(&self.palette);
        if self.colour == Some(colour) {
            return;
        }
        self.colour = Some(colour);
        self.push_colour(colour);
        self.bytes.extend_from_slice(b"rg\n");
    }

    /// Writes a colour as its three parts.
    pub(in crate::export::pdf) fn push_colour(&mut self, colour: u32) {
        let [_, red, green, blue] = colour.to_be_bytes();
        for part in [red, green, blue] {
            push_hundredths(&mut self.bytes, (f32::from(part) / 2.55).round() as i32);
            self.bytes.push(b' ');
        }
    }

    fn end_text(&mut self) {
        if std::mem::take(&mut self.is_in_text) {
            self.close();
            self.bytes.extend_from_slice(b"ET\n");
        }
    }
}

/// Writes the name, in the resources of a page, of the font of `face` by whose codes texts are written so.
pub fn push_font_name(bytes: &mut Vec<u8>, face: Face, code: Code) {
    match (face, code) {
        (Face::REGULAR, Code::Latin) => bytes.push(b'R'),
        (Face::BOLD, Code::Latin) => bytes.push(b'B'),
        _ => {
            bytes.push(match code {
                Code::Latin => b'L',
                Code::Other => b'G',
                Code::Shaped => b'S',
            });
            push_number(bytes, face.place());
        }
    }
}
