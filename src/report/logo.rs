//! The logo of a report: a picture beside its template, checked whole when the template is read.

use std::path::{Component, Path};

use crate::error::{Error, Place, Result};
use crate::report::png::{Png, SIGNATURE, Wrong, check_size};

/// Pixels of a logo each way, at most.
const MAX_PIXELS: u32 = 4_000;

/// A picture, and what it says to those who do not see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// Its file, whole.
    pub bytes: Vec<u8>,
    /// What it is.
    pub picture: Picture,
    /// The words for it.
    pub text: String,
}

/// What kind of picture a logo is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// A PNG.
    Png(Png),
    /// A JPEG.
    Jpeg {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
        /// Whether it has no colours.
        is_grey: bool,
    },
}

impl Logo {
    /// The logo in `bytes`, which says `text`.
    ///
    /// # Errors
    /// What is wrong with the picture, and what to do.
    pub fn read(bytes: Vec<u8>, text: String) -> std::result::Result<Self, Wrong> {
        let picture = match bytes.as_slice() {
            png if png.starts_with(SIGNATURE) => Picture::Png(Png::read(png, MAX_PIXELS)?),
            jpeg if jpeg.starts_with(&[0xFF, 0xD8, 0xFF]) => self::jpeg(jpeg)?,
            _ => return Err(("is neither a PNG nor a JPEG".to_owned(), "save it as PNG or JPEG")),
        };
        Ok(Self { bytes, picture, text })
    }

    /// Width and height in pixels.
    pub const fn size(&self) -> (u32, u32) {
        match &self.picture {
            Picture::Png(png) => (png.width, png.height),
            Picture::Jpeg { width, height, .. } => (*width, *height),
        }
    }

    /// Width and height, in the unit of `most`, of the largest picture of this shape that is no wider and no higher than `most`.
    pub fn fitted(&self, most: (f32, f32)) -> (f32, f32) {
        let (width, height) = self.size();
        let factor = (most.0 / width as f32).min(most.1 / height as f32);
        (width as f32 * factor, height as f32 * factor)
    }

    /// The kind of its file, as in `image/png`.
    pub const fn media_type(&self) -> &'static str {
        match self.picture {
            Picture::Png(_) => "image/png",
            Picture::Jpeg { .. } => "image/jpeg",
        }
    }

    /// The ending of its file.
    pub const fn ending(&self) -> &'static str {
        match self.picture {
            Picture::Png(_) => "png",
            Picture::Jpeg { .. } => "jpeg",
        }
    }
}

/// Checks that `name`, the logo that the template `file` asks for, stays in the folder of the template.
///
/// # Errors
/// [`Error::config`] for an absolute path or one that leaves the folder.
pub fn check_name(name: &str, file: &str) -> Result<()> {
    let stays = !name.contains('\\') && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if stays && !name.is_empty() {
        return Ok(());
    }
    let what = format!("'{name}' is not a file in the folder of the template");
    Err(Error::config(Place::entry(file, "logo"), what, "put the picture beside the template and write its name alone"))
}

/// What a JPEG says of itself in its first frame.
fn jpeg(bytes: &[u8]) -> std::result::Result<Picture, Wrong> {
    let damaged = || ("is damaged: it has no picture".to_owned(), "save it again, or make a new copy");
    let mut at = 2;
    loop {
        let &[0xFF, marker, high, low] = bytes.get(at..at + 4).ok_or_else(damaged)? else { return Err(damaged()) };
        match marker {
            // Filling between markers.
            0xFF => at += 1,
            0xC0..=0xC2 => {
                let &[depth, h0, h1, w0, w1, components] = bytes.get(at + 4..at + 10).ok_or_else(damaged)? else { return Err(damaged()) };
                let (width, height) = (u16::from_be_bytes([w0, w1]).into(), u16::from_be_bytes([h0, h1]).into());
                check_size(width, height, MAX_PIXELS)?;
                if depth != 8 || !matches!(components, 1 | 3) {
                    return Err(("has other colours than red, green and blue with 8 bits each".to_owned(), "save it in RGB, not in CMYK"));
                }
                let is_whole = bytes.windows(2).rev().take(64).any(|end| end == [0xFF, 0xD9]);
                return if is_whole { Ok(Picture::Jpeg { width, height, is_grey: components == 1 }) } else { Err(damaged()) };
            }
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Err(("is a JPEG of a rare kind".to_owned(), "save it as an ordinary JPEG, or as PNG"));
            }
            0xD9 | 0xDA => return Err(damaged()),
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
}
