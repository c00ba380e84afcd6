//! Standard output as the place of one format: streamed, hashed and counted. What was written cannot be taken back.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{FileType, OFlags};

use crate::deliver::failure;
use crate::deliver::folder::{FileId, stream_id};
use crate::deliver::output_writer::{self, OutputWriter};
use crate::error::{Error, Place, Result};

/// The name of standard output in errors, manifests and summaries.
pub const STANDARD_OUTPUT: &str = "standard output";

/// The numbers of `/dev/null` on Linux.
const NULL_DEVICE: (u32, u32) = (1, 3);

/// A writer to standard output, whatever it is connected to.
///
/// # Errors
/// [`Error::system`] when its descriptor cannot be had.
pub fn open() -> Result<OutputWriter> {
    let path = Path::new(STANDARD_OUTPUT);
    let descriptor = io::stdout().as_fd().try_clone_to_owned().map_err(|error| failure(path, "cannot be opened", &error))?;
    Ok(OutputWriter::new(File::from(descriptor), path.to_path_buf()))
}

/// Refuses standard output as the place of a report when it is closed, or is one of the `inputs`.
///
/// # Errors
/// [`Error::cannot_create`] when it is closed; [`Error::usage`] for an input.
pub fn refuse_unfit(inputs: &[FileId]) -> Result<()> {
    let out = io::stdout();
    if is_closed() {
        let what = "standard output is closed, so the report would be lost";
        return Err(Error::cannot_create(Place::option_value("out", "-"), what, "open it, or name a file or folder"));
    }
    match stream_id(&out) {
        Some(file) if inputs.contains(&file) => {
            let help = "send it to another file, or name one";
            Err(Error::usage(Place::option_value("out", "-"), "standard output is an input of this run", help))
        }
        _ => Ok(()),
    }
}

/// Whether standard output was closed when the program started. The standard library then opens the null device for reading
/// and writing in its place; who throws output away on purpose opens it for writing.
fn is_closed() -> bool {
    let out = io::stdout();
    let is_null = rustix::fs::fstat(&out).is_ok_and(|stat| {
        let device = stat.st_rdev;
        FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice
            && (rustix::fs::major(device), rustix::fs::minor(device)) == NULL_DEVICE
    });
    is_null && rustix::fs::fcntl_getfl(&out).is_ok_and(|flags| flags.contains(OFlags::RDWR))
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
