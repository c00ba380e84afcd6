//! SQL's LIKE: `%` stands for any text, `_` for one character.

/// A pattern of LIKE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikePattern {
    parts: Vec<Part>,
    ignores_case: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    AnyText,
    AnyCharacter,
    Character(char),
}

impl LikePattern {
    /// Reads a pattern; `escape`, if there is one, takes the meaning from the character behind it.
    ///
    /// ```
    /// use portstatus::select::sql_like::LikePattern;
    /// let pattern = LikePattern::new("Acme%", None, true);
    /// assert!(pattern.matches("ACME, Inc."));
    /// assert!(!pattern.matches("The Acme"));
    /// ```
    pub fn new(pattern: &str, escape: Option<char>, ignores_case: bool) -> Self {
        let pattern = if ignores_case { pattern.to_lowercase() } else { pattern.to_owned() };
        let mut parts = Vec::new();
        let mut rest = pattern.chars();
        while let Some(character) = rest.next() {
            parts.push(match character {
                _ if Some(character) == escape => Part::Character(rest.next().unwrap_or(character)),
                '%' => Part::AnyText,
                '_' => Part::AnyCharacter,
                _ => Part::Character(character),
            });
        }
        Self { parts, ignores_case }
    }

    /// Whether the whole of `text` fits.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = if self.ignores_case { text.to_lowercase().chars().collect() } else { text.chars().collect() };
        // Where to go on when a character does not fit: behind the last %, one character later each time.
        let (mut at, mut part, mut retry) = (0, 0, None);
        while at < text.len() {
            match self.parts.get(part) {
                Some(Part::AnyText) => {
                    retry = Some((at, part + 1));
                    part += 1;
                }
                Some(Part::AnyCharacter) => (at, part) = (at + 1, part + 1),
                Some(Part::Character(character)) if *character == text[at] => (at, part) = (at + 1, part + 1),
                _ => {
                    let Some((from, after)) = retry else { return false };
                    retry = Some((from + 1, after));
                    (at, part) = (from + 1, after);
                }
            }
        }
        self.parts[part..].iter().all(|part| *part == Part::AnyText)
    }
}
