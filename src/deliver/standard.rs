//! Standard output as the place of one format: streamed, hashed and counted. What was written cannot be taken back.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;

use crate::deliver::failure;
use crate::deliver::output_writer::{self, OutputWriter};
use crate::error::{Error, Result};

/// The name of standard output in errors, manifests and summaries.
pub const STANDARD_OUTPUT: &str = "standard output";

/// A writer to standard output, whatever it is connected to.
///
/// # Errors
/// [`Error::system`] when its descriptor cannot be had.
pub fn open() -> Result<OutputWriter> {
    let path = Path::new(STANDARD_OUTPUT);
    let descriptor = io::stdout().as_fd().try_clone_to_owned().map_err(|error| failure(path, "cannot be opened", &error))?;
    Ok(OutputWriter::new(File::from(descriptor), path.to_path_buf()))
}

/// The error for a failed write to standard output.
pub fn refused(error: &io::Error) -> Error {
    output_writer::refused(Path::new(STANDARD_OUTPUT), error)
}

/// Writes `text` to standard output.
///
/// # Errors
/// [`Error::input_output`]; [`Error::reader_gone`] when the reader went away.
pub fn print(text: &str) -> Result<()> {
    let mut out = open()?;
    // A refused write is remembered by the writer and reported when it is finished.
    let _ = out.write_all(text.as_bytes());
    out.finish().map(drop)
}
