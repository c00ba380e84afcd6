//! Puts files into an S3-compatible object store.

use crate::deliver::transport::Secret;

/// How an object store is reached.
#[derive(Debug, Clone, Default)]
pub struct S3Settings {
    /// The URL of the store; the one of the region, if not given.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The id of the key.
    pub access_key_id: Option<Secret>,
    /// The key.
    pub secret_access_key: Option<Secret>,
    /// What goes with a temporary key.
    pub session_token: Option<Secret>,
}
