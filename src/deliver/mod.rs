//! Puts finished bytes where they belong: a file is whole under its final name or it is not there.

pub mod audit_log;
pub mod delivery_lines;
mod durable_lines;
pub mod earlier;
pub mod encryption;
pub mod folder;
pub mod journal;
mod lock;
pub mod manifest;
pub mod name;
pub mod output_writer;
pub mod publish;
pub mod rejects;
pub mod run_files;
pub mod run_store;
mod safe_open;
pub mod staged;
pub mod standard;
pub mod transport;
pub mod tree;
pub mod verify;

use std::io;
use std::path::Path;

use crate::error::{Error, Place, system_words};

pub use folder::Folder;
pub use publish::Delivery;
pub use run_files::RunFiles;
pub use staged::Staged;
pub use tree::Tree;

/// The error for a failed system call on `path`: what failed, in the words of the system, with the exit code that fits.
pub fn failure(path: &Path, doing: &str, error: &io::Error) -> Error {
    use io::ErrorKind as Kind;
    use rustix::io::Errno;
    let (place, what) = (Place::path(path), format!("{doing}: {}", system_words(error)));
    let elsewhere = |error: Error| error.with_remedy(Place::option("out"));
    if let Some(refused) = Error::refused_resource(place.clone(), what.clone(), error) {
        return refused.with_cause(again(error));
    }
    let failed = match (error.raw_os_error().map(Errno::from_raw_os_error), error.kind()) {
        (Some(Errno::ROFS), _) => elsewhere(Error::cannot_create(place, what, "name a folder on a writable disk")),
        (Some(Errno::FBIG), _) => Error::input_output(place, what, "raise the limit of file sizes (ulimit -f)"),
        (Some(Errno::LOOP), _) => Error::cannot_create(place, what, "a symbolic link is never followed to an output"),
        (_, Kind::PermissionDenied) => elsewhere(Error::permission(place, what, "name a folder you may write to")),
        (_, Kind::NotFound | Kind::NotADirectory | Kind::IsADirectory | Kind::AlreadyExists | Kind::InvalidFilename) => {
            elsewhere(Error::cannot_create(place, what, "name another place"))
        }
        (_, Kind::StorageFull | Kind::QuotaExceeded) => {
            elsewhere(Error::input_output(place, what, "free space there, or name another place"))
        }
        (_, Kind::CrossesDevices) => Error::input_output(place, what, "name a folder that is not itself a mount of single files"),
        _ => Error::input_output(place, what, "nothing was published; fix the cause and run it again"),
    };
    failed.with_cause(again(error))
}

/// The system's error cannot be cloned, but made again from its number.
fn again(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}
