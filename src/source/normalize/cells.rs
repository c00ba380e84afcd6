//! What is found about the rows of a chunk while its columns are read: flags, counts, and cells that could not be read.

use crate::domain::data_quality::QualityFlag;
use crate::source::normalize::counters::Counters;
use crate::source::table::UNCALCULATED;

/// A cell that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellProblem {
    /// The row within its chunk.
    pub row: u32,
    /// The column, among the headers.
    pub header: usize,
    /// The text as it was read.
    pub value: String,
    /// Why, one phrase.
    pub reason: &'static str,
}

/// What is found about the rows of a chunk.
#[derive(Debug, Default)]
pub struct Findings {
    /// The data-quality flags of each row.
    pub flags: Vec<u64>,
    /// Cells that could not be read.
    pub problems: Vec<CellProblem>,
    /// What was counted.
    pub counters: Counters,
}

impl Findings {
    /// Flags the row of a cell that could not be read, for `reason` unless it holds an error value, and keeps its text.
    pub fn add_bad_cell(&mut self, row: usize, header: usize, cell: &str, reason: &'static str) {
        let reason = if is_error_value(cell) { ERROR_VALUE } else { reason };
        self.flags[row] |= QualityFlag::BadCell.bit();
        self.problems.push(CellProblem { row: row as u32, header, value: cell.to_owned(), reason });
    }
}

/// Why a word was not understood.
pub const UNKNOWN_WORD: &str = "a word that the profile does not know";
/// Why an error value is no value.
pub const ERROR_VALUE: &str = "a spreadsheet's error value";

/// Whether a cell is the error value of a spreadsheet's formula.
pub fn is_error_value(cell: &str) -> bool {
    let cell = cell.trim();
    cell.starts_with('#')
        && matches!(
            cell,
            "#N/A"
                | "#REF!"
                | "#VALUE!"
                | "#NAME?"
                | "#DIV/0!"
                | "#NULL!"
                | "#NUM!"
                | "#SPILL!"
                | "#CALC!"
                | "#GETTING_DATA"
                | "#FIELD!"
                | "#BLOCKED!"
                | "#CONNECT!"
                | "#UNKNOWN!"
                | UNCALCULATED
        )
}
