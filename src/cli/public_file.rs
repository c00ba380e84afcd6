//! Writes what is for everybody to read, such as a calendar, manual pages or rules as SQL, to files that somebody names.

use std::io::Write;
use std::path::Path;

use crate::deliver::folder::file_ids;
use crate::deliver::{Delivery, RunFiles, name};
use crate::error::{Error, Result};

/// Writes `text`, of which errors speak as `what`, to the file `path`, whole or not at all, and never over one of `inputs`.
///
/// # Errors
/// When the place is refused, or the file cannot be written.
pub fn write(path: &Path, text: &str, (what, inputs): (&str, &[&Path]), files: &RunFiles) -> Result<()> {
    let (folder, name) = name::split(path)?;
    write_into(&folder, [(name.as_str(), text)], what, Delivery::new(files, file_ids(inputs.iter().copied())))
}

/// Writes files of these names and texts, of which errors speak as `what`, to `folder`, all of them or none.
///
/// # Errors
/// As [`write`].
pub fn write_all<'a>(folder: &Path, made: impl IntoIterator<Item = (&'a str, &'a str)>, what: &str, files: &RunFiles) -> Result<()> {
    write_into(folder, made, what, Delivery::new(files, Vec::new()))
}

fn write_into<'a>(folder: &Path, made: impl IntoIterator<Item = (&'a str, &'a str)>, what: &str, mut delivery: Delivery) -> Result<()> {
    let mut finished = Vec::new();
    for (name, text) in made {
        let mut staged = delivery.stage(folder, name)?;
        let written = staged.writer.write_all(text.as_bytes()).map_err(|error| Error::unwritten(what, error));
        written.map_err(|error| staged.writer.cause(error))?;
        finished.push(staged.finish_public()?);
    }
    delivery.publish(finished, None, None)
}
