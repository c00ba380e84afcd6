//! How much memory a process may still take: what does not fit is refused by name instead of ending in an abort.

use std::fs;

use rustix::process::{Resource, getrlimit};

use crate::error::{Error, Place};

/// The bytes that this process may still take, as far as the system says: what its limits, its control group and the machine
/// leave.
pub(crate) fn available() -> u64 {
    let limit = |resource: Resource, used: u64| getrlimit(resource).current.map(|most| most.saturating_sub(used));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let used = |key: &str| kibibytes(&status, key).unwrap_or(0);
    let machine = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let free = kibibytes(&machine, "MemAvailable:").map(|free| free + kibibytes(&machine, "SwapFree:").unwrap_or(0));
    let group = control_group().map(|most| most.saturating_sub(used("RssAnon:")));
    [limit(Resource::As, used("VmSize:")), limit(Resource::Data, used("VmData:")), free, group]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(u64::MAX)
}

/// The bytes that the line of `text` which begins with `key` says in kB.
fn kibibytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|count| count << 10)
}

/// The smallest limit of memory of the control groups this process is in.
fn control_group() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let above = std::path::Path::new(path.trim_start_matches('/')).ancestors();
    let most = |group: &std::path::Path| fs::read_to_string(std::path::Path::new("/sys/fs/cgroup").join(group).join("memory.max")).ok();
    above.filter_map(|group| most(group)?.trim().parse().ok()).min()
}

/// The error of the input at `place`, which `holds` (`3,072 MiB`, `more than 1,024 MiB`) what the process cannot take.
pub(crate) fn too_large(place: &str, holds: &str) -> Error {
    let what = format!("holds {holds}, more than the memory that is free for it");
    Error::system(Place::from(place), what, "split the file, free memory, or raise the limit (ulimit -v)")
}
