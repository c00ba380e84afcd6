//! How mail is sent, and by which server.

use std::str::FromStr;

use lettre::message::Mailbox;

use crate::deliver::transport::secret::Secret;
use crate::deliver::transport::server::{is_loopback, without_login};
use crate::error::{Error, Result};

/// Bytes of the largest message, unless the settings or the server say another number.
pub const SIZE_LIMIT: u64 = 20 << 20;

/// How mail is sent.
#[derive(Clone, Default)]
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
    /// The largest message in bytes; files that would make it larger go as a ZIP archive, or as a link. With 0 it is always a link.
    pub size_limit: Option<u64>,
    /// Where the files can be fetched, in place of attachments; `{name}` is the name of the file.
    pub link: Option<String>,
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("MailSettings");
        shown.field("server", &without_login(&self.server)).field("user", &self.user).field("password", &self.password);
        shown.field("ca_file", &self.ca_file).field("from", &self.from).field("reply_to", &self.reply_to);
        shown.field("size_limit", &self.size_limit).field("link", &self.link).finish()
    }
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// TLS from the start.
    Tls,
    /// TLS after a word in the clear, and nothing more without it.
    StartTls,
    /// None.
    Plain,
}

/// The server of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is protected.
    pub protection: Protection,
}

impl MailSettings {
    /// The server.
    ///
    /// # Errors
    /// [`Error::usage`] when it is not written as it must be, or would be reached in the clear over a network.
    pub fn parse_server(&self) -> Result<Server> {
        let help = "write smtps://HOST:465 or smtp://HOST:587";
        // What stands in it is not repeated: there may be a password.
        let refuse = |what: &str, help: &str| Err(Error::usage("the server of mail", what, help));
        if self.server.is_empty() {
            return refuse("is not known", help);
        }
        let Some((scheme, rest)) = self.server.split_once("://") else { return refuse("has no scheme", help) };
        let (protection, port) = match scheme {
            "smtps" => (Protection::Tls, 465),
            "smtp" => (Protection::StartTls, 587),
            "smtp+plain" => (Protection::Plain, 25),
            _ => return refuse("has a scheme that is not supported", help),
        };
        if rest.contains('@') {
            return refuse("holds a login", "leave it out: user and password are settings of their own");
        }
        let rest = rest.trim_end_matches('/');
        let (host, named) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port.strip_prefix(':').unwrap_or("?"))),
            None => rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
        };
        let Some(port) = named.map_or(Some(port), |named| named.parse().ok().filter(|port| *port > 0)) else {
            return refuse("has a port that is not one", help);
        };
        let is_address = host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_ok();
        if host.is_empty()
            || !(is_address || host.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_')))
        {
            return refuse("does not name a host", help);
        }
        if protection == Protection::Plain && !is_loopback(host) {
            return refuse("would get the orders in the clear", "write smtps:// or smtp://, or name a server on this machine");
        }
        Ok(Server { host: host.to_owned(), port, protection })
    }

    /// Who it is from.
    ///
    /// # Errors
    /// [`Error::usage`] when it is not the address of a mailbox.
    pub fn sender(&self) -> Result<Mailbox> {
        mailbox(&self.from, "from")
    }

    /// Where answers go, if it is said.
    ///
    /// # Errors
    /// As for [`sender`](Self::sender).
    pub fn answers_to(&self) -> Result<Option<Mailbox>> {
        self.reply_to.as_deref().map(|text| mailbox(text, "reply_to")).transpose()
    }

    /// Finds out whether the settings are complete and fit together.
    ///
    /// # Errors
    /// [`Error::usage`] that says which does not.
    pub fn check(&self) -> Result<()> {
        self.parse_server()?;
        self.sender()?;
        self.answers_to()?;
        if self.user.is_some() != self.password.is_some() {
            return Err(Error::usage("the login of mail", "is only a part of one", "set user and password, both or neither"));
        }
        let is_link =
            |link: &str| link.starts_with("https://") && !link.chars().any(|letter| letter.is_control() || letter.is_whitespace());
        match self.link.as_deref() {
            Some(link) if !is_link(link) => {
                Err(Error::usage("the link in mail", "is not the URL of a web server", "write link as https://…/{name}"))
            }
            None if self.size_limit == Some(0) => {
                Err(Error::usage("size_limit", "is 0, which means a link, and there is none", "set link"))
            }
            _ => Ok(()),
        }
    }
}

fn mailbox(text: &str, setting: &str) -> Result<Mailbox> {
    let is_plain = !text.chars().any(char::is_control);
    Mailbox::from_str(text)
        .ok()
        .filter(|mailbox| is_plain && mailbox.email.to_string().is_ascii())
        .ok_or_else(|| Error::usage(setting, "is not the address of a mailbox", "write name@example.com, or Name <name@example.com>"))
}
