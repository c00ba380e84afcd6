//! The links of a spreadsheet: from figures to the rows that they count, from a list's rows to the same numbers, and to mails.

use crate::export::cells::Cell;
use crate::export::mail::MailLink;
use crate::export::ods::sheets::Sheet;
use crate::report::rows::NOT_SHOWN;
use crate::report::{Column, Destination, LazyTable, Report, SectionId, Table};

/// Where the rows of a list lead.
#[derive(Default)]
pub struct RowLinks<'a> {
    /// The name of the sheet of numbers, and by row of the list the row there, from 0.
    numbers: Option<(&'a str, &'a [u32])>,
    /// Mails to the porting team.
    mail: Option<MailLink<'a>>,
}

impl<'a> RowLinks<'a> {
    /// Those of `table`, the list of `section`: to the rows of `sheets` that have the same numbers, and by `mail`.
    pub fn new(section: SectionId, table: &'a LazyTable, sheets: &[Sheet<'a>], mail: Option<MailLink<'a>>) -> Self {
        let links = table.links.as_deref().filter(|_| section != SectionId::Numbers);
        Self { numbers: sheet_of(SectionId::Numbers, sheets).zip(links), mail: mail.filter(|_| table.columns.len() > 1) }
    }

    /// Whether no row leads anywhere.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_none() && self.mail.is_none()
    }

    /// Where the first cell of row `place` of the list, from 0, leads.
    pub fn number(&self, place: usize) -> Option<String> {
        let (sheet, links) = self.numbers?;
        let row = *links.get(place)?;
        (row != NOT_SHOWN).then(|| cell_of(sheet, row as usize + 2))
    }

    /// The column whose cell in `row` of `columns` leads to a mail, and where: one of words, since what is linked is text.
    pub fn mail(&self, columns: &[Column], row: usize) -> Option<(usize, String)> {
        let mail = self.mail.as_ref()?;
        let is_text = |place: &usize| matches!(Cell::of(&columns[*place].values, row), Some(Cell::Text(_) | Cell::Term(..)));
        let column = std::iter::once(mail.usual_column(columns)).chain(1..columns.len()).find(is_text)?;
        Some((column, mail.target(columns, row)))
    }
}

/// Where `row` of `table`, which is the section `section` of `report`, leads; the name of a sheet leads to the sheet.
pub fn target(section: SectionId, table: &Table, row: usize, report: &Report, sheets: &[Sheet<'_>]) -> Option<String> {
    if section == SectionId::Sheets {
        let Cell::Text(name) = Cell::of(&table.columns.first()?.values, row)? else { return None };
        return sheets.iter().find(|sheet| sheet.name == name).map(|sheet| cell_of(sheet.name, 1));
    }
    match report.destination(section, table, row)? {
        Destination::Row(place) => sheet_of(SectionId::Numbers, sheets).map(|sheet| cell_of(sheet, place + 2)),
        Destination::List(id) => sheet_of(id, sheets).map(|sheet| cell_of(sheet, 1)),
    }
}

/// The name of the sheet that is the list of `section`.
fn sheet_of<'a>(section: SectionId, sheets: &[Sheet<'a>]) -> Option<&'a str> {
    sheets.iter().find(|sheet| sheet.list.is_some_and(|(id, _)| id == section)).map(|sheet| sheet.name)
}

/// The first cell of row `row`, from 1. A sheet's name has no quote.
fn cell_of(sheet: &str, row: usize) -> String {
    format!("#'{sheet}'.A{row}")
}
