//! The sheets of a spreadsheet, and how much one holds.

use crate::domain::text::thousands;
use crate::error::{Error, Place, Result};
use crate::report::{LazyTable, Report, Section, SectionId};

/// Rows below the header that a sheet holds in every program.
const SHEET_ROWS: usize = 1_048_575;
/// Bytes of the document's text that a package holds without 64-bit sizes, with room to spare, and those of markup around a cell.
const PART_BYTES: usize = 3_500_000_000;
const CELL_MARKUP: usize = 80;
/// A sheet: a list, or several sections below each other.
pub struct Sheet<'a> {
    /// Its name.
    pub name: &'a str,
    /// The list.
    pub list: Option<(SectionId, &'a LazyTable)>,
    /// Its sections.
    pub sections: Vec<&'a Section>,
}

/// The sheets of `report`, in order.
///
/// # Errors
/// [`Error::data`] for a list with more rows than a sheet holds.
pub fn sheets(report: &Report) -> Result<Vec<Sheet<'_>>> {
    let mut sheets: Vec<Sheet<'_>> = Vec::new();
    for section in &report.sections {
        let list = report.list(section).map(|table| (section.id, table));
        // Without its numbers it would be no report.
        let usual = (section.id == SectionId::Numbers).then_some(section.heading.as_str());
        let Some(name) = section.place("ods").or(usual) else { continue };
        list.map_or(Ok(()), |(_, table)| check_size(name, table))?;
        match sheets.iter_mut().find(|sheet| list.is_none() && sheet.list.is_none() && sheet.name == name) {
            Some(sheet) => sheet.sections.push(section),
            None => sheets.push(Sheet { name, list, sections: vec![section] }),
        }
    }
    Ok(sheets)
}

fn check_size(name: &str, table: &LazyTable) -> Result<()> {
    let refused = |what: String| {
        let help = "ask for fewer rows or columns, or leave ods out";
        Err(Error::data(format!("ods, sheet {name}"), what, help).with_remedy(Place::option_value("format", "csv,xlsx")))
    };
    let [rows, most] = [table.rows, SHEET_ROWS].map(|count| thousands(count as u64));
    if table.rows > SHEET_ROWS {
        return refused(format!("{rows} rows do not fit; a sheet holds {most} below its header"));
    }
    let bytes = table.rows * table.columns.len() * CELL_MARKUP + 2 * table.source.text_bytes();
    if bytes > PART_BYTES {
        let [bytes, most] = [bytes, PART_BYTES].map(|count| thousands(count as u64));
        return refused(format!("{rows} rows may take {bytes} bytes of text; a file holds {most}"));
    }
    Ok(())
}
