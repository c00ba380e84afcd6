//! What is done with files and folders of an SFTP server, many requests being under way at once.

use std::collections::VecDeque;
use std::io;

use sha2::{Digest, Sha256};

use crate::deliver::transport::sftp::connection::Connection;
use crate::deliver::transport::sftp::packet::{Answer, END_OF_FILE, FAILURE, NO_SUCH_FILE, OK, kind};

/// Bytes of one request, which every server takes.
const PIECE: u32 = 32 << 10;

/// Requests that are under way at once.
const WINDOW: usize = 32;

/// For reading and writing, new: a file or link of that name is not opened.
const READ_WRITE_CREATE_NEW: u32 = 1 | 2 | 8 | 32;
const READ: u32 = 1;

const TYPE: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const PLAIN: u32 = 0o100_000;

/// The extension that replaces a file by a new one in one step.
const POSIX_RENAME: &str = "posix-rename@openssh.com";
/// The extension that makes a file durable.
const FSYNC: &str = "fsync@openssh.com";
/// The extension that says how full a disk is.
const STATVFS: &str = "statvfs@openssh.com";

/// Why a step failed.
#[derive(Debug)]
pub enum Failure {
    /// The connection broke.
    Broken(io::Error),
    /// The server said no: the number of its answer.
    Refused(u32),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// What a name is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A folder.
    Folder,
    /// A plain file of so many bytes.
    File(u64),
    /// A link, a device or something else.
    Other,
    /// Nothing.
    Nothing,
}

impl Connection {
    /// What is called `path`; a link is followed if `follows`.
    ///
    /// # Errors
    /// The connection broke, or the server refused.
    pub async fn entry(&mut self, path: &str, follows: bool) -> Result<Entry, Failure> {
        let kind = if follows { kind::STAT } else { kind::LSTAT };
        match self.ask(kind, |packet| packet.bytes(path.as_bytes())).await? {
            Answer::Attributes { size, mode } => Ok(match mode.map(|mode| mode & TYPE) {
                Some(FOLDER) => Entry::Folder,
                Some(PLAIN) => Entry::File(size.unwrap_or_default()),
                _ => Entry::Other,
            }),
            Answer::Status(NO_SUCH_FILE) => Ok(Entry::Nothing),
            other => Err(refused(&other)),
        }
    }

    /// Makes the folder `path` (0700).
    ///
    /// # Errors
    /// As for [`entry`](Self::entry).
    pub async fn make_folder(&mut self, path: &str) -> Result<(), Failure> {
        let answer = self.ask(kind::MKDIR, |packet| packet.bytes(path.as_bytes()).mode(0o700)).await?;
        done(&answer)
    }

    /// Removes the file `path`.
    ///
    /// # Errors
    /// As for [`entry`](Self::entry).
    pub async fn remove(&mut self, path: &str) -> Result<(), Failure> {
        let answer = self.ask(kind::REMOVE, |packet| packet.bytes(path.as_bytes())).await?;
        done(&answer)
    }

    /// Makes the new file `path` (0600), for reading and writing.
    ///
    /// # Errors
    /// As for [`entry`](Self::entry).
    pub async fn create(&mut self, path: &str) -> Result<Vec<u8>, Failure> {
        let answer = self.ask(kind::OPEN, |packet| packet.bytes(path.as_bytes()).u32(READ_WRITE_CREATE_NEW).mode(0o600)).await?;
        handle(answer)
    }

    /// Opens the file `path` for reading.
    ///
    /// # Errors
    /// As for [`entry`](Self::entry).
    pub async fn open_file(&mut self, path: &str) -> Result<Vec<u8>, Failure> {
        let answer = self.ask(kind::OPEN, |packet| packet.bytes(path.as_bytes()).u32(READ).u32(0)).await?;
        handle(answer)
    }

    /// Writes `bytes` into an open file from `offset` on.
    ///
    /// # Errors
    /// As for [`entry`](Self::entry).
    pub async fn write(&mut self, file: &[u8], offset: u64, bytes: &[u8]) -> Result<(), Failure> {
        let mut under_way = VecDeque::new();
        let mut at = offset;
        for piece in bytes.chunks(PIECE as usize) {
            if under_way.len() == WINDOW
                && let Some(number) = under_way.pop_front()
            {
                done(&self.answer(number).await?)?;
            }
            under_way.push_back(self.send(kind::WRITE, |packet| packet.bytes(file).u64(at).bytes(piece)).await?);
            at += piece.len() as u64;
        }
        for number in under_way {
            done(&self.answer(number).await?)?;
        }
        Ok(())
    }

    /// The SHA-256, in hex, of the first `bytes` of an open file, and whether it ends there.
    ///
    /// # Errors
    /// As for [`entry`](Self::entry).
    pub async fn digest(&mut self, file: &[u8], bytes: u64) -> Result<(String, bool), Failure> {
        let (mut hash, mut asked, mut read) = (Sha256::new(), 0_u64, 0_u64);
        let mut under_way = VecDeque::new();
        loop {
            while under_way.len() < WINDOW && asked < bytes {
                let count = u32::try_from(bytes - asked).unwrap_or(u32::MAX).min(PIECE);
                under_way.push_back((self.send(kind::READ, |packet| packet.bytes(file).u64(asked).u32(count)).await?, count));
                asked += u64::from(count);
            }
            let Some((number, count)) = under_way.pop_front() else { break };
            let mut answer = self.answer(number).await?;
            let mut left = u64::from(count);
            // A server may give less than it was asked for; the rest is asked for again.
            loop {
                let Answer::Data(data) = answer else {
                    return if answer == Answer::Status(END_OF_FILE) { Ok((String::new(), true)) } else { Err(refused(&answer)) };
                };
                hash.update(&data);
                read += data.len() as u64;
                left = left.checked_sub(data.len() as u64).filter(|_| !data.is_empty()).ok_or(Failure::Refused(FAILURE))?;
                if left == 0 {
                    break;
                }
                let rest = u32::try_from(left).unwrap_or(PIECE);
                answer = self.ask(kind::READ, |packet| packet.bytes(file).u64(read).u32(rest)).await?;
            }
        }
        let beyond = self.ask(kind::READ, |packet| packet.bytes(file).u64(bytes).u32(1)).await?;
        Ok((hex::encode(hash.finalize()), beyond == Answer::Status(END_OF_FILE)))
    }

    /// Makes an open file durable, where the server can.
    ///
    /// # Errors
    /// As for [`entry`](Self::entry).
    pub async fn sync(&mut self, file: &[u8]) -> Result<(), Failure> {
        if !self.has(FSYNC) {
            return Ok(());
        }
        let answer = self.ask(kind::EXTENDED, |packet| packet.bytes(FSYNC.as_bytes()).bytes(file)).await?;
        done(&answer)
    }

    /// Whether the server says that the disk of `path` has less room than `bytes`.
    pub async fn lacks_room(&mut self, path: &str, bytes: u64) -> bool {
        let is_asked = self.has(STATVFS);
        is_asked
            && matches!(
                self.ask(kind::EXTENDED, |packet| packet.bytes(STATVFS.as_bytes()).bytes(path.as_bytes())).await,
                Ok(Answer::Space(free)) if free < bytes
            )
    }

    /// Closes an open file.
    ///
    /// # Errors
    /// As for [`entry`](Self::entry).
    pub async fn close(&mut self, file: &[u8]) -> Result<(), Failure> {
        let answer = self.ask(kind::CLOSE, |packet| packet.bytes(file)).await?;
        done(&answer)
    }

    /// Gives the file `old` the name `new`, in one step where the server can; elsewhere what has that name is removed before.
    ///
    /// # Errors
    /// As for [`entry`](Self::entry).
    pub async fn rename(&mut self, old: &str, new: &str) -> Result<(), Failure> {
        if self.has(POSIX_RENAME) {
            let answer = self
                .ask(kind::EXTENDED, |packet| packet.bytes(POSIX_RENAME.as_bytes()).bytes(old.as_bytes()).bytes(new.as_bytes()))
                .await?;
            return done(&answer);
        }
        if self.entry(new, false).await? != Entry::Nothing {
            self.remove(new).await?;
        }
        let answer = self.ask(kind::RENAME, |packet| packet.bytes(old.as_bytes()).bytes(new.as_bytes())).await?;
        done(&answer)
    }
}

fn done(answer: &Answer) -> Result<(), Failure> {
    if *answer == Answer::Status(OK) { Ok(()) } else { Err(refused(answer)) }
}

fn handle(answer: Answer) -> Result<Vec<u8>, Failure> {
    match answer {
        Answer::Handle(handle) => Ok(handle),
        other => Err(refused(&other)),
    }
}

/// A status is the server's refusal; another kind of answer than the one to this request is none.
fn refused(answer: &Answer) -> Failure {
    match answer {
        Answer::Status(number) if *number != OK => Failure::Refused(*number),
        _ => Failure::Broken(io::ErrorKind::InvalidData.into()),
    }
}
