//! Fetches JSON from a provider of OpenID Connect, within limits of time and size, and follows it nowhere else.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use url::{Host, Url};

use crate::error::{Error, Result};

/// How long a provider has for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const MOST_BYTES: usize = 1 << 20;
/// What to do where a provider does not answer as it should.
const HELP: &str = "check its address, and that this machine reaches and trusts it";

/// A client for providers.
///
/// # Errors
/// [`Error::system`] where the system gives no certificates.
pub fn client() -> Result<Client> {
    let client = Client::builder().redirect(Policy::none()).timeout(PATIENCE).build();
    client
        .map_err(|error| Error::system("", format!("no connection can be made: {}", words(&error)), "check the certificates of the system"))
}

/// The JSON that the provider at `address` answers to `request` with.
///
/// # Errors
/// [`Error::unavailable`] when it does not answer in time, with another status, with too much, or with what is no JSON.
pub async fn json(request: RequestBuilder, address: &Url) -> Result<Value> {
    let unavailable = |what: String| Error::unavailable(address.as_str(), what, HELP);
    let mut response = request.send().await.map_err(|error| unavailable(words(&error)))?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unavailable(words(&error)))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST_BYTES {
            return Err(unavailable("answers with more than such an answer has".to_owned()));
        }
    }
    if !response.status().is_success() {
        return Err(unavailable(format!("answers with status {}", response.status().as_u16())));
    }
    serde_json::from_slice(&bytes).map_err(|_| unavailable("answers with what is not JSON".to_owned()))
}

/// Whether what is sent to `address` can be read by nobody on the way: it is encrypted, or does not leave this machine.
pub fn is_safe(address: &Url) -> bool {
    let is_here = match address.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    address.scheme() == "https" || (address.scheme() == "http" && is_here)
}

/// What a library says went wrong, with what caused it and without the address.
fn words(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.last().map_or_else(|| "does not answer".to_owned(), |cause| format!("does not answer: {}", cause.to_string().to_lowercase()))
}
