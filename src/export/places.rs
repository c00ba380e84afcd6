//! The places of sections in a document that is read from its beginning to its end.

use crate::report::{Report, Section, SectionId};

/// Before the numbers: what is read whole.
pub const SUMMARY: &str = "summary";
/// The numbers.
pub const NUMBERS: &str = "numbers";
/// After the numbers: what may be long.
pub const LIST: &str = "list";
/// At the end: what words mean, and the notice.
pub const NOTES: &str = "notes";

/// Checks the places that a template gives the sections in such a document, `format` by name.
///
/// # Errors
/// What is wrong with one of them, and what to do.
pub fn check(format: &str, places: &[(SectionId, &str)]) -> Result<(), String> {
    let wrong = places.iter().find_map(|(section, place)| {
        let right = match section {
            SectionId::Numbers => &[NUMBERS][..],
            section if section.is_list() => &[LIST],
            _ => &[SUMMARY, NOTES],
        };
        (!right.contains(place)).then(|| {
            let right: Vec<String> = right.iter().map(|place| format!("\"{place}\"")).collect();
            format!("'{place}' does not fit: write {format} = {} in formats of the section {}", right.join(" or "), section.code())
        })
    });
    wrong.map_or(Ok(()), Err)
}

/// The sections of `report` at `place` in `format`, in order.
pub fn at<'a>(report: &'a Report, format: &str, place: &str) -> Vec<&'a Section> {
    report.sections.iter().filter(|section| section.place(format) == Some(place)).collect()
}

/// The heading of the numbers, and what is said of them; that of the words where the template has no section for them.
pub fn numbers(report: &Report) -> (&str, &str) {
    let section = report.section(SectionId::Numbers);
    section.map_or((&report.words.numbers, ""), |section| (&section.heading, &section.explanation))
}
