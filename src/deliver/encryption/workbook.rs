//! Encrypts a workbook as spreadsheets do (agile encryption, AES-256): they ask for the password when it is opened.

use std::fs::File;
use std::io::{Cursor, Write, copy};
use std::path::Path;

use ms_offcrypto_writer::Ecma376AgileWriter;

use crate::deliver::transport::Secret;
use crate::error::{Error, Place, Result, system_words};

/// Writes the workbook at `path` to `out`, to be opened with `password` alone. Each time it is other bytes.
///
/// # Errors
/// [`Error::input_output`] when it cannot be read or written.
pub fn encrypt(path: &Path, password: &Secret, mut out: impl Write) -> Result<()> {
    let failed = |error: std::io::Error| {
        let what = format!("cannot be encrypted: {}", system_words(&error));
        Error::input_output(Place::path(path), what, "check the disk and run it again").with_cause(error)
    };
    let mut file = File::open(path).map_err(failed)?;
    // In memory, where writing does not fail: the writer of the library cannot be left half written.
    let mut writer = Ecma376AgileWriter::create(&mut rand::rng(), password.reveal(), Cursor::new(Vec::new())).map_err(failed)?;
    let copied = copy(&mut file, &mut writer);
    let encrypted = writer.into_inner().map_err(failed)?;
    copied.map_err(failed)?;
    out.write_all(encrypted.get_ref()).and_then(|()| out.flush()).map_err(failed)
}
