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
