//! Builds the report from a selection: counts, lists and the table of numbers, as plain data. Neither filters nor sorts.

use std::collections::HashMap;

use polars::prelude::*;
use rayon::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::{expression, rank, roots, values};
use crate::domain::columns::ColumnType;
use crate::domain::date::text;
use crate::error::{Error, Result};
use crate::report::template::{ColumnSpec, Template};
use crate::report::{Column, Report, Table, Values, glossary, lists, summary};
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

/// How many columns are made beside each other before their sources are dropped.
const BATCH: usize = 4;

/// Builds the report. The selection is consumed, so that each of its columns is dropped as soon as no column
/// to come needs it.
///
/// # Errors
/// [`Error::internal`] when the counts do not sum to the rows.
pub fn build(selection: Selection, template: &Template, settings: &ReportSettings) -> Result<Report> {
    // A name such as "Acme, Inc." brings the stop of the sentence it ends.
    let unstopped = settings.operator.trim_end_matches('.');
    let named = |text: &String| text.replace("{operator}.", &format!("{unstopped}.")).replace("{operator}", &settings.operator);
    let specs: Vec<ColumnSpec> = selection.columns.iter().filter_map(|key| template.column(key)).collect();
    let rows = selection.page_rows();
    let as_of = selection.classified.as_of();
    let summary = summary::count(&selection)?;
    let groups = groups(&selection, template, &rows)?;
    let assign_now = lists::assign_now(&selection, template)?;
    let needs_you = lists::needs_you(&selection, template)?;
    let mut inputs: Vec<String> = Vec::new();
    for origin in &selection.classified.orders.origins {
        if !inputs.contains(&origin.file) {
            inputs.push(origin.file.clone());
        }
    }
    Ok(Report {
        title: template.title.clone(),
        operator: settings.operator.clone(),
        as_of,
        filters: selection.filters,
        order: selection.order,
        page: selection.page,
        notice: named(&template.notice),
        caveats: template.caveats.iter().map(named).collect(),
        glossary: glossary::entries(&specs, summary.spelling),
        summary,
        numbers: numbers(selection.classified, rows, selection.rows, specs)?,
        groups,
        assign_now,
        needs_you,
        inputs,
    })
}

/// The table of numbers. Sources are gathered once each, few at a time, and dropped after their last use.
fn numbers(classified: Classified, rows: IdxCa, all_rows: IdxCa, specs: Vec<ColumnSpec>) -> Result<Table> {
    drop(all_rows);
    let made: Vec<Expr> = specs.iter().filter_map(|spec| expression(spec.key, &classified)).collect();
    let mut uses: HashMap<PlSmallStr, usize> = HashMap::new();
    for root in made.iter().flat_map(|one| roots([one])) {
        *uses.entry(root).or_default() += 1;
    }
    let mut source = classified.orders.frame.select(roots(&made))?;
    drop(classified);
    let mut gathered = DataFrame::empty_with_height(rows.len());
    let mut columns = Vec::with_capacity(specs.len());
    for (made, specs) in made.chunks(BATCH).zip(specs.chunks(BATCH)) {
        let fresh: Vec<PlSmallStr> = roots(made).into_iter().filter(|root| gathered.column(root).is_err()).collect();
        let fresh: Vec<_> = fresh.iter().map(|root| source.drop_in_place(root)).collect::<PolarsResult<_>>()?;
        let fresh: Vec<_> = fresh.into_par_iter().map(|root| root.rechunk().take(&rows)).collect::<PolarsResult<_>>()?;
        gathered.hstack_mut(&fresh)?;
        drop(fresh);
        let cells = gathered.clone().lazy().select(made).collect()?;
        for spec in specs {
            columns.push(column(&cells, spec.clone())?);
        }
        for root in made.iter().flat_map(|one| roots([one])) {
            let left = uses.entry(root.clone()).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                gathered.drop_in_place(&root)?;
            }
        }
    }
    table(rows.len(), columns)
}

/// The table of `columns`, each of which has `rows` cells.
///
/// # Errors
/// [`Error::internal`] when one has more or fewer: an exporter would leave cells empty or rows out.
pub fn table(rows: usize, columns: Vec<Column>) -> Result<Table> {
    let cells = |column: &Column| match &column.values {
        Values::Text(values) => values.len(),
        Values::Date(values) | Values::Time(values) => values.len(),
        Values::Instant(values) | Values::Count(values) => values.len(),
        Values::Bool(values) => values.len(),
    };
    match columns.iter().find(|column| cells(column) != rows) {
        None => Ok(Table { rows, columns }),
        Some(column) => {
            let what = format!("column {} has {} cells for {rows} rows", column.key, cells(column));
            Err(Error::internal("report", what))
        }
    }
}

/// One column of a report from the cells of the same key, in one chunk.
///
/// # Errors
/// [`Error::internal`] when the cells are not what the kind of the column says.
pub fn column(cells: &DataFrame, spec: ColumnSpec) -> Result<Column> {
    let cells = cells.column(spec.key)?;
    let physical = |dtype: &DataType| cells.to_physical_repr().cast(dtype);
    let values = match spec.kind {
        ColumnType::Phone | ColumnType::Id | ColumnType::Text | ColumnType::Status | ColumnType::Choice => {
            Values::Text(cells.str()?.rechunk().into_owned())
        }
        ColumnType::Date => Values::Date(physical(&DataType::Int32)?.i32()?.rechunk().into_owned()),
        ColumnType::Time => Values::Time(physical(&DataType::Int32)?.i32()?.rechunk().into_owned()),
        ColumnType::Instant => Values::Instant(physical(&DataType::Int64)?.i64()?.rechunk().into_owned()),
        ColumnType::Count => Values::Count(physical(&DataType::Int64)?.i64()?.rechunk().into_owned()),
        ColumnType::Bool => Values::Bool(cells.bool()?.rechunk().into_owned()),
    };
    Ok(Column { key: spec.key.to_owned(), caption: spec.caption, kind: spec.kind, width_characters: spec.width, values })
}

/// The runs of equal values of the first sort column on the page: label and first row.
fn groups(selection: &Selection, template: &Template, rows: &IdxCa) -> Result<Vec<(String, usize)>> {
    let key = selection.first_key.as_str();
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
    let labels = column(&labels, spec)?.values;
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
