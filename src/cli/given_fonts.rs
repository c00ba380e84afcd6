//! Reads the fonts that are given beside the shipped ones: those of the option, then those of the templates folder.

use std::path::{Path, PathBuf};

use crate::error::{Error, Place, Result, system_words};
use crate::export::layout::given_fonts::{Fonts, MAX_GIVEN_FONTS, check};
use crate::templates::{self, Templates};

/// The shipped fonts, after them `files`, and after these the fonts in the templates folder.
///
/// # Errors
/// [`Error::usage`] for a file of `files`, and [`Error::config`] for one of the folder, that cannot be read, is not a font or may not be
/// embedded.
pub fn read(files: &[PathBuf], templates: &Templates) -> Result<Fonts> {
    let of_folder = templates.fonts()?;
    if files.len() + of_folder.len() > MAX_GIVEN_FONTS {
        let what = format!("{} fonts are given", files.len() + of_folder.len());
        return Err(Error::usage(Place::option("font"), what, format!("give at most {MAX_GIVEN_FONTS}")));
    }
    let of_option = |path: &PathBuf| {
        let place = Place::option_value("font", path.display().to_string());
        read_checked(path).map_err(|(what, help)| Error::usage(place, what, help))
    };
    let of_templates = |path: &PathBuf| read_checked(path).map_err(|(what, help)| Error::config(path.display().to_string(), what, help));
    Fonts::with(files.iter().map(of_option).chain(of_folder.iter().map(of_templates)).collect::<Result<_>>()?)
}

/// The bytes of the font at `path`, or what is wrong and what to do about it.
fn read_checked(path: &Path) -> std::result::Result<Vec<u8>, (String, &'static str)> {
    let bytes = templates::read_font(path).map_err(|error| (system_words(&error), "give a .ttf or .otf file that can be read"))?;
    check(&bytes).map_err(|fault| (fault.what.to_owned(), fault.help))?;
    Ok(bytes)
}
