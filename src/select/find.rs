//! Finds texts in the report's columns, in any case, and numbers in any format. Cells of plain letters are compared where they lie.

use std::borrow::Cow;
use std::collections::HashMap;

use polars::prelude::*;
use rayon::prelude::*;
use unicode_normalization::UnicodeNormalization;

use crate::classify::Classified;
use crate::classify::columns::{expression, values};
use crate::domain::columns::{COLUMNS, ColumnDef, ColumnType};
use crate::domain::number::{DefaultNumbering, parse};
use crate::error::{Error, Place, Result};

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm {
    /// The text as it was written.
    pub text: String,
    /// The text as cells are compared with it.
    folded: String,
    /// The digits, when the text is written as a number or a part of one is.
    digits: Option<String>,
    /// The whole number in E.164, when the text is one.
    number: Option<String>,
}

impl SearchTerm {
    /// Reads the text of `--find`.
    ///
    /// # Errors
    /// [`Error::usage`] when it is blank.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::usage(Place::option("find"), "there is nothing to find", "name a number or a text"));
        }
        let whole = text.strip_prefix("tel:").unwrap_or(text);
        let is_written_so = whole.chars().all(|c| c.is_ascii_digit() || " +-.()/\u{a0}\u{2010}\u{2011}\u{2013}".contains(c));
        let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
        Ok(Self {
            text: text.to_owned(),
            folded: folded(text),
            digits: (is_written_so && !digits.is_empty()).then_some(digits),
            number: parse(whole, DefaultNumbering::Nanp).ok().map(|number| number.as_str().to_owned()),
        })
    }

    /// Whether the text is in `cell`, in any case and however its accents are composed.
    fn is_in(&self, cell: &str) -> bool {
        let Some(first) = self.folded.bytes().next() else { return true };
        let (term, cell) = (self.folded.as_bytes(), if cell.is_ascii() { Cow::Borrowed(cell) } else { Cow::Owned(folded(cell)) });
        let cell = cell.as_bytes();
        let Some(last) = cell.len().checked_sub(term.len()) else { return false };
        memchr::memchr2_iter(first, first.to_ascii_uppercase(), &cell[..=last])
            .any(|at| cell[at..at + term.len()].eq_ignore_ascii_case(term))
    }

    /// Whether `cell`, which is E.164, is the number or has its digits in it.
    fn is_number_in(&self, cell: &str) -> bool {
        // Cells are short: comparing at each place is quicker than a search that has to be prepared.
        let holds =
            |digits: &str| cell.as_bytes().windows(digits.len()).any(|part| part[0] == digits.as_bytes()[0] && part == digits.as_bytes());
        self.number.as_deref() == Some(cell) || self.digits.as_deref().is_some_and(holds)
    }
}

/// The text in small letters, accents composed with theirs.
fn folded(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase().nfc().collect() }
}

/// The columns that are searched: those of text, and the others of those `shown`.
pub fn searched(shown: &[&'static str]) -> impl Iterator<Item = &'static ColumnDef> {
    COLUMNS.iter().filter(|known| known.column_type.is_string() || shown.contains(&known.key))
}

/// Which of `rows` (all rows when `None`) have any of `terms` in a column that is searched.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn mask(terms: &[SearchTerm], classified: &Classified, rows: Option<&IdxCa>, shown: &[&'static str]) -> Result<BooleanChunked> {
    let height = rows.map_or(classified.frame().height(), |rows| rows.len());
    let mut found = vec![false; height];
    for known in searched(shown) {
        mark(terms, classified, rows, known, &mut found)?;
    }
    Ok(BooleanChunked::from_slice(PlSmallStr::EMPTY, &found))
}

/// Marks in `found` those of `rows` (all rows when `None`) that have any of `terms` in column `known`.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn mark(terms: &[SearchTerm], classified: &Classified, rows: Option<&IdxCa>, known: &ColumnDef, found: &mut [bool]) -> Result<()> {
    let Some(made) = expression(known.key, classified) else { return Ok(()) };
    mark_cells(terms, values(classified.frame(), rows, vec![made])?.column(known.key)?, known, found)
}

/// Marks in `found` which of `cells`, which are of column `known`, hold any of `terms`.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn mark_cells(terms: &[SearchTerm], cells: &Column, known: &ColumnDef, found: &mut [bool]) -> Result<()> {
    if cells.null_count() == cells.len() {
        return Ok(());
    }
    let any = |cell: &str| terms.iter().any(|term| term.is_in(cell));
    if known.column_type.is_string() {
        let is_phone = known.column_type == ColumnType::Phone;
        let has = |cell: &str| any(cell) || (is_phone && terms.iter().any(|term| term.is_number_in(cell)));
        let mut from = 0;
        for chunk in cells.str()?.downcast_iter() {
            let part = &mut found[from..from + chunk.len()];
            from += chunk.len();
            part.par_iter_mut().enumerate().with_min_len(4096).for_each(|(row, found)| *found = *found || chunk.get(row).is_some_and(has));
        }
        return Ok(());
    }
    if known.column_type == ColumnType::Bool {
        let (yes, no) = (any("yes"), any("no"));
        for (found, cell) in found.iter_mut().zip(cells.bool()?.iter()) {
            *found = *found || cell.is_some_and(|cell| if cell { yes } else { no });
        }
        return Ok(());
    }
    // Days, times and counts repeat: each different one is put into words once.
    let mut answers: HashMap<i64, bool> = HashMap::new();
    let numbers = cells.to_physical_repr().cast(&DataType::Int64)?;
    for (found, cell) in found.iter_mut().zip(numbers.i64()?.iter()) {
        if let Some(number) = cell.filter(|_| !*found) {
            *found = *answers.entry(number).or_insert_with(|| any(&worded(number, known.column_type)));
        }
    }
    Ok(())
}

/// A value as the CSV shows it, but times always with their seconds, so that `10:00` and `10:00:00` are both found.
fn worded(number: i64, column_type: ColumnType) -> String {
    let instant = |micros: i64| chrono::DateTime::from_timestamp_micros(micros).unwrap_or_default();
    match column_type {
        ColumnType::Date => instant(number.saturating_mul(86_400_000_000)).format("%Y-%m-%d").to_string(),
        ColumnType::Time => format!("{:02}:{:02}:{:02}", number / 3600, number / 60 % 60, number % 60),
        ColumnType::Instant => instant(number).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        _ => number.to_string(),
    }
}
