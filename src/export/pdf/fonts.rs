//! The faces shipped with the program and what each character looks like in them; never asks the machine for a face.

use krilla::Data;
use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use crate::error::{Error, Result};

const REGULAR: &[u8] = include_bytes!("../../../templates/fonts/RobotoCondensed-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../templates/fonts/RobotoCondensed-Bold.ttf");
/// Han, kana and Hangul.
const FALLBACK: &[u8] = include_bytes!("../../../templates/fonts/DroidSansFallback.ttf");

/// What stands for a character that no face has.
const REPLACEMENT: char = '\u{FFFD}';
/// Characters below this are found by index.
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
pub enum NumberType {
    /// Part of a word.
    #[default]
    Plain,
    /// Blank: a line may end before it, and drops it.
    Space,
    /// Part of a word, after which a line may end.
    BreakAfter,
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
    pub class: NumberType,
}

/// Every character of one weight.
pub struct GlyphMap {
    low: Vec<GlyphInfo>,
    high: Vec<(char, GlyphInfo)>,
    missing: GlyphInfo,
}

impl GlyphMap {
    /// The glyph of `character`; the replacement, of class [`BreakClass::Missing`], when no face has it.
    #[inline]
    pub fn letter(&self, character: char) -> GlyphInfo {
        match self.low.get(character as usize) {
            Some(letter) => *letter,
            None => self.beyond(character),
        }
    }

    fn beyond(&self, character: char) -> GlyphInfo {
        if unseen(character) {
            return GlyphInfo { class: NumberType::ZeroWidth, ..GlyphInfo::default() };
        }
        self.high.binary_search_by_key(&character, |entry| entry.0).map_or(self.missing, |index| self.high[index].1)
    }

    /// The width of `text` on one line, in ems.
    pub fn width(&self, text: &str) -> f32 {
        text.chars().map(|character| self.letter(character).advance).sum()
    }
}

/// The faces and their alphabets.
pub struct Faces {
    fonts: [Font; 3],
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
        let fallback = glyph_infos(FALLBACK, Face::Fallback)?;
        let regular = glyph_infos(REGULAR, Face::Regular)?;
        Ok(Self {
            fonts: [font(REGULAR)?, font(BOLD)?, font(FALLBACK)?],
            bold: glyph_map(&glyph_infos(BOLD, Face::Bold)?, &fallback, &regular),
            regular: glyph_map(&regular, &fallback, &regular),
        })
    }

    /// The face as the PDF writer wants it.
    pub fn font(&self, face: Face) -> Font {
        self.fonts[face as usize].clone()
    }

    /// The glyphs of a weight.
    pub fn glyph_map(&self, face: Face) -> &GlyphMap {
        match face {
            Face::Bold => &self.bold,
            Face::Regular | Face::Fallback => &self.regular,
        }
    }
}

fn broken() -> Error {
    Error::internal("templates/fonts", "a shipped face cannot be read")
}

fn font(bytes: &'static [u8]) -> Result<Font> {
    Font::new(Data::from(bytes), 0).ok_or_else(broken)
}

/// Every character of a file, with its width.
fn glyph_infos(bytes: &'static [u8], face: Face) -> Result<Vec<(char, GlyphInfo)>> {
    let font = FontRef::new(bytes).map_err(|_| broken())?;
    let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
    let em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em.max(1));
    let mut glyph_infos: Vec<(char, GlyphInfo)> = font
        .charmap()
        .mappings()
        .filter_map(|(code, glyph)| {
            let character = char::from_u32(code)?;
            let letter = GlyphInfo {
                advance: metrics.advance_width(glyph).unwrap_or(0.0) / em,
                glyph: u16::try_from(glyph.to_u32()).ok()?,
                face,
                class: class(character, face),
            };
            Some((character, letter))
        })
        .collect();
    glyph_infos.sort_by_key(|entry| entry.0);
    glyph_infos.dedup_by_key(|entry| entry.0);
    Ok(glyph_infos)
}

/// The glyphs of a weight; the replacement is that of `regular` in every weight.
fn glyph_map(own: &[(char, GlyphInfo)], fallback: &[(char, GlyphInfo)], regular: &[(char, GlyphInfo)]) -> GlyphMap {
    let find = |glyph_infos: &[(char, GlyphInfo)], wanted: char| {
        glyph_infos.binary_search_by_key(&wanted, |entry| entry.0).map_or_else(|_| GlyphInfo::default(), |index| glyph_infos[index].1)
    };
    let missing = GlyphInfo { class: NumberType::Missing, ..find(regular, REPLACEMENT) };
    let space = GlyphInfo { class: NumberType::Space, ..find(own, ' ') };
    let mut low = vec![missing; INDEXED];
    let mut high = Vec::new();
    for (character, letter) in fallback.iter().chain(own) {
        match low.get_mut(*character as usize) {
            Some(slot) => *slot = *letter,
            None => high.push((*character, *letter)),
        }
    }
    high.sort_by_key(|entry: &(char, GlyphInfo)| entry.0);
    for (code, slot) in low.iter_mut().enumerate() {
        let Some(character) = u32::try_from(code).ok().and_then(char::from_u32) else {
            continue;
        };
        if character.is_whitespace() {
            *slot = space;
        } else if unseen(character) {
            *slot = GlyphInfo { class: NumberType::ZeroWidth, ..GlyphInfo::default() };
        } else if character.is_control() {
            *slot = missing;
        }
    }
    GlyphMap { low, high, missing }
}

fn class(character: char, face: Face) -> NumberType {
    match character {
        '-' | '/' | '@' | '_' | '.' | ',' | ';' | ':' | '&' | '|' | '\u{2010}'..='\u{2014}' => NumberType::BreakAfter,
        _ if face == Face::Fallback => NumberType::Wide,
        _ => NumberType::Plain,
    }
}

/// Characters that are there for software, not for readers.
fn unseen(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}
