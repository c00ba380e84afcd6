//! Files of JSON objects, one a line.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Place, Result};

/// The lines of `items`.
///
/// # Errors
/// [`Error::internal`] when one cannot be written as JSON.
pub fn text<'a, T: Serialize + 'a>(items: impl IntoIterator<Item = &'a T>) -> Result<String> {
    let line = |item: &T| serde_json::to_string(item).map(|line| line + "\n").map_err(|error| Error::internal("lines", error));
    items.into_iter().map(line).collect()
}

/// The items whose lines are `text`, which stands at `place`; `again` says what to do about damage.
///
/// # Errors
/// [`Error::data`] for a line that is none.
pub fn items<T: DeserializeOwned>(text: &[u8], place: &Place, again: &str) -> Result<Vec<T>> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let item = |line| serde_json::from_slice(line).map_err(|error| Error::data(place.clone(), "is damaged", again).with_cause(error));
    lines.map(item).collect()
}
