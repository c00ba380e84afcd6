//! Makes text of an input fit for a message, a terminal and a log: no control character survives, nor a whole phone number where it is not a file's name.

use crate::domain::note::Note;
use crate::domain::number::{mask, mask_sentence};

/// The longest piece of foreign text in a message, in characters.
const LONGEST: usize = 60;

/// A sentence about the workbook, perhaps with words of it, without whole phone numbers and control characters.
pub fn redacted(text: &str) -> String {
    mask_sentence(&printable(text))
}

/// Headers for a message, each redacted and short, the empty ones left out.
pub fn listed<'a>(headers: impl IntoIterator<Item = &'a String>) -> String {
    let shown: Vec<String> = headers.into_iter().filter(|header| !header.trim().is_empty()).map(|header| brief(header)).collect();
    shown.join(", ")
}

/// A name for a message: without a phone number, and short.
pub fn brief(text: &str) -> String {
    let text = mask(&printable(text.trim()));
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A text without control characters.
pub fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter }).collect()
}

/// A note of the reader of `place`. Names of headers and sheets that it quotes are not known to any profile.
pub fn note_of_reader(place: &str, note: &str) -> Note {
    let is_quoting = note.contains('\'') || note.contains("sheet");
    let note = Note::from(format!("{place}: {note}"));
    if is_quoting { note.quoting() } else { note }
}
