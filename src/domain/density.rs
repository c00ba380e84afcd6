//! How close the lines of printed tables are.

use serde::Deserialize;

/// The size of what is printed in tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    /// Small: as many rows on a page as can be read at arm's length.
    #[default]
    Compact,
    /// About a fifth larger.
    Readable,
}

impl Density {
    /// The words for them.
    pub const NAMES: [&'static str; 2] = ["compact", "readable"];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The density called `name`, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|own| *own == name).map(|place| [Self::Compact, Self::Readable][place])
    }
}
