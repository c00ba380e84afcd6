//! Reads one input into memory, whole, hashed and inflated.

mod blocks;
mod inflate;
mod kind;
mod memory;

pub use blocks::Blocks;
pub use kind::{column_file, is_json, is_workbook, require_text};

use std::any::Any;
use std::cell::{OnceCell, RefCell};
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;

use rustix::io::Errno;
use sha2::{Digest, Sha256};

use crate::domain::text::thousands;
use crate::error::{Error, Part, Place, Result, system_words};
use crate::source::database::address::DatabaseAddress;
#[cfg(feature = "odbc")]
use crate::source::database::connection_string::ConnectionString;
use crate::source::database::settings::Server;
use crate::source::input::{Input, Limits, ReadOptions};
use crate::source::orders::{FileDigest, Origin};
use crate::source::redact::printable;

/// One input, whole in memory.
#[derive(Debug, Clone, Default)]
pub struct InputBytes {
    /// The file's name without its folder, or `standard input`; control characters are replaced.
    pub name: String,
    /// The content, inflated if it was compressed.
    pub bytes: Vec<u8>,
    /// The size and hash of the file as it lies on disk.
    pub digest: FileDigest,
    /// `gzip` or `zstd` when the file was compressed.
    pub compression: Option<String>,
}

impl InputBytes {
    /// Where a table of this file stands.
    pub fn origin(&self, part: Option<Part>) -> Origin {
        Origin { file: self.name.clone(), part, digest: Some(self.digest.clone()), ..Origin::default() }
    }
}

/// An input for which a source is looked for. A file's bytes are read when a source first asks for them.
pub struct Candidate<'a> {
    /// What the user named.
    pub input: &'a Input,
    options: &'a ReadOptions,
    monitor: Monitor<'a>,
    file: OnceCell<InputBytes>,
    /// What was opened for it and is to be used again.
    session: RefCell<Option<Box<dyn Any>>>,
}

impl<'a> Candidate<'a> {
    /// An input to be read as `options` say; `monitor` receives how far the reading is.
    pub fn new(input: &'a Input, options: &'a ReadOptions, monitor: Monitor<'a>) -> Self {
        Self { input, options, monitor, file: OnceCell::new(), session: RefCell::default() }
    }

    /// The same input, nothing of it read yet.
    pub fn again(&self) -> Self {
        Self::new(self.input, self.options, self.monitor)
    }

    /// The file of an SQLite database, if the input is one by its name or its first bytes.
    pub fn database(&self) -> Option<&Path> {
        match self.input {
            Input::Sqlite(path) => Some(path),
            Input::File(_) | Input::Member(_) => self.input.path().filter(|path| self.file.get().is_none() && begins_as_database(path)),
            Input::Standard | Input::Server(_) | Input::Odbc(_) => None,
        }
    }

    /// Whether it is a database, which has tables and no bytes.
    pub fn is_database(&self) -> bool {
        self.database().is_some() || matches!(self.input, Input::Server(_) | Input::Odbc(_))
    }

    /// The database on a server of this kind, if the input is one.
    pub fn server(&self, server: Server) -> Option<&DatabaseAddress> {
        match self.input {
            Input::Server(address) => Some(address).filter(|address| address.server() == server).map(AsRef::as_ref),
            _ => None,
        }
    }

    /// The connection string of a database behind ODBC, if the input is one.
    #[cfg(feature = "odbc")]
    pub fn odbc(&self) -> Option<&ConnectionString> {
        match self.input {
            Input::Odbc(connection) => Some(connection),
            _ => None,
        }
    }

    /// Keeps a session with a database, in which another reading sees the same state of its data.
    pub fn keep_session<T: 'static>(&self, session: T) {
        *self.session.borrow_mut() = Some(Box::new(session));
    }

    /// The session that was kept, if it is of this type.
    pub fn take_session<T: 'static>(&self) -> Option<T> {
        let session = self.session.borrow_mut().take()?;
        session.downcast().ok().map(|session| *session)
    }

    /// Tells the monitor how far the reading is.
    ///
    /// # Errors
    /// The monitor's.
    pub fn watch(&self, bytes: u64) -> Result<()> {
        (self.monitor)(bytes)
    }

    /// The input as a file, whole.
    ///
    /// # Errors
    /// Those of [`bytes`].
    pub fn file(&self) -> Result<&InputBytes> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let read = bytes(self.input, self.options, self.monitor)?;
        Ok(self.file.get_or_init(|| read))
    }
}

/// Receives how many bytes of an input have been read so far; its error ends the reading.
pub type Monitor<'a> = &'a (dyn Fn(u64) -> Result<()> + Sync);

/// A monitor that does nothing.
pub fn unwatched(_bytes: u64) -> Result<()> {
    Ok(())
}

/// Bytes read between two calls of the monitor; one block is hashed while the next is read.
const BLOCK: usize = 8 << 20;
/// The same of an input whose size is not known.
const STREAM_BLOCK: u64 = 256 << 10;

/// Reads an input whole, hashes it as it lies on disk and unpacks gzip and Zstandard, known by its first bytes.
///
/// # Errors
/// No such file, a directory, broken compression (66 or 65), no permission (77), an empty input (65), a failed read (74),
/// a regular file that changed while it was read (75), more bytes than memory has (71) or the limits allow (65, or 71 where they
/// are the default), and the monitor's error.
pub fn bytes(input: &Input, options: &ReadOptions, monitor: Monitor) -> Result<InputBytes> {
    let limits = &options.limits;
    let name = input.name();
    let place = input.path().map_or_else(|| name.clone(), |path| printable(&path.display().to_string()));
    let (mut bytes, digest) = match input {
        Input::Standard => stream(&place, &mut std::io::stdin().lock(), limits, monitor)?,
        Input::File(path) | Input::Sqlite(path) => file(path, &place, limits, monitor)?,
        Input::Member(member) => file(&member.path, &place, limits, monitor)?,
        Input::Server(_) | Input::Odbc(_) => return Err(Error::internal("open", "a database on a server has no bytes")),
    };
    if bytes.is_empty() {
        return Err(Error::data(place, "is empty", "check the export that wrote it"));
    }
    let compression = inflate::compression(&bytes);
    if let Some((_, content)) = compression {
        bytes = inflate::unpack(&place, &bytes, content, options)?;
    }
    let compression = compression.map(|(name, _)| name.to_owned());
    if bytes.is_empty() {
        return Err(Error::data(place, "is empty once unpacked", "check the export that wrote it"));
    }
    Ok(InputBytes { name, bytes, digest, compression })
}

/// Fills `buffer` from `reader` until it is full or the input ends; it goes on after short reads and interruptions.
///
/// # Errors
/// Whatever the reader fails with, other than [`ErrorKind::Interrupted`].
pub fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Whether an input is compressed, by its first bytes.
pub fn is_compressed(bytes: &[u8]) -> bool {
    inflate::compression(bytes).is_some()
}

/// Whether a regular file begins as an SQLite database does; a file that cannot be opened is told when it is read.
fn begins_as_database(path: &Path) -> bool {
    let mut beginning = [0; kind::SQLITE_SIGNATURE.len()];
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let read = || fill(&mut File::open(path)?, &mut beginning);
    is_file && { read }().is_ok() && beginning == *kind::SQLITE_SIGNATURE
}

/// Refuses a file that cannot be opened for reading.
///
/// # Errors
/// No such file, a directory (66), no permission (77), another failure (71 or 74).
pub fn require_readable(path: &Path) -> Result<()> {
    let place = printable(&path.display().to_string());
    let file = File::open(path).map_err(|error| cannot_open(&place, &error).with_cause(error))?;
    if file.metadata().map_err(|error| cannot_read(&place, error))?.is_dir() {
        return Err(Error::no_input(place, "is a directory", "name the files in it"));
    }
    Ok(())
}

fn file(path: &Path, place: &str, limits: &Limits, monitor: Monitor) -> Result<(Vec<u8>, FileDigest)> {
    let mut file = File::open(path).map_err(|error| cannot_open(place, &error).with_cause(error))?;
    let before = file.metadata().map_err(|error| cannot_read(place, error))?;
    if before.is_dir() {
        return Err(Error::no_input(place, "is a directory", "name the files in it"));
    }
    // A pipe has no size, and the files of /proc say 0: both are read to their end.
    if !before.is_file() || before.len() == 0 {
        return stream(place, &mut file, limits, monitor);
    }
    let read = sized(place, &mut file, before.len(), limits, monitor)?;
    let after = file.metadata().map_err(|error| cannot_read(place, error))?;
    let there = std::fs::metadata(path).ok();
    if mark(&after) != mark(&before) || there.as_ref().map(mark) != Some(mark(&before)) {
        return Err(changed(place));
    }
    Ok(read)
}

/// What tells one content of a file from another without reading it again.
fn mark(metadata: &Metadata) -> (u64, u64, u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino(), metadata.size(), metadata.mtime(), metadata.mtime_nsec())
}

/// Reads a file of known size; each block is hashed on another core while the next one is read.
fn sized(place: &str, file: &mut File, size: u64, limits: &Limits, monitor: Monitor) -> Result<(Vec<u8>, FileDigest)> {
    if size > limits.inflated_bytes {
        return Err(more_than_allowed(place, limits));
    }
    let refused = || memory::too_large(place, &format!("{} MiB", thousands(size >> 20)));
    let length = usize::try_from(size).map_err(|_| refused())?;
    let mut bytes: Vec<u8> = Vec::new();
    if size > memory::available() || bytes.try_reserve_exact(length).is_err() {
        return Err(refused());
    }
    let size = length;
    bytes.resize(size, 0);
    let mut hash = Sha256::new();
    let mut hashed = 0;
    let mut read = 0;
    while hashed < size {
        let (done, rest) = bytes.split_at_mut(read);
        let next = rest.len().min(BLOCK);
        let fresh = &done[hashed..];
        let (got, ()) = rayon::join(|| fill(file, &mut rest[..next]), || hash.update(fresh));
        let got = got.map_err(|error| cannot_read(place, error))?;
        if got < next {
            return Err(changed(place));
        }
        hashed = read;
        read += got;
        monitor(read as u64)?;
    }
    if fill(file, &mut [0]).map_err(|error| cannot_read(place, error))? > 0 {
        return Err(changed(place));
    }
    Ok(hashed_bytes(bytes, hash))
}

/// Reads whatever has no size of its own.
fn stream(place: &str, reader: &mut impl Read, limits: &Limits, monitor: Monitor) -> Result<(Vec<u8>, FileDigest)> {
    let mut bytes = Vec::new();
    let mut hash = Sha256::new();
    let available = memory::available();
    loop {
        let before = bytes.len();
        let is_full = before as u64 > available
            || (bytes.capacity() - before < STREAM_BLOCK as usize && bytes.try_reserve(before.max(1 << 20)).is_err());
        if is_full {
            return Err(memory::too_large(place, &format!("more than {} MiB", thousands(before as u64 >> 20))));
        }
        let got = reader.by_ref().take(STREAM_BLOCK).read_to_end(&mut bytes).map_err(|error| cannot_read(place, error))? as u64;
        hash.update(&bytes[before..]);
        if bytes.len() as u64 > limits.inflated_bytes {
            return Err(more_than_allowed(place, limits));
        }
        monitor(bytes.len() as u64)?;
        if got < STREAM_BLOCK {
            return Ok(hashed_bytes(bytes, hash));
        }
    }
}

/// The error of an input whose bytes, as they lie, are more than `limits` allow: wrong data where somebody set the limit, else
/// more than memory is meant to hold.
fn more_than_allowed(place: &str, limits: &Limits) -> Error {
    let what = format!("holds more than the {} MiB that one input may have", limits.inflated_bytes >> 20);
    let is_set = limits.inflated_bytes != Limits::default().inflated_bytes;
    let error = if is_set { Error::data } else { Error::system };
    error(Place::from(place), what, "split the file, or raise the limit").with_remedy(Place::option("max_inflated_bytes"))
}

fn hashed_bytes(bytes: Vec<u8>, hash: Sha256) -> (Vec<u8>, FileDigest) {
    let digest = FileDigest { bytes: bytes.len() as u64, sha256: hex::encode(hash.finalize()) };
    (bytes, digest)
}

fn cannot_open(place: &str, error: &std::io::Error) -> Error {
    let what = || format!("cannot be opened: {}", system_words(error));
    match error.kind() {
        ErrorKind::NotFound => Error::no_input(place, "no such file", "check the path"),
        ErrorKind::PermissionDenied => Error::permission(place, "permission denied", "it must be readable by the user who runs this"),
        ErrorKind::IsADirectory => Error::no_input(place, "is a directory", "name the files in it"),
        ErrorKind::NotADirectory | ErrorKind::InvalidFilename => Error::no_input(place, system_words(error), "check the path"),
        _ if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => Error::no_input(place, system_words(error), "check the path"),
        _ => Error::refused_resource(place.into(), what(), error).unwrap_or_else(|| Error::input_output(place, what(), TRY_AGAIN)),
    }
}

fn cannot_read(place: &str, error: std::io::Error) -> Error {
    let what = format!("reading failed: {}", system_words(&error));
    let failed = match error.kind() {
        ErrorKind::IsADirectory => Error::no_input(place, "is a directory", "name the files in it"),
        _ => Error::refused_resource(place.into(), what.clone(), &error).unwrap_or_else(|| Error::input_output(place, what, TRY_AGAIN)),
    };
    failed.with_cause(error)
}

const TRY_AGAIN: &str = "try again, or copy the file to another disk";

fn changed(place: &str) -> Error {
    Error::try_later(place, "the file changed while it was being read", "run again when whoever writes it is done")
}
