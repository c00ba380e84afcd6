//! Hides phone numbers in text on its way to a message or a log.

use std::sync::LazyLock;

use regex::Regex;

/// From how many digits on, joined by anything but letters, a text may be a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fewest {
    /// A word of the data: even a number without its area code is hidden.
    Value = 7,
    /// A sentence of our own, in which there are line numbers, counts and account ids too: whole numbers are hidden.
    Sentence = 10,
}

/// A word out of the data, fit for logs and messages: seven digits or more, joined by anything but letters, show
/// their last four (`***-4567`). Dates and instants such as 2026-11-21 and 31/12/2026 stay.
pub fn mask(text: &str) -> String {
    hide(text, Fewest::Value)
}

/// A sentence or a path, fit for logs and messages: as [`mask`] from ten digits on, and groups that a comma, colon
/// or semicolon and a blank part do not count as one number, nor do numbers of bytes.
pub fn mask_sentence(text: &str) -> String {
    hide(text, Fewest::Sentence)
}

fn hide(text: &str, fewest: Fewest) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let plain = readable(text, at);
        let end = plain.unwrap_or_else(|| if is_digit(letter) { run(text, at, fewest) } else { at + letter.len_utf8() });
        let digits = text[at..end].chars().filter(|letter| is_digit(*letter));
        let count = digits.clone().count();
        let measure = fewest == Fewest::Sentence && text[end..].starts_with(" bytes");
        if plain.is_some() || measure || count < fewest as usize {
            shown.push_str(&text[at..end]);
        } else {
            shown.truncate(shown.trim_end_matches(['+', '＋', '(']).len());
            shown.push_str("***-");
            shown.extend(digits.skip(count - 4));
        }
        at = end;
    }
    shown
}

/// Digits of every script, superscripts and circled ones too.
fn is_digit(letter: char) -> bool {
    letter.is_numeric()
}

/// Where the run of digit groups that begins at `start` ends.
fn run(text: &str, start: usize, fewest: Fewest) -> usize {
    let mut end = digits_end(text, start);
    loop {
        let Some(gap) = text[end..].find(|letter: char| is_digit(letter) || letter.is_alphabetic()) else { return end };
        let next = end + gap;
        let apart = fewest == Fewest::Sentence && [", ", ": ", "; "].iter().any(|sign| text[end..next].contains(sign));
        if text[next..].starts_with(char::is_alphabetic) || apart || readable(text, next).is_some() {
            return end;
        }
        end = digits_end(text, next);
    }
}

fn digits_end(text: &str, start: usize) -> usize {
    text[start..].find(|letter| !is_digit(letter)).map_or(text.len(), |length| start + length)
}

/// `2026-11-21`, with a time and an offset if they follow; each part that may end it is a group.
static ISO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let clock = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";
    let date = "(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])";
    Regex::new(&format!(r"^({date})(?:([T ]{clock})(?:(:[0-9]{{2}})(\.[0-9]{{1,9}})?([+-]{clock})?)?)?")).ok()
});

/// `31/12/2026` or `1.2.2026`, in either order of day and month.
static WRITTEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let (day, year) = ("(?:0?[1-9]|[12][0-9]|3[01])", "(?:19|20)[0-9]{2}");
    Regex::new(&format!(r"^({day}(?:/{day}/|\.{day}\.|-{day}-){year})")).ok()
});

/// The end of the digits that begin at `start` if they are no part of a phone number: the last four of one that is
/// hidden already, a date or an instant.
fn readable(text: &str, start: usize) -> Option<usize> {
    let (before, rest) = text.split_at(start);
    let end = digits_end(text, start);
    if before.ends_with("***-") && text[start..end].chars().count() == 4 {
        return Some(end);
    }
    let mut signs = before.chars().rev();
    let sign = signs.next();
    let continues = matches!(sign, Some('-' | '/' | '.')) && signs.next().is_some_and(is_digit);
    if !rest.starts_with(is_digit) || continues || sign == Some('+') {
        return None;
    }
    // A group of digits that goes on ends nothing.
    let is_end = |end: &usize| !rest[*end..].starts_with(is_digit);
    let ends = |pattern: &Option<Regex>| pattern.as_ref()?.captures(rest)?.iter().flatten().map(|group| group.end()).filter(is_end).max();
    let is_continued = |end: &usize| rest[*end..].strip_prefix(['/', '.', '-']).is_some_and(|rest| rest.starts_with(is_digit));
    ends(&ISO).or_else(|| ends(&WRITTEN).filter(|end| !is_continued(end))).map(|end| start + end)
}
