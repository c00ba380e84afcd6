//! Hides phone numbers in text on its way to a message or a log.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// From how many digits on, joined by anything but words, a text may be a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fewest {
    /// A word of the data: even a number without its area code is hidden.
    Value = 7,
    /// A sentence of our own, in which there are line numbers, counts and account ids too: whole numbers are hidden.
    Sentence = 10,
}

/// A word out of the data, fit for logs and messages: seven digits or more, joined by anything but words, show their last
/// four (`***-4567`). Dates, instants, years and counts such as 2026-11-21, 31/12/2026, 2025-2026 and 1,234,567 stay.
pub fn mask(text: &str) -> String {
    hide(text, Fewest::Value)
}

/// A sentence, fit for logs and messages: as [`mask`] from ten digits on, and groups that a letter, or a comma, colon or
/// semicolon and a blank, part do not count as one number, nor do counts of things and places in a file.
pub fn mask_sentence(text: &str) -> String {
    hide(text, Fewest::Sentence)
}

/// As [`mask_sentence`], but a number that is, or is part of, one of `typed`, words of the user such as the name of a file,
/// stays whole.
pub fn mask_sentence_but(text: &str, typed: &[String]) -> String {
    hide_but(text, Fewest::Sentence, typed)
}

fn hide(text: &str, fewest: Fewest) -> String {
    hide_but(text, fewest, &[])
}

fn hide_but(text: &str, fewest: Fewest, typed: &[String]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let plain = readable(text, at);
        let end = plain.unwrap_or_else(|| if is_digit(letter) { run(text, at, fewest) } else { at + letter.len_utf8() });
        let digits = text[at..end].chars().filter(|letter| is_digit(*letter));
        let count = digits.clone().count();
        if plain.is_some() || count < fewest as usize || is_count(text, at..end, fewest) || is_typed(text, at..end, typed) {
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

/// Whether the digits in `range` of `text` stand in one of the words `typed`, all of them.
fn is_typed(text: &str, range: Range<usize>, typed: &[String]) -> bool {
    let holds = |word: &&String| text.match_indices(word.as_str()).any(|(at, _)| at <= range.start && range.end <= at + word.len());
    typed.iter().filter(|word| !word.is_empty()).any(|word| holds(&word))
}

/// Words before or after a number in our own sentences that say it is a count of something or a place in something.
const COUNTED: [&str; 24] = [
    "byte",
    "bytes",
    "row",
    "rows",
    "line",
    "lines",
    "cell",
    "cells",
    "character",
    "characters",
    "letters",
    "digits",
    "sector",
    "offset",
    "position",
    "page",
    "record",
    "account",
    "request",
    "case",
    "order",
    "id",
    "kB",
    "MiB",
];

/// Whether the digits in `range` of `text` are a count, an id or years: groups of thousands, years alone, or, in a sentence, plain
/// digits beside a word of [`COUNTED`].
fn is_count(text: &str, range: Range<usize>, fewest: Fewest) -> bool {
    let number = &text[range.clone()];
    let (before, after) = (&text[..range.start], &text[range.end..]);
    if before.ends_with(['+', '＋', '(']) {
        return false;
    }
    let mut groups = number.split(|letter: char| !is_digit(letter)).filter(|group| !group.is_empty());
    let is_year = |group: &str| group.len() == 4 && (group.starts_with("19") || group.starts_with("20"));
    let mut thousands = number.split(',');
    let is_grouped =
        thousands.next().is_some_and(|first| (1..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_digit()))
            && number.contains(',')
            && thousands.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()));
    let is_counted = || {
        let last = before.trim_end_matches(' ').rsplit(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default();
        let next = after.trim_start_matches(' ').split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default();
        let beside = |word: &str, is_beside: bool| is_beside && COUNTED.contains(&word);
        beside(last, before.ends_with(' ')) || beside(next, after.starts_with(' '))
    };
    groups.all(is_year) || is_grouped || (fewest == Fewest::Sentence && number.bytes().all(|byte| byte.is_ascii_digit()) && is_counted())
}

/// Digits of every script, superscripts and circled ones too.
fn is_digit(letter: char) -> bool {
    letter.is_numeric()
}

/// Letters that may stand between two groups of one number in a word of the data, as in `212x867x5309`.
const JOINING_LETTERS: usize = 2;

/// Where the run of digit groups that begins at `start` ends.
fn run(text: &str, start: usize, fewest: Fewest) -> usize {
    let mut end = digits_end(text, start);
    loop {
        let Some(next) = text[end..].find(is_digit).map(|gap| end + gap) else { return end };
        let gap = &text[end..next];
        let letters = gap.chars().filter(|letter| letter.is_alphabetic()).count();
        let apart = match fewest {
            Fewest::Value => letters > JOINING_LETTERS,
            // One letter that touches the digits on both sides is no word.
            Fewest::Sentence => letters > 0 && gap.chars().count() > 1 || [", ", ": ", "; "].iter().any(|sign| gap.contains(sign)),
        };
        if apart || readable(text, next).is_some() {
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

/// `2026 18:00`, the end of a date whose month is a word.
static YEAR_AND_TIME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("^((?:19|20)[0-9]{2},? (?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?)").ok());

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
    let written = || ends(&WRITTEN).or_else(|| ends(&YEAR_AND_TIME)).filter(|end| !is_continued(end));
    ends(&ISO).or_else(written).map(|end| start + end)
}
