//! Secrets of a run: made by chance, given to a browser as cookies, and compared in a time that tells nothing.

use axum::http::header::{self, HeaderMap};
use rand::RngCore;

/// Bytes of a secret.
const SECRET: usize = 32;

/// The secrets by which a run that only its own machine can reach tells its reader.
pub struct Keys {
    token: String,
    cookie: String,
    is_encrypted: bool,
}

/// The name of the cookie.
const COOKIE: &str = "portstatus";

impl Keys {
    /// New secrets; the cookie is for encrypted connections alone if those are.
    pub fn new(is_encrypted: bool) -> Self {
        Self { token: secret(), cookie: secret(), is_encrypted }
    }

    /// What the printed address carries.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// What gives a browser the cookie.
    pub fn cookie_to_set(&self) -> String {
        let secure = if self.is_encrypted { "; Secure" } else { "" };
        format!("{COOKIE}={}{secure}; HttpOnly; SameSite=Strict; Path=/", self.cookie)
    }

    /// Whether a cookie of `headers` is the one that was given.
    pub fn has_cookie(&self, headers: &HeaderMap) -> bool {
        cookies(headers, COOKIE).any(|value| is_same(value, &self.cookie))
    }

    /// Whether `query`, what follows the `?` of an address, carries the token.
    pub fn has_token(&self, query: &str) -> bool {
        form_urlencoded::parse(query.as_bytes()).any(|(key, value)| key == "token" && is_same(&value, &self.token))
    }
}

/// The cookies of `headers` that are called `name`.
pub fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let cookies = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.filter(move |(own, _)| *own == name).map(|(_, value)| value)
}

/// Compares secrets in a time that does not tell where they differ.
pub fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// A new secret, in hexadecimal digits.
pub fn secret() -> String {
    let mut bytes = [0; SECRET];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}
