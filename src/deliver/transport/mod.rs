//! Ways by which finished files reach whoever they are for: a folder, an object store, SFTP, mail.

use std::path::PathBuf;
use std::time::Duration;

use crate::deliver::transport::mail::MailSettings;
use crate::deliver::transport::s3::S3Settings;
use crate::deliver::transport::sftp::SftpSettings;
use crate::error::Error;

pub mod mail;
pub mod s3;
pub mod sftp;

/// What is delivered at once to one place: the files of a recipient, all of them or none.
#[derive(Debug, Clone)]
pub struct Shipment {
    /// What tells this shipment from all others, and is the same when it is tried again.
    pub key: String,
    /// The files.
    pub files: Vec<ShipmentFile>,
    /// What a mail says; other ways leave it out.
    pub message: Message,
}

/// A file of a shipment.
#[derive(Debug, Clone)]
pub struct ShipmentFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it is to be called at its place: a plain file name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// What a mail says.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// Its subject.
    pub subject: String,
    /// Its body as plain text.
    pub text: String,
    /// Its body as HTML.
    pub html: String,
}

/// Where a shipment goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A prefix in a bucket of an object store.
    S3 {
        /// The bucket.
        bucket: String,
        /// What the names of the objects begin with, without a `/` at either end; may be empty.
        prefix: String,
    },
    /// A folder of an SFTP server.
    Sftp {
        /// The user; the one that the configuration of `ssh` says, if not given.
        user: Option<String>,
        /// The host.
        host: String,
        /// The port.
        port: Option<u16>,
        /// The folder there.
        folder: String,
    },
    /// Addresses of mail.
    Mail(Vec<String>),
}

/// How servers are reached, and how long it is tried.
#[derive(Debug, Clone, Default)]
pub struct TransportSettings {
    /// Object stores.
    pub s3: S3Settings,
    /// SFTP servers.
    pub sftp: SftpSettings,
    /// The mail server.
    pub mail: MailSettings,
    /// How often and how long it is tried.
    pub patience: Patience,
}

/// How often and how long a shipment is tried.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long one attempt may take.
    pub timeout: Duration,
    /// How often it is tried, the first time included.
    pub attempts: u32,
    /// How long it is waited after the first attempt; twice as long after each other one, and up to half of that longer or shorter.
    pub first_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(60), attempts: 5, first_wait: Duration::from_secs(2) }
    }
}

/// What became of a shipment that arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// What the other side calls it, such as the id of a message.
    pub reference: Option<String>,
    /// Whether all of it was there already, from an attempt whose end nobody saw.
    pub was_there: bool,
}

/// Why a shipment did not arrive, or may not have.
#[derive(Debug)]
pub enum Fault {
    /// The same may work later.
    Passing(Error),
    /// It will not work without somebody's doing.
    Lasting(Error),
    /// Nobody knows whether it arrived.
    Unknown(Error),
}

/// A password or another text that is shown nowhere.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret `text`.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for whoever needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}
