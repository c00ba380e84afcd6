//! Files to begin with: written whole, and never in place of another.

use std::io::Write as _;
use std::path::Path;

use crate::deliver::{Delivery, RunFiles, name};
use crate::error::{Error, Place, Result};

/// Writes `text`, a `kind` of file, to `path`.
///
/// # Errors
/// [`Error::cannot_create`] for a file that is there already, and what the system refuses.
pub fn write_starter(path: &Path, text: &str, kind: &str, files: &RunFiles) -> Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(Error::cannot_create(Place::path(path), "is there already", "name another file"));
    }
    let (folder, file) = name::split(path)?;
    let mut delivery = Delivery::new(files, Vec::new());
    let mut staged = delivery.stage(&folder, &file).map_err(|error| error.with_help("name another file"))?;
    let written = staged.writer.write_all(text.as_bytes()).map_err(|error| Error::unwritten(kind, error));
    written.map_err(|error| staged.writer.cause(error))?;
    delivery.publish(vec![staged.finish()?], None, None)
}
