//! Builds the report from a selection: counts, lists and the table of numbers, as plain data. Neither filters nor sorts.

use polars::prelude::*;

use crate::classify::columns::{expression, rank, values};
use crate::domain::date::text;
use crate::error::{Error, Result};
use crate::report::rows::{LazyTable, column};
use crate::report::table::Values;
use crate::report::template::{ColumnSpec, Template};
use crate::report::{Report, glossary, lists, summary};
use crate::select::Selection;

/// What a report says of its maker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSettings {
    /// The name of whoever runs the porting team.
    pub operator: String,
}

impl Default for ReportSettings {
    fn default() -> Self {
        Self { operator: "the operator".to_owned() }
    }
}

/// How many groups a report has at most; more runs than that are joined.
const GROUPS: usize = 500;

/// Builds the report: counts and what the first page says are made now, the cells of a table when they are asked for.
///
/// # Errors
/// [`Error::internal`] when the counts do not sum to the rows.
pub fn build(selection: &Selection, template: &Template, settings: &ReportSettings) -> Result<Report> {
    // A name such as "Acme, Inc." brings the stop of the sentence it ends.
    let unstopped = settings.operator.trim_end_matches('.');
    let named = |text: &String| text.replace("{operator}.", &format!("{unstopped}.")).replace("{operator}", &settings.operator);
    let numbers = numbers(selection, template)?;
    let summary = summary::count(selection)?;
    let mut inputs: Vec<String> = Vec::new();
    for origin in &selection.classified.orders.origins {
        if !inputs.contains(&origin.file) {
            inputs.push(origin.file.clone());
        }
    }
    Ok(Report {
        title: template.title.clone(),
        operator: settings.operator.clone(),
        as_of: selection.classified.as_of(),
        filters: selection.filters.clone(),
        order: selection.order.clone(),
        page: selection.page,
        notice: named(&template.notice),
        caveats: template.caveats.iter().map(named).collect(),
        glossary: glossary::entries(&specs(&selection.columns, template), summary.spelling),
        summary,
        numbers,
        groups: groups(selection, template, &selection.page_rows())?,
        assign_now: lists::assign_now(selection, template)?,
        needs_you: lists::needs_you(selection, template)?,
        inputs,
    })
}

/// The numbers of the page in the columns asked for. Nothing of the rest of the report is made.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn numbers(selection: &Selection, template: &Template) -> Result<LazyTable> {
    LazyTable::selected(&selection.classified, selection.page_rows(), specs(&selection.columns, template))
}

fn specs(keys: &[&'static str], template: &Template) -> Vec<ColumnSpec> {
    keys.iter().filter_map(|key| template.column(key)).collect()
}

/// The runs of equal values of the first sort column on the page: label and first row.
fn groups(selection: &Selection, template: &Template, rows: &IdxCa) -> Result<Vec<(String, usize)>> {
    let key = selection.first_key;
    let classified = &selection.classified;
    let (made, spec) = expression(key, classified)
        .zip(template.column(key))
        .ok_or_else(|| Error::internal("groups", format!("there is no column '{key}'")))?;
    // Equal places in the list mean equal captions, and small numbers compare faster.
    let compared = rank(key).unwrap_or_else(|| made.clone()).alias("compared");
    let frame = values(classified.frame(), Some(rows), vec![compared])?;
    let starts = starts(frame.column("compared")?)?;
    let first: IdxCa = starts.iter().map(|start| rows.get(*start)).collect();
    let labels = values(classified.frame(), Some(&first), vec![made])?;
    let labels = column(&labels, &spec)?.values;
    let blank = if key == "status" || key == "detail" { "(unknown)" } else { "(blank)" };
    let label = |place: usize| worded(&labels, place).unwrap_or_else(|| blank.to_owned());
    let joined = starts.len().div_ceil(GROUPS).max(1);
    let groups = (0..starts.len())
        .step_by(joined)
        .map(|place| {
            let last = (place + joined - 1).min(starts.len() - 1);
            let (from, to) = (label(place), label(last));
            (if from == to { from } else { format!("{from} to {to}") }, starts[place])
        })
        .collect();
    Ok(groups)
}

/// Where a column's value differs from that of the row before.
fn starts(column: &polars::prelude::Column) -> Result<Vec<usize>> {
    let differs = column.not_equal_missing(&column.shift(1))?;
    let mut starts: Vec<usize> =
        differs.iter().enumerate().filter(|(row, differs)| *row == 0 || *differs == Some(true)).map(|(row, _)| row).collect();
    starts.truncate(column.len());
    Ok(starts)
}

/// The words of a cell; `None` for an empty one.
fn worded(values: &Values, row: usize) -> Option<String> {
    let mut iso = Vec::new();
    match values {
        Values::Text(cells) => return cells.get(row).map(str::to_owned),
        Values::Count(cells) => return cells.get(row).map(|count| count.to_string()),
        Values::Bool(cells) => return cells.get(row).map(|yes| if yes { "yes" } else { "no" }.to_owned()),
        Values::Date(cells) => text::write_date(&mut iso, cells.get(row)?),
        Values::Time(cells) => text::write_time(&mut iso, cells.get(row)?),
        Values::Instant(cells) => text::write_instant(&mut iso, cells.get(row)?),
    }
    Some(String::from_utf8_lossy(&iso).into_owned())
}
