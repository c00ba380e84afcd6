//! Where a shipment goes, and how users write it: a path, `s3://…`, `sftp://…` or `mailto:…`.

use std::fmt;
use std::path::{Component, PathBuf};
use std::str::FromStr;

use lettre::Address;

use crate::deliver::transport::server::without_login;
use crate::domain::text::nearest;
use crate::error::{Error, Result};

/// The schemes of URLs that say where a shipment goes.
const SCHEMES: [&str; 3] = ["s3", "sftp", "mailto"];

/// Addresses of one mail at most; servers need not take more.
const MAX_ADDRESSES: usize = 100;

/// Where a shipment goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A prefix in a bucket of an object store.
    S3 {
        /// The bucket.
        bucket: String,
        /// What the names of the objects begin with, without a `/` at either end; may be empty.
        prefix: String,
    },
    /// A folder of an SFTP server.
    Sftp {
        /// The user; the one that the configuration of `ssh` says, if not given.
        user: Option<String>,
        /// The host.
        host: String,
        /// The port.
        port: Option<u16>,
        /// The folder there: from `/` on, or from `/~` on if it is below the home folder.
        folder: String,
    },
    /// Addresses of mail.
    Mail(Vec<String>),
}

impl Target {
    /// Reads a path, `s3://BUCKET/PREFIX`, `sftp://USER@HOST:PORT/FOLDER` (`/~/FOLDER` is below the home folder of the user
    /// there) or `mailto:ADDRESS,ADDRESS`. Nothing in it is decoded, and a path that begins with `~` is refused, since only
    /// shells know whose home is meant.
    ///
    /// # Errors
    /// [`Error::usage`] for another scheme, a password, `..`, and whatever cannot be a name of what it is to name.
    pub fn parse(text: &str) -> Result<Self> {
        if text.chars().any(char::is_control) {
            return Err(refuse(text, "holds a control character", "write the place on one line"));
        }
        if text.trim() != text || text.is_empty() {
            return Err(refuse(text, "is empty, or begins or ends with a blank", "name a folder, s3://…, sftp://… or mailto:…"));
        }
        let scheme = text.split_once(':').filter(|(scheme, rest)| is_scheme(scheme) && (rest.starts_with("//") || is_known(scheme)));
        let Some((scheme, rest)) = scheme else { return folder(text) };
        let rest_of_url = rest.strip_prefix("//");
        match (scheme.to_ascii_lowercase().as_str(), rest_of_url) {
            ("mailto", None) => addresses(text, rest),
            ("mailto", Some(_)) => Err(refuse(text, "has // before the address", "write mailto:name@example.com")),
            ("s3", Some(rest)) => bucket(text, rest),
            ("sftp", Some(rest)) => server(text, rest),
            ("s3" | "sftp", None) => Err(refuse(text, "lacks // after the scheme", format!("write {scheme}://"))),
            ("file", _) => Err(refuse(text, "is the URL of a folder", "write its path alone")),
            (other, _) => {
                let known = nearest(other, SCHEMES);
                let known =
                    known.map_or_else(|| "write a path, s3://…, sftp://… or mailto:…".to_owned(), |known| format!("did you mean {known}?"));
                Err(refuse(text, "has a scheme that is not supported", known))
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            Self::Sftp { user, host, port, folder } => {
                f.write_str("sftp://")?;
                user.iter().try_for_each(|user| write!(f, "{user}@"))?;
                if host.contains(':') {
                    write!(f, "[{host}]")?
                } else {
                    f.write_str(host)?
                }
                port.iter().try_for_each(|port| write!(f, ":{port}"))?;
                f.write_str(folder)
            }
            Self::Mail(addresses) => write!(f, "mailto:{}", addresses.join(",")),
        }
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '.' | '-'))
}

fn is_known(scheme: &str) -> bool {
    SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme))
}

/// An error about the place `text`, without the password that may be in it.
fn refuse(text: &str, what: &str, help: impl Into<String>) -> Error {
    let shown: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    Error::usage(format!("'{}'", without_login(&shown)), what, help)
}

fn folder(text: &str) -> Result<Target> {
    let path = PathBuf::from(text);
    if text.starts_with('~') {
        let help = "write the whole path, or ./~… for a folder that is called so";
        return Err(refuse(text, "begins with ~, which is not known to be your home folder here", help));
    }
    if path.components().any(|part| part == Component::ParentDir) {
        return Err(refuse(text, "holds '..'", "write the whole path"));
    }
    Ok(Target::Folder(path))
}

fn bucket(text: &str, rest: &str) -> Result<Target> {
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.contains(['@', ':']) {
        return Err(refuse(
            text,
            "holds a login or a port",
            "keys and the URL of the store are settings of their own; write s3://BUCKET/PREFIX",
        ));
    }
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    if !(3..=255).contains(&bucket.len()) || !bucket.chars().all(is_letter) || bucket.starts_with(['.', '-']) || bucket.contains("..") {
        return Err(refuse(text, "does not name a bucket", "write s3://BUCKET/PREFIX"));
    }
    let prefix = prefix.trim_matches('/');
    if !prefix.is_empty() && prefix.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        return Err(refuse(text, "has a prefix with an empty part, '.' or '..'", "write the prefix as the store is to have it"));
    }
    Ok(Target::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
}

fn server(text: &str, rest: &str) -> Result<Target> {
    let Some((server, folder)) = rest.split_once('/') else {
        return Err(refuse(
            text,
            "does not name a folder",
            "write sftp://HOST/FOLDER, or sftp://HOST/~/FOLDER for one below the home folder",
        ));
    };
    let (user, server) = server.rsplit_once('@').map_or((None, server), |(user, server)| (Some(user), server));
    if user.is_some_and(|user| user.contains(':')) {
        return Err(refuse(text, "holds a password", "leave it out and log in with a key: its file is a setting of its own"));
    }
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | '+' | '@');
    if user.is_some_and(|user| user.is_empty() || user.starts_with('-') || !user.chars().all(is_name)) {
        return Err(refuse(text, "has a user name that is not plain", "use letters, digits, '.', '-', '_', '+' and '@'"));
    }
    let (host, port) = match server.strip_prefix('[').and_then(|server| server.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':').unwrap_or("?"))),
        None => server.split_once(':').map_or((server, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map(|port| {
        port.parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or_else(|| refuse(text, "has a port that is not one", "write a number from 1 to 65535"))
    });
    let is_host = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let is_address = host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_ok();
    if host.is_empty() || host.starts_with('-') || !(is_address || host.chars().all(is_host)) {
        return Err(refuse(text, "does not name a host", "write sftp://HOST/FOLDER"));
    }
    let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if parts.iter().any(|part| *part == ".." || *part == ".") {
        return Err(refuse(text, "has a folder with '.' or '..'", "write the whole path"));
    }
    if parts.first().is_some_and(|part| part.len() > 1 && part.starts_with('~')) {
        return Err(refuse(text, "names the home folder of another user", "write the whole path"));
    }
    let folder = format!("/{}", parts.join("/"));
    Ok(Target::Sftp { user: user.map(str::to_owned), host: host.to_owned(), port: port.transpose()?, folder })
}

/// Whether `address` is that of a mailbox and nothing more: ASCII, and without what ends an address in a link or a list.
pub fn is_mailbox(address: &str) -> bool {
    let is_plain = address.is_ascii() && !address.contains(['<', '>', '"', ' ', ';', '?', '%']);
    is_plain && Address::from_str(address).is_ok()
}

fn addresses(text: &str, rest: &str) -> Result<Target> {
    let mut addresses: Vec<String> = Vec::new();
    for address in rest.split(',').map(str::trim) {
        if !is_mailbox(address) {
            let what = format!("'{address}' is not the address of a mailbox");
            return Err(refuse(
                text,
                &what,
                "write mailto:name@example.com,other@example.com; ASCII only, and nothing after the addresses",
            ));
        }
        if !addresses.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            addresses.push(address.to_owned());
        }
    }
    if addresses.len() > MAX_ADDRESSES {
        return Err(refuse(text, &format!("has more than {MAX_ADDRESSES} addresses"), "write to a list, or to fewer"));
    }
    Ok(Target::Mail(addresses))
}
