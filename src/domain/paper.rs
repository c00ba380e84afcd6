//! Sheets of paper, for formats that are printed.

use serde::Deserialize;

use crate::domain::density::Density;

/// A size of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Paper {
    /// 8.5 by 11 inches.
    Letter,
    /// 210 by 297 millimetres.
    A4,
    /// 8.5 by 14 inches.
    Legal,
    /// 11 by 17 inches.
    Tabloid,
    /// 297 by 420 millimetres.
    A3,
}

/// Which side of the paper is up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Orientation {
    /// A long one: tables have many columns.
    #[default]
    Landscape,
    /// A short one.
    Portrait,
}

impl Orientation {
    /// The words for them.
    pub const NAMES: [&'static str; 2] = ["landscape", "portrait"];

    /// The side called `name`, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Landscape, Self::Portrait];
        Self::NAMES.iter().position(|own| *own == name).map(|place| all[place])
    }

    /// The word for it.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// What is said of the paper that a report is printed on; what is left out is as each format has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PageSetUp {
    /// Its size.
    pub paper: Option<Paper>,
    /// Which side of it is up.
    pub orientation: Option<Orientation>,
    /// How close the lines of the tables of a PDF are.
    pub density: Option<Density>,
}

impl PageSetUp {
    /// What is said here, and what `base` says of the rest.
    #[must_use]
    pub fn or(self, base: Self) -> Self {
        Self {
            paper: self.paper.or(base.paper),
            orientation: self.orientation.or(base.orientation),
            density: self.density.or(base.density),
        }
    }
}

impl Paper {
    /// The words for them, in the order of size.
    pub const NAMES: [&'static str; 5] = ["letter", "a4", "legal", "tabloid", "a3"];

    /// The size called `name`, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Letter, Self::A4, Self::Legal, Self::Tabloid, Self::A3];
        Self::NAMES.iter().position(|own| *own == name).map(|place| all[place])
    }

    /// The word for it.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Width and height in points, a 72nd of an inch each, with a short side up.
    const fn points(self) -> (f32, f32) {
        match self {
            Self::Letter => (612.0, 792.0),
            Self::A4 => (595.28, 841.89),
            Self::Legal => (612.0, 1008.0),
            Self::Tabloid => (792.0, 1224.0),
            Self::A3 => (841.89, 1190.55),
        }
    }

    /// Width and height in points with the side up that `orientation` says.
    pub const fn size(self, orientation: Orientation) -> (f32, f32) {
        let (short, long) = self.points();
        match orientation {
            Orientation::Landscape => (long, short),
            Orientation::Portrait => (short, long),
        }
    }

    /// Its word in style sheets.
    pub const fn css_name(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::A4 => "A4",
            Self::Legal => "legal",
            Self::Tabloid => "ledger",
            Self::A3 => "A3",
        }
    }

    /// Its number in workbooks (ISO/IEC 29500, `paperSize`).
    pub const fn workbook_code(self) -> u8 {
        match self {
            Self::Letter => 1,
            Self::Tabloid => 3,
            Self::Legal => 5,
            Self::A3 => 8,
            Self::A4 => 9,
        }
    }
}
