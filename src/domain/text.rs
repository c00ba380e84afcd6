//! How counts, sheet columns and near misses are put into words.

use std::borrow::Cow;
use std::cmp::Ordering;

use unicode_width::UnicodeWidthStr;

use crate::domain::status::fold;

/// UTF-16 units that a cell of a workbook holds (ISO/IEC 29500, and Excel's own limit).
pub const CELL_UNITS: usize = 32_767;

/// A count with a comma between thousands.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// Hundredths as a decimal number, exactly: `1234.50`.
pub fn decimal(hundredths: i64) -> String {
    let (sign, whole) = (if hundredths < 0 { "-" } else { "" }, hundredths.unsigned_abs());
    format!("{sign}{}.{:02}", whole / 100, whole % 100)
}

/// `1 row` or `1,234 rows`.
pub fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// `1 cell holds` or `7 cells hold`: `one` or `many` with their number before them.
pub fn numbered(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(count), if count == 1 { one } else { many })
}

/// The first `most` of `names` with `between` them, and how many more there are: `north, south and 3 more`.
pub fn first_few<S: AsRef<str>>(names: &[S], most: usize, between: &str) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    let more = names.len() - shown.len();
    shown.join(between) + &if more > 0 { format!(" and {more} more") } else { String::new() }
}

/// `text` as it stands in a sentence: what runs from right to left is set apart, so that it does not turn round what is beside it.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(is_right_to_left) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("\u{2068}{text}\u{2069}"))
}

/// Whether `character` may be of a script that runs from right to left.
pub const fn is_right_to_left(character: char) -> bool {
    matches!(character,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// `text` on one line, its white space single blanks.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` with control characters escaped, so that data cannot move the cursor or forge a line.
pub fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        let is_mark = matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if letter.is_control() || is_mark { shown.extend(letter.escape_default()) } else { shown.push(letter) }
    }
    shown
}

/// Compares ids as people count them: runs of digits by their value, so that 30 comes before 200, all else letter by letter.
pub fn natural_order(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left.as_bytes(), right.as_bytes());
    while let (Some(x), Some(y)) = (a.first(), b.first()) {
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (one, other) = (run_of_digits(a), run_of_digits(b));
            (a, b) = (one.1, other.1);
            one.0.len().cmp(&other.0.len()).then_with(|| one.0.cmp(other.0))
        } else {
            (a, b) = (&a[1..], &b[1..]);
            x.cmp(y)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    // Zeros before a number tell equal ones apart.
    a.len().cmp(&b.len()).then_with(|| left.cmp(right))
}

/// The digits that `text` begins with, without zeros before them, and what follows.
fn run_of_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let start = text[..end].iter().position(|byte| *byte != b'0').unwrap_or(end);
    (&text[start..end], &text[end..])
}

/// `line` broken between words into lines of at most `width` columns of a terminal (a Chinese character takes two), those after the first indented by `indent` blanks. A
/// word that is longer has a line of its own.
pub fn wrap(line: &str, width: usize, indent: usize) -> String {
    if line.width() <= width {
        return line.to_owned();
    }
    let mut wrapped = String::with_capacity(line.len() + 16);
    let mut used = 0;
    for (index, word) in line.split(' ').enumerate() {
        let columns = word.width();
        if index > 0 && used > indent && used + 1 + columns > width {
            wrapped.truncate(wrapped.trim_end_matches(' ').len());
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        } else if index > 0 {
            wrapped.push(' ');
            used += 1;
        }
        wrapped.push_str(word);
        used += columns;
    }
    wrapped
}

/// The letters of a sheet's column, counted from 0: A, …, Z, AA, ….
pub fn letters(column: usize) -> String {
    let last = char::from(b'A' + (column % 26) as u8);
    if column < 26 { last.to_string() } else { letters(column / 26 - 1) + &String::from(last) }
}

/// How many names a message lists.
const MAX_NAMES: usize = 20;

/// `did you mean …?` for the nearest of `known`, else all of them, at most `MAX_NAMES`.
pub fn suggestion(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(candidate) => format!("did you mean {candidate}?"),
        None if known.len() > MAX_NAMES => {
            format!("choose from {} and {} more", known[..MAX_NAMES].join(", "), thousands((known.len() - MAX_NAMES) as u64))
        }
        None => format!("choose from {}", known.join(", ")),
    }
}

/// The nearest of `names` to `word`, if at most a third of the letters differ; case, spaces and punctuation do not count.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = fold(word);
    let near = names.into_iter().map(|name| (strsim::osa_distance(&word, &fold(name)), name)).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, _)| distance * 3 <= word.chars().count().max(3)).map(|(_, name)| name)
}

/// `pattern` with each `{name}` replaced by its value; braces around anything else stay.
pub fn fill(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut pieces = pattern.split('{');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let named = piece.split_once('}').and_then(|(name, after)| Some([values.iter().find(|value| value.0 == name)?.1, after]));
        out.extend(named.unwrap_or(["{", piece]));
    }
    out
}

/// Whether a word for yes or no, on or off is yes; `None` for another.
pub fn truth(word: &str) -> Option<bool> {
    match word.trim().to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}
