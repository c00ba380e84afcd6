//! The faces of a document, those shipped with the program and those that are given: the glyph of each character and its width.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::error::{Error, Result};
pub use crate::export::layout::face::{FaceFile, FaceMetrics};
use crate::export::layout::glyph_info::is_invisible;
pub use crate::export::layout::glyph_info::{BreakClass, Face, GlyphInfo};

/// The files that are shipped: first those of body text, headings and ideographs.
static FILES: [&[u8]; 11] = [
    include_bytes!("../../../templates/fonts/RobotoCondensed-Regular.ttf"),
    include_bytes!("../../../templates/fonts/RobotoCondensed-Bold.ttf"),
    include_bytes!("../../../templates/fonts/DroidSansFallback.ttf"),
    include_bytes!("../../../templates/fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../../../templates/fonts/NotoSansArmenian-Regular.ttf"),
    include_bytes!("../../../templates/fonts/NotoSansBengali-Regular.ttf"),
    include_bytes!("../../../templates/fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../../../templates/fonts/NotoSansGeorgian-Regular.ttf"),
    include_bytes!("../../../templates/fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../../../templates/fonts/NotoSansTamil-Regular.ttf"),
    include_bytes!("../../../templates/fonts/NotoSansThai-Regular.ttf"),
];

/// What stands for a character that no face has.
const REPLACEMENT: char = '\u{FFFD}';
/// Characters below this are found by index: the plane in which nearly all text is.
const INDEXED: usize = 0x1_0000;

/// Parts of an em in which widths of ASCII are added up: faces are drawn in 1,000 to 16,384 units an em.
const PARTS_OF_AN_EM: f32 = 65_536.0;
/// More parts than any text that is shown is wide.
const UNSEEN: u64 = 1 << 40;

/// Every character of one weight.
pub struct GlyphMap {
    low: Vec<GlyphInfo>,
    high: BTreeMap<char, GlyphInfo>,
    missing: GlyphInfo,
    /// The widths of bytes that are ASCII and can be seen, in parts of an em; of others, [`UNSEEN`].
    ascii: [u64; 256],
    files: Arc<[FaceFile]>,
    /// The faces in the order in which they are asked.
    order: Vec<Face>,
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
        let bytes = text.as_bytes();
        let ends = [bytes.first()?, bytes.last()?];
        // Whole numbers, so that the sum is exact and waits for no rounding.
        let sum: u64 = bytes.iter().map(|byte| self.ascii[usize::from(*byte)]).sum();
        (sum < UNSEEN && !ends.contains(&&b' ')).then(|| sum as f32 / PARTS_OF_AN_EM)
    }

    /// The file of `face`.
    pub fn file(&self, face: Face) -> Option<&FaceFile> {
        self.files.get(face.place())
    }

    /// The faces, in the order in which they are asked for characters.
    pub fn faces(&self) -> impl Iterator<Item = Face> {
        self.order.iter().copied()
    }
}

/// The glyphs of both weights.
pub struct Faces {
    /// Body text.
    pub regular: GlyphMap,
    /// Headings.
    pub bold: GlyphMap,
    files: Arc<[FaceFile]>,
}

impl Faces {
    /// Reads the shipped files.
    ///
    /// # Errors
    /// [`Error::internal`] when a shipped file is not a face.
    pub fn load() -> Result<Self> {
        Self::with(Vec::new())
    }

    /// Reads the shipped files, after which those of `given` are asked for what they lack, in order.
    ///
    /// # Errors
    /// [`Error::internal`] when a file is not a face, or there are more than 255.
    pub fn with(given: Vec<Vec<u8>>) -> Result<Self> {
        let all = FILES.iter().map(|file| Cow::Borrowed(*file)).chain(given.into_iter().map(Cow::Owned));
        let read = |(place, bytes)| Face::at(place).and_then(|face| FaceFile::read(face, bytes)).ok_or_else(unreadable_face);
        let files: Arc<[FaceFile]> = all.enumerate().map(read).collect::<Result<Vec<_>>>()?.into();
        Ok(Self { bold: glyph_map(&files, Face::BOLD), regular: glyph_map(&files, Face::REGULAR), files })
    }

    /// The shipped faces, read once: a run may write thousands of documents.
    ///
    /// # Errors
    /// [`Error::internal`] when a shipped file is not a face.
    pub fn shared() -> Result<&'static Arc<Self>> {
        static SHARED: LazyLock<Result<Arc<Faces>>> = LazyLock::new(|| Faces::load().map(Arc::new));
        SHARED.as_ref().map_err(Clone::clone)
    }

    /// The glyphs of a weight.
    pub fn glyph_map(&self, face: Face) -> &GlyphMap {
        if face == Face::BOLD { &self.bold } else { &self.regular }
    }

    /// All files, each with its face.
    pub fn files(&self) -> impl Iterator<Item = (Face, &FaceFile)> {
        self.files.iter().enumerate().filter_map(|(place, file)| Some((Face::at(place)?, file)))
    }
}

impl fmt::Debug for Faces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.files.iter().map(|file| &file.metrics.name)).finish()
    }
}

/// What is said of a shipped file that is not a face.
fn unreadable_face() -> Error {
    Error::internal("templates/fonts", "a shipped face cannot be read")
}

/// The glyphs of the weight `body`; the replacement is that of the regular one in every weight.
fn glyph_map(files: &Arc<[FaceFile]>, body: Face) -> GlyphMap {
    let find = |face: Face, wanted: char| {
        let glyphs = files.get(face.place()).map_or(&[][..], |file| &file.glyphs);
        glyphs.binary_search_by_key(&wanted, |entry| entry.0).map_or_else(|_| GlyphInfo::default(), |index| glyphs[index].1)
    };
    let missing = GlyphInfo { class: BreakClass::Missing, ..find(Face::REGULAR, REPLACEMENT) };
    let space = GlyphInfo { class: BreakClass::Space, ..find(body, ' ') };
    let others = (Face::FALLBACK.place()..files.len()).filter_map(Face::at);
    let order: Vec<Face> = [body].into_iter().chain(others).collect();
    let mut low = vec![missing; INDEXED];
    let mut high = BTreeMap::new();
    let of_face = |face: &Face| files.get(face.place()).into_iter().flat_map(|file| &file.glyphs);
    // What is asked first comes last, and so stays.
    for (character, glyph) in order.iter().rev().flat_map(of_face) {
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
    let parts = |code: usize| (low[code].advance * PARTS_OF_AN_EM).round() as u64;
    let ascii = std::array::from_fn(|code| if (usize::from(b' ')..0x7F).contains(&code) { parts(code) } else { UNSEEN });
    GlyphMap { low, high, missing, ascii, files: Arc::clone(files), order }
}
