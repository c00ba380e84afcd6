//! How a connection to a server is protected: the words for it, and the certificates that are trusted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::error::{Error, Result, system_words};
use crate::source::database::files::home;
use crate::source::redact::printable;

/// What is asked of a connection, each more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Nothing.
    Disable,
    /// Encrypted where the server can.
    Prefer,
    /// Encrypted, with whoever answers.
    Require,
    /// Encrypted, with a server whose certificate is of a trusted authority.
    VerifyCa,
    /// And which is the one that was asked for, by its name.
    VerifyFull,
}

impl SslMode {
    const WORDS: [(Self, &'static str); 5] = [
        (Self::Disable, "disable"),
        (Self::Prefer, "prefer"),
        (Self::Require, "require"),
        (Self::VerifyCa, "verify-ca"),
        (Self::VerifyFull, "verify-full"),
    ];

    /// The mode that a word of PostgreSQL or MySQL means.
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase().replace('_', "-");
        match word.as_str() {
            "disabled" => Some(Self::Disable),
            "allow" | "preferred" => Some(Self::Prefer),
            "required" => Some(Self::Require),
            "verify-identity" => Some(Self::VerifyFull),
            word => Self::WORDS.iter().find(|(_, known)| *known == word).map(|(mode, _)| *mode),
        }
    }

    /// The words, for a message.
    pub fn words() -> String {
        Self::WORDS.map(|(_, word)| word).join(", ")
    }

    /// PostgreSQL's word for it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(mode, _)| *mode == self).map_or("", |(_, word)| word)
    }
}

/// The file of the authorities to trust: the one that was named, else PostgreSQL's own; `None` for those of the system.
pub fn root_file(named: Option<&str>) -> Option<PathBuf> {
    match named {
        Some("system") => None,
        Some(path) => Some(PathBuf::from(path)),
        None => home().map(|home| home.join(".postgresql/root.crt")).filter(|path| path.is_file()),
    }
}

/// How rustls connects in this `mode`, with the authorities in the file `roots`, else those of the system, and the client's
/// certificate and key, if it has one.
///
/// # Errors
/// A file that cannot be read or holds no certificate (78), a system without certificates (71).
pub fn client_config(mode: SslMode, roots: Option<&Path>, identity: Option<(&str, &str)>) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match mode {
        SslMode::VerifyCa | SslMode::VerifyFull => {
            let built = WebPkiServerVerifier::builder_with_provider(Arc::new(trusted(roots)?), Arc::clone(&provider)).build();
            let verifier = built
                .map_err(|error| Error::config("", format!("the trusted certificates cannot be used: {error}"), "check sslrootcert"))?;
            if mode == SslMode::VerifyFull { verifier } else { Arc::new(AnyName(verifier)) }
        }
        SslMode::Disable | SslMode::Prefer | SslMode::Require => Arc::new(Anybody(Arc::clone(&provider))),
    };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Error::internal("tls", error))?.dangerous().with_custom_certificate_verifier(verifier);
    let Some((certificate, key)) = identity else { return Ok(builder.with_no_client_auth()) };
    let chain = certificates(Path::new(certificate))?;
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(Path::new(key), error))?;
    builder.with_client_auth_cert(chain, key_der).map_err(|error| unreadable(Path::new(key), error))
}

fn trusted(roots: Option<&Path>) -> Result<RootCertStore> {
    let mut roots_trusted = RootCertStore::empty();
    match roots {
        Some(path) => {
            for certificate in certificates(path)? {
                roots_trusted.add(certificate).map_err(|error| unreadable(path, error))?;
            }
        }
        None => drop(roots_trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    if roots_trusted.is_empty() {
        return Err(Error::system(
            "",
            "the system trusts no certificates",
            "install ca-certificates, or name a file with sslrootcert=FILE in the URL",
        ));
    }
    Ok(roots_trusted)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(path, error))?;
    let all: Vec<_> = read.collect::<std::result::Result<_, _>>().map_err(|error| unreadable(path, error))?;
    match all.is_empty() {
        true => Err(unreadable(path, "it holds none")),
        false => Ok(all),
    }
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> Error {
    let help = "name a file of certificates in PEM, and one of the key that is not encrypted";
    Error::config(
        printable(&path.display().to_string()),
        format!("no certificate or key can be read from it: {}", system_words(&error)),
        help,
    )
}

/// Takes a certificate of a trusted authority whatever the name in it.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        // The name is looked at last, when the rest is in order.
        match self.0.verify_server_cert(certificate, between, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })) => {
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Takes any certificate whose key the server has.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Whether an error of a connection comes from its encryption, such as a certificate that is not trusted.
pub fn is_of_tls(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}
