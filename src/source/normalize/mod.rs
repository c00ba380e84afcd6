//! Conforms a table of text to the record: numbers, dates and codes become what their column holds, free text stays as it is. Never loses a row or a cell uncounted.

pub mod chunk;
pub mod column_roles;
pub mod counters;
pub mod dates;
pub mod dictionary;
pub mod numbers;
pub mod rows;

use std::collections::BTreeMap;
use std::ops::Range;

use polars::prelude::{DataFrame, StringChunked};
use rayon::prelude::*;

use crate::domain::record::Field;
use crate::error::Result;
use crate::source::normalize::chunk::NormalizedChunk;
use crate::source::normalize::column_roles::Role;
use crate::source::normalize::counters::Counters;
use crate::source::normalize::dictionary::Dictionary;
use crate::source::plan::ColumnPlan;
use crate::source::table::{Table, UNCALCULATED};
use crate::source::{Reject, RejectKind};

/// Tells the canonical reason code that a reject reason's text names.
pub type Recognise<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// A table that meets the record, its rejected rows still in place.
#[derive(Debug)]
pub struct NormalizedTable {
    /// The columns the table had, and `class`, `source_words`, `line` and `lints`.
    pub frame: DataFrame,
    /// For each row whether it can be a row of the report.
    pub keep: Vec<bool>,
    /// The fields the table had, in the order of the record.
    pub present: Vec<Field>,
    /// Rows read, the refused included and the blank ones not.
    pub read: u64,
    /// Rows that ranges of numbers add to those.
    pub expanded: u64,
    /// Rows and cells that could not be used.
    pub rejects: Vec<Reject>,
    /// Words that the profile does not know, by header and word.
    pub unknown_words: BTreeMap<(String, String), u64>,
    /// Ambiguous dates, repaired numbers and whatever else a reader should know.
    pub notes: Vec<String>,
}

/// A cell that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellProblem {
    /// The row within its chunk.
    pub row: u32,
    /// The column, among the headers.
    pub header: usize,
    /// Why, one phrase.
    pub reason: &'static str,
}

/// Normalizes one table. `input` is its index among the inputs and `place` its name in notes.
///
/// # Errors
/// [`crate::error::Error::data`] when ranges come to too many numbers;
/// [`crate::error::Error::internal`] when a column cannot be built.
pub fn normalize(table: Table, plan: &ColumnPlan<'_>, input: u32, place: &str, recognise: Recognise<'_>) -> Result<NormalizedTable> {
    let arranged = rows::expand_ranges(table, plan, place)?;
    let table = arranged.table;
    let ranges = ranges(&table);
    let dictionaries: Vec<Vec<Option<Dictionary>>> = ranges.par_iter().map(|range| index(&table, plan, range)).collect();
    let (roles, mut notes) = column_roles::assign_column_roles(&table.headers, plan, &dictionaries, place);
    let chunks: Vec<NormalizedChunk> = ranges
        .par_iter()
        .zip(dictionaries)
        .map(|(range, dictionaries)| chunk::build(&table, range.clone(), &roles, &dictionaries, plan, recognise))
        .collect::<Result<_>>()?;
    notes.extend(arranged.notes);
    let read = (table.lines.len() + table.refused.len()) as u64 - arranged.expanded;
    let mut rejects: Vec<Reject> = table
        .refused
        .iter()
        .map(|refused| Reject {
            input,
            line: refused.line,
            kind: RejectKind::Row,
            column: String::new(),
            value: refused.text.clone(),
            reason: refused.reason.clone(),
        })
        .collect();
    let mut frame: Option<DataFrame> = None;
    let mut keep = Vec::with_capacity(table.lines.len());
    let mut unknown_words = BTreeMap::new();
    let mut counters = Counters::default();
    for chunk in chunks {
        keep.extend(chunk.keep);
        rejects.extend(chunk.rejects.into_iter().map(|reject| Reject { input, ..reject }));
        counters.add(&chunk.counters);
        for (word, count) in chunk.unknown_words {
            *unknown_words.entry(word).or_default() += count;
        }
        match &mut frame {
            None => frame = Some(chunk.frame),
            Some(frame) => _ = frame.vstack_mut_owned(chunk.frame)?,
        }
    }
    rejects.sort();
    notes.extend(counters.notes(&table.headers, plan.profile, place));
    let timed = (counters.times > 0).then_some(Field::ConfirmedTime);
    let mut present: Vec<Field> = roles.iter().filter_map(Role::field).chain(timed).collect();
    present.sort();
    present.dedup();
    Ok(NormalizedTable {
        frame: frame.unwrap_or_default(),
        keep,
        present,
        read,
        expanded: arranged.expanded,
        rejects,
        unknown_words,
        notes,
    })
}

/// Rows that are conformed together: the table's own chunks, or up to eight parts of one large chunk.
fn ranges(table: &Table) -> Vec<Range<usize>> {
    let rows = table.lines.len();
    let lengths: Vec<usize> = table.columns.iter().flatten().next().map(|column| column.chunk_lengths().collect()).unwrap_or_default();
    let lengths = match lengths.len() {
        0 | 1 => {
            let parts = (rows / 32_768).clamp(1, 8);
            (0..parts).map(|part| rows * (part + 1) / parts - rows * part / parts).collect()
        }
        _ => lengths,
    };
    let mut start = 0;
    let ranges = lengths.into_iter().map(|length| {
        start += length;
        start - length..start
    });
    ranges.filter(|range| !range.is_empty()).collect()
}

/// Whether a cell is the error value of a spreadsheet's formula.
pub fn is_error_value(cell: &str) -> bool {
    let cell = cell.trim();
    cell.starts_with('#')
        && matches!(
            cell,
            "#N/A"
                | "#REF!"
                | "#VALUE!"
                | "#NAME?"
                | "#DIV/0!"
                | "#NULL!"
                | "#NUM!"
                | "#SPILL!"
                | "#CALC!"
                | "#GETTING_DATA"
                | "#FIELD!"
                | "#BLOCKED!"
                | "#CONNECT!"
                | "#UNKNOWN!"
                | UNCALCULATED
        )
}

/// The words of every column that may hold words.
fn index(table: &Table, plan: &ColumnPlan<'_>, range: &Range<usize>) -> Vec<Option<Dictionary>> {
    let targets = plan.targets.iter().zip(&table.columns);
    targets
        .map(|(target, column)| match (target, column) {
            (Some(target), Some(column)) if target.fields.iter().any(|field| column_roles::holds_words(*field)) => {
                Some(dictionary::index(&part(column, range), plan.profile))
            }
            _ => None,
        })
        .collect()
}

/// The rows of a column that belong to a chunk; nothing is copied.
pub fn part(column: &StringChunked, range: &Range<usize>) -> StringChunked {
    column.slice(range.start as i64, range.len())
}
