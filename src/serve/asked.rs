//! What requests ask for, as their addresses say it.

use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;

use crate::domain::number::meant;
use crate::error::{Error, Place, Result};
use crate::serve::fault;
use crate::serve::person::Person;
use crate::serve::view::View;

/// Bytes of an address that is gone back to.
const LONGEST_BACK: usize = 2_000;

/// The parameters of an address.
pub type Pairs = Query<Vec<(String, String)>>;

/// What an address asks for, without the token.
///
/// # Errors
/// As [`View::parse`].
pub fn view_of(pairs: &[(String, String)]) -> Result<View> {
    let pairs: Vec<_> = pairs.iter().filter(|(key, _)| key != "token").cloned().collect();
    View::parse(&pairs)
}

/// `back` if it is a page of this server and not too long to be kept, else its first page.
pub fn own_page(back: Option<&str>) -> &str {
    let is_own = |back: &&str| back.starts_with('/') && !back.starts_with("//") && !back.contains('\\');
    back.filter(|back| back.len() <= LONGEST_BACK && is_own(back) && back.bytes().all(|byte| byte.is_ascii_graphic())).unwrap_or("/")
}

/// Does `work`, which keeps a core busy, where it keeps nobody waiting.
///
/// # Errors
/// Those of the work.
pub async fn busy<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::internal("serve", error))?
}

/// The number that `text` means, in E.164.
///
/// # Errors
/// [`Error::usage`] for what is no number.
pub fn e164(text: &str) -> Result<String> {
    let not_one = |_| Error::usage(Place::Nowhere, "that is not a phone number", "write its digits");
    meant(text).map(|number| number.as_str().to_owned()).map_err(not_one)
}

impl<S: Sync> FromRequestParts<S> for Person {
    type Rejection = Response;

    /// The person whom the check of access let in. Without one there is no answer.
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> std::result::Result<Self, Response> {
        let nobody = || fault::refusal(StatusCode::UNAUTHORIZED, "Nobody is signed in.", "", true);
        parts.extensions.get::<Self>().cloned().ok_or_else(nobody)
    }
}
