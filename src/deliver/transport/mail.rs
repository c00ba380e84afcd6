//! Sends files by mail.

use crate::deliver::transport::Secret;

/// How mail is sent.
#[derive(Debug, Clone, Default)]
pub struct MailSettings {
    /// The server: `smtps://host:465` (TLS from the start), `smtp://host:587` (STARTTLS, which must succeed) or, on this machine
    /// alone, `smtp+plain://localhost:25`.
    pub server: String,
    /// Who logs in there, if anybody.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// File of certificates that are trusted besides the system's.
    pub ca_file: Option<std::path::PathBuf>,
    /// Who it is from.
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// The largest message in bytes; files that would make it larger go as a ZIP archive, or as a link.
    pub size_limit: Option<u64>,
    /// Where the files can be fetched, in place of attachments; `{name}` is the name of the file.
    pub link: Option<String>,
}
