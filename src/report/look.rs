//! How a report looks, whatever its words: what exporters take beside them.

use crate::domain::paper::PageSetUp;
use crate::report::palette::Palette;

/// How a report looks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// Its colours.
    pub palette: Palette,
    /// What it is printed on, where an option says nothing else.
    pub page: PageSetUp,
}
