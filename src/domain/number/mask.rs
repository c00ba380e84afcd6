//! Hides phone numbers in text on its way to a message or a log.

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
    let letters: Vec<char> = text.chars().collect();
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let plain = readable(&letters, at);
        let end = plain.unwrap_or_else(|| if is_digit(letters[at]) { run(&letters, at, fewest) } else { at + 1 });
        let digits = letters[at..end].iter().filter(|letter| is_digit(**letter));
        let count = digits.clone().count();
        let measure = fewest == Fewest::Sentence && letters[end..].starts_with(&[' ', 'b', 'y', 't', 'e', 's']);
        if plain.is_some() || measure || count < fewest as usize {
            shown.extend(&letters[at..end]);
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
fn run(letters: &[char], start: usize, fewest: Fewest) -> usize {
    let mut end = digits_end(letters, start);
    loop {
        let gap = letters[end..].iter().take_while(|letter| !is_digit(**letter) && !letter.is_alphabetic()).count();
        let next = end + gap;
        let apart = fewest == Fewest::Sentence && letters[end..next].windows(2).any(|pair| matches!(pair, [',' | ':' | ';', ' ']));
        if next == letters.len() || letters[next].is_alphabetic() || apart || readable(letters, next).is_some() {
            return end;
        }
        end = digits_end(letters, next);
    }
}

fn digits_end(letters: &[char], start: usize) -> usize {
    start + letters[start..].iter().take_while(|letter| is_digit(**letter)).count()
}

/// The end of the digits that begin at `start` if they are no part of a phone number: the last four of one that is
/// hidden already, a date or an instant.
fn readable(letters: &[char], start: usize) -> Option<usize> {
    if letters[..start].ends_with(&['*', '*', '*', '-']) && digits_end(letters, start) == start + 4 {
        return Some(start + 4);
    }
    if !is_digit(letters[start]) {
        return None;
    }
    let continues = start >= 2 && matches!(letters[start - 1], '-' | '/' | '.' | '+') && is_digit(letters[start - 2]);
    if continues || start >= 1 && letters[start - 1] == '+' {
        return None;
    }
    iso(letters, start).or_else(|| written(letters, start))
}

/// `2026-11-21`, with a time and an offset if they follow.
fn iso(letters: &[char], start: usize) -> Option<usize> {
    let (year, after) = number(letters, start, 4, 4)?;
    let (month, after) = number(letters, follow(letters, after, '-')?, 2, 2)?;
    let (day, end) = number(letters, follow(letters, after, '-')?, 2, 2)?;
    if !(1900..2100).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    Some(time(letters, end).unwrap_or(end))
}

/// `T18:00:00.5+00:00` after a date, as far as it goes.
fn time(letters: &[char], start: usize) -> Option<usize> {
    let hour = follow(letters, start, 'T').or_else(|| follow(letters, start, ' '))?;
    let clock = |start: usize| {
        let (hour, after) = number(letters, start, 2, 2)?;
        let (minute, end) = number(letters, follow(letters, after, ':')?, 2, 2)?;
        (hour < 24 && minute < 60).then_some(end)
    };
    let mut end = clock(hour)?;
    if let Some((_, after)) = follow(letters, end, ':').and_then(|second| number(letters, second, 2, 2)) {
        end = follow(letters, after, '.').and_then(|part| number(letters, part, 1, 9)).map_or(after, |(_, after)| after);
        let offset = follow(letters, end, '+').or_else(|| follow(letters, end, '-')).and_then(clock);
        end = offset.unwrap_or(end);
    }
    Some(end)
}

/// `31/12/2026` or `1.2.2026`, in either order of day and month.
fn written(letters: &[char], start: usize) -> Option<usize> {
    let (first, after) = number(letters, start, 1, 2)?;
    let separator = letters.get(after).copied().filter(|letter| matches!(letter, '/' | '.' | '-'))?;
    let (second, after) = number(letters, after + 1, 1, 2)?;
    let (year, end) = number(letters, follow(letters, after, separator)?, 4, 4)?;
    let continued = matches!(letters.get(end), Some('/' | '.' | '-')) && letters.get(end + 1).is_some_and(|letter| is_digit(*letter));
    let fits = (1..=31).contains(&first) && (1..=31).contains(&second) && (1900..2100).contains(&year);
    (fits && !continued).then_some(end)
}

/// The number of `least` to `most` ASCII digits, and no more, at `start`, and where it ends.
fn number(letters: &[char], start: usize, least: usize, most: usize) -> Option<(u32, usize)> {
    let end = digits_end(letters, start);
    let value = letters[start..end].iter().try_fold(0_u32, |value, letter| value.checked_mul(10)?.checked_add(letter.to_digit(10)?))?;
    (least..=most).contains(&(end - start)).then_some((value, end))
}

fn follow(letters: &[char], at: usize, letter: char) -> Option<usize> {
    (letters.get(at) == Some(&letter)).then_some(at + 1)
}
