//! Writes what is for everybody to read, such as a calendar or rules as SQL, to a file that somebody names.

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
    let mut delivery = Delivery::new(files, file_ids(inputs.iter().copied()));
    let mut staged = delivery.stage(&folder, &name)?;
    let written = staged.writer.write_all(text.as_bytes()).map_err(|error| Error::unwritten(what, error));
    written.map_err(|error| staged.writer.cause(error))?;
    delivery.publish(vec![staged.finish_public()?], None, None)
}
