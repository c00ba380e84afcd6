//! The charts of long tables: their first rows, and in the heading what the others come to.

use crate::domain::columns::ColumnType;
use crate::error::Result;
use crate::report::section_spec::{SectionId, SectionSpec};
use crate::report::sections::SectionMaker;
use crate::report::table::{Table, Term, Values};
use crate::report::words::fill;
use crate::report::{Point, Series, Shape};

/// Rows that a chart has room for.
const SHOWN: usize = 10;

impl SectionMaker<'_> {
    /// The first rows of the table `id` as stacked bars; none where there is no such table.
    ///
    /// # Errors
    /// Those of the table.
    pub(in crate::report) fn first_rows(&self, id: SectionId) -> Result<Option<Series>> {
        let Some((table, _, _)) = self.head_of(id)? else { return Ok(None) };
        let text = |column: usize, row: usize| match &table.columns[column].values {
            Values::Text(cells) => cells.get(row).filter(|text| !text.is_empty()),
            _ => None,
        };
        // Names say more than numbers of accounts, where all have one.
        let named = table.columns.iter().position(|column| column.key == "account_company");
        let label_column = named.filter(|column| (0..table.rows).all(|row| text(*column, row).is_some())).unwrap_or(0);
        let point = |row: usize| {
            let label = Term { caption: text(label_column, row).unwrap_or_default().to_owned(), ..Term::default() };
            Point { label, count: count(&table, row), note: String::new() }
        };
        Ok(Some(Series { shape: Shape::Stacked, table: id, label_column, points: (0..table.rows).map(point).collect() }))
    }

    /// The heading of a section; that of a chart without room for all says so.
    ///
    /// # Errors
    /// Those of the table.
    pub(in crate::report) fn heading(&self, spec: &SectionSpec) -> Result<String> {
        let of = match spec.id {
            SectionId::AccountsChart => SectionId::ByAccount,
            SectionId::AgeingChart => SectionId::Ageing,
            _ => return Ok(spec.heading.clone()),
        };
        let Some((table, rows, all)) = self.head_of(of)?.filter(|(table, rows, _)| table.rows < *rows) else {
            return Ok(spec.heading.clone());
        };
        let words = &self.template.words;
        let others = all - (0..table.rows).map(|row| count(&table, row)).sum::<u64>();
        let [shown, rows, others] = [table.rows as u64, rows as u64, others].map(|count| words.thousands(count));
        Ok(fill(&words.chart_first, &[("heading", &spec.heading), ("shown", &shown), ("rows", &rows), ("others", &others)]))
    }

    /// The first rows of the table `id`, how many it has, and its total.
    fn head_of(&self, id: SectionId) -> Result<Option<(Table, usize, u64)>> {
        let Some((_, table)) = self.lists.others.iter().find(|(other, _)| *other == id) else { return Ok(None) };
        let rows = table.rows - table.totals.min(table.rows);
        let total = table.table(rows..table.rows)?;
        let all = if total.rows > 0 { count(&total, 0) } else { 0 };
        Ok(Some((table.table(0..rows.min(SHOWN))?, rows, all)))
    }
}

/// The count of a row of all its numbers, which is the last of its counts.
fn count(table: &Table, row: usize) -> u64 {
    let counts = table.columns.iter().rfind(|column| column.kind == ColumnType::Count);
    match counts.map(|column| &column.values) {
        Some(Values::Count(cells)) => cells.get(row).and_then(|count| u64::try_from(count).ok()).unwrap_or(0),
        _ => 0,
    }
}
