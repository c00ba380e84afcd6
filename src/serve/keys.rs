//! The secrets of a run, and the names by which it may be asked.

use axum::http::header::{self, HeaderMap};
use rand::RngCore;

/// The name of the cookie.
const COOKIE: &str = "portstatus";
/// Bytes of a secret.
const SECRET: usize = 32;

/// The secrets of a run, and the names by which it may be asked.
pub struct Keys {
    token: String,
    cookie: String,
    hosts: [String; 3],
}

impl Keys {
    /// New secrets for a server on `port` of this machine.
    pub fn new(port: u16) -> Self {
        let hosts = ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}"));
        Self { token: secret(), cookie: secret(), hosts }
    }

    /// What the printed address carries.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// What gives a browser the cookie.
    pub fn cookie_to_set(&self) -> String {
        format!("{COOKIE}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie)
    }

    /// Whether `headers` ask for this server by one of its names, and come from a page of it where they come from a page.
    pub fn is_for_us(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let is_own = |name: &str| self.hosts.iter().any(|own| own.eq_ignore_ascii_case(name));
        let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
        is_own(host) && origin.is_none_or(|origin| origin.strip_prefix("http://").is_some_and(is_own))
    }

    /// Whether a cookie of `headers` is the one that was given.
    pub fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
        let own = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
        own.filter(|(name, _)| *name == COOKIE).any(|(_, value)| is_same(value, &self.cookie))
    }

    /// Whether `query`, what follows the `?` of an address, carries the token.
    pub fn has_token(&self, query: &str) -> bool {
        form_urlencoded::parse(query.as_bytes()).any(|(key, value)| key == "token" && is_same(&value, &self.token))
    }
}

/// Compares secrets in a time that does not tell where they differ.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

fn secret() -> String {
    let mut bytes = [0; SECRET];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}
