//! Puts files into a folder of an SFTP server.

use std::path::PathBuf;

/// How SFTP servers are reached.
#[derive(Debug, Clone, Default)]
pub struct SftpSettings {
    /// The private key.
    pub identity_file: Option<PathBuf>,
    /// The keys of the hosts that are trusted.
    pub known_hosts_file: Option<PathBuf>,
}
