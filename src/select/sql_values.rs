//! What the functions of a SQL condition make of cells, as DuckDB makes it.

use chrono::{Datelike, NaiveDate};
use polars::prelude::*;
use regex::Regex;

use crate::clock::days;

/// `text` in capitals or small letters, each letter by itself: no letter becomes several.
pub fn cased(text: Expr, is_upper: bool) -> Expr {
    let letter: fn(char) -> char = if is_upper { upper } else { lower };
    let made = move |cells: Column| {
        let cells = cells.str()?;
        let made = cells.iter().map(|cell| cell.map(|cell| cell.chars().map(letter).collect::<String>()));
        Ok(StringChunked::from_iter_options(cells.name().clone(), made).into_column())
    };
    text.map(made, |_, field| Ok(Field::new(field.name().clone(), DataType::String)))
}

/// `text` in small letters, as [`cased`] makes them.
pub fn lower_text(text: &str) -> String {
    text.chars().map(lower).collect()
}

fn lower(letter: char) -> char {
    let mut small = letter.to_lowercase();
    // The one letter that becomes several is the dotted capital i.
    small.next().unwrap_or(letter)
}

fn upper(letter: char) -> char {
    let beyond = |by: u32| char::from_u32(u32::from(letter) + by).unwrap_or(letter);
    let mut capital = letter.to_uppercase();
    match (letter, capital.next(), capital.next()) {
        ('ß', ..) => 'ẞ',
        // Their capitals have an iota beside them.
        ('\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}', ..) => beyond(8),
        ('\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}', ..) => beyond(9),
        (_, Some(capital), None) => capital,
        _ => letter,
    }
}

/// `text` without the blanks around it; tabs and line breaks are none.
pub fn trimmed(text: Expr) -> Expr {
    let is_blank =
        |letter: char| matches!(letter, ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}');
    let made = move |cells: Column| {
        let cells = cells.str()?;
        let made = cells.iter().map(|cell| cell.map(|cell| cell.trim_matches(is_blank)));
        Ok(StringChunked::from_iter_options(cells.name().clone(), made).into_column())
    };
    text.map(made, |_, field| Ok(Field::new(field.name().clone(), DataType::String)))
}

/// Whether `text` matches; in small letters where case does not count.
pub fn matches(text: Expr, pattern: Regex, ignores_case: bool) -> Expr {
    let found = move |cells: Column| {
        let cells = cells.str()?;
        let is_match = |cell: &str| if ignores_case { pattern.is_match(&lower_text(cell)) } else { pattern.is_match(cell) };
        let found: BooleanChunked = cells.iter().map(|cell| cell.map(is_match)).collect_ca(cells.name().clone());
        Ok(found.into_column())
    };
    text.map(found, |_, field| Ok(Field::new(field.name().clone(), DataType::Boolean)))
}

/// What `make` makes of each day of `dates`, as whole numbers.
fn of_days(dates: Expr, make: impl Fn(NaiveDate) -> i64 + Send + Sync + 'static) -> Expr {
    let made = move |cells: Column| {
        let cells = cells.cast(&DataType::Int32)?;
        let made = |day: i32| NaiveDate::from_epoch_days(day).map(&make);
        let numbers: Int64Chunked = cells.i32()?.iter().map(|day| day.and_then(made)).collect_ca(cells.name().clone());
        Ok(numbers.into_column())
    };
    dates.map(made, |_, field| Ok(Field::new(field.name().clone(), DataType::Int64)))
}

/// The year, month or day of the month of `dates`; `None` for another unit.
pub fn part_of_date(unit: &str, dates: Expr) -> Option<Expr> {
    let of: fn(NaiveDate) -> i64 = match unit {
        "year" => |date| i64::from(date.year()),
        "month" => |date| i64::from(date.month()),
        "day" => |date| i64::from(date.day()),
        _ => return None,
    };
    Some(of_days(dates, of))
}

/// The first day of the unit that `dates` lie in (Date); weeks begin on Mondays. `None` for another unit.
pub fn truncated(unit: &str, dates: Expr) -> Option<Expr> {
    let first: fn(NaiveDate) -> Option<NaiveDate> = match unit {
        "day" => Some,
        "week" => |date| Some(date - chrono::Days::new(u64::from(date.weekday().num_days_from_monday()))),
        "month" => |date| date.with_day(1),
        "quarter" => |date| date.with_day(1)?.with_month0(date.month0() / 3 * 3),
        "year" => |date| NaiveDate::from_ymd_opt(date.year(), 1, 1),
        _ => return None,
    };
    Some(of_days(dates, move |date| i64::from(days(first(date).unwrap_or(date)))).cast(DataType::Int32).cast(DataType::Date))
}

/// What the evaluation of a condition says of a row whose divisor is 0, if `error` is that.
pub fn divided_by_zero(error: PolarsError) -> Option<String> {
    match error {
        PolarsError::SQLInterface(words) => Some(words.to_string()),
        PolarsError::Context { error, .. } | PolarsError::ExprContext { error, .. } => divided_by_zero(*error),
        _ => None,
    }
}

/// The rest of a division of whole numbers, with the sign of `left`. A row in which `right`, which was `written` so, is 0 is
/// an error, as it is in DuckDB.
pub fn modulo(left: Expr, right: Expr, written: String) -> Expr {
    let divide = move |cells: &mut [Column]| {
        let whole = |cells: &Column| cells.cast(&DataType::Int64);
        let (left, right) = (whole(&cells[0])?, whole(&cells[1])?);
        let (left, right) = (left.i64()?, right.i64()?);
        // Of two columns of different lengths one is a number that is the same for all rows.
        let rows = if left.is_empty() || right.is_empty() { 0 } else { left.len().max(right.len()) };
        let cell = |cells: &Int64Chunked, row: usize| cells.get(if cells.len() == 1 { 0 } else { row });
        let rest = (0..rows).map(|row| match (cell(left, row), cell(right, row)) {
            (Some(_), Some(0)) => Err(PolarsError::SQLInterface(format!("{written} is 0 in a row, and nothing is divided by 0").into())),
            (left, right) => Ok(left.zip(right).map(|(left, right)| left.wrapping_rem(right))),
        });
        let rest = rest.collect::<PolarsResult<Vec<Option<i64>>>>()?;
        Ok(Int64Chunked::from_slice_options(left.name().clone(), &rest).into_column())
    };
    left.map_many(divide, &[right], |_, fields| Ok(Field::new(fields[0].name().clone(), DataType::Int64)))
}
