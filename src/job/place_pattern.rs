//! Places and names with `{recipient}` and other words in them that stand for something, and the kinds of places.

use crate::domain::text::suggestion;

/// What may stand in braces in a place.
pub const PLACE_WORDS: [&str; 6] = ["recipient", "value", "date", "job", "run", "place"];

/// What may stand in braces in the name of a file.
pub const NAME_WORDS: [&str; 7] = ["recipient", "value", "date", "format", "ext", "job", "run"];

/// The word that the table of recipients fills.
pub const PLACE: &str = "place";

/// A kind of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// A folder of this machine.
    Folder,
    /// A bucket of an object store.
    S3,
    /// A folder of an SFTP server.
    Sftp,
    /// Addresses of mail.
    Mail,
}

impl Scheme {
    /// The kind of `place`.
    ///
    /// # Errors
    /// What is wrong with it, and what to write.
    pub fn of(place: &str) -> Result<Self, (String, String)> {
        if let Some(addresses) = place.strip_prefix("mailto:") {
            let is_address = |text: &str| {
                let sides = text.trim().split_once('@');
                text.contains('{') || sides.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
            };
            return match addresses.split(',').find(|text| !is_address(text)) {
                None => Ok(Self::Mail),
                Some(text) => {
                    Err((format!("'{}' is not an address", text.trim()), "write mailto:name@host, several with commas".to_owned()))
                }
            };
        }
        match place.split_once("://") {
            Some((scheme @ ("s3" | "sftp"), rest)) => {
                let host = rest.split('/').next().unwrap_or_default();
                match (scheme, host) {
                    ("s3", "") => Err(("names no bucket".to_owned(), "write s3://BUCKET/PREFIX".to_owned())),
                    ("sftp", "") => Err(("names no host".to_owned(), "write sftp://USER@HOST/FOLDER".to_owned())),
                    ("s3", _) => Ok(Self::S3),
                    _ => Ok(Self::Sftp),
                }
            }
            Some((scheme, _)) => {
                let help = match scheme {
                    "file" => "write a folder by its path".to_owned(),
                    "mailto" => "write mailto:name@host".to_owned(),
                    _ => suggestion(scheme, &["s3", "sftp", "mailto"]),
                };
                Err((format!("{scheme}:// is not a kind of place"), help))
            }
            None if place.trim().is_empty() => Err(("is empty".to_owned(), "name a folder".to_owned())),
            None => Ok(Self::Folder),
        }
    }

    /// What it is called.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::S3 => "s3",
            Self::Sftp => "sftp",
            Self::Mail => "mail",
        }
    }
}

/// Whether `{word}` stands in `pattern`.
pub fn has_word(pattern: &str, word: &str) -> bool {
    pattern.contains(&format!("{{{word}}}"))
}

/// The first thing in braces in `pattern` that is none of `known`: where it begins, and what is wrong with it, and what to write.
pub fn unknown_word(pattern: &str, known: &[&str]) -> Option<(usize, String, String)> {
    let all = || known.iter().map(|word| format!("{{{word}}}")).collect::<Vec<_>>();
    let mut at = 0;
    while let Some(start) = pattern[at..].find(['{', '}']).map(|found| at + found) {
        let closed = pattern[start..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let Some((word, _)) = closed else {
            let what = format!("has a {} without its other half", &pattern[start..=start]);
            return Some((start, what, format!("choose from {}", all().join(", "))));
        };
        if !known.contains(&word) {
            let words = all();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            return Some((start, format!("{{{word}}} stands for nothing"), suggestion(word, &words)));
        }
        at = start + word.len() + 2;
    }
    None
}
