//! The log of who saw what of a report on screen: a line of JSON each, durable before anything is shown.

use std::path::Path;

use rustix::fs::OFlags;

use crate::deliver::durable_lines::DurableLines;
use crate::deliver::folder::Folder;
use crate::deliver::{failure, name};
use crate::error::{Error, Place, Result};

/// An audit log that is written.
#[derive(Debug)]
pub struct AuditLog(DurableLines);

impl AuditLog {
    /// Opens the log at `path`, which goes on after what is there; a new one is its user's alone (mode 0600).
    ///
    /// # Errors
    /// A path that is no name of a file, a link or anything else but a plain file; [`Error::permission`] for one that others may read;
    /// what the system refused.
    pub fn open(path: &Path) -> Result<Self> {
        let (folder, name) = name::split(path)?;
        let folder = Folder::open(&folder)?;
        folder.refuse_unfit(&name, &[])?;
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = folder.open_in(&name, flags).map_err(|error| failure(path, "the audit log cannot be opened", &error))?;
        let mode = rustix::fs::fstat(&file).map_err(|error| failure(path, "the audit log cannot be opened", &error.into()))?.st_mode;
        if mode & 0o077 != 0 {
            let help = format!("run chmod 600 {}", path.display());
            return Err(Error::permission(Place::path(path), "is an audit log that others may read or change", help));
        }
        folder.sync().map_err(|error| failure(path, "the folder cannot be made durable", &error))?;
        DurableLines::new(file, path.to_path_buf(), "audit log").map(Self)
    }

    /// Adds `line` and returns once it is durable.
    ///
    /// # Errors
    /// What the system refused; [`Error::no_input`] once somebody has deleted the log.
    pub fn add(&self, line: &serde_json::Value) -> Result<()> {
        if self.0.is_deleted()? {
            let help = "start the viewer again";
            return Err(Error::no_input(Place::path(self.0.path()), "the audit log was deleted", help));
        }
        self.0.add(&line.to_string())
    }
}
