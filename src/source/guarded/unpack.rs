//! Unpacks gzip and Zstandard within the guarded process, within limits; a declared size is never trusted.

use std::io::{self, ErrorKind, Read, Write};

use flate2::bufread::GzDecoder;

use crate::domain::text::{counted, thousands};
use crate::source::guarded::limits::limit_process;
use crate::source::guarded::protocol::{Content, Refusal, Reply, Task, send};
use crate::source::input::Limits;

/// Below this many unpacked bytes any ratio is fine: real exports are that repetitive.
const RATIO_FROM: u64 = 64 << 20;
/// Unpacked bytes per compressed byte that a real file does not reach.
const RATIO: u64 = 100;
/// Unpacked bytes per compressed byte for which processor time is set aside.
const EXPECTED_RATIO: u64 = 20;
/// Bytes between two looks at the limits, and of an answer.
const BLOCK: usize = 1 << 20;
/// How far back a Zstandard frame may refer, as a power of two; a writer has to be told to go further.
const MAX_WINDOW: u32 = 27;

/// Whether the first bytes are those of gzip with deflate, the only method there is.
fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b, 0x08])
}

/// Sends what `compressed` unpacks to, or why it does not.
///
/// # Errors
/// Those of the pipe.
pub fn serve(compressed: &[u8], task: &Task, mut output: impl Write) -> io::Result<()> {
    limit_process(&task.limits, task.size.saturating_mul(EXPECTED_RATIO).min(task.limits.inflated_bytes));
    let mut unpacking = Unpacking { output: &mut output, unpacked: 0, compressed: compressed.len() as u64, limits: &task.limits };
    let unpacked = match task.content {
        Content::Zstd => unpacking.zstd(compressed),
        _ => unpacking.gzip(compressed),
    };
    match unpacked {
        Ok(()) => send(&mut output, &Reply::Bytes(&[])),
        Err(refusal) => send(&mut output, &Reply::Refused(refusal)),
    }
}

struct Unpacking<'a, W> {
    output: &'a mut W,
    unpacked: u64,
    compressed: u64,
    limits: &'a Limits,
}

impl<W: Write> Unpacking<'_, W> {
    /// All members of a gzip file; each one's checksum and length are compared.
    fn gzip(&mut self, compressed: &[u8]) -> Result<(), Refusal> {
        let mut rest = compressed;
        loop {
            let mut member = GzDecoder::new(rest);
            self.forward(&mut member, "gzip")?;
            rest = member.into_inner();
            if is_gzip(rest) {
                continue;
            }
            if rest.iter().all(|byte| *byte == 0) {
                return Ok(());
            }
            let rest = counted(rest.len() as u64, "byte");
            return Err(Refusal::damaged(format!("{rest} after the end of the gzip data are not gzip")));
        }
    }

    /// All frames of a Zstandard file; the checksum of each that has one is compared.
    fn zstd(&mut self, compressed: &[u8]) -> Result<(), Refusal> {
        let failed = |error: io::Error| Refusal::damaged(error.to_string());
        let mut frames = zstd::Decoder::with_buffer(compressed).map_err(failed)?;
        frames.window_log_max(MAX_WINDOW).map_err(failed)?;
        self.forward(&mut frames, "Zstandard")
    }

    /// Sends what `reader` reads, block by block.
    fn forward(&mut self, reader: &mut impl Read, format: &str) -> Result<(), Refusal> {
        let mut block = Vec::with_capacity(BLOCK);
        loop {
            block.clear();
            let read = reader.by_ref().take(BLOCK as u64).read_to_end(&mut block);
            let good = self.unpacked + block.len() as u64;
            read.map_err(|error| damaged(format, &error, good))?;
            if block.is_empty() {
                return Ok(());
            }
            self.unpacked = good;
            self.check()?;
            send(self.output, &Reply::Bytes(&block))?;
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.unpacked > self.limits.inflated_bytes {
            return Err(Refusal::OverLimit(self.limits.inflated_bytes));
        }
        if self.unpacked > RATIO_FROM && self.unpacked / RATIO > self.compressed {
            let bytes = thousands(self.compressed);
            return Err(Refusal::TooLarge(format!("inflates to more than {RATIO} times its {bytes} bytes, as only hostile files do")));
        }
        Ok(())
    }
}

fn damaged(format: &str, error: &io::Error, good: u64) -> Refusal {
    if error.kind() == ErrorKind::UnexpectedEof {
        return Refusal::damaged(format!("the {format} data ends too early, after {good} bytes of text"));
    }
    if error.to_string().contains("too much memory") {
        let most = 1_u64 << (MAX_WINDOW - 20);
        return Refusal::TooLarge(format!("refers back further than the {most} MiB that are supported, as with zstd --long"));
    }
    Refusal::damaged(format!("the {format} data is damaged after {good} bytes of text ({error})"))
}
