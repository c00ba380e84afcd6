//! Keeps a spreadsheet from running text as a formula: decides which cells need an apostrophe.

use std::borrow::Cow;

use crate::domain::columns::ColumnType;

/// How text that a spreadsheet would run as a formula is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Guard {
    /// Prefixed with an apostrophe.
    #[default]
    Apostrophe,
    /// As it is.
    Raw,
}

impl Guard {
    /// Whether `text`, in a column of `kind`, is written with an apostrophe before it.
    pub fn marks(self, text: &str, kind: ColumnType) -> bool {
        self == Self::Apostrophe && starts_like_formula(text) && !(kind == ColumnType::Phone && is_strict_e164(text))
    }

    /// `text` as it is to be written in a column of `kind`; borrowed when nothing has to change.
    pub fn apply(self, text: &str, kind: ColumnType) -> Cow<'_, str> {
        if self.marks(text, kind) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
    }
}

/// Whether a spreadsheet may take `text` for a formula: it begins, after any spaces, NULs and byte order
/// marks, with `=`, `+`, `-`, `@`, a tab, a carriage return, a line feed, or a full-width `＝`, `＋`, `－`, `＠`.
fn starts_like_formula(text: &str) -> bool {
    // Nearly every cell begins with a letter or a digit: one look decides.
    if text.as_bytes().first().is_none_or(u8::is_ascii_alphanumeric) {
        return false;
    }
    text.trim_start_matches([' ', '\0', '\u{feff}'])
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

/// `text`, a phone number in strict E.164, as a formula that gives it as text; `None` for other text and in columns of another kind.
pub fn as_formula(text: &str, kind: ColumnType) -> Option<String> {
    (kind == ColumnType::Phone && is_strict_e164(text)).then(|| format!("=\"{text}\""))
}

/// Whether `text` is exactly `+`, a digit from 1 to 9, and 6 to 14 more digits.
fn is_strict_e164(text: &str) -> bool {
    let [b'+', b'1'..=b'9', rest @ ..] = text.as_bytes() else {
        return false;
    };
    (6..=14).contains(&rest.len()) && rest.iter().all(u8::is_ascii_digit)
}
