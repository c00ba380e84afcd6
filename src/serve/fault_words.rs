//! What is wrong, in words for a page.

use crate::error::{Error, Place};

/// What is wrong, with the parameter that it is about.
pub fn words(error: &Error) -> String {
    match &error.place {
        Place::Option { key, .. } => format!("{key}: {}", error.what),
        Place::Nowhere => error.what.clone(),
        place => format!("{place}: {}", error.what),
    }
}

/// `text`, which begins with no name, with a capital letter and a full stop.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    stopped(&format!("{first}{}", letters.as_str()))
}

/// `text` with a full stop.
pub fn stopped(text: &str) -> String {
    let stop = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{text}{stop}")
}
