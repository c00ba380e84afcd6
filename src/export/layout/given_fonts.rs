//! Fonts that are given beside the shipped ones: checks, before anything is written, that documents can and may embed them.

use std::sync::Arc;

use skrifa::raw::TableProvider;
use skrifa::{FontRef, MetadataProvider, Tag};
use subsetter::GlyphRemapper;

use crate::error::Result;
use crate::export::layout::fonts::Faces;

/// Fonts that may be given at most.
pub const MAX_GIVEN_FONTS: usize = 64;
/// Bits of a font by which its maker says what documents may do with it: those of licences, of which the first alone forbids to embed
/// it, and those that forbid to embed a part of it, or its outlines.
const LICENCES: u16 = 0xF;
const RESTRICTED: u16 = 0x2;
const NO_SUBSETTING: u16 = 0x100;
const BITMAPS_ONLY: u16 = 0x200;

/// The fonts of documents: those shipped, and after them, for what they lack, those that are given.
#[derive(Debug, Clone, Default)]
pub struct Fonts(Option<Arc<Faces>>);

/// What is wrong with a file that is given as a font, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FontFault {
    /// What is wrong.
    pub what: &'static str,
    /// What to do.
    pub help: &'static str,
}

impl Fonts {
    /// The shipped fonts and those of `given`, which were checked, in order.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] for one that was not checked.
    pub fn with(given: Vec<Vec<u8>>) -> Result<Self> {
        if given.is_empty() { Ok(Self(None)) } else { Ok(Self(Some(Arc::new(Faces::with(given)?)))) }
    }

    /// Their faces.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a shipped file is not a face.
    pub fn faces(&self) -> Result<&Faces> {
        match &self.0 {
            Some(faces) => Ok(faces),
            None => Faces::shared().map(|faces| &**faces),
        }
    }
}

/// Checks that documents can hold parts of the font whose file is `bytes`, and that its maker lets them.
///
/// # Errors
/// What is wrong with it.
pub fn check(bytes: &[u8]) -> std::result::Result<(), FontFault> {
    let fault = |what, help| Err(FontFault { what, help });
    match bytes {
        [] => return fault("is empty", "give a .ttf or .otf file"),
        [b't', b't', b'c', b'f', ..] => return fault("is a collection of fonts", "give one of its fonts as a file of its own"),
        [b'w', b'O', b'F', b'F' | b'2', ..] => return fault("is a font for web pages", "give the .ttf or .otf file that it was made of"),
        _ => {}
    }
    let Ok(font) = FontRef::new(bytes) else { return fault("is not a font", "give a .ttf or .otf file") };
    let is_there = |tag: &[u8; 4]| font.table_data(Tag::new(tag)).is_some();
    let is_whole = font.table_directory().table_records().iter().all(|table| {
        let end = u64::from(table.offset()) + u64::from(table.length());
        end <= bytes.len() as u64
    });
    if !is_whole {
        return fault("is a font whose end is missing", "copy it again");
    }
    if !is_there(b"glyf") && !is_there(b"CFF ") {
        return fault("has no outlines that a document can hold", "give a font with TrueType or CFF outlines");
    }
    let licence = font.os2().map_or(0, |table| table.fs_type());
    if licence & LICENCES == RESTRICTED || licence & (NO_SUBSETTING | BITMAPS_ONLY) != 0 {
        return fault("says of itself that documents may not embed it", "ask its maker, or give another font");
    }
    if font.charmap().mappings().next().is_none() {
        return fault("has no characters", "give another font");
    }
    let mut all = GlyphRemapper::new();
    let count = font.maxp().map_or(0, |table| table.num_glyphs());
    for glyph in 0..count {
        all.remap(glyph);
    }
    if count == 0 || subsetter::subset(bytes, 0, &all).is_err() {
        return fault("is a damaged font", "copy it again, or give another font");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::export::layout::fonts::{Face, FaceFile};
    use crate::export::layout::given_fonts::check;

    const FONT: &[u8] = include_bytes!("../../../templates/fonts/NotoSansThai-Regular.ttf");

    #[test]
    fn a_font_is_refused_for_what_is_wrong_with_it() {
        let what = |bytes: &[u8]| check(bytes).map_err(|fault| fault.what);
        assert_eq!(what(FONT), Ok(()));
        for (bytes, expected) in [
            (&b""[..], "is empty"),
            (b"a text", "is not a font"),
            (b"ttcf\0\x01\0\0\0\0\0\x01", "is a collection of fonts"),
            (b"wOF2\0\x01\0\0", "is a font for web pages"),
            (&FONT[..FONT.len() / 2], "is a font whose end is missing"),
        ] {
            assert_eq!(what(bytes), Err(expected));
        }
        // The bits of what documents may do are eight bytes into the table.
        let directory = FONT.windows(4).position(|tag| tag == b"OS/2").unwrap();
        let start = u32::from_be_bytes(FONT[directory + 8..directory + 12].try_into().unwrap()) as usize;
        for (bits, is_refused) in [(0_u16, false), (2, true), (4, false), (8, false), (0x100, true), (0x200, true), (6, false)] {
            let mut font = FONT.to_vec();
            font[start + 8..start + 10].copy_from_slice(&bits.to_be_bytes());
            assert_eq!(check(&font).is_err(), is_refused, "{bits:x}");
        }
        // No part of a font, and no font with a byte changed, ends the program, be it refused or not.
        for end in (0..FONT.len()).step_by(97) {
            assert!(check(&FONT[..end]).is_err(), "{end}");
        }
        for at in (0..FONT.len()).step_by(13) {
            let mut font = FONT.to_vec();
            font[at] ^= 0xFF;
            if check(&font).is_ok()
                && let Some(file) = FaceFile::read(Face::FALLBACK, font.into())
            {
                let mut buffer = harfrust::UnicodeBuffer::new();
                buffer.push_str("บริษัท น้ำผึ้ง");
                buffer.guess_segment_properties();
                let _ = file.shape(buffer);
            }
        }
    }
}
