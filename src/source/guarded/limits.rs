//! Bounds the memory and CPU time of the process that reads a file by the file's size.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::source::input::Limits;

const MEBIBYTE: u64 = 1 << 20;
/// Address space of a reader of nothing: the program itself and room for small files.
const BASE_MEMORY: u64 = 448 * MEBIBYTE;
/// Bytes of memory that a byte of an inflated file may take, by far the most in a dense `.ods`.
const MEMORY_FACTOR: u64 = 10;
const BASE_SECONDS: u64 = 4;
/// Inflated bytes read in a CPU second, at worst.
const BYTES_PER_SECOND: u64 = 4 * MEBIBYTE;

/// Forbids core dumps and bounds memory and CPU time of this process for a file that inflates to so many bytes.
///
/// Memory is address space: beyond it an allocation fails and the process dies, which the asking side reports.
pub fn limit_process(limits: &Limits, inflated: u64) {
    limit_process_to(limits, inflated.saturating_mul(MEMORY_FACTOR), inflated);
}

/// As [`limit_process`], for a file whose reading takes so many bytes of memory, and processor time for so many bytes.
pub fn limit_process_to(limits: &Limits, memory: u64, inflated: u64) {
    let memory = BASE_MEMORY.saturating_add(memory).min(limits.memory_bytes);
    let seconds = (BASE_SECONDS + inflated / BYTES_PER_SECOND).min(limits.cpu_seconds);
    lower_limit(Resource::Core, 0, 0);
    lower_limit(Resource::As, memory, limits.memory_bytes);
    lower_limit(Resource::Cpu, seconds, limits.cpu_seconds.saturating_add(1));
}

fn lower_limit(resource: Resource, current: u64, maximum: u64) {
    let hard = getrlimit(resource).maximum.map_or(maximum, |hard| hard.min(maximum)).max(current.min(maximum));
    // A limit that cannot be set leaves the one from outside in force, which is stricter.
    let _ = setrlimit(resource, Rlimit { current: Some(current.min(hard)), maximum: Some(hard) });
}
