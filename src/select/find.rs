//! Finds texts in what a report shows, numbers in any spelling and dates in any order. Cells of plain letters are compared where they lie.

use std::borrow::Cow;
use std::collections::HashMap;

use polars::prelude::*;
use rayon::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::{expression, places, values};
use crate::domain::columns::{COLUMNS, ColumnDef, ColumnType, Computed};
use crate::domain::date::{self, DateOrder, MICROS_PER_DAY, Reading};
use crate::domain::number::{DefaultNumbering, parse};
use crate::error::{Error, Place, Result};
use crate::select::letters::{has_wide_space, plain_letters};
use crate::select::names::Names;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm {
    /// The text as it was written.
    pub text: String,
    /// The text as cells are compared with it.
    pub(in crate::select) folded: String,
    /// The digits, when the text is written as a number or a part of one is.
    pub(in crate::select) digits: Option<String>,
    /// The whole number in E.164, when the text is one.
    pub(in crate::select) number: Option<String>,
    /// The days that the text is in any order of day and month, since 1970-01-01.
    pub(in crate::select) days: Vec<i32>,
}

/// What is looked for, and where.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// One of them is enough.
    pub terms: &'a [SearchTerm],
    /// The words of the report.
    pub names: &'a Names,
    /// The keys of the columns shown.
    pub shown: &'a [&'static str],
}

impl SearchTerm {
    /// Reads the text of `--find`.
    ///
    /// # Errors
    /// [`Error::usage`] when it is blank.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let folded = plain_letters(text);
        if folded.is_empty() {
            return Err(Error::usage(Place::option("find"), "there is nothing to find", "name a number or a text"));
        }
        let whole = folded.strip_prefix("tel:").unwrap_or(&folded);
        let is_written_so = whole.chars().all(|c| c.is_ascii_digit() || " +-.()/\u{2010}\u{2011}\u{2012}\u{2013}".contains(c));
        let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
        let day = |order| date::day(&folded, order).ok().filter(|day| day.reading != Reading::Serial).map(|day| day.days);
        let mut days: Vec<i32> = [DateOrder::MonthFirst, DateOrder::DayFirst].into_iter().filter_map(day).collect();
        days.dedup();
        Ok(Self {
            text: text.to_owned(),
            digits: (is_written_so && !digits.is_empty()).then_some(digits),
            number: parse(whole, DefaultNumbering::Nanp).ok().map(|number| number.as_str().to_owned()),
            days,
            folded,
        })
    }

    /// Whether the text is in `cell`, whatever the case, the accents, the width of letters and the kind of white space.
    pub(in crate::select) fn is_in(&self, cell: &str) -> bool {
        let Some(first) = self.folded.bytes().next() else { return true };
        let lies_plain = cell.is_ascii() && !(self.folded.contains(' ') && has_wide_space(cell));
        let (term, cell) = (self.folded.as_bytes(), if lies_plain { Cow::Borrowed(cell) } else { Cow::Owned(plain_letters(cell)) });
        let cell = cell.as_bytes();
        let Some(last) = cell.len().checked_sub(term.len()) else { return false };
        memchr::memchr2_iter(first, first.to_ascii_uppercase(), &cell[..=last])
            .any(|at| cell[at..at + term.len()].eq_ignore_ascii_case(term))
    }

    /// Whether `cell`, which is E.164, is the number or has its digits in it, or ends with them as they are dialled.
    pub(in crate::select) fn is_number_in(&self, cell: &str) -> bool {
        // Cells are short: comparing at each place is quicker than a search that has to be prepared.
        let holds =
            |digits: &str| cell.as_bytes().windows(digits.len()).any(|part| part[0] == digits.as_bytes()[0] && part == digits.as_bytes());
        let is_of = |country: &str| cell.strip_prefix('+').is_some_and(|digits| digits.starts_with(country));
        let is_dialled = |digits: &str| Self::dialled(digits).any(|(rest, country)| cell.ends_with(rest) && is_of(country));
        self.number.as_deref() == Some(cell) || self.digits.as_deref().is_some_and(|digits| holds(digits) || is_dialled(digits))
    }

    /// What a number ends with that is dialled as `digits` within a country, since they begin with a trunk prefix, which the number does
    /// not have; and the calling code of the country, empty for one of many.
    pub(in crate::select) fn dialled(digits: &str) -> impl Iterator<Item = (&str, &'static str)> {
        let prefixes = [("0", ""), ("06", "36"), ("8", "7")];
        let rest = |prefix: &str| digits.strip_prefix(prefix).filter(|rest| rest.len() >= 6);
        prefixes.into_iter().filter_map(move |(prefix, country)| Some((rest(prefix)?, country)))
    }
}

impl Search<'_> {
    /// The columns that are searched: those of the report, whichever of them are shown, and others that are; names of files
    /// and next steps are not.
    pub fn columns(&self) -> impl Iterator<Item = &'static ColumnDef> {
        let (shown, usual) = (self.shown, &self.names.defaults);
        let is_meant = move |known: &&ColumnDef| {
            let is_usual = known.column_type == ColumnType::Phone || (usual.contains(&known.key) && known.column_type.is_string());
            (is_usual || shown.contains(&known.key)) && !matches!(known.computed, Computed::SourceFile | Computed::NextStep)
        };
        COLUMNS.iter().filter(is_meant)
    }

    /// Which of `rows` (all rows when `None`) have any of the terms in a column that is searched.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn mask(&self, classified: &Classified, rows: Option<&IdxCa>) -> Result<BooleanChunked> {
        let height = rows.map_or(classified.frame().height(), |rows| rows.len());
        let mut found = vec![false; height];
        for known in self.columns() {
            self.mark(classified, rows, known, &mut found)?;
        }
        Ok(BooleanChunked::from_slice(PlSmallStr::EMPTY, &found))
    }

    /// Marks in `found` those of `rows` (all rows when `None`) that have any of the terms in column `known`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn mark(&self, classified: &Classified, rows: Option<&IdxCa>, known: &ColumnDef, found: &mut [bool]) -> Result<()> {
        let Some(made) = cells(known, classified) else { return Ok(()) };
        self.mark_cells(values(classified.frame(), rows, vec![made])?.column(known.key)?, known, found)
    }

    /// Marks in `found` which of `cells`, which are those of [`cells`], hold any of the terms.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn mark_cells(&self, cells: &Column, known: &ColumnDef, found: &mut [bool]) -> Result<()> {
        if cells.null_count() == cells.len() {
            return Ok(());
        }
        let any = |cell: &str| self.terms.iter().any(|term| term.is_in(cell));
        let listed = self.names.terms_of(known);
        let answers: Vec<bool> = listed.iter().map(|term| any(term)).collect();
        let of_place = |place: usize| answers.get(place).copied().unwrap_or_default();
        if let Ok(places) = cells.u32() {
            found
                .iter_mut()
                .zip(places.iter())
                .for_each(|(found, place)| *found = *found || place.is_some_and(|place| of_place(place as usize)));
            return Ok(());
        }
        if known.column_type == ColumnType::Bool {
            let flags = cells.bool()?;
            found.iter_mut().zip(flags.iter()).for_each(|(found, flag)| *found = *found || flag.is_some_and(|flag| of_place(flag.into())));
            return Ok(());
        }
        if known.column_type.is_string() {
            let is_phone = known.column_type == ColumnType::Phone;
            // Words of a list may stand among those of the source.
            let of_list = |cell: &str| known.choices.iter().position(|choice| choice.caption == cell);
            let has = |cell: &str| match of_list(cell) {
                Some(place) => of_place(place),
                None => any(cell) || (is_phone && self.terms.iter().any(|term| term.is_number_in(cell))),
            };
            let mut from = 0;
            for chunk in cells.str()?.downcast_iter() {
                let part = &mut found[from..from + chunk.len()];
                from += chunk.len();
                part.par_iter_mut()
                    .enumerate()
                    .with_min_len(4096)
                    .for_each(|(row, found)| *found = *found || chunk.get(row).is_some_and(has));
            }
            return Ok(());
        }
        // Days, times and counts repeat: each different one is put into words once.
        let mut answers: HashMap<i64, bool> = HashMap::new();
        let has = |number: i64| {
            let day = day_of(number, known.column_type);
            worded(number, known.column_type).iter().any(|text| any(text))
                || self.terms.iter().any(|term| term.days.iter().any(|asked| Some(i64::from(*asked)) == day))
        };
        let numbers = cells.to_physical_repr().cast(&DataType::Int64)?;
        for (found, cell) in found.iter_mut().zip(numbers.i64()?.iter()) {
            if let Some(number) = cell.filter(|_| !*found) {
                *found = *answers.entry(number).or_insert_with(|| has(number));
            }
        }
        Ok(())
    }
}

/// What is searched of column `known`, named by its key: the places of the values of a list, else the cells as they are shown.
pub fn cells(known: &ColumnDef, classified: &Classified) -> Option<Expr> {
    places(known.key, classified).filter(|_| !known.choices.is_empty()).or_else(|| expression(known.key, classified))
}

/// The day of a date or an instant, since 1970-01-01.
fn day_of(number: i64, column_type: ColumnType) -> Option<i64> {
    match column_type {
        ColumnType::Date => Some(number),
        ColumnType::Instant => Some(number.div_euclid(MICROS_PER_DAY)),
        _ => None,
    }
}

/// A value as the report shows it, but times always with their seconds, so that `10:00` and `10:00:00` are both found; an
/// instant also with a blank before its time.
pub(in crate::select) fn worded(number: i64, column_type: ColumnType) -> Vec<String> {
    let instant =
        |micros: i64, format: &str| chrono::DateTime::from_timestamp_micros(micros).unwrap_or_default().format(format).to_string();
    match column_type {
        ColumnType::Date => vec![instant(number.saturating_mul(MICROS_PER_DAY), "%Y-%m-%d")],
        ColumnType::Time => vec![format!("{:02}:{:02}:{:02}", number / 3600, number / 60 % 60, number % 60)],
        ColumnType::Instant => ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S"].map(|format| instant(number, format)).into(),
        _ => vec![number.to_string()],
    }
}
