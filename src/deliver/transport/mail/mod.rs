//! Sends shipments by mail, each at most once: where nobody can know whether the server took a message, that is what is said.

pub mod message;
mod progress;
mod session;
pub mod settings;

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::client::TlsParameters;

use crate::clock::RunTimer;
use crate::deliver::transport::mail::message::{Ready, compose};
use crate::deliver::transport::mail::progress::Progress;
use crate::deliver::transport::mail::session::{Session, late, tls_parameters, unanswered};
use crate::deliver::transport::mail::settings::{MailSettings, SIZE_LIMIT, Server};
use crate::deliver::transport::shipment::{Delivered, Fault, Receipt, Shipment};
use crate::error::{Error, Result, system_words};

/// The mail server that a run delivers by; connections are kept and used again.
#[derive(Debug)]
pub struct Mailer {
    settings: MailSettings,
    limit: Duration,
    tls: OnceLock<Option<TlsSettings>>,
    idle: Arc<Mutex<Vec<Session>>>,
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
        Self { settings, limit, tls: OnceLock::new(), idle: Arc::default() }
    }

    /// Sends `shipment` as one message to all `addresses`. `place` is what messages of this program call the target. All of it, from the
    /// first step to the last, takes no longer than one attempt may, whatever the server does.
    ///
    /// # Errors
    /// [`Fault::Unknown`] when the connection broke or the time was up after the end of the message had been sent and before the
    /// server's answer; before that what may pass is passing, and what the server refused for good lasting.
    pub fn deliver(&self, place: &str, addresses: &[String], shipment: &Shipment) -> Delivered {
        let server = self.settings.parse_server().map_err(Fault::Lasting)?;
        let tls = self.trusted(&server).map_err(Fault::Lasting)?;
        let progress = Arc::new(Progress::default());
        let attempt = Attempt {
            place: place.to_owned(),
            settings: self.settings.clone(),
            server,
            tls,
            addresses: addresses.to_vec(),
            shipment: shipment.clone(),
            limit: self.limit,
            idle: Arc::clone(&self.idle),
            progress: Arc::clone(&progress),
        };
        // On a thread of its own, which is left to itself when the time is up: a server that says a little now and then keeps
        // every single step within its time.
        let (told, answer) = channel();
        let started = std::thread::Builder::new().name("mail".to_owned()).spawn(move || drop(told.send(attempt.run())));
        started.map_err(|error| {
            let what = format!("no thread can be started: {}", system_words(&error));
            Fault::Passing(Error::unavailable(place, what, "it may work later"))
        })?;
        match answer.recv_timeout(self.limit) {
            Ok(outcome) => outcome,
            Err(_) if progress.give_up() => Err(late(place)),
            Err(_) => answer.try_recv().unwrap_or_else(|_| Err(unanswered(place))),
        }
    }

    /// What is trusted about the server, which is read once.
    fn trusted(&self, server: &Server) -> Result<Option<TlsParameters>> {
        if self.tls.get().is_none() {
            let made = tls_parameters(server, self.settings.ca_file.as_deref())?;
            let _ = self.tls.set(made.map(TlsSettings));
        }
        Ok(self.tls.get().and_then(Option::as_ref).map(|tls| tls.0.clone()))
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

/// One attempt to send a message, and all that it needs.
struct Attempt {
    place: String,
    settings: MailSettings,
    server: Server,
    tls: Option<TlsParameters>,
    addresses: Vec<String>,
    shipment: Shipment,
    limit: Duration,
    idle: Arc<Mutex<Vec<Session>>>,
    progress: Arc<Progress>,
}

impl Attempt {
    fn run(self) -> Delivered {
        let timer = RunTimer::start();
        let left = || self.limit.checked_sub(Duration::from_secs_f64(timer.seconds())).filter(|left| !left.is_zero());
        let mut session = self.session(&left)?;
        let own = self.settings.size_limit.unwrap_or(SIZE_LIMIT);
        let limit = session.size_limit.map_or(own, |limit| limit.min(own));
        let Ready { id, bytes } = compose(&self.place, &self.settings, &self.addresses, &self.shipment, limit)?;
        let sender = self.settings.sender().map_err(Fault::Lasting)?.email;
        session.send(&self.place, (&sender, &self.addresses), &bytes, (&left, &self.progress))?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        Ok(Receipt { reference: Some(id), was_there: false })
    }

    /// A session that is not in use and still answers, or a new one.
    fn session(&self, left: &dyn Fn() -> Option<Duration>) -> Delivered<Session> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut session) = idle else { break };
            if session.answers(left) {
                return Ok(session);
            }
        }
        Session::open(&self.place, &self.server, self.tls.as_ref(), &self.settings, left)
    }
}
