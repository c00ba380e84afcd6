//! The shipped faces as the PDF writer wants them, beside their glyphs.

use std::sync::LazyLock;

use krilla::Data;
use krilla::text::Font;

use crate::error::Result;
use crate::export::layout::fonts::{Face, Faces, unreadable_face};

/// The faces of a document.
pub struct Fonts {
    embedded: [Font; 3],
    /// Their glyphs, read once a process: a run may write thousands of documents.
    pub faces: &'static Faces,
}

impl Fonts {
    /// The shipped files, for one document: the writer counts who uses a face with every run of glyphs, and documents written
    /// side by side would wait for one another.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a shipped file is not a face.
    pub fn load() -> Result<Self> {
        static FACES: LazyLock<Result<Faces>> = LazyLock::new(Faces::load);
        let font = |face: Face| Font::new(Data::from(face.file()), 0).ok_or_else(unreadable_face);
        let faces = FACES.as_ref().map_err(Clone::clone)?;
        Ok(Self { embedded: [font(Face::Regular)?, font(Face::Bold)?, font(Face::Fallback)?], faces })
    }

    /// The face to embed.
    pub fn embedded(&self, face: Face) -> Font {
        self.embedded[face as usize].clone()
    }
}
