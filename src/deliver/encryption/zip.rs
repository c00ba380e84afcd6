//! Packs files into a ZIP archive, encrypted with AES-256 if there is a password.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write, copy};
use std::path::Path;

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, DateTime, ZipWriter};

use crate::deliver::transport::Secret;
use crate::error::{Error, Place, Result, system_words};

/// Bytes from which on the archive needs the long form of its numbers.
const LARGE: u64 = 0xf000_0000;

/// Packs `files`, each under the name given, into `out`: the content of each is encrypted with `password`, if there is one; names
/// and sizes never are. Without a password the same files are the same bytes.
///
/// # Errors
/// [`Error::input_output`] when a file cannot be read or the archive not be written.
pub fn archive(files: &[(&str, &Path)], password: Option<&Secret>, out: impl Write + Seek) -> Result<()> {
    let mut out = Sticky { out, failed: None, position: 0, end: 0 };
    let packed = pack(files, password, &mut out);
    match out.failed {
        Some(error) => Err(Error::unwritten("archive", error)),
        None => packed,
    }
}

fn pack(files: &[(&str, &Path)], password: Option<&Secret>, out: impl Write + Seek) -> Result<()> {
    let mut archive = ZipWriter::new(out);
    for (name, path) in files {
        let unread = |error: std::io::Error| {
            let what = format!("cannot be packed: {}", system_words(&error));
            Error::input_output(Place::path(path), what, "check the disk and run it again").with_cause(error)
        };
        let mut file = File::open(path).map_err(unread)?;
        let size = file.metadata().map_err(unread)?.len();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o600)
            .large_file(size >= LARGE);
        let started = match password {
            Some(password) => archive.start_file(*name, options.with_aes_encryption(AesMode::Aes256, password.reveal())),
            None => archive.start_file(*name, options),
        };
        started.map_err(unwritten)?;
        copy(&mut file, &mut archive).map_err(unread)?;
    }
    archive.finish().map(drop).map_err(unwritten)
}

fn unwritten(error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => Error::unwritten("archive", error),
        other => Error::internal("archive", other),
    }
}

/// A writer that keeps its first error for whoever asks, and from then on takes everything and writes nothing: the library ends
/// an archive whatever happens, and complains to the terminal where it cannot.
struct Sticky<W> {
    out: W,
    failed: Option<io::Error>,
    position: u64,
    end: u64,
}

impl<W: Write + Seek> Write for Sticky<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let written = match &self.failed {
            Some(_) => piece.len(),
            None => match self.out.write(piece) {
                Ok(0) if !piece.is_empty() => self.fail(io::ErrorKind::WriteZero.into(), piece.len()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
                Err(error) => self.fail(error, piece.len()),
            },
        };
        self.position += written as u64;
        self.end = self.end.max(self.position);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed.is_none()
            && let Err(error) = self.out.flush()
        {
            self.failed = Some(error);
        }
        Ok(())
    }
}

impl<W: Write + Seek> Seek for Sticky<W> {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        let wanted = match place {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(step) => self.position.checked_add_signed(step),
            SeekFrom::End(step) => self.end.checked_add_signed(step),
        };
        self.position = wanted.ok_or(io::ErrorKind::InvalidInput)?;
        if self.failed.is_none()
            && let Err(error) = self.out.seek(SeekFrom::Start(self.position))
        {
            self.failed = Some(error);
        }
        Ok(self.position)
    }
}

impl<W> Sticky<W> {
    /// Keeps the error, and takes all the bytes.
    fn fail(&mut self, error: io::Error, bytes: usize) -> usize {
        self.failed = Some(error);
        bytes
    }
}
