//! How a report looks, whatever its words: what exporters take beside them.

use std::sync::Arc;

use crate::domain::paper::PageSetUp;
use crate::report::logo::Logo;
use crate::report::palette::Palette;

/// How a report looks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// Its colours.
    pub palette: Palette,
    /// What it is printed on, where an option says nothing else.
    pub page: PageSetUp,
    /// The picture on its first page.
    pub logo: Option<Arc<Logo>>,
}
