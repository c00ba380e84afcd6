//! SQL's LIKE: `%` stands for any text, `_` for one character.

use regex::{Regex, RegexBuilder};

/// The pattern of LIKE as one that the whole of a text has to match; `escape`, if there is one, takes the meaning from
/// the character behind it.
///
/// # Errors
/// A pattern that is too long, or ends in its escape.
///
/// ```
/// use portstatus::select::sql_like::like_pattern;
/// let pattern = like_pattern("Acme%", None).unwrap();
/// assert!(pattern.is_match("Acme, Inc."));
/// assert!(!pattern.is_match("The Acme"));
/// ```
pub fn like_pattern(pattern: &str, escape: Option<char>) -> Result<Regex, regex::Error> {
    let mut whole = r"\A".to_owned();
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            _ if Some(character) == escape => {
                let meant = rest.next().ok_or_else(|| regex::Error::Syntax("ends in its escape".to_owned()))?;
                whole.push_str(&regex::escape(meant.encode_utf8(&mut [0; 4])));
            }
            '%' => whole.push_str(".*"),
            '_' => whole.push('.'),
            _ => whole.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
        }
    }
    RegexBuilder::new(&(whole + r"\z")).dot_matches_new_line(true).build()
}
