//! The names that templates give the sheets of spreadsheets.

use crate::report::SectionId;

/// Letters of a name, as the format counts them: a workbook allows 31, and further sheets of a list are numbered.
const MOST: usize = 26;

/// Whether `name` is that of a further sheet of the list whose first is called `first`: that name, a blank and a number.
pub fn is_further_sheet(first: &str, name: &str) -> bool {
    name.strip_prefix(first).and_then(|more| more.strip_prefix(' ')).is_some_and(|more| more.parse::<u32>().is_ok())
}

/// Checks the names of the sheets on which `places` put sections, in order; `letters` counts those of a name.
///
/// # Errors
/// What is wrong with one of them: its length, a sign that no sheet's name has, or a list on the sheet of another section.
pub fn check(places: &[(SectionId, &str)], letters: impl Fn(&str) -> usize) -> Result<(), String> {
    for (index, (section, name)) in places.iter().enumerate() {
        if name.trim().is_empty() || letters(name) > MOST || name.contains(['[', ']', ':', '*', '?', '/', '\\', '\'']) {
            return Err(format!("a sheet's name has 1 to {MOST} characters and none of []:*?/\\': '{name}'"));
        }
        let is_list = |other: SectionId| other.is_list() || section.is_list();
        let clashes =
            |(other, taken): &&(SectionId, &str)| taken.to_lowercase() == name.to_lowercase() && (taken != name || is_list(*other));
        let is_further =
            |(_, taken): &&(SectionId, &str)| is_list(*section) && (is_further_sheet(taken, name) || is_further_sheet(name, taken));
        if let Some((_, taken)) = places[..index].iter().find(is_further) {
            return Err(format!("further sheets of a list are numbered: '{name}' and '{taken}' could be those of one"));
        }
        if let Some((other, _)) = places[..index].iter().find(clashes) {
            let (other, own) = (other.code(), section.code());
            return Err(format!("{other} and {own} cannot share the sheet '{name}': a list has a sheet of its own"));
        }
    }
    Ok(())
}
