//! How readers are used to see days and counts, as their browsers say it: the pages are written so, and nothing else is.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{self, HeaderMap};
use axum::http::request::Parts;

use crate::domain::date::text::DateStyle;
use crate::report::words::Words;

/// What separates thousands where a blank does, without a line ending there.
const BLANK: &str = "\u{a0}";
/// Languages that are looked at.
const MOST_TAGS: usize = 20;

/// How days and counts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReaderStyle {
    dates: DateStyle,
    thousands: &'static str,
    decimal: &'static str,
}

const fn style(dates: DateStyle, thousands: &'static str, decimal: &'static str) -> ReaderStyle {
    ReaderStyle { dates, thousands, decimal }
}

use DateStyle::{DayFirst, Iso, MonthFirst};

/// By the tags of languages and regions, in small letters. English alone says nothing of the region, which decides.
const KNOWN: [(&[&str], ReaderStyle); 8] = [
    (&["en-us", "en-ph"], style(MonthFirst, ",", ".")),
    (&["en-ca", "ja", "ko", "zh"], style(Iso, ",", ".")),
    (&["en-gb", "en-ie", "en-au", "en-nz", "en-sg", "en-hk", "es-mx", "es-us", "he", "th"], style(DayFirst, ",", ".")),
    (&["fr-ca", "sv", "lt"], style(Iso, BLANK, ",")),
    (&["de-ch", "de-li", "it-ch"], style(DayFirst, "\u{2019}", ".")),
    (&["de", "es", "it", "nl", "pt-br", "da", "id", "tr", "el", "ro", "hr", "sl", "vi"], style(DayFirst, ".", ",")),
    (&["fr", "de-at", "pt", "nb", "nn", "no", "fi", "cs", "sk", "pl", "ru", "uk", "bg", "et", "lv"], style(DayFirst, BLANK, ",")),
    (&["hu"], style(Iso, BLANK, ",")),
];

/// How a reader is used to see days and counts; `None` where the browser names no language that is known, so that the template decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader(pub Option<ReaderStyle>);

impl ReaderStyle {
    /// What the first language of `headers` that is known is written in.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let said = headers.get_all(header::ACCEPT_LANGUAGE).iter().map(|tags| String::from_utf8_lossy(tags.as_bytes()));
        let said: Vec<String> = said.flat_map(|tags| tags.split(',').take(MOST_TAGS).map(str::to_owned).collect::<Vec<_>>()).collect();
        let mut tags: Vec<(f32, String)> = said.iter().take(MOST_TAGS).filter_map(|tag| weighed(tag)).collect();
        // Those that are wanted as much stay in the order in which they are named.
        tags.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        tags.iter().find_map(|(_, tag)| known(tag))
    }

    /// `words` with days and counts in this style.
    #[must_use]
    pub fn written(self, words: Words) -> Words {
        let Self { dates, thousands, decimal } = self;
        Words { dates, thousands_separator: thousands.to_owned(), decimal_separator: decimal.to_owned(), ..words }
    }

    /// Whether it is the style of `words`.
    pub fn is_that_of(self, words: &Words) -> bool {
        (self.dates, self.thousands, self.decimal) == (words.dates, words.thousands_separator.as_str(), words.decimal_separator.as_str())
    }
}

/// The tag of a language in small letters, and how much it is wanted; `None` for one that is not.
fn weighed(text: &str) -> Option<(f32, String)> {
    let (tag, parameters) = text.split_once(';').unwrap_or((text, ""));
    let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.trim().parse().ok())?;
    (weight > 0.0 && weight <= 1.0).then(|| (weight, tag.trim().to_ascii_lowercase()))
}

/// The style of the language with its region, else that of the language.
fn known(tag: &str) -> Option<ReaderStyle> {
    let mut parts = tag.split('-');
    let language = parts.next()?;
    let named = |tag: &str| KNOWN.iter().find(|(tags, _)| tags.contains(&tag)).map(|(_, style)| *style);
    let region = parts.find(|part| part.len() == 2);
    region.and_then(|region| named(&format!("{language}-{region}"))).or_else(|| named(language))
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(ReaderStyle::of(&parts.headers)))
    }
}
