//! SQL's LIKE: `%` stands for any text, `_` for one character.

use regex::{Regex, RegexBuilder};

/// The pattern of LIKE as one that the whole of a text has to match; `escape`, if there is one, takes the meaning from
/// the character behind it.
///
/// # Errors
/// A pattern that is too long.
///
/// ```
/// use portstatus::select::sql_like::like_pattern;
/// let pattern = like_pattern("Acme%", None, true).unwrap();
/// assert!(pattern.is_match("ACME, Inc."));
/// assert!(!pattern.is_match("The Acme"));
/// ```
pub fn like_pattern(pattern: &str, escape: Option<char>, ignores_case: bool) -> Result<Regex, regex::Error> {
    let mut whole = r"\A".to_owned();
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            _ if Some(character) == escape => whole.push_str(&regex::escape(rest.next().unwrap_or(character).encode_utf8(&mut [0; 4]))),
            '%' => whole.push_str(".*"),
            '_' => whole.push('.'),
            _ => whole.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
        }
    }
    RegexBuilder::new(&(whole + r"\z")).case_insensitive(ignores_case).dot_matches_new_line(true).build()
}
