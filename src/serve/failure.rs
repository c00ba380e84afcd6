//! What kept the inputs from being read, in the words in which the command line says it.

use crate::error::{Error, ErrorKind, Place};
use crate::serve::fault_words::{sentence, stopped};

/// What kept the inputs from being read.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Where it was and what it was.
    pub what: String,
    /// What to do, options spelled as the command line takes them; may be empty.
    pub help: String,
    /// What kind of error it was.
    pub kind: ErrorKind,
    is_somewhere: bool,
}

impl Failure {
    /// `error` in these words: what, with the place; and what to do.
    pub fn new(error: &Error, (what, help): (String, String)) -> Self {
        Self { what, help, kind: error.kind, is_somewhere: error.place != Place::Nowhere }
    }

    /// The same without what it was, for those who may not see every row.
    pub fn in_general(&self) -> Self {
        let what = "the inputs cannot be read just now".to_owned();
        Self { what, help: "try again later".to_owned(), kind: ErrorKind::TryLater, is_somewhere: false }
    }

    /// What it was and what to do, as sentences: what begins with the name of a file begins as that does.
    pub fn sentences(&self) -> [String; 2] {
        let what = if self.is_somewhere { stopped(&self.what) } else { sentence(&self.what) };
        [what, if self.help.is_empty() { String::new() } else { sentence(&self.help) }]
    }
}
