//! Puts finished bytes where they belong: a file is whole under its final name or it is not there. Never leaves a part of one.

pub mod folder;
pub mod manifest;
pub mod name;
pub mod publish;
pub mod rejects;
mod safe_open;
pub mod staged;
pub mod standard;

use std::io;
use std::path::Path;

use crate::error::{Error, system_words};

pub use folder::Folder;
pub use publish::{Artifact, Delivery, publication_state};
pub use staged::{RunId, Staged, remove_unfinished};

/// The error for a failed system call on `path`: what failed, in the words of the system, with the exit code that fits.
pub fn failure(path: &Path, doing: &str, error: &io::Error) -> Error {
    use io::ErrorKind as Kind;
    let place = path.display().to_string();
    let what = format!("{doing}: {}", system_words(error));
    match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
        Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE) => {
            return Error::system(place, what, "raise the limit of open files (ulimit -n)");
        }
        Some(rustix::io::Errno::NOMEM | rustix::io::Errno::NOLCK) => return Error::system(place, what, "free memory and run it again"),
        Some(rustix::io::Errno::ROFS) => return Error::cannot_create(place, what, "name a folder on a writable disk with --out"),
        Some(rustix::io::Errno::FBIG) => return Error::input_output(place, what, "raise the limit of file sizes (ulimit -f)"),
        Some(rustix::io::Errno::LOOP) => return Error::cannot_create(place, what, "a symbolic link is never followed to an output"),
        _ => {}
    }
    match error.kind() {
        Kind::PermissionDenied => Error::permission(place, what, "name a folder you may write to with --out"),
        Kind::NotFound | Kind::NotADirectory | Kind::IsADirectory | Kind::AlreadyExists | Kind::InvalidFilename => {
            Error::cannot_create(place, what, "name another place with --out")
        }
        Kind::StorageFull | Kind::QuotaExceeded => Error::input_output(place, what, "free space there, or name another place with --out"),
        Kind::CrossesDevices => Error::input_output(place, what, "name a folder that is not itself a mount of single files"),
        _ => Error::input_output(place, what, "nothing was published; mend the cause and run it again"),
    }
}
