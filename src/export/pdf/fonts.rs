//! The shipped faces as the PDF writer wants them, beside their glyphs.

use krilla::Data;
use krilla::text::Font;

use crate::error::Result;
use crate::export::layout::fonts::{Face, Faces, unreadable_face};

/// The faces of a document.
pub struct Fonts {
    embedded: [Font; 3],
    /// Their glyphs.
    pub faces: Faces,
}

impl Fonts {
    /// Reads the shipped files.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a shipped file is not a face.
    pub fn load() -> Result<Self> {
        let font = |face: Face| Font::new(Data::from(face.file()), 0).ok_or_else(unreadable_face);
        Ok(Self { embedded: [font(Face::Regular)?, font(Face::Bold)?, font(Face::Fallback)?], faces: Faces::load()? })
    }

    /// The face to embed.
    pub fn embedded(&self, face: Face) -> Font {
        self.embedded[face as usize].clone()
    }
}
