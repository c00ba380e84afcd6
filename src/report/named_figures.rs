//! The names that formulas may use in a workbook: the same in every language.

use crate::domain::status::Status;
use crate::report::section_spec::SectionId;
use crate::report::table::Term;

/// The instant of the report.
pub const AS_OF: &str = "as_of_utc";
/// The count of all numbers.
pub const ALL: &str = "numbers_all";

/// The count of the numbers with the status that `term` is; without one, of those whose status is not known.
pub fn of_status(term: Option<&Term>) -> String {
    let status = term.and_then(|term| Status::from_code(&term.code));
    format!("numbers_{}", status.map_or("unknown", Status::code))
}

/// The table of a list: `Numbers`, `At_risk`.
pub fn of_table(section: SectionId) -> String {
    let code = section.code();
    format!("{}{}", code[..1].to_uppercase(), &code[1..])
}
