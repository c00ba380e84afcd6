//! A package of parts on its way out: a zip archive without times or names of people, the same bytes for the same parts.

use std::cell::RefCell;
use std::fmt::Display;
use std::io::{Read, Write};
use std::rc::Rc;

use zip::read::ZipFile;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::{Error, Result};

/// The deflate level: a quarter smaller than the fastest for a tenth of a second of CPU in 100,000 rows; the default would
/// take four times as long for another quarter.
pub const LEVEL: u8 = 2;
/// Who may read what is unpacked.
const MODE: u32 = 0o600;

/// What the output refused first, shared with the writer below the archive.
type Failure = Rc<RefCell<Option<std::io::Error>>>;

/// A package that is written part by part.
pub struct Package<'a> {
    format: &'static str,
    zip: ZipWriter<StreamWriter<StickyErrorWriter<'a>>>,
    failure: Failure,
}

impl<'a> Package<'a> {
    /// A package of `format`, which errors name, that goes to `out`.
    pub fn new(format: &'static str, out: &'a mut dyn Write) -> Self {
        let failure = Failure::default();
        let writer = StickyErrorWriter { out, failure: Rc::clone(&failure) };
        Self { format, zip: ZipWriter::new_stream(writer), failure }
    }

    /// Begins the part called `name`, packed at a deflate level from 1 to 9.
    ///
    /// # Errors
    /// [`Error::internal`] for a name that is taken; [`Error::input_output`] when the output refuses the bytes.
    pub fn start(&mut self, name: &str, level: u8) -> Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(level.into()))
            .last_modified_time(DateTime::default())
            .unix_permissions(MODE);
        self.zip.start_file(name, options).map_err(|error| broken(self.format, error))?;
        self.write(&[])
    }

    /// Writes the part called `name`, which is not packed: other programs look for its bytes.
    ///
    /// # Errors
    /// As [`Package::start`].
    pub fn store(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .unix_permissions(MODE);
        self.zip.start_file(name, options).map_err(|error| broken(self.format, error))?;
        self.write(bytes)
    }

    /// Writes to the part begun last, if there is anything to write, and says what was refused until now.
    ///
    /// # Errors
    /// [`Error::input_output`] when the output refuses the bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = if bytes.is_empty() { Ok(()) } else { self.zip.write_all(bytes) };
        written.and_then(|()| self.failure.take().map_or(Ok(()), Err)).map_err(|error| Error::unwritten(self.format, error))
    }

    /// Copies a part of another package as it is packed there.
    ///
    /// # Errors
    /// As [`Package::start`].
    pub fn copy<R: Read>(&mut self, part: ZipFile<'_, R>) -> Result<()> {
        self.zip.raw_copy_file_touch(part, DateTime::default(), Some(MODE)).map_err(|error| broken(self.format, error))?;
        self.write(&[])
    }

    /// Ends the package.
    ///
    /// # Errors
    /// [`Error::input_output`] when the output refuses the bytes.
    pub fn finish(self) -> Result<()> {
        let writer = self.zip.finish().map_err(|error| broken(self.format, error))?.into_inner();
        self.failure.take().map_or_else(|| writer.out.flush(), Err).map_err(|error| Error::unwritten(self.format, error))
    }
}

fn broken(format: &str, what: impl Display) -> Error {
    Error::internal(format, format!("the package cannot be written: {what}"))
}

/// Keeps the first refusal of the output to itself, and from then on takes bytes to nowhere: a zip writer that
/// meets one goes on to close its archive when dropped, and complains on standard error when it cannot.
struct StickyErrorWriter<'a> {
    out: &'a mut dyn Write,
    failure: Failure,
}

impl Write for StickyErrorWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut failure = self.failure.borrow_mut();
        if failure.is_none() {
            *failure = self.out.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
