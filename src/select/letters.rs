//! Folds letters for searching: case, accents, width and kinds of white space do not count.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The text in small letters without accents and of plain width, each run of white space a blank, without marks that nobody
/// sees.
///
/// ```
/// use portstatus::select::letters::plain_letters;
/// assert_eq!(plain_letters("Île\u{a0}de\r\n Ｎord"), "ile de nord");
/// assert_eq!(plain_letters("Groß-Łódź"), "gross-lodz");
/// ```
pub fn plain_letters(text: &str) -> String {
    let text: Cow<'_, str> = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(unaccented(text)) };
    let mut plain = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.push_str(word);
    }
    if text.is_ascii() { plain.to_ascii_lowercase() } else { plain }
}

/// Whether plain text has white space other than single blanks.
pub fn has_wide_space(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().any(|byte| byte.is_ascii_whitespace() && *byte != b' ' || *byte == 0x0b) || bytes.windows(2).any(|pair| pair == b"  ")
}

fn unaccented(text: &str) -> String {
    let letters = text.nfkd().filter(|letter| !is_accent(*letter) && !is_unseen(*letter));
    // Capitals first: some small letters have several forms, and one capital.
    let letters = letters.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    letters.fold(String::with_capacity(text.len()), |mut plain, letter| {
        match letter {
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'þ' => plain.push_str("th"),
            'ı' => plain.push('i'),
            letter => plain.push(letter),
        }
        plain
    })
}

/// Marks over and under Latin, Greek and Cyrillic letters; those of other scripts make other letters.
const fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Soft hyphens, joiners, marks of direction and of byte order.
const fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}
