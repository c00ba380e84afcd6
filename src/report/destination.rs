//! Where the counts of a report lead: to the first row that is counted, or to the list of them.

use crate::report::section_spec::SectionId;
use crate::report::table::Table;
use crate::report::{Report, style};

/// What a count leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// A row of the numbers, from 0.
    Row(usize),
    /// A list. Whether a format shows it is for the format to say.
    List(SectionId),
}

impl Report {
    /// Where `row` of `table`, which is the section `section`, leads: a count by status to the first number that has it, a count of a
    /// list to that list; `None` where there is nothing to go to.
    pub fn destination(&self, section: SectionId, table: &Table, row: usize) -> Option<Destination> {
        let list = |id: SectionId| self.section(id).map(|section| Destination::List(section.id));
        match section {
            SectionId::ByStatus | SectionId::Counts | SectionId::StatusAndDetail => {
                let place = style::status_place(table.columns.first()?.values.term(row)?)?;
                Some(Destination::Row((*self.status_starts.get(place)?)?))
            }
            SectionId::RiskCounts => list(SectionId::AtRisk),
            SectionId::DataQuality => list(SectionId::Flagged),
            SectionId::WaitingAccounts => list(SectionId::WaitingForYou),
            SectionId::StateCounts => list(SectionId::HiddenStates),
            // Local ones, toll-free ones and their sum, and below them what is completed.
            SectionId::Assignment => list(if row < 3 { SectionId::ReadyToAssign } else { SectionId::CompletedNotAssigned }),
            _ => None,
        }
    }
}
