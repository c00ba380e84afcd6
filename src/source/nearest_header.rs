//! Finds the column that an unknown header comes nearest to, abbreviations understood: `Orig Subm Dt` is an original submission date.

use crate::domain::record::Field;
use crate::source::profile::Profile;

/// Words of headers that say little of which column it is.
const WEAK_WORDS: [&str; 27] = [
    "a", "at", "by", "code", "current", "date", "dt", "dte", "for", "id", "name", "nbr", "no", "num", "number", "numbers", "of", "on",
    "only", "order", "port", "porting", "status", "the", "time", "to", "text",
];

/// What such a word counts, and what another counts.
const WEAK: u32 = 2;
const STRONG: u32 = 5;

/// How alike two names must be, in percent, for one to be suggested for the other.
const NEAR_PERCENT: u32 = 60;
/// The same for a header of one word, which tells less.
const NEAR_PERCENT_OF_ONE: u32 = 80;

/// The known header that comes nearest to `header`, with its column, if `is_free` says that no other header fills that.
pub fn nearest<'a>(header: &str, profiles: &'a [Profile], is_free: impl Fn(Field) -> bool) -> Option<(&'a str, Field)> {
    let words = words_of(header);
    let scored = profiles.iter().flat_map(Profile::aliases).map(|(alias, field)| (likeness(&words, &words_of(alias)), alias, field));
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let near = if words.len() == 1 { NEAR_PERCENT_OF_ONE } else { NEAR_PERCENT };
    best.filter(|(score, _, field)| *score >= near && is_free(*field)).map(|(_, alias, field)| (alias, field))
}

/// The words of a header in lower case, humps apart: `actualFocDate` has three.
fn words_of(header: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for character in header.chars() {
        let starts = !character.is_alphanumeric() || character.is_uppercase() && before.is_lowercase();
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// How alike two headers are, in percent: the share of their words that are the same or short for one another.
fn likeness(left: &[String], right: &[String]) -> u32 {
    let weight = |word: &String| if WEAK_WORDS.contains(&word.as_str()) { WEAK } else { STRONG };
    let all: u32 = left.iter().chain(right).map(weight).sum();
    let mut rest: Vec<&String> = right.iter().collect();
    let (mut same, mut is_telling) = (0, false);
    for word in left {
        let best = rest.iter().enumerate().map(|(place, other)| (alike(word, other), place)).max_by_key(|(percent, _)| *percent);
        if let Some((percent, place)) = best.filter(|(percent, _)| *percent > 0) {
            let weight = weight(word).min(weight(rest.remove(place)));
            is_telling |= weight > WEAK;
            same += percent * (weight * 2);
        }
    }
    if is_telling { same / all } else { 0 }
}

/// How sure one word stands for the other, in percent: the same, its beginning, its consonants, or one letter off.
fn alike(left: &str, right: &str) -> u32 {
    if left == right {
        return 100;
    }
    let (short, long) = if left.len() < right.len() { (left, right) } else { (right, left) };
    let begins = short.chars().next() == long.chars().next();
    let stem = short.chars().zip(long.chars()).take_while(|(one, other)| one == other).count();
    let mut letters = long.chars();
    let is_short_for = short.len() >= 2 && begins && short.chars().all(|letter| letters.any(|other| other == letter));
    match () {
        () if short.len() >= 2 && long.starts_with(short) || stem >= 5 => 85,
        () if short.len() >= 4 && strsim::osa_distance(left, right) <= 1 => 85,
        () if is_short_for && short.len() * 2 >= long.len() => 75,
        () => 0,
    }
}
