//! Builds the report from a selection: its cover, its sections and the runs of its rows.

use std::sync::Arc;

use polars::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::{expression, places, values};
use crate::domain::date::text::{self, DateStyle};
use crate::domain::text::decimal;
use crate::error::Result;
use crate::history::Changes;
use crate::report::rows::{LazyTable, specs};
use crate::report::sections::SectionMaker;
use crate::report::style::{self, STATUSES};
use crate::report::table::Values;
use crate::report::template::Template;
use crate::report::words::fill;
use crate::report::{Cover, Report, ages, lists, query_text, summary};
use crate::select::Selection;

/// How many groups a report has at most; more runs than that are joined.
const GROUPS: usize = 500;

/// Builds the report: counts and what the first page says are made now, the cells of a table when they are asked for.
/// `operator` is whoever runs the porting team; empty where the report names none.
///
/// # Errors
/// [`crate::error::Error::internal`] when the counts do not sum to the rows.
pub fn build(selection: &Selection, template: &Template, operator: &str) -> Result<Report> {
    build_since(selection, template, operator, None)
}

/// As [`build`], with what became of the numbers since an earlier report.
///
/// # Errors
/// As [`build`].
pub fn build_since(selection: &Selection, template: &Template, operator: &str, changes: Option<&Changes>) -> Result<Report> {
    let starts = |template: &Template| Ok((groups(selection, template, &selection.page_rows())?, status_starts(selection)?));
    built(selection, template, (operator, changes), &lists::links(selection), starts)
}

/// As [`build_since`], for who reads its counts and sections alone: nothing leads to its numbers.
///
/// # Errors
/// As [`build`].
pub fn build_summary(selection: &Selection, template: &Template, operator: &str, changes: Option<&Changes>) -> Result<Report> {
    built(selection, template, (operator, changes), &[], |_| Ok(Starts::default()))
}

/// The runs of equal values among the numbers, by label and first row, and the first row of each status.
type Starts = (Vec<(String, usize)>, [Option<usize>; STATUSES.len()]);

fn built(
    selection: &Selection,
    template: &Template,
    (operator, changes): (&str, Option<&Changes>),
    links: &[u32],
    starts: impl FnOnce(&Template) -> Result<Starts>,
) -> Result<Report> {
    let classified = &selection.classified;
    let template = &template.clone().adapted(operator, classified.rules.spelling).for_rows_of(&classified.orders);
    let numbers = numbers(selection, template)?;
    let cover = cover_of(selection, template, operator)?;
    let maker = SectionMaker {
        template,
        figures: &cover.figures,
        page: selection.page,
        rows: numbers.rows,
        columns: &specs(selection.query.columns.iter().copied(), template, classified),
        lists: lists::lists(selection, template, changes, links)?,
    };
    let (groups, status_starts) = starts(template)?;
    Ok(Report {
        sections: maker.sections()?,
        groups,
        status_starts,
        numbers,
        rows_on_pages: template.limits.rows_on_pages,
        look: template.look.clone(),
        words: template.words.clone(),
        language: template.language.clone(),
        volume: None,
        cover,
    })
}

/// The cover of the report that [`build`] would build.
///
/// # Errors
/// As [`build`].
pub fn cover(selection: &Selection, template: &Template, operator: &str) -> Result<Cover> {
    let template = template.clone().adapted(operator, selection.classified.rules.spelling).for_rows_of(&selection.classified.orders);
    cover_of(selection, &template, operator)
}

fn cover_of(selection: &Selection, template: &Template, operator: &str) -> Result<Cover> {
    let (oldest_change, sources) = ages::ages(selection, template)?;
    Ok(Cover {
        title: template.title.clone(),
        operator: operator.to_owned(),
        as_of: selection.classified.as_of(),
        filters: query_text::filters(selection, template),
        order: query_text::order(&selection.query, template),
        page: selection.page,
        oldest_change,
        sources,
        notice: template.notice.clone(),
        figures: summary::count(selection)?,
    })
}

/// The numbers of the page in the columns asked for. Nothing of the rest of the report is made.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn numbers(selection: &Selection, template: &Template) -> Result<LazyTable> {
    let classified = &selection.classified;
    LazyTable::selected(classified, selection.page_rows(), specs(selection.query.columns.iter().copied(), template, classified))
}

/// The runs of equal values of the first sort column on the page: label and first row.
fn groups(selection: &Selection, template: &Template, rows: &IdxCa) -> Result<Vec<(String, usize)>> {
    let key = selection.query.sort.first().map_or("status", |key| key.key);
    let classified = &selection.classified;
    // Equal places in a list mean equal captions, and small numbers compare faster.
    let compared = places(key, classified).or_else(|| expression(key, classified)).map(|made| made.alias("compared"));
    let frame = values(classified.frame(), Some(rows), compared.into_iter().collect())?;
    let starts = starts(frame.column("compared")?)?;
    let words = &template.words;
    let first: IdxCa = starts.iter().map(|start| rows.get(*start)).collect();
    let labels = labels_in(classified, first, key, (template, words.dates))?;
    let blank = if key == "status" || key == "detail" { &words.unknown } else { &words.blank };
    let label = |place: usize| labels[place].clone().unwrap_or_else(|| blank.clone());
    let joined = starts.len().div_ceil(GROUPS).max(1);
    let groups = (0..starts.len())
        .step_by(joined)
        .map(|place| {
            let last = (place + joined - 1).min(starts.len() - 1);
            let (first, last) = (label(place), label(last));
            let label = if first == last { first } else { fill(&words.range, &[("first", &first), ("last", &last)]) };
            (label, starts[place])
        })
        .collect();
    Ok(groups)
}

/// By the place of a status, the first row of the page that has it.
fn status_starts(selection: &Selection) -> Result<[Option<usize>; STATUSES.len()]> {
    let classified = &selection.classified;
    let frame = values(classified.frame(), Some(&selection.page_rows()), places("status", classified).into_iter().collect())?;
    let mut starts = [None; STATUSES.len()];
    for (row, place) in frame.column("status")?.u32()?.iter().enumerate() {
        let place = place.map_or(style::place(None), |place| place as usize);
        if let Some(start @ None) = starts.get_mut(place) {
            *start = Some(row);
        }
    }
    Ok(starts)
}

/// What stands in column `key` of `rows`, days as ISO text; `None` for an empty cell.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn labels(classified: &Arc<Classified>, rows: IdxCa, key: &'static str, template: &Template) -> Result<Vec<Option<String>>> {
    labels_in(classified, rows, key, (template, DateStyle::Iso))
}

fn labels_in(
    classified: &Arc<Classified>,
    rows: IdxCa,
    key: &'static str,
    (template, dates): (&Template, DateStyle),
) -> Result<Vec<Option<String>>> {
    let count = rows.len();
    let table = LazyTable::selected(classified, rows, specs([key], template, classified))?.table(0..count)?;
    let cell = |row| table.columns.first().and_then(|column| worded(&column.values, row, dates));
    Ok((0..count).map(cell).collect())
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
fn worded(values: &Values, row: usize, dates: DateStyle) -> Option<String> {
    let mut shown = Vec::new();
    match values {
        Values::Text(cells) => return cells.get(row).map(str::to_owned),
        Values::Count(cells) => return cells.get(row).map(|count| count.to_string()),
        Values::Terms { .. } => return values.term(row).map(|term| term.caption.clone()),
        Values::Amount(cells) => return cells.get(row).map(decimal),
        Values::Share(cells) => return cells.get(row).map(|share| share.to_string()),
        Values::Date(cells) => dates.write_date(&mut shown, cells.get(row)?),
        Values::Time(cells) => text::write_time(&mut shown, cells.get(row)?),
        Values::Instant(cells) => dates.write_instant(&mut shown, cells.get(row)?),
    }
    Some(String::from_utf8_lossy(&shown).into_owned())
}
