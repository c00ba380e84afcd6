//! Encrypts connections with a certificate and a key of the viewer's own, and takes up those that are renewed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::error::{Error, Result};
use crate::serve::file_stamp::{FileStamp, stamp};
use crate::source::database::files::require_private;
use crate::templates;

/// The certificate and the key in two files: a change of the files holds for all connections that begin after it.
pub struct Certificates {
    certificate: PathBuf,
    key: PathBuf,
    told: fn(&Error) -> (String, String),
    held: Mutex<Held>,
}

/// What encrypts, and the files as they were found when they were read last.
struct Held {
    acceptor: TlsAcceptor,
    read: [FileStamp; 2],
}

impl Certificates {
    /// Those of the files `certificate` and `key`; `told` is told what keeps them from being read again.
    ///
    /// # Errors
    /// As [`acceptor`].
    pub fn read(certificate: &Path, key: &Path, told: fn(&Error) -> (String, String)) -> Result<Self> {
        let read = [certificate, key].map(stamp);
        let held = Held { acceptor: acceptor(certificate, key)?, read };
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), told, held: Mutex::new(held) })
    }

    /// What encrypts a connection that begins now. Files that have changed are read again; where that fails it is told, once a change,
    /// and what was read before goes on to hold.
    pub fn acceptor(&self) -> TlsAcceptor {
        let found = [&self.certificate, &self.key].map(|path| stamp(path));
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.read != found {
            match acceptor(&self.certificate, &self.key) {
                Ok(renewed) => held.acceptor = renewed,
                Err(error) => drop((self.told)(&error)),
            }
            held.read = found;
        }
        held.acceptor.clone()
    }
}

/// Encrypts with the chain in the file `certificate` and the key in the file `key`, both PEM.
///
/// # Errors
/// [`Error::config`] for files that hold no such thing, or do not belong together; [`Error::permission`] for a key that others may read.
fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor> {
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
