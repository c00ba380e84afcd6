//! Inflates gzip, one member or many, within limits that are checked before memory is taken; it never trusts a declared size.

use std::io::{ErrorKind, Read};

use flate2::bufread::GzDecoder;

use crate::domain::text::{counted, thousands};
use crate::error::{Error, Place, Result};
use crate::source::input::Limits;
use crate::source::open::memory;

/// Below this many inflated bytes any ratio is fine: real exports are that repetitive.
const RATIO_FROM: usize = 64 << 20;
/// Inflated bytes per compressed byte that a real file does not reach.
const RATIO: usize = 100;
/// Inflated bytes between two looks at the limits.
const BLOCK: u64 = 1 << 20;
const HELP: &str = "ask for the file again, or unpack it with gzip and look";

/// Whether the first bytes are those of gzip with deflate, the only method there is.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b, 0x08])
}

/// Inflates all members of a gzip file; each one's checksum and length are compared.
///
/// # Errors
/// A truncated or damaged member, anything but zeros after the last member, and a file that exceeds the limits (65).
pub fn gzip(place: &str, compressed: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    let mut inflated = Vec::new();
    let mut rest = compressed;
    loop {
        let mut member = GzDecoder::new(rest);
        while member.by_ref().take(BLOCK).read_to_end(&mut inflated).map_err(|error| damaged(place, &error, inflated.len()))? > 0 {
            within(place, inflated.len(), compressed.len(), limits)?;
        }
        rest = member.into_inner();
        if is_gzip(rest) {
            continue;
        }
        if rest.iter().all(|byte| *byte == 0) {
            return Ok(inflated);
        }
        let what = format!("{} after the end of the gzip data are not gzip", counted(rest.len() as u64, "byte"));
        return Err(Error::data(place, what, HELP));
    }
}

fn within(place: &str, inflated: usize, compressed: usize, limits: &Limits) -> Result<()> {
    if inflated as u64 > limits.inflated_bytes {
        let what = format!("inflates to more than the {} MiB that one input may have", limits.inflated_bytes >> 20);
        return Err(Error::data(place, what, "split the file, or raise the limit").with_remedy(Place::option("max_inflated_bytes")));
    }
    if inflated > RATIO_FROM && inflated / RATIO > compressed {
        let what = format!("inflates to more than {RATIO} times its {} bytes, as only hostile files do", thousands(compressed as u64));
        return Err(Error::data(place, what, "unpack it with gzip if you trust it"));
    }
    Ok(())
}

fn damaged(place: &str, error: &std::io::Error, good: usize) -> Error {
    if error.kind() == ErrorKind::OutOfMemory {
        return memory::too_large(place, &format!("more than {} MiB once unpacked", thousands(good as u64 >> 20)));
    }
    let what = if error.kind() == ErrorKind::UnexpectedEof {
        format!("the gzip data ends too early, after {good} bytes of text")
    } else {
        format!("the gzip data is damaged after {good} bytes of text ({error})")
    };
    Error::data(place, what, HELP)
}
