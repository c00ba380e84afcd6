//! Sends shipments by mail, each at most once: where nobody can know whether the server took a message, that is what is said.

pub mod message;
mod session;
pub mod settings;

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::client::TlsParameters;

use crate::clock::RunTimer;
use crate::deliver::transport::mail::message::{Ready, compose};
use crate::deliver::transport::mail::session::{Session, tls_parameters};
use crate::deliver::transport::mail::settings::{MailSettings, SIZE_LIMIT};
use crate::deliver::transport::shipment::{Delivered, Fault, Receipt, Shipment};
use crate::error::Result;

/// The mail server that a run delivers by; connections are kept and used again.
#[derive(Debug)]
pub struct Mailer {
    settings: MailSettings,
    limit: Duration,
    tls: OnceLock<Option<TlsSettings>>,
    idle: Mutex<Vec<Session>>,
}

/// What is trusted, and that it is shown nowhere.
struct TlsSettings(TlsParameters);

impl std::fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsSettings")
    }
}

impl Mailer {
    /// Mail as `settings` say, of which one attempt may take as long as `limit`.
    pub fn new(settings: MailSettings, limit: Duration) -> Self {
        Self { settings, limit, tls: OnceLock::new(), idle: Mutex::default() }
    }

    /// Sends `shipment` as one message to all `addresses`. `place` is what messages of this program call the target.
    ///
    /// # Errors
    /// [`Fault::Unknown`] when the connection broke or the time was up after the end of the message had been sent and before the
    /// server's answer; before that what may pass is passing, and what the server refuses for good lasting.
    pub fn deliver(&self, place: &str, addresses: &[String], shipment: &Shipment) -> Delivered {
        let timer = RunTimer::start();
        let left = || self.limit.checked_sub(Duration::from_secs_f64(timer.seconds())).filter(|left| !left.is_zero());
        let mut session = self.session(place, &left)?;
        let own = self.settings.size_limit.unwrap_or(SIZE_LIMIT);
        let limit = session.size_limit.map_or(own, |limit| limit.min(own));
        let Ready { id, bytes } = compose(place, &self.settings, addresses, shipment, limit)?;
        session.send(place, &self.settings.sender().map_err(Fault::Lasting)?.email, addresses, &bytes, &left)?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        Ok(Receipt { reference: Some(id), was_there: false })
    }

    /// A session that is not in use and still answers, or a new one.
    fn session(&self, place: &str, left: &dyn Fn() -> Option<Duration>) -> Delivered<Session> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut session) = idle else { break };
            if session.answers(left) {
                return Ok(session);
            }
        }
        let server = self.settings.parse_server().map_err(Fault::Lasting)?;
        if self.tls.get().is_none() {
            let made = tls_parameters(&server, self.settings.ca_file.as_deref()).map_err(Fault::Lasting)?;
            let _ = self.tls.set(made.map(TlsSettings));
        }
        let tls = self.tls.get().and_then(Option::as_ref).map(|tls| &tls.0);
        Session::open(place, &server, tls, &self.settings, left)
    }

    /// Finds out whether the settings are complete and fit together, without asking the server.
    ///
    /// # Errors
    /// A usage error that says which does not; a file of certificates that cannot be read.
    pub fn check(&self) -> Result<()> {
        self.settings.check()?;
        tls_parameters(&self.settings.parse_server()?, self.settings.ca_file.as_deref()).map(drop)
    }
}
