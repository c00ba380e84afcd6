//! Opens a folder one name of its path at a time, so that nobody can swap a part of the path, and follows no link of another user.

use std::ffi::{CString, OsStr, OsString};
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::deliver::failure;
use crate::error::{Error, Place, Result};

/// Links followed before a path counts as endless, as in the system itself.
const MOST_LINKS: usize = 40;

/// A folder that was made on the way: where, and its name there.
#[derive(Debug)]
pub(crate) struct CreatedDir {
    parent: OwnedFd,
    name: OsString,
}

impl CreatedDir {
    /// Removes it, unless something is in it.
    pub(crate) fn remove_if_empty(&self) {
        let _ = rustix::fs::unlinkat(&self.parent, self.name.as_os_str(), AtFlags::REMOVEDIR);
    }

    /// Lets everybody look into it.
    pub(crate) fn open_to_all(&self) -> std::result::Result<(), Errno> {
        let all = Mode::RWXU | Mode::RGRP | Mode::XGRP | Mode::ROTH | Mode::XOTH;
        // Opened without following a link that may have taken its name by now.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = retry_on_intr(|| rustix::fs::openat(&self.parent, self.name.as_os_str(), flags, Mode::empty()))?;
        retry_on_intr(|| rustix::fs::fchmod(&folder, all))
    }

    /// Makes its name durable, as far as its parent may be read.
    pub(crate) fn sync(&self) -> std::result::Result<(), Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match retry_on_intr(|| rustix::fs::openat(&self.parent, ".", flags, Mode::empty())) {
            Ok(parent) => sync(parent),
            Err(Errno::ACCESS | Errno::PERM) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Makes the names in `folder` durable, where its file system knows how.
pub(crate) fn sync(folder: impl AsFd) -> std::result::Result<(), Errno> {
    match retry_on_intr(|| rustix::fs::fsync(&folder)) {
        Err(Errno::INVAL) => Ok(()),
        done => done,
    }
}

/// Opens the folder at `path`, making what is missing of it (mode 0700); what was made comes deepest first.
///
/// # Errors
/// [`Error::cannot_create`] when a part of it is a file or another user's link, [`Error::permission`] when one may not
/// be entered.
pub(crate) fn open(path: &Path) -> Result<(File, Vec<CreatedDir>)> {
    let mut made = Vec::new();
    match walk(path, &mut made) {
        Ok(folder) => Ok((folder, made)),
        Err(error) => {
            made.iter().for_each(CreatedDir::remove_if_empty);
            Err(error)
        }
    }
}

fn walk(path: &Path, made: &mut Vec<CreatedDir>) -> Result<File> {
    let refused = |doing: &str, error: Errno| failure(path, doing, &error.into());
    let mut here = enter(if path.is_absolute() { "/" } else { "." }).map_err(|error| refused("the folder cannot be opened", error))?;
    let mut ahead: Vec<OsString> = names(path);
    let mut links = 0;
    while let Some(name) = ahead.pop() {
        here = match step(&here, &name, made).map_err(|error| refused("the folder cannot be entered or made", error))? {
            Step::Folder(folder) => folder,
            Step::Link { owner, target } => {
                // A link in a shared folder may be a trap: only one's own, or the administrator's, is followed.
                if owner != 0 && owner != rustix::process::geteuid().as_raw() {
                    let what = format!("'{}' on the way is another user's symbolic link", name.to_string_lossy().escape_debug());
                    return Err(Error::cannot_create(Place::path(path), what, "name the folder itself").with_remedy(Place::option("out")));
                }
                links += 1;
                if links > MOST_LINKS {
                    return Err(refused("the folder cannot be opened", Errno::LOOP));
                }
                let target = OsString::from_vec(target.into_bytes());
                let target = Path::new(&target);
                ahead.extend(names(target));
                let start = if target.is_absolute() { enter("/") } else { Ok(here) };
                start.map_err(|error| refused("the folder cannot be opened", error))?
            }
        };
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = retry_on_intr(|| rustix::fs::openat(&here, ".", flags, Mode::empty()))
        .map_err(|error| refused("the folder cannot be opened", error))?;
    Ok(folder.into())
}

enum Step {
    Folder(OwnedFd),
    Link { owner: u32, target: CString },
}

/// What `name` below `here` is; a folder is made when nothing is.
fn step(here: &OwnedFd, name: &OsStr, made: &mut Vec<CreatedDir>) -> std::result::Result<Step, Errno> {
    let look = |more: OFlags| {
        retry_on_intr(|| rustix::fs::openat(here, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC | more, Mode::empty()))
    };
    match look(OFlags::DIRECTORY) {
        Ok(folder) => return Ok(Step::Folder(folder)),
        Err(Errno::NOENT) => {
            match retry_on_intr(|| rustix::fs::mkdirat(here, name, Mode::RWXU)) {
                Ok(()) => made.insert(0, CreatedDir { parent: rustix::io::fcntl_dupfd_cloexec(here, 0)?, name: name.to_owned() }),
                // Another run made it first.
                Err(Errno::EXIST) => {}
                Err(error) => return Err(error),
            }
            return look(OFlags::DIRECTORY).map(Step::Folder);
        }
        Err(Errno::NOTDIR | Errno::LOOP) => {}
        Err(error) => return Err(error),
    }
    let there = look(OFlags::empty())?;
    let stat = rustix::fs::fstat(&there)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
        return Err(Errno::NOTDIR);
    }
    // Asked of the link that was inspected, whatever has its name by now.
    Ok(Step::Link { owner: stat.st_uid, target: rustix::fs::readlinkat(&there, "", Vec::new())? })
}

fn enter(path: &str) -> std::result::Result<OwnedFd, Errno> {
    retry_on_intr(|| rustix::fs::openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()))
}

/// The names on `path`, the last one first.
fn names(path: &Path) -> Vec<OsString> {
    let name = |component: Component<'_>| match component {
        Component::Normal(_) | Component::ParentDir => Some(component.as_os_str().to_owned()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    };
    path.components().rev().filter_map(name).collect()
}
