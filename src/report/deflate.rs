//! Compresses bytes that are held as a whole, as fast as this machine can, and takes them out again.

use std::cell::RefCell;

use libdeflater::{CompressionLvl, Compressor, Decompressor, crc32};

use crate::error::{Error, Result};

/// Of twelve levels, the one from which on a smaller file costs much more time.
const LEVEL: i32 = 6;

/// `bytes` as a zlib stream.
///
/// # Errors
/// [`Error::internal`] when the library fails, which it does not.
pub fn deflate(bytes: &[u8]) -> Result<Vec<u8>> {
    thread_local! {
        static COMPRESSOR: RefCell<Compressor> = RefCell::new(Compressor::new(CompressionLvl::new(LEVEL).unwrap_or_default()));
    }
    COMPRESSOR.with_borrow_mut(|compressor| {
        let mut out = vec![0; compressor.zlib_compress_bound(bytes.len())];
        let length = compressor.zlib_compress(bytes, &mut out).map_err(|error| Error::internal("deflate", error.to_string()))?;
        out.truncate(length);
        Ok(out)
    })
}

/// The `length` bytes in the zlib stream `bytes`; `None` where it is damaged or holds more or fewer.
pub fn inflate(bytes: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; length];
    let inflated = Decompressor::new().zlib_decompress(bytes, &mut out).ok();
    (inflated == Some(length)).then_some(out)
}

/// The checksum that PNG pictures have of their parts (CRC-32).
pub fn checksum(bytes: &[u8]) -> u32 {
    crc32(bytes)
}
