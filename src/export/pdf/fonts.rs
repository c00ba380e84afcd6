//! The shipped faces as the PDF writer wants them, beside their glyphs.

use std::sync::LazyLock;

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
    /// The shipped files, read once a process: a run may write thousands of documents.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a shipped file is not a face.
    pub fn load() -> Result<&'static Self> {
        static SHIPPED: LazyLock<Result<Fonts>> = LazyLock::new(|| {
            let font = |face: Face| Font::new(Data::from(face.file()), 0).ok_or_else(unreadable_face);
            Ok(Fonts { embedded: [font(Face::Regular)?, font(Face::Bold)?, font(Face::Fallback)?], faces: Faces::load()? })
        });
        SHIPPED.as_ref().map_err(Clone::clone)
    }

    /// The face to embed.
    pub fn embedded(&self, face: Face) -> Font {
        self.embedded[face as usize].clone()
    }
}
