//! What the ways over a network have in common: which hosts are this machine, and what is at the bottom of an error.

use std::error::Error as Cause;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::domain::number::mask_sentence;

/// Characters of what a server says that a message repeats.
const MAX_WORDS: usize = 200;

/// What a server said, fit for a message: short, on one line, without whole phone numbers.
pub fn quoted(said: &str) -> String {
    let line = said.replace(char::is_control, " ");
    mask_sentence(line.trim().trim_end_matches('.')).chars().take(MAX_WORDS).collect()
}

/// Whether `server`, a host and perhaps a port, is this machine.
pub fn is_loopback(server: &str) -> bool {
    let host = match server.strip_prefix('[').and_then(|server| server.split_once(']')) {
        Some((host, _)) => host,
        None if server.matches(':').count() == 1 => server.split(':').next().unwrap_or(server),
        None => server,
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

/// A URL without the login that may be in it.
pub fn without_login(url: &str) -> String {
    match url.split_once("//").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (login, rest))) => format!("{scheme}//{}@{rest}", login.split_once(':').map_or(login, |(user, _)| user)),
        None => url.to_owned(),
    }
}

/// The first cause of `error` that is a `T`, also where the system's kind of error is around it.
pub fn find_cause<'a, T: Cause + 'static>(error: &'a (dyn Cause + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref::<T>() {
            return Some(found);
        }
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner as &(dyn Cause + 'static)),
            None => cause.source(),
        };
    }
    None
}
