//! Cells that could not be read, and why.

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
