//! The links of a workbook: from its figures to the rows that they count, from a list's rows to the same numbers, and to mails.

use std::fmt::Write as _;

use crate::domain::text::{letters, thousands};
use crate::error::Result;
use crate::export::Options;
use crate::export::cells::Cell;
use crate::export::mail::MailLink;
use crate::export::xlsx::numbers::{MailColumn, TableSheet};
use crate::report::rows::NOT_SHOWN;
use crate::report::{Destination, Report, Section, SectionId, Table};

/// Links that a worksheet opens with.
const MOST_LINKS: usize = 65_530;
/// Links of a sheet that are written, with room to spare.
const LINKS: usize = 65_000;
/// Characters of a link's address.
const MOST_ADDRESS: usize = 2_079;
/// Rows whose addresses are made at once.
const BLOCK_ROWS: usize = 4_096;

/// Gives the rows of `sheets` that wait for the partner their links to mails, where the address of the porting team is known;
/// says what stays without a link, a sentence each.
///
/// # Errors
/// Those of the rows.
pub fn add_mail(sheets: &mut [TableSheet<'_>], report: &Report, options: &Options) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for sheet in sheets {
        let columns = &sheet.data.columns;
        let Some(link) = MailLink::new(options, report, sheet.section, sheet.data).filter(|_| columns.len() > 1) else { continue };
        let column = link.usual_column(columns);
        let linked = sheet.rows.start..sheet.rows.end.min(sheet.rows.start + LINKS / 2);
        let mut addresses = Vec::with_capacity(linked.len());
        for first in linked.clone().step_by(BLOCK_ROWS) {
            let rows = sheet.data.table(first..(first + BLOCK_ROWS).min(linked.end))?;
            let address = |row: usize| {
                let address = link.target(&rows.columns, row);
                (address.len() <= MOST_ADDRESS).then(|| (link.column(&rows.columns, row), address))
            };
            addresses.extend((0..rows.rows).map(address));
        }
        let long = addresses.iter().filter(|address| address.is_none()).count();
        if long > 0 {
            let (rows, most) = (thousands(long as u64), thousands(MOST_ADDRESS as u64));
            notes.push(format!(
                "xlsx, sheet {}: {rows} of its rows have no link to a mail: its address has more than {most} characters",
                sheet.name
            ));
        }
        sheet.mail = Some(MailColumn { column, addresses });
    }
    Ok(notes)
}

/// One sentence for each of `sheets` with more rows than a worksheet has links.
pub fn notes<'s>(sheets: &'s [TableSheet<'_>]) -> impl Iterator<Item = String> + 's {
    let is_linked = |sheet: &&TableSheet<'_>| sheet.section != SectionId::Numbers && sheet.data.links.is_some();
    sheets.iter().filter(is_linked).filter(|sheet| sheet.rows.len() > linked_rows(sheet)).map(|sheet| {
        let [linked, rows, most] = [linked_rows(sheet), sheet.rows.len(), MOST_LINKS].map(|count| thousands(count as u64));
        format!("xlsx, sheet {}: the first {linked} of its {rows} rows are linked: a worksheet holds {most} links", sheet.name)
    })
}

/// Rows of a sheet that are linked, its first.
fn linked_rows(sheet: &TableSheet<'_>) -> usize {
    if sheet.mail.is_some() { LINKS / 2 } else { LINKS }
}

/// The element that links the rows of `sheet` to `sheets` of numbers and to mails; empty where there is nothing to link.
pub fn element(sheet: &TableSheet<'_>, sheets: &[TableSheet<'_>]) -> String {
    let links = sheet.data.links.as_ref().filter(|_| sheet.section != SectionId::Numbers);
    let links = links.and_then(|links| links.get(sheet.rows.clone())).unwrap_or_default();
    let mails = sheet.mail.as_ref().map_or(&[][..], |mail| &mail.addresses);
    let mut out = String::new();
    for row in 0..links.len().max(mails.len()).min(linked_rows(sheet)) {
        // Rows count from 1, and the header is the first. A String never refuses.
        let number = row + 2;
        if let Some(to) = links.get(row).filter(|link| **link != NOT_SHOWN).and_then(|link| number_row(*link as usize, sheets)) {
            let _ = write!(out, "<hyperlink ref=\"A{number}\" location=\"{}\"/>", quick_xml::escape::escape(&to).replace("&apos;", "'"));
        }
        if let Some(Some((column, _))) = mails.get(row) {
            let column = letters(*column);
            let _ = write!(out, "<hyperlink ref=\"{column}{number}\" r:id=\"mail{number}\"/>");
        }
    }
    if out.is_empty() { out } else { format!("<hyperlinks>{out}</hyperlinks>") }
}

/// What relates the mails of `sheet` to their addresses.
pub fn relations(sheet: &TableSheet<'_>) -> String {
    let mails = sheet.mail.iter().flat_map(|mail| mail.addresses.iter()).zip(2..);
    let mut out = String::new();
    for (address, number) in mails {
        if let Some((_, address)) = address {
            // An address has no sign that XML changes. A String never refuses.
            let _ = write!(out, "<Relationship Id=\"mail{number}\" Type=\"{HYPERLINK}\" Target=\"{address}\" TargetMode=\"External\"/>");
        }
    }
    out
}

/// The type of a relation to an address.
const HYPERLINK: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink";

/// The cell in which row `place` of the numbers, from 0, begins, as in `'Numbers 2'!A17`.
fn number_row(place: usize, sheets: &[TableSheet<'_>]) -> Option<String> {
    let target = sheets.iter().find(|sheet| sheet.section == SectionId::Numbers && sheet.rows.contains(&place))?;
    Some(cell_of(target, place - target.rows.start + 2))
}

/// The first cell of row `row`, from 1. A sheet's name has no quote.
fn cell_of(sheet: &TableSheet<'_>, row: usize) -> String {
    format!("'{}'!A{row}", sheet.name)
}

/// Where `row` of `table`, which is the section `section` of `report`, leads; the name of a sheet leads to the sheet.
pub fn target(section: SectionId, table: &Table, row: usize, report: &Report, sheets: &[TableSheet<'_>]) -> Option<String> {
    if section == SectionId::Sheets {
        let Cell::Text(name) = Cell::of(&table.columns.first()?.values, row)? else { return None };
        // A list without rows has a sheet that says so.
        let is_there = |section: &Section| section.place("xlsx") == Some(name);
        return report.sections.iter().any(is_there).then(|| format!("'{name}'!A1"));
    }
    match report.destination(section, table, row)? {
        Destination::Row(place) => number_row(place, sheets),
        Destination::List(id) => sheets.iter().find(|sheet| sheet.section == id).map(|sheet| cell_of(sheet, 1)),
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Result;
    use crate::export::xlsx::links::{LINKS, MOST_LINKS, element, notes, relations};
    use crate::export::xlsx::numbers::{MailColumn, plan};
    use crate::report::template::Template;
    use crate::report::{LazyTable, SectionId};
    use crate::templates::Templates;

    #[test]
    fn a_sheet_has_fewer_links_than_a_workbook_opens_with() -> Result<()> {
        let words = Template::load(&Templates::default(), "partner-port-status")?.words;
        let rows = LINKS + 5_000;
        let table = |links| Ok::<_, crate::error::Error>(LazyTable { rows, links, ..LazyTable::made(Vec::new(), 0)? });
        let (numbers, list) = (table(None)?, table(Some((0..rows as u32).rev().collect()))?);
        let mut sheets = plan("Numbers", SectionId::Numbers, &numbers, rows / 2 + 1, &words)?;
        sheets.extend(plan("At risk", SectionId::AtRisk, &list, 1_048_575, &words)?);
        let links = element(&sheets[2], &sheets);
        assert_eq!(links.matches("<hyperlink ").count(), 65_000);
        assert!(
            LINKS < MOST_LINKS && links.starts_with("<hyperlinks><hyperlink ref=\"A2\" location=\"'Numbers 2'!A35000\"/>"),
            "{}",
            &links[..99]
        );
        assert!(links.ends_with("<hyperlink ref=\"A65001\" location=\"'Numbers'!A5002\"/></hyperlinks>"), "{}", &links[links.len() - 99..]);
        assert_eq!(element(&sheets[0], &sheets), "");
        assert_eq!(notes(&sheets[..2]).count(), 0);
        let said: Vec<String> = notes(&sheets).collect();
        assert_eq!(said, ["xlsx, sheet At risk: the first 65,000 of its 70,000 rows are linked: a worksheet holds 65,530 links"]);
        // With two links a row, half as many rows have them.
        sheets[2].mail = Some(MailColumn { column: 5, addresses: vec![Some((5, "mailto:a@b.example".to_owned())); LINKS / 2] });
        let links = element(&sheets[2], &sheets);
        assert_eq!((links.matches("<hyperlink ").count(), relations(&sheets[2]).matches("<Relationship ").count()), (65_000, 32_500));
        assert!(links.ends_with("<hyperlink ref=\"F32501\" r:id=\"mail32501\"/></hyperlinks>"));
        assert!(notes(&sheets).all(|note| note.contains("the first 32,500 of its 70,000 rows")));
        Ok(())
    }
}
