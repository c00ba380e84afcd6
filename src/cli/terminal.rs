//! Makes text safe for a terminal or a log: control characters shown, phone numbers masked.

use std::io::{self, Write};

use crate::domain::number;

/// `text` with control characters escaped, so that data cannot move the cursor or forge a line.
pub fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        let invisible =
            letter.is_control() || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if invisible { shown.extend(letter.escape_default()) } else { shown.push(letter) }
    }
    shown
}

/// A word of the data as [`plain`], without what may be more of a phone number than its last four digits.
pub fn masked(text: &str) -> String {
    plain(&number::mask(text))
}

/// Writes `text` to standard error; that it cannot be written is no reason to fail.
pub fn eprint(text: &str) {
    let mut out = io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
