//! Text and rectangles with their places, for what is set once: covers, captions, headers.

use std::sync::Arc;

use crate::export::layout::fonts::{Face, Faces};
use crate::export::layout::paragraph::ShapedLine;
use crate::export::layout::wrap::{Line, wrap};
use crate::export::pdf::content::Content;
pub use crate::export::pdf::content::Style;
use crate::export::pdf::links::Target;
use crate::export::pdf::marks::{Element, Mark, Role};
use crate::export::pdf::paint::Paint;

/// The ink of what is not the matter itself.
pub const MUTED: Paint = Paint::Fixed(0x5A_6675);
/// The body text of the cover.
pub const BODY: Style = Style { face: Face::REGULAR, size: 8.6, colour: Paint::Ink };
/// What counts in it.
pub const STRONG: Style = Style { face: Face::BOLD, ..BODY };
/// What explains it.
pub const CAPTION: Style = Style { face: Face::REGULAR, size: 7.0, colour: MUTED };

/// The text of a line.
#[derive(Debug, Clone, Default)]
pub struct TextLine {
    text: String,
    /// How it is set, where it is one of several lines and not set character by character.
    shaped: Option<Arc<ShapedLine>>,
}

impl TextLine {
    /// The line `line` of `text`.
    pub fn of(text: &str, line: &Line) -> Self {
        Self { text: text[line.start..line.end].to_owned(), shaped: line.shaped.clone() }
    }

    /// Its width in points.
    pub fn width(&self, faces: &Faces, style: Style) -> f32 {
        let ems = match &self.shaped {
            Some(shaped) => shaped.width(),
            None => faces.glyph_map(style.face).width(&self.text),
        };
        ems * style.size
    }
}

impl<T: Into<String>> From<T> for TextLine {
    fn from(text: T) -> Self {
        Self { text: text.into(), shaped: None }
    }
}

/// A line of text with its place.
struct Words {
    style: Style,
    x: f32,
    /// The baseline.
    y: f32,
    text: TextLine,
    /// What it is a part of; `None` for what is there for the eye alone.
    mark: Option<Mark>,
}

/// A filled rectangle.
struct Rect {
    colour: Paint,
    left: f32,
    top: f32,
    width: f32,
    height: f32,
    mark: Option<Mark>,
}

/// What leads elsewhere: the element, its left and top edge, width and height, where it leads, and what it says to those who do not
/// see it.
struct StaticLink {
    element: Arc<Element>,
    area: [f32; 4],
    target: Target,
    says: String,
}

/// A picture: the element, and its left and top edge, width and height.
type Picture = (Arc<Element>, [f32; 4]);

/// What is on a page beside the rows of the table.
#[derive(Default)]
pub struct StaticContent {
    words: Vec<Words>,
    patches: Vec<Rect>,
    pictures: Vec<Picture>,
    logos: Vec<Picture>,
    links: Vec<StaticLink>,
}

impl StaticContent {
    /// Adds a line of text that starts at `x` with its baseline at `y`.
    pub fn text(&mut self, style: Style, x: f32, y: f32, text: impl Into<TextLine>) {
        self.words.push(Words { style, x, y, text: text.into(), mark: None });
    }

    /// Adds a line of text that ends at `x`.
    pub fn text_to(&mut self, faces: &Faces, style: Style, x: f32, y: f32, text: impl Into<TextLine>) {
        let text = text.into();
        self.text(style, x - text.width(faces, style), y, text);
    }

    /// Writes `lines` below each other, the first on the baseline `y`; the baseline of the next.
    pub fn lines(&mut self, style: Style, (x, y): (f32, f32), lines: Vec<TextLine>) -> f32 {
        lines.into_iter().fold(y, |y, line| {
            self.text(style, x, y, line);
            y + leading(style)
        })
    }

    /// Adds a rectangle.
    pub fn patch(&mut self, colour: Paint, left: f32, top: f32, width: f32, height: f32) {
        self.patches.push(Rect { colour, left, top, width, height, mark: None });
    }

    /// Makes all text that is not yet a part of something a part of `mark`.
    pub fn mark_text(&mut self, mark: &Mark) {
        self.words.iter_mut().filter(|words| words.mark.is_none()).for_each(|words| words.mark = Some(mark.clone()));
    }

    /// Makes all text that is not yet a part of something a part of `cell`, and there a link to `target`, which `area` (left and top
    /// edge, width and height) leads to.
    pub fn mark_link(&mut self, cell: &Arc<Element>, area: [f32; 4], target: Target, says: String) {
        let element = Element::within(cell, Role::Link);
        self.mark_text(&Mark::Element(Arc::clone(&element)));
        self.links.push(StaticLink { element, area, target, says });
    }

    /// Makes all that is there the picture `element`, which is so wide and high.
    pub fn mark_picture(&mut self, element: &Arc<Element>, bounds: [f32; 4]) {
        let mark = Mark::Element(Arc::clone(element));
        self.mark_text(&mark);
        self.patches.iter_mut().for_each(|patch| patch.mark = Some(mark.clone()));
        self.pictures.push((Arc::clone(element), bounds));
    }

    /// Adds the logo, which is `element`: left, top, width and height.
    pub fn logo(&mut self, element: Arc<Element>, bounds: [f32; 4]) {
        self.logos.push((element, bounds));
    }

    /// Adds everything of `other`, of whose first text what is there becomes a part.
    pub fn append_to_paragraph(&mut self, other: Self) {
        if let Some(mark) = other.words.first().and_then(|words| words.mark.clone()) {
            self.mark_text(&mark);
        }
        self.append(other, 0.0);
    }

    /// The same for the eye alone.
    pub fn unmarked(mut self) -> Self {
        self.words.iter_mut().for_each(|words| words.mark = None);
        self.patches.iter_mut().for_each(|patch| patch.mark = None);
        self.pictures.clear();
        self.links.clear();
        self
    }

    /// Adds everything of `other`, `down` points further down.
    pub fn append(&mut self, other: Self, down: f32) {
        self.words.extend(other.words.into_iter().map(|words| Words { y: words.y + down, ..words }));
        self.patches.extend(other.patches.into_iter().map(|patch| Rect { top: patch.top + down, ..patch }));
        let moved = |(element, [left, top, width, height]): Picture| (element, [left, top + down, width, height]);
        self.pictures.extend(other.pictures.into_iter().map(moved));
        self.logos.extend(other.logos.into_iter().map(moved));
        let moved = |StaticLink { element, area: [left, top, width, height], target, says }: StaticLink| {
            let area = [left, top + down, width, height];
            StaticLink { element, area, target, says }
        };
        self.links.extend(other.links.into_iter().map(moved));
    }

    /// Draws everything: rectangles below text, those of a picture where its text begins, so that it is read in its place.
    pub fn draw(&self, content: &mut Content, faces: &Faces) {
        content.part_of(None);
        self.draw_patches(content, None);
        self.logos.iter().for_each(|(element, bounds)| content.logo(element, *bounds));
        let mut last: Option<&Mark> = None;
        for words in &self.words {
            content.part_of(words.mark.clone());
            if let Some(mark) = words.mark.as_ref().filter(|mark| last.is_none_or(|last| !last.is_same(mark))) {
                self.draw_patches(content, Some(mark));
            }
            last = words.mark.as_ref();
            let TextLine { text, shaped } = &words.text;
            content.line(faces.glyph_map(words.style.face), words.style, (words.x, words.y), text, shaped.as_deref());
        }
        content.part_of(None);
        self.pictures.iter().for_each(|(element, bounds)| content.figure(element, *bounds));
        for StaticLink { element, area, target, says } in &self.links {
            content.link(Mark::Element(Arc::clone(element)), *area, target.clone(), says.clone());
        }
    }

    /// Draws the rectangles that are a part of `mark`.
    fn draw_patches(&self, content: &mut Content, mark: Option<&Mark>) {
        let belongs = |patch: &&Rect| match (&patch.mark, mark) {
            (Some(own), Some(mark)) => own.is_same(mark),
            (own, mark) => own.is_none() && mark.is_none(),
        };
        let patches: Vec<&Rect> = self.patches.iter().filter(belongs).collect();
        for group in patches.chunk_by(|a, b| a.colour == b.colour) {
            content.rectangles(group[0].colour, group.iter().map(|patch| [patch.left, patch.top, patch.width, patch.height]));
        }
    }
}

/// From line to line of a paragraph, in points.
pub fn leading(style: Style) -> f32 {
    style.size * 1.28
}

/// The lines of `text` at most `width` points wide.
pub fn broken(faces: &Faces, style: Style, width: f32, text: &str) -> Vec<TextLine> {
    let mut lines = Vec::new();
    wrap(faces.glyph_map(style.face), text, width / style.size, &mut lines);
    lines.iter().map(|line| TextLine::of(text, line)).collect()
}
