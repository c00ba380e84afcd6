//! The places of pages that lead elsewhere: from counts to the rows that they count, and to mails.

use crate::export::pdf::marks::Mark;
use crate::export::pdf::paint::Paint;
use crate::report::{Destination, Report, SectionId, Table};

/// The ink of text that leads to a mail: blue, as on pages of the web, with a contrast of 8.6 to 1 on white.
pub const LINK_INK: Paint = Paint::Fixed(0x14_467A);

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To a part of the document.
    Report(Destination),
    /// To an address outside.
    Address(String),
}

impl Target {
    /// Where `row` of `table`, which is the section `section` of `report`, leads within the document.
    pub fn of_count(report: &Report, section: SectionId, table: &Table, row: usize) -> Option<Self> {
        let is_shown = |destination: &Destination| match destination {
            Destination::Row(_) => true,
            Destination::List(id) => id.is_list() && report.section(*id).is_some_and(|section| section.place("pdf").is_some()),
        };
        report.destination(section, table, row).filter(is_shown).map(Self::Report)
    }
}

/// A place on a page that leads elsewhere.
#[derive(Debug, Clone)]
pub struct Link {
    /// What it is a part of.
    pub mark: Mark,
    /// Left, bottom, right and top, in points from the bottom left of the page.
    pub bounds: [f32; 4],
    /// Where it leads.
    pub target: Target,
    /// What it says to those who do not see it.
    pub says: String,
}
