//! What is delivered at once to one place, how long it is tried, and what became of it.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::Error;

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
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// Its subject.
    pub subject: String,
    /// Its body as plain text.
    pub text: String,
    /// Its body as HTML.
    pub html: String,
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

/// What an attempt came to.
pub type Delivered<T = Receipt> = std::result::Result<T, Fault>;

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

impl Fault {
    /// What went wrong.
    pub fn error(&self) -> &Error {
        match self {
            Self::Passing(error) | Self::Lasting(error) | Self::Unknown(error) => error,
        }
    }
}
