//! Sheets of paper, for formats that are printed.

/// A size of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Orientation {
    /// A long one: tables have many columns.
    #[default]
    Landscape,
    /// A short one.
    Portrait,
}

impl Paper {
    /// The words for them, in the order of size.
    pub const NAMES: [&'static str; 5] = ["letter", "a4", "legal", "tabloid", "a3"];

    /// The size called `name`, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Letter, Self::A4, Self::Legal, Self::Tabloid, Self::A3];
        Self::NAMES.iter().position(|own| *own == name).map(|place| all[place])
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
