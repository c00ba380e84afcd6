//! The links of a list's rows to the same numbers on the sheets of the numbers.

use std::fmt::Write as _;

use crate::export::xlsx::numbers::TableSheet;
use crate::report::SectionId;
use crate::report::rows::NOT_SHOWN;

/// Rows of a sheet that are linked, its first: a worksheet allows 65,530 links.
const LINKED_ROWS: usize = 65_000;

/// The element that links the rows of `sheet` to `sheets` of numbers; empty where there is nothing to link.
pub fn element(sheet: &TableSheet<'_>, sheets: &[TableSheet<'_>]) -> String {
    let Some(links) = sheet.data.links.as_ref().filter(|_| sheet.section != SectionId::Numbers) else { return String::new() };
    let numbers: Vec<&TableSheet<'_>> = sheets.iter().filter(|sheet| sheet.section == SectionId::Numbers).collect();
    let mut out = String::new();
    let rows = links.get(sheet.rows.clone()).unwrap_or_default();
    for (row, link) in (2..).zip(rows.iter().take(LINKED_ROWS)) {
        let place = *link as usize;
        let target = numbers.iter().find(|numbers| *link != NOT_SHOWN && numbers.rows.contains(&place));
        if let Some(target) = target {
            // A sheet's name has no quote; rows count from 1, and the header is the first. A String never refuses.
            let (name, to) = (quick_xml::escape::escape(&target.name), place - target.rows.start + 2);
            let _ = write!(out, "<hyperlink ref=\"A{row}\" location=\"'{name}'!A{to}\"/>");
        }
    }
    if out.is_empty() { out } else { format!("<hyperlinks>{out}</hyperlinks>") }
}

#[cfg(test)]
mod tests {
    use crate::error::Result;
    use crate::export::xlsx::links::{LINKED_ROWS, element};
    use crate::export::xlsx::numbers::plan;
    use crate::report::template::Template;
    use crate::report::{LazyTable, SectionId};
    use crate::templates::Templates;

    #[test]
    fn a_sheet_has_fewer_links_than_a_workbook_opens_with() -> Result<()> {
        let words = Template::load(&Templates::default(), "partner-port-status")?.words;
        let rows = LINKED_ROWS + 5_000;
        let table = |links| Ok::<_, crate::error::Error>(LazyTable { rows, links, ..LazyTable::made(Vec::new(), 0)? });
        let (numbers, list) = (table(None)?, table(Some((0..rows as u32).rev().collect()))?);
        let mut sheets = plan("Numbers", SectionId::Numbers, &numbers, rows / 2 + 1, "", &words)?;
        sheets.extend(plan("At risk", SectionId::AtRisk, &list, 1_048_575, "", &words)?);
        let links = element(&sheets[2], &sheets);
        assert_eq!(links.matches("<hyperlink ").count(), 65_000);
        assert!(
            LINKED_ROWS < 65_530 && links.starts_with("<hyperlinks><hyperlink ref=\"A2\" location=\"'Numbers 2'!A35000\"/>"),
            "{}",
            &links[..99]
        );
        assert!(links.ends_with("<hyperlink ref=\"A65001\" location=\"'Numbers'!A5002\"/></hyperlinks>"), "{}", &links[links.len() - 99..]);
        assert_eq!(element(&sheets[0], &sheets), "");
        Ok(())
    }
}
