//! What is known of a character: the face that has it, its glyph, its width and its part in breaking lines.

/// One of the files, by its place among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct Face(u8);

impl Face {
    /// Body text.
    pub const REGULAR: Self = Self(0);
    /// Headings.
    pub const BOLD: Self = Self(1);
    /// Han, kana and Hangul.
    pub const FALLBACK: Self = Self(2);

    /// The face at `place`, if there may be so many.
    pub fn at(place: usize) -> Option<Self> {
        u8::try_from(place).ok().map(Self)
    }

    /// Its place.
    pub const fn place(self) -> usize {
        self.0 as usize
    }

    /// Whether it is `other`.
    pub const fn is(self, other: Self) -> bool {
        self.0 == other.0
    }

    /// Whether it is one that text of every kind is set in.
    pub const fn is_body(self) -> bool {
        self.0 <= 1
    }
}

/// How a character behaves when a line is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BreakClass {
    /// Part of a word.
    #[default]
    Plain,
    /// Blank: a line may end before it, and drops it.
    Space,
    /// Part of a word, after which a line may end.
    BreakAfter,
    /// Part of a word, before which a line may end: vowels with which a syllable of Thai and Lao begins, which have no blanks.
    BreakBefore,
    /// Part of a word, after which a line ends only where nothing else helps: the stops of a host name or a time.
    LastResort,
    /// An ideograph or syllable: a line may end before and after it.
    Wide,
    /// Has no picture of its own: joiners, marks of direction.
    ZeroWidth,
    /// In no face: drawn as the replacement.
    Missing,
}

impl BreakClass {
    /// The class of `character`, for which `face` has a glyph.
    pub const fn of(character: char, face: Face) -> Self {
        match character {
            '-' | '/' | '@' | '_' | ',' | ';' | '&' | '|' | '\u{2010}'..='\u{2014}' | '\u{5BE}' => Self::BreakAfter,
            '.' | ':' => Self::LastResort,
            '\u{E40}'..='\u{E44}' | '\u{EC0}'..='\u{EC4}' => Self::BreakBefore,
            '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{20000}'..='\u{3FFFF}' => Self::Wide,
            _ if face.is(Face::FALLBACK) => Self::Wide,
            _ => Self::Plain,
        }
    }
}

/// A character in a face.
#[derive(Debug, Clone, Copy, Default)]
pub struct GlyphInfo {
    /// The width, in ems.
    pub advance: f32,
    /// The glyph in its face.
    pub glyph: u16,
    /// The face that has it.
    pub face: Face,
    /// Its part in breaking lines.
    pub class: BreakClass,
    /// Whether the glyph alone tells which character it is: the first one of its face that is drawn by it.
    pub is_own: bool,
}

/// Characters that are there for software, not for readers.
pub const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}
