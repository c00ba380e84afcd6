//! The faces shipped with the program: the glyph of each character and its width.

use std::collections::BTreeMap;

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use crate::error::{Error, Result};

/// The files of the faces, in the order of [`Face`].
static FILES: [&[u8]; 3] = [
    include_bytes!("../../../templates/fonts/RobotoCondensed-Regular.ttf"),
    include_bytes!("../../../templates/fonts/RobotoCondensed-Bold.ttf"),
    include_bytes!("../../../templates/fonts/DroidSansFallback.ttf"),
];

/// What stands for a character that no face has.
const REPLACEMENT: char = '\u{FFFD}';
/// Characters below this are found by index: the plane in which nearly all text is.
const INDEXED: usize = 0x1_0000;

/// One of the three files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Face {
    /// Body text.
    #[default]
    Regular,
    /// Headings.
    Bold,
    /// What the other two lack.
    Fallback,
}

/// How a character behaves when a line is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BreakClass {
    /// Part of a word.
    #[default]
    Plain,
    /// Blank: a line may end before it, and drops it.
    Space,
    /// Part of a word, after which a line may end.
    BreakAfter,
    /// Part of a word, after which a line ends only where nothing else helps: the stops of a host name or a time.
    LastResort,
    /// An ideograph or syllable: a line may end before and after it.
    Wide,
    /// Has no picture of its own: joiners, marks of direction.
    ZeroWidth,
    /// In no face: drawn as the replacement.
    Missing,
}

/// A character in a face.
#[derive(Debug, Clone, Copy, Default)]
pub struct GlyphInfo {
    /// The width, in ems.
    pub advance: f32,
    /// The glyph in its face.
    pub glyph: u16,
    /// The face that has it.
    pub face: Face,
    /// Its part in breaking lines.
    pub class: BreakClass,
}

/// Every character of one weight.
pub struct GlyphMap {
    low: Vec<GlyphInfo>,
    high: BTreeMap<char, GlyphInfo>,
    missing: GlyphInfo,
}

impl GlyphMap {
    /// The glyph of `character`; the replacement, of class [`BreakClass::Missing`], when no face has it.
    #[inline]
    pub fn glyph(&self, character: char) -> GlyphInfo {
        match self.low.get(character as usize) {
            Some(glyph) => *glyph,
            None if is_invisible(character) => GlyphInfo { class: BreakClass::ZeroWidth, ..GlyphInfo::default() },
            None => self.high.get(&character).copied().unwrap_or(self.missing),
        }
    }

    /// The width of `text` on one line, in ems.
    pub fn width(&self, text: &str) -> f32 {
        text.chars().map(|character| self.glyph(character).advance).sum()
    }
}

/// The glyphs of both weights.
pub struct Faces {
    /// Body text.
    pub regular: GlyphMap,
    /// Headings.
    pub bold: GlyphMap,
}

impl Faces {
    /// Reads the shipped files.
    ///
    /// # Errors
    /// [`Error::internal`] when a shipped file is not a face.
    pub fn load() -> Result<Self> {
        let [regular, bold, fallback] = [Face::Regular, Face::Bold, Face::Fallback].map(glyphs);
        let (regular, fallback) = (regular?, fallback?);
        Ok(Self { bold: glyph_map(&bold?, &fallback, &regular), regular: glyph_map(&regular, &fallback, &regular) })
    }

    /// The glyphs of a weight.
    pub fn glyph_map(&self, face: Face) -> &GlyphMap {
        match face {
            Face::Bold => &self.bold,
            Face::Regular | Face::Fallback => &self.regular,
        }
    }
}

impl Face {
    /// The file, as it is embedded in documents.
    pub const fn file(self) -> &'static [u8] {
        FILES[self as usize]
    }
}

/// What is said of a shipped file that is not a face.
pub fn unreadable_face() -> Error {
    Error::internal("templates/fonts", "a shipped face cannot be read")
}

/// The glyphs of a face by character, in order.
fn glyphs(face: Face) -> Result<Vec<(char, GlyphInfo)>> {
    let font = FontRef::new(face.file()).map_err(|_| unreadable_face())?;
    let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
    let em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em.max(1));
    let mut glyphs: Vec<(char, GlyphInfo)> = font
        .charmap()
        .mappings()
        .filter_map(|(code, id)| {
            let character = char::from_u32(code)?;
            let glyph = GlyphInfo {
                advance: metrics.advance_width(id).unwrap_or(0.0) / em,
                glyph: u16::try_from(id.to_u32()).ok()?,
                face,
                class: break_class(character, face),
            };
            Some((character, glyph))
        })
        .collect();
    glyphs.sort_by_key(|entry| entry.0);
    glyphs.dedup_by_key(|entry| entry.0);
    Ok(glyphs)
}

/// The glyphs of a weight; the replacement is that of `regular` in every weight.
fn glyph_map(own: &[(char, GlyphInfo)], fallback: &[(char, GlyphInfo)], regular: &[(char, GlyphInfo)]) -> GlyphMap {
    let find = |glyphs: &[(char, GlyphInfo)], wanted: char| {
        glyphs.binary_search_by_key(&wanted, |entry| entry.0).map_or_else(|_| GlyphInfo::default(), |index| glyphs[index].1)
    };
    let missing = GlyphInfo { class: BreakClass::Missing, ..find(regular, REPLACEMENT) };
    let space = GlyphInfo { class: BreakClass::Space, ..find(own, ' ') };
    let mut low = vec![missing; INDEXED];
    let mut high = BTreeMap::new();
    for (character, glyph) in fallback.iter().chain(own) {
        match low.get_mut(*character as usize) {
            Some(entry) => *entry = *glyph,
            None => drop(high.insert(*character, *glyph)),
        }
    }
    for character in '\0'..='\u{FFFF}' {
        let entry = &mut low[character as usize];
        if character.is_whitespace() {
            *entry = space;
        } else if is_invisible(character) {
            *entry = GlyphInfo { class: BreakClass::ZeroWidth, ..GlyphInfo::default() };
        } else if character.is_control() {
            *entry = missing;
        }
    }
    GlyphMap { low, high, missing }
}

fn break_class(character: char, face: Face) -> BreakClass {
    match character {
        '-' | '/' | '@' | '_' | ',' | ';' | '&' | '|' | '\u{2010}'..='\u{2014}' => BreakClass::BreakAfter,
        '.' | ':' => BreakClass::LastResort,
        _ if face == Face::Fallback => BreakClass::Wide,
        _ => BreakClass::Plain,
    }
}

/// Characters that are there for software, not for readers.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}
