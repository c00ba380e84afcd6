//! What requests ask for, as their addresses say it.

use axum::extract::Query;

use crate::domain::number::meant;
use crate::error::{Error, Place, Result};
use crate::serve::view::View;

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
