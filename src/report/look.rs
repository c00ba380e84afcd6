//! How a report looks, whatever its words: what exporters take beside them.

use crate::report::palette::Palette;

/// How a report looks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// Its colours.
    pub palette: Palette,
}
