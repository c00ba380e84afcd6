//! The pieces of a phone cell: what stands around the number, its signs, and the two sides of a range.

/// Takes off what spreadsheets and links put around a number: `="…"`, a leading apostrophe, `tel:`.
pub(in crate::domain::number) fn unwrap(text: &str) -> &str {
    let outside = |c: char| c.is_whitespace() || is_invisible(c);
    let mut text = text.trim_matches(outside);
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        text = inner;
    }
    text = text.strip_prefix('\'').unwrap_or(text);
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("tel:")) {
        text = &text[4..];
    }
    text.trim_matches(outside)
}

pub(in crate::domain::number) fn digit(character: char) -> Option<u8> {
    match character {
        '0'..='9' => Some(character as u8),
        '０'..='９' => Some(b'0' + (u32::from(character) - u32::from('０')) as u8),
        _ => None,
    }
}

pub(in crate::domain::number) fn is_dash(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}')
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

pub(in crate::domain::number) fn is_separator(character: char) -> bool {
    matches!(character, '.' | '(' | ')' | '/' | '[' | ']' | '·' | '•')
        || is_dash(character)
        || is_invisible(character)
        || character.is_whitespace()
}

/// What stands before and behind the dash of a range: a dash with a blank before it behind a whole number,
/// or one between two runs of as many digits.
pub(in crate::domain::number) fn sides(text: &str) -> Option<(&str, &str)> {
    let mut digits = 0;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        if is_dash(character) && digits >= 10 {
            let (first, last) = (&text[..at], &text[at + character.len_utf8()..]);
            if before.is_whitespace() || alike(first, last) {
                return Some((first, last));
            }
        }
        digits += usize::from(digit(character).is_some());
        before = character;
    }
    None
}

fn alike(first: &str, last: &str) -> bool {
    let run = |text: &str| {
        let digits = text.trim().trim_start_matches('+');
        digits.bytes().all(|b| b.is_ascii_digit()).then_some(digits.len())
    };
    run(first).is_some() && run(first) == run(last)
}
