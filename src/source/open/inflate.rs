//! Has compressed inputs unpacked by the guarded process.

use crate::domain::text::thousands;
use crate::error::Result;
use crate::source::guarded::process::GuardedProcess;
use crate::source::guarded::protocol::{Content, Refusal, Reply};
use crate::source::input::ReadOptions;
use crate::source::open::memory;

/// What compresses a file, by its first bytes: its name, and what the guarded process calls it.
pub fn compression(bytes: &[u8]) -> Option<(&'static str, Content)> {
    match bytes {
        // With deflate, the only method there is.
        [0x1f, 0x8b, 0x08, ..] => Some(("gzip", Content::Gzip)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(("zstd", Content::Zstd)),
        // A frame to be skipped, with which some writers begin.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(("zstd", Content::Zstd)),
        _ => None,
    }
}

/// The bytes that `compressed` unpacks to.
///
/// # Errors
/// Damaged or truncated data, anything else after it, and a file that exceeds the limits (65); more than memory holds (71).
pub fn unpack(place: &str, compressed: &[u8], content: Content, options: &ReadOptions) -> Result<Vec<u8>> {
    let mut process = GuardedProcess::start(place, compressed, content, options)?;
    let mut unpacked: Vec<u8> = Vec::new();
    loop {
        match process.reply()? {
            Reply::Bytes([]) => return Ok(unpacked),
            Reply::Bytes(bytes) => {
                let total = unpacked.len() + bytes.len();
                if total as u64 > options.limits.inflated_bytes {
                    return Err(process.refusal_error(Refusal::OverLimit(options.limits.inflated_bytes)));
                }
                let more = bytes.len().max(unpacked.len() / 2);
                if unpacked.capacity() < total && unpacked.try_reserve(more).is_err() {
                    return Err(memory::too_large(
                        place,
                        &format!("more than {} MiB once unpacked", thousands(unpacked.len() as u64 >> 20)),
                    ));
                }
                unpacked.extend_from_slice(bytes);
            }
            _ => return Err(process.refusal_error(Refusal::Protocol)),
        }
    }
}
