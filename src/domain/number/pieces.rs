//! The pieces of a phone cell: what stands around the number, and its signs.

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
