//! Tells whether a file is as it was, without reading it.

use std::path::Path;
use std::time::SystemTime;

/// A file as it was found: its length and when it was changed; `None` for what is no file, or is gone.
pub type FileStamp = Option<(u64, SystemTime)>;

/// The file at `path` as it is now.
pub fn stamp(path: &Path) -> FileStamp {
    let data = std::fs::metadata(path).ok()?;
    Some((data.len(), data.modified().ok()?))
}
