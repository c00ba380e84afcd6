//! Encrypts connections with a certificate and a key of the viewer's own.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::error::{Error, Result};
use crate::source::database::files::require_private;
use crate::templates;

/// Encrypts with the chain in the file `certificate` and the key in the file `key`, both PEM.
///
/// # Errors
/// [`Error::config`] for files that hold no such thing, or do not belong together; [`Error::permission`] for a key that others may read.
pub fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor> {
    let wrong = |path: &Path, what: String| {
        Error::config(path.display().to_string(), what, "write PEM: the certificate first, then those that signed it")
    };
    let text = templates::read(certificate)?;
    let chain: Vec<CertificateDer> = CertificateDer::pem_slice_iter(text.as_bytes())
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| wrong(certificate, format!("cannot be read: {error}")))?;
    if chain.is_empty() {
        return Err(wrong(certificate, "holds no certificate".to_owned()));
    }
    require_private(key, "a private key")?;
    let text = templates::read(key)?;
    let unreadable = |error| Error::config(key.display().to_string(), format!("holds no private key: {error}"), "write it as PEM");
    let private = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(unreadable)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private));
    let unfit = |error| {
        let help = "name a certificate and the key that it was made for";
        Error::config(certificate.display().to_string(), format!("cannot be used with the key: {error}"), help)
    };
    let mut config = config.map_err(unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
