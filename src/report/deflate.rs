//! Compresses bytes that are held as a whole, as fast as this machine can, and takes them out again.

use std::cell::RefCell;

use libdeflater::{CompressionLvl, Compressor, Decompressor, crc32};

use crate::error::{Error, Result};

/// The level of what is written once: of twelve, the one from which on a smaller file costs much more time.
const LEVEL: i32 = 6;
/// The level of what a document has much of. At it, 44,000 pages take 0.6 of the time of the other for streams that are 8% larger,
/// and the structure of a document less than half of the time for a quarter more; the levels between save little time or none.
const QUICK_LEVEL: i32 = 1;

/// `bytes` as a zlib stream.
///
/// # Errors
/// [`Error::internal`] when the library fails, which it does not.
pub fn deflate(bytes: &[u8]) -> Result<Vec<u8>> {
    thread_local! {
        static COMPRESSOR: RefCell<Compressor> = RefCell::new(compressor(LEVEL));
    }
    COMPRESSOR.with_borrow_mut(|compressor| deflate_by(compressor, bytes))
}

/// `bytes`, of which a document has many more, as a zlib stream: pages and their structure.
///
/// # Errors
/// As [`deflate`].
pub fn deflate_quickly(bytes: &[u8]) -> Result<Vec<u8>> {
    thread_local! {
        static COMPRESSOR: RefCell<Compressor> = RefCell::new(compressor(QUICK_LEVEL));
    }
    COMPRESSOR.with_borrow_mut(|compressor| deflate_by(compressor, bytes))
}

fn compressor(level: i32) -> Compressor {
    Compressor::new(CompressionLvl::new(level).unwrap_or_default())
}

fn deflate_by(compressor: &mut Compressor, bytes: &[u8]) -> Result<Vec<u8>> {
    thread_local! {
        static OUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    OUT.with_borrow_mut(|out| {
        let bound = compressor.zlib_compress_bound(bytes.len());
        if out.len() < bound {
            out.resize(bound, 0);
        }
        let length = compressor.zlib_compress(bytes, out).map_err(|error| Error::internal("deflate", error.to_string()))?;
        Ok(out[..length].to_vec())
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
