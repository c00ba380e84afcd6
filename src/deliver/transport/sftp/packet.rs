//! The packets of SFTP version 3, and the extensions of OpenSSH: written and read, nothing sent.

/// A packet that is being written.
#[derive(Debug)]
pub struct Packet(Vec<u8>);

impl Packet {
    /// The start of a packet of this `kind`.
    pub fn new(kind: u8) -> Self {
        Self(vec![0, 0, 0, 0, kind])
    }

    /// The packet with another number.
    #[must_use]
    pub fn u32(mut self, number: u32) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    /// The packet with another number.
    #[must_use]
    pub fn u64(mut self, number: u64) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    /// The packet with other bytes, and how many they are before them.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.0.extend(bytes);
        self
    }

    /// The attributes of a new file or folder: its `mode`.
    #[must_use]
    pub fn mode(self, mode: u32) -> Self {
        self.u32(HAS_PERMISSIONS).u32(mode)
    }

    /// The whole packet.
    pub fn finish(mut self) -> Vec<u8> {
        let length = u32::try_from(self.0.len() - 4).unwrap_or(u32::MAX);
        self.0[..4].copy_from_slice(&length.to_be_bytes());
        self.0
    }
}

/// Kinds of requests, and of the first answer.
pub mod kind {
    #![allow(missing_docs, reason = "they are the names of the protocol")]
    pub const INIT: u8 = 1;
    pub const VERSION: u8 = 2;
    pub const OPEN: u8 = 3;
    pub const CLOSE: u8 = 4;
    pub const READ: u8 = 5;
    pub const WRITE: u8 = 6;
    pub const LSTAT: u8 = 7;
    pub const REMOVE: u8 = 13;
    pub const MKDIR: u8 = 14;
    pub const STAT: u8 = 17;
    pub const RENAME: u8 = 18;
    pub const EXTENDED: u8 = 200;
}

/// Kinds of answers, of which [`read`] makes [`Answer`].
const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const DATA: u8 = 103;
const ATTRS: u8 = 105;
const EXTENDED_REPLY: u8 = 201;

const HAS_SIZE: u32 = 1;
const HAS_OWNER: u32 = 2;
const HAS_PERMISSIONS: u32 = 4;

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A number for how it went; [`OK`] is well.
    Status(u32),
    /// The name of an open file.
    Handle(Vec<u8>),
    /// Bytes of a file.
    Data(Vec<u8>),
    /// What a file is.
    Attributes {
        /// Its size.
        size: Option<u64>,
        /// Its type and permissions.
        mode: Option<u32>,
    },
    /// Bytes that are free on a disk, for this user.
    Space(u64),
    /// The extensions that the server has, at the start.
    Version(Vec<String>),
}

/// It went well.
pub const OK: u32 = 0;
/// The file ends there.
pub const END_OF_FILE: u32 = 1;
/// There is no such file.
pub const NO_SUCH_FILE: u32 = 2;
/// It is not permitted.
pub const PERMISSION_DENIED: u32 = 3;
/// It failed, and the server does not say why.
pub const FAILURE: u32 = 4;

/// Reads a packet, without its length: the number of the request and the answer to it. `None` if it is not one.
pub fn read(packet: &[u8]) -> Option<(u32, Answer)> {
    let (kind, rest) = packet.split_first()?;
    let mut rest = Fields(rest);
    if *kind == kind::VERSION {
        rest.u32()?;
        let mut names = Vec::new();
        while let Some(name) = rest.bytes() {
            names.push(String::from_utf8_lossy(name).into_owned());
            rest.bytes()?;
        }
        return Some((0, Answer::Version(names)));
    }
    let number = rest.u32()?;
    let answer = match *kind {
        STATUS => Answer::Status(rest.u32()?),
        HANDLE => Answer::Handle(rest.bytes()?.to_vec()),
        DATA => Answer::Data(rest.bytes()?.to_vec()),
        ATTRS => {
            let flags = rest.u32()?;
            let size = if flags & HAS_SIZE == 0 { None } else { Some(rest.u64()?) };
            if flags & HAS_OWNER != 0 {
                rest.u64()?;
            }
            let mode = if flags & HAS_PERMISSIONS == 0 { None } else { Some(rest.u32()?) };
            Answer::Attributes { size, mode }
        }
        // The only extension that is asked for more than a status: block size, its smallest part, blocks, and those that are free, for root
        // and for others.
        EXTENDED_REPLY => {
            let [_, part, _, _, free] = [rest.u64()?, rest.u64()?, rest.u64()?, rest.u64()?, rest.u64()?];
            Answer::Space(part.saturating_mul(free))
        }
        _ => return None,
    };
    Some((number, answer))
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_be_bytes)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.u32()?;
        self.take(usize::try_from(count).ok()?)
    }
}
