//! Reads a file of a shipment, and makes sure that it is still the one that was made for it.

use std::fs::File;
use std::io::Read;

use sha2::{Digest, Sha256};

use crate::deliver::transport::shipment::{Delivered, Fault, ShipmentFile};
use crate::error::{Error, Place, system_words};

/// A file of a shipment while it is read.
pub struct Content<'a> {
    of: &'a ShipmentFile,
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl<'a> Content<'a> {
    /// Opens the file.
    ///
    /// # Errors
    /// [`Fault::Lasting`] when it cannot be read.
    pub fn open(of: &'a ShipmentFile) -> Delivered<Self> {
        let file = File::open(&of.path).map_err(|error| unreadable(of, &error))?;
        Ok(Self { of, file, hash: Sha256::new(), bytes: 0 })
    }

    /// The next bytes, `size` of them unless the file ends before; none at its end, which is looked at then.
    ///
    /// # Errors
    /// [`Fault::Lasting`] when it cannot be read, is longer than it was, or at its end is not what it was.
    pub fn next(&mut self, size: usize) -> Delivered<Vec<u8>> {
        let mut piece = Vec::with_capacity(size.min(usize::try_from(self.of.bytes).unwrap_or(size)));
        let read = (&mut self.file).take(size as u64).read_to_end(&mut piece);
        read.map_err(|error| unreadable(self.of, &error))?;
        self.hash.update(&piece);
        self.bytes += piece.len() as u64;
        let is_at_end = piece.len() < size;
        let is_changed = is_at_end && hex::encode(self.hash.clone().finalize()) != self.of.sha256.to_ascii_lowercase();
        if self.bytes > self.of.bytes || is_changed || (is_at_end && self.bytes < self.of.bytes) {
            let what = "is not the file that was made: its size or hash is another";
            return Err(Fault::Lasting(Error::input_output(
                Place::path(&self.of.path),
                what,
                "nothing changes files of a run; run it again",
            )));
        }
        Ok(piece)
    }

    /// All of a file that is to be read at once.
    ///
    /// # Errors
    /// As for [`next`](Self::next).
    pub fn whole(of: &'a ShipmentFile) -> Delivered<Vec<u8>> {
        Self::open(of)?.next(usize::try_from(of.bytes).unwrap_or(usize::MAX).saturating_add(1))
    }
}

fn unreadable(of: &ShipmentFile, error: &std::io::Error) -> Fault {
    let what = format!("cannot be read: {}", system_words(error));
    Fault::Lasting(Error::input_output(Place::path(&of.path), what, "the files of a run stay where they are until it is over"))
}
