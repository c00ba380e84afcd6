//! A conversation with a mail server: greeting, login, and one message after another.

use std::cell::Cell;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailParameter};

use crate::deliver::transport::mail::progress::Progress;
use crate::deliver::transport::mail::settings::{MailSettings, Protection, Server};
use crate::deliver::transport::server::{find_cause, quoted};
use crate::deliver::transport::shipment::{Delivered, Fault};
use crate::error::{Error, Place, Result, system_words};

/// Bytes of a message that are sent at once.
const PIECE: usize = 64 << 10;

/// How long it is waited for a server to take leave.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long a conversation that was not in use may take to show that it is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// A conversation that has begun, and is logged in.
pub struct Session {
    connection: SmtpConnection,
    /// The largest message that the server takes, if it says so.
    pub size_limit: Option<u64>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("size_limit", &self.size_limit).finish_non_exhaustive()
    }
}

/// How much time is left; `None` when it is up.
type Left<'a> = &'a dyn Fn() -> Option<Duration>;

/// What is trusted about `server`: the system's certificates and those in the file; `None` where there is no TLS.
///
/// # Errors
/// A file that cannot be read or holds no certificate.
pub fn tls_parameters(server: &Server, ca_file: Option<&Path>) -> Result<Option<TlsParameters>> {
    if server.protection == Protection::Plain {
        return Ok(None);
    }
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(file) = ca_file {
        let unreadable = |why: String| Error::config(Place::path(file), why, "name a file of certificates in PEM");
        let bytes = std::fs::read(file).map_err(|error| unreadable(format!("cannot be read: {}", system_words(&error))))?;
        let is_certificate = bytes.windows(27).any(|piece| piece == b"-----BEGIN CERTIFICATE-----");
        let certificate = Certificate::from_pem(&bytes).ok().filter(|_| is_certificate);
        builder = builder.add_root_certificate(certificate.ok_or_else(|| unreadable("holds no certificate".to_owned()))?);
    }
    builder
        .build_rustls()
        .map(Some)
        .map_err(|error| Error::config("ca_file", format!("cannot be used: {error}"), "check the certificates in it"))
}

impl Session {
    /// Connects, protects the connection and logs in.
    ///
    /// # Errors
    /// Passing when the server is not reached or busy, lasting when it is not trusted or lets nobody in.
    pub fn open(place: &str, server: &Server, tls: Option<&TlsParameters>, settings: &MailSettings, left: Left<'_>) -> Delivered<Self> {
        let time = left().ok_or_else(|| late(place))?;
        let own_name = ClientId::default();
        let from_start = tls.filter(|_| server.protection == Protection::Tls);
        let what = "the mail server was not reached";
        let connected = SmtpConnection::connect((server.host.as_str(), server.port), Some(time), &own_name, from_start, None);
        let mut connection = connected.map_err(|error| fault_of(place, what, &error, true))?;
        if let Some(tls) = tls.filter(|_| server.protection == Protection::StartTls) {
            if !connection.can_starttls() {
                connection.abort();
                let what = "the mail server does not offer STARTTLS, and nothing is sent in the clear";
                return Err(Fault::Lasting(Error::unavailable(place, what, "write smtps:// if it speaks TLS from the start")));
            }
            allow(&mut connection, place, left)?;
            connection.starttls(tls, &own_name).map_err(|error| fault_of(place, "the connection cannot be protected", &error, true))?;
        }
        if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
            allow(&mut connection, place, left)?;
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).map_err(|error| {
                // What the server says of a login is not repeated: it may repeat the login itself.
                let fault = fault_of(place, "the mail server refused the login", &error, false);
                connection.abort();
                fault
            })?;
        }
        allow(&mut connection, place, left)?;
        let greeting = connection.command(Ehlo::new(own_name)).map_err(|error| fault_of(place, what, &error, true))?;
        let size_limit = greeting.message().find_map(|line| {
            let mut words = line.split_ascii_whitespace();
            words.next().filter(|word| word.eq_ignore_ascii_case("SIZE"))?;
            words.next()?.parse::<u64>().ok().filter(|size| *size > 0)
        });
        Ok(Self { connection, size_limit })
    }

    /// Whether the server still answers.
    pub fn answers(&mut self, left: Left<'_>) -> bool {
        left().is_some_and(|time| self.connection.set_timeout(Some(time.min(SIGN_OF_LIFE))).is_ok()) && self.connection.test_connected()
    }

    /// Sends a message from one address to others, unless it is given up before its end.
    ///
    /// # Errors
    /// [`Fault::Unknown`] once its end was sent and no answer came; what the server says of it otherwise.
    pub fn send(&mut self, place: &str, who: (&Address, &[String]), message: &[u8], waiting: (Left<'_>, &Progress)) -> Delivered<()> {
        let outcome = self.try_to_send(place, who, message, waiting);
        if outcome.is_err() {
            let _ = self.connection.set_timeout(Some(FAREWELL));
            self.connection.abort();
        }
        outcome
    }

    fn try_to_send(
        &mut self,
        place: &str,
        (from, to): (&Address, &[String]),
        message: &[u8],
        (left, progress): (Left<'_>, &Progress),
    ) -> Delivered<()> {
        let size = self.size_limit.map(|_| MailParameter::Size(message.len()));
        allow(&mut self.connection, place, left)?;
        let sender = self.connection.command(Mail::new(Some(from.clone()), size.into_iter().collect()));
        sender.map_err(|error| fault_of(place, "the mail server refused the sender or the size", &error, true))?;
        for address in to {
            allow(&mut self.connection, place, left)?;
            let parsed =
                Address::from_str(address).map_err(|error| Fault::Lasting(Error::usage(place, error.to_string(), "check the address")))?;
            let taken = self.connection.command(Rcpt::new(parsed, Vec::new()));
            taken.map_err(|error| {
                fault_of(place, &format!("the mail server refused {address}, and nobody got the message"), &error, true)
            })?;
        }
        allow(&mut self.connection, place, left)?;
        self.connection.command(Data).map_err(|error| fault_of(place, "the mail server refused the message", &error, true))?;
        allow(&mut self.connection, place, left)?;
        // Once the last piece was asked for and there is none, the end of the message is sent.
        let is_ended = Cell::new(false);
        let mut pieces = message.chunks(PIECE);
        let pieces = std::iter::from_fn(|| match pieces.next() {
            Some(piece) if !progress.is_given_up() => Some(piece),
            None if progress.may_end() => {
                is_ended.set(true);
                None
            }
            // Nobody waits any more. An end of the pieces would be that of the message; without one the server forgets it.
            _ => std::panic::resume_unwind(Box::new("the message was given up")),
        });
        let answer = self.connection.message_iter(pieces);
        answer.map(drop).map_err(|error| match error.status() {
            None if is_ended.get() => unanswered(place),
            _ => fault_of(place, "the mail server refused the message", &error, true),
        })
    }
}

/// Allows the next step of a conversation the time that is left.
fn allow(connection: &mut SmtpConnection, place: &str, left: Left<'_>) -> Delivered<()> {
    let time = left().ok_or_else(|| late(place))?;
    connection.set_timeout(Some(time)).map_err(|_| late(place))
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.connection.has_broken() && self.connection.set_timeout(Some(FAREWELL)).is_ok() {
            let _ = self.connection.quit();
        }
    }
}

/// The fault of a step in which `what` failed, before anything was accepted. What the server said is repeated if it `may_quote`.
fn fault_of(place: &str, what: &str, error: &SmtpError, may_quote: bool) -> Fault {
    if find_cause::<rustls::Error>(error).is_some() {
        let help = "name the file of its authority (ca_file), or check that the server speaks TLS as its scheme says";
        let why = find_cause::<rustls::Error>(error).map(system_words).unwrap_or_default();
        return Fault::Lasting(Error::unavailable(place, format!("{what}: {why}"), help));
    }
    let said = std::error::Error::source(error).map(ToString::to_string).filter(|_| may_quote).unwrap_or_default();
    let said = quoted(&system_words(&said));
    let code = error.status().map(|code| code.to_string());
    let told: Vec<String> = [code, Some(said).filter(|said| !said.is_empty())].into_iter().flatten().collect();
    let told = if told.is_empty() { what.to_owned() } else { format!("{what}: {}", told.join(" ")) };
    if error.is_transient() {
        Fault::Passing(Error::unavailable(place, told, "it may work later"))
    } else if error.is_permanent() {
        Fault::Lasting(Error::unavailable(place, told, "check the addresses, the login and what the server allows"))
    } else if error.is_client() {
        Fault::Lasting(Error::unavailable(place, told, "check the settings of mail"))
    } else {
        Fault::Passing(Error::unavailable(place, told, "check the network, the host and the port"))
    }
}

/// The fault of an attempt whose time is up before anything was accepted.
pub fn late(place: &str) -> Fault {
    Fault::Passing(Error::unavailable(place, "the mail server did not answer in time", "check the network, or allow more time"))
}

/// The fault of an attempt whose message was sent to its end, and nobody said what became of it.
pub fn unanswered(place: &str) -> Fault {
    let what = "the connection broke after the message had been sent and before the server said that it has it";
    Fault::Unknown(Error::unavailable(place, what, "ask whether it arrived before it is sent again"))
}
