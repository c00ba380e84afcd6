//! The names by which a viewer may be asked: whoever asks by another is led astray, or leads others.

use std::net::SocketAddr;

use axum::http::header::{self, HeaderMap};

use crate::serve::spec::PublicUrl;

/// The names by which a viewer may be asked.
#[derive(Debug)]
pub struct OwnNames {
    scheme: &'static str,
    hosts: Vec<String>,
}

impl OwnNames {
    /// Those of a server of this machine alone that listens here, encrypted or not.
    pub fn local(listened: SocketAddr, is_encrypted: bool) -> Self {
        let names = ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{}", listened.port()));
        Self { scheme: scheme(is_encrypted), hosts: names.into_iter().chain([listened.to_string()]).collect() }
    }

    /// That of a server that others know by `url`.
    pub fn public(url: &PublicUrl) -> Self {
        Self { scheme: scheme(url.is_encrypted), hosts: vec![url.host.clone()] }
    }

    /// What addresses of this server begin with.
    pub const fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// Whether `headers` ask for this server by one of its names, and come from a page of it where they come from a page.
    pub fn are_meant(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let is_own = |name: &str| self.hosts.iter().any(|own| own.eq_ignore_ascii_case(name));
        let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
        is_own(host) && origin.is_none_or(|origin| origin.strip_prefix(self.scheme).is_some_and(is_own))
    }
}

const fn scheme(is_encrypted: bool) -> &'static str {
    if is_encrypted { "https://" } else { "http://" }
}
