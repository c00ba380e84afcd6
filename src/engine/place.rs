//! Where an engine listens, and the token that it lets us in by.

use std::fmt;
use std::net::IpAddr;

use crate::error::{Error, Place, Result};

/// The port where none is given.
const DEFAULT_PORT: u16 = 15002;
/// The variable that holds the token.
pub const TOKEN_VARIABLE: &str = "PORTSTATUS_ENGINE_TOKEN";
/// What a parameter that holds a secret has in its name.
const SECRET_WORDS: [&str; 5] = ["token", "password", "secret", "key", "auth"];

/// Where an engine listens: `sc://host:port/;use_ssl=true;user_id=…;session_id=…;x-header=…`, as Spark's own clients write it. It
/// holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnginePlace {
    host: String,
    port: u16,
    /// Whether connections are encrypted, and the engine's certificate checked.
    pub(in crate::engine) is_encrypted: bool,
    /// Whose the session is.
    pub(in crate::engine) user_id: String,
    /// The session to go on with; one of its own, if none is given.
    pub(in crate::engine) session_id: Option<String>,
    /// Headers of every call, their names in lower case.
    pub(in crate::engine) headers: Vec<(String, String)>,
}

impl EnginePlace {
    /// Reads the address of an engine. The port is 15002 where none is given.
    ///
    /// # Errors
    /// [`Error::usage`] that says what is wrong without repeating any of it, since a secret may stand anywhere in it; also for one
    /// that does hold a secret.
    pub fn parse(text: &str) -> Result<Self> {
        let rest = text.trim().strip_prefix("sc://").ok_or_else(|| wrong("does not begin with sc://"))?;
        if rest.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
            return Err(wrong("has a blank or a control character in it"));
        }
        let (authority, parameters) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = host_and_port(authority)?;
        let mut place = Self { host, port, is_encrypted: false, user_id: "portstatus".to_owned(), session_id: None, headers: Vec::new() };
        let parameters = match parameters.strip_prefix(';') {
            Some(parameters) => parameters,
            None if parameters.is_empty() => "",
            None => return Err(wrong("has a path; parameters stand behind /;")),
        };
        for parameter in parameters.split(';').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').ok_or_else(|| wrong("has a parameter without ="))?;
            place.set(&name.to_ascii_lowercase(), value)?;
        }
        Ok(place)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let value = decoded(value)?;
        match name {
            _ if SECRET_WORDS.iter().any(|word| name.contains(word)) => {
                let what = "the address of the engine holds a secret, which others on this machine can read in a command";
                return Err(Error::usage(Place::option("engine"), what, format!("take it out and set {TOKEN_VARIABLE} instead")));
            }
            "use_ssl" => {
                self.is_encrypted = match value.to_ascii_lowercase().as_str() {
                    "true" => true,
                    "false" => false,
                    _ => return Err(wrong("has a use_ssl that is not true or false")),
                }
            }
            "user_id" if !value.is_empty() => self.user_id = value,
            "session_id" if is_uuid(&value) => self.session_id = Some(value.to_ascii_lowercase()),
            "session_id" => return Err(wrong("has a session_id that is not a UUID")),
            _ if name.starts_with("x-") && is_header(name, &value) => self.headers.push((name.to_owned(), value)),
            _ => return Err(wrong("has a parameter that is not use_ssl, user_id, session_id or a header x-…")),
        }
        Ok(())
    }

    /// The address for a library of HTTP.
    pub(in crate::engine) fn url(&self) -> String {
        format!("{}://{}:{}", if self.is_encrypted { "https" } else { "http" }, self.bracketed_host(), self.port)
    }

    /// Whether what is sent there can be read by nobody else, because it is encrypted or does not leave this machine.
    pub(in crate::engine) fn is_private(&self) -> bool {
        let is_here = self.host.eq_ignore_ascii_case("localhost") || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        self.is_encrypted || is_here
    }

    fn bracketed_host(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }
}

impl fmt::Display for EnginePlace {
    /// `sc://host:port`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sc://{}:{}", self.bracketed_host(), self.port)
    }
}

/// The token that an engine lets us in by; it is shown nowhere.
#[derive(Clone)]
pub struct EngineToken(String);

impl EngineToken {
    /// The token `text`.
    ///
    /// # Errors
    /// [`Error::config`] for one with a blank or a letter that no header may hold, which is not repeated.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            let place = Place::Variable { name: TOKEN_VARIABLE.to_owned() };
            return Err(
                Error::usage(Place::Nowhere, "the token is not one word of plain letters", "set it to the token alone").in_config(place)
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// The token in the variable `PORTSTATUS_ENGINE_TOKEN`, if it is set.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_environment() -> Result<Option<Self>> {
        let text = std::env::var_os(TOKEN_VARIABLE).filter(|text| !text.is_empty());
        text.map(|text| Self::new(text.to_str().unwrap_or_default())).transpose()
    }

    /// The token, for whoever sends it.
    pub(in crate::engine) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EngineToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

fn host_and_port(authority: &str) -> Result<(String, u16)> {
    if authority.contains('@') {
        return Err(wrong("has a user, for whom there is user_id, or a letter that no host has"));
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').ok_or_else(|| wrong("has text behind the ] of its host"))?)),
        None => authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let is_address = host.parse::<IpAddr>().is_ok();
    let is_name = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if !is_address && !is_name {
        return Err(wrong("has no host, or one that is not a name or an address"));
    }
    let port = match port {
        None => DEFAULT_PORT,
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or_else(|| wrong("has a port that is not a number from 1 to 65535"))?,
    };
    Ok((host.to_owned(), port))
}

/// Whether `text` is a UUID as the wire has it: `00112233-4455-6677-8899-aabbccddeeff`.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_header(name: &str, value: &str) -> bool {
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && !name.ends_with("-bin");
    is_name && !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The value of a parameter with its `%XX` undone.
fn decoded(text: &str) -> Result<String> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let split = piece.split_at_checked(2);
        let byte = split.and_then(|(digits, rest)| Some((hex::decode(digits).ok()?, rest)));
        let (byte, rest) = byte.ok_or_else(|| wrong("has a % that is not followed by two hexadecimal digits"))?;
        bytes.extend(byte);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| wrong("has a parameter that is not text"))
}

fn wrong(what: &str) -> Error {
    let help = "write sc://host:port, with /;use_ssl=true behind it for an encrypted connection";
    Error::usage(Place::option("engine"), format!("the address of the engine {what}"), help)
}
