//! What a reader should know of a run or a file, with the option that would change it.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize, Serializer};

use crate::error::Place;

/// What a reader should know. It reads as its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    text: String,
    /// The option that would change what it says, with its value.
    pub remedy: Option<Place>,
    /// Whether it quotes text of an input that no profile knows, so that nobody can say whose it is.
    pub is_quoting: bool,
}

impl Note {
    /// The same note with the option, and its value, that would change what it says.
    #[must_use]
    pub fn with_remedy(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.remedy = Some(Place::option_value(key, value));
        self
    }

    /// The same note, which quotes text of an input that no profile knows.
    #[must_use]
    pub fn quoting(mut self) -> Self {
        self.is_quoting = true;
        self
    }

    /// The same note with its words as `change` makes them.
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        let remedy = self.remedy.clone().map(|place| match place {
            Place::Option { key, value } => Place::Option { key, value: value.map(|value| change(&value)) },
            other => other,
        });
        Self { text: change(&self.text), remedy, is_quoting: self.is_quoting }
    }
}

impl<T: Into<String>> From<T> for Note {
    fn from(text: T) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl Deref for Note {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Note {
    /// `what to know (option value)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        self.remedy.iter().try_for_each(|option| write!(f, " ({option})"))
    }
}

/// Writes notes as texts, as manifests and results have them.
///
/// # Errors
/// Those of `serializer`.
pub fn as_texts<S: Serializer>(notes: &[Note], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(notes.iter().map(ToString::to_string))
}
