//! Ways by which finished files reach whoever they are for: a folder, an object store, SFTP, mail.

mod content;
mod content_type;
pub mod folder;
pub mod mail;
pub mod retry;
pub mod s3;
mod s3_fault;
pub mod secret;
mod server;
pub mod sftp;
pub mod shipment;
pub mod target;
pub mod transports;

pub use mail::settings::MailSettings;
pub use retry::with_retries;
pub use s3::S3Settings;
pub use secret::Secret;
pub use sftp::connection::SftpSettings;
pub use shipment::{Delivered, Fault, Message, Patience, Receipt, Shipment, ShipmentFile};
pub use target::Target;
pub use transports::{TransportSettings, Transports};
