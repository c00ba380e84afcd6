//! The faces shipped with the program: the glyph of each character and its width.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::string::StringId;
use skrifa::{FontRef, GlyphId, MetadataProvider};

use crate::error::{Error, Result};

/// The files of the faces, in the order of [`Face`].
static FILES: [&[u8]; FACES] = [
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
    /// Whether the glyph alone tells which character it is: the first one of its face that is drawn by it.
    pub is_own: bool,
}

/// Every character of one weight.
pub struct GlyphMap {
    low: Vec<GlyphInfo>,
    high: BTreeMap<char, GlyphInfo>,
    missing: GlyphInfo,
    /// The widths of ASCII, in ems.
    ascii: [f32; 128],
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

    /// The width of `text`, in ems, if all of it is ASCII that can be seen, with blanks in between alone: most cells are.
    #[inline]
    pub fn plain_width(&self, text: &str) -> Option<f32> {
        let is_plain = |byte: &u8| (b' '..0x7F).contains(byte);
        let bytes = text.as_bytes();
        let ends = [bytes.first()?, bytes.last()?];
        if ends.contains(&&b' ') || !bytes.iter().all(is_plain) {
            return None;
        }
        Some(bytes.iter().map(|byte| self.ascii[usize::from(*byte)]).sum())
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
    /// What documents have to say of each face, in the order of [`Face`].
    pub metrics: [FaceMetrics; FACES],
}

/// How many faces there are.
pub const FACES: usize = 3;

/// What a document has to say of a face: lengths in thousandths of an em.
pub struct FaceMetrics {
    /// The name in the file.
    pub name: String,
    /// By glyph, its width.
    pub advances: Vec<f32>,
    /// By glyph, the character that it alone tells of.
    pub characters: Vec<Option<char>>,
    /// The glyphs of the characters from 0 to 255.
    pub latin: [u16; 256],
    /// How far the tallest glyphs reach above the line.
    pub ascent: f32,
    /// How far the deepest reach below it, negative.
    pub descent: f32,
    /// The height of capitals.
    pub capitals: f32,
    /// Left, bottom, right and top of all glyphs together.
    pub bounds: [f32; 4],
}

impl Faces {
    /// Reads the shipped files.
    ///
    /// # Errors
    /// [`Error::internal`] when a shipped file is not a face.
    pub fn load() -> Result<Self> {
        let [regular, bold, fallback] = Face::ALL.map(glyphs);
        let (regular, bold, fallback) = (regular?, bold?, fallback?);
        Ok(Self {
            metrics: [metrics(Face::Regular, &regular)?, metrics(Face::Bold, &bold)?, metrics(Face::Fallback, &fallback)?],
            bold: glyph_map(&bold, &fallback, &regular),
            regular: glyph_map(&regular, &fallback, &regular),
        })
    }

    /// The faces of this process, read once: a run may write thousands of documents.
    ///
    /// # Errors
    /// [`Error::internal`] when a shipped file is not a face.
    pub fn shared() -> Result<&'static Self> {
        static SHARED: LazyLock<Result<Faces>> = LazyLock::new(Faces::load);
        SHARED.as_ref().map_err(Clone::clone)
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
    /// All of them.
    pub const ALL: [Self; FACES] = [Self::Regular, Self::Bold, Self::Fallback];

    /// The file, as it is embedded in documents.
    pub const fn file(self) -> &'static [u8] {
        FILES[self as usize]
    }
}

/// What is said of a shipped file that is not a face.
fn unreadable_face() -> Error {
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
                is_own: false,
            };
            Some((character, glyph))
        })
        .collect();
    glyphs.sort_by_key(|entry| entry.0);
    glyphs.dedup_by_key(|entry| entry.0);
    mark_own(&mut glyphs);
    Ok(glyphs)
}

/// Marks, of the characters that share a glyph, the first; those from 0 to 255 only where there is no other, since texts name
/// these by themselves.
fn mark_own(glyphs: &mut [(char, GlyphInfo)]) {
    let mut seen = HashSet::new();
    let (latin, others): (Vec<_>, Vec<_>) = glyphs.iter_mut().partition(|entry| u32::from(entry.0) <= 0xFF);
    for (_, glyph) in others.into_iter().chain(latin) {
        glyph.is_own = seen.insert(glyph.glyph);
    }
}

/// What documents have to say of a face whose characters are `glyphs`.
fn metrics(face: Face, glyphs: &[(char, GlyphInfo)]) -> Result<FaceMetrics> {
    let font = FontRef::new(face.file()).map_err(|_| unreadable_face())?;
    let (size, location) = (Size::new(1000.0), LocationRef::default());
    let (whole, of_glyphs) = (font.metrics(size, location), font.glyph_metrics(size, location));
    let count = of_glyphs.glyph_count();
    let mut characters = vec![None; count as usize];
    let mut latin = [0; 256];
    for (character, glyph) in glyphs {
        if glyph.is_own {
            characters[usize::from(glyph.glyph)] = Some(*character);
        }
        if let Some(place) = latin.get_mut(*character as usize) {
            *place = glyph.glyph;
        }
    }
    let bounds = whole.bounds.map_or([0.0, whole.descent, 1000.0, whole.ascent], |all| [all.x_min, all.y_min, all.x_max, all.y_max]);
    let name = font.localized_strings(StringId::POSTSCRIPT_NAME).english_or_first().map(|name| name.to_string());
    Ok(FaceMetrics {
        name: name.unwrap_or_else(|| "Face".to_owned()),
        advances: (0..count).map(|glyph| of_glyphs.advance_width(GlyphId::new(glyph)).unwrap_or(0.0)).collect(),
        characters,
        latin,
        ascent: whole.ascent,
        descent: whole.descent,
        capitals: whole.cap_height.unwrap_or(whole.ascent),
        bounds,
    })
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
    let ascii = std::array::from_fn(|code| low[code].advance);
    GlyphMap { low, high, missing, ascii }
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
