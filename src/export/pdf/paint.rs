//! What things on a page are drawn in: a colour of the report's palette, by its use, or one that every report has.

use crate::report::palette::Palette;

/// A colour by its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// One that every report has, as 0xRRGGBB.
    Fixed(u32),
    /// Body ink.
    Ink,
    /// The ink of titles and headings.
    Heading,
    /// The fill of header rows.
    HeaderFill,
    /// The ink of header rows.
    HeaderInk,
    /// Rules.
    Rule,
    /// The ink of the status at this place.
    StatusInk(usize),
    /// Its fill.
    StatusFill(usize),
    /// Its bar.
    StatusBar(usize),
}

impl Paint {
    /// The colour in `palette`, as 0xRRGGBB.
    pub fn colour(self, palette: &Palette) -> u32 {
        match self {
            Self::Fixed(colour) => colour,
            Self::Ink => palette.ink,
            Self::Heading => palette.heading_ink(),
            Self::HeaderFill => palette.header_fill,
            Self::HeaderInk => palette.header_ink,
            Self::Rule => palette.rule,
            Self::StatusInk(place) => palette.statuses[place].ink,
            Self::StatusFill(place) => palette.statuses[place].fill,
            Self::StatusBar(place) => palette.statuses[place].bar,
        }
    }
}
