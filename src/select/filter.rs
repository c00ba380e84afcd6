//! The filters of a report: how a person writes their values, and the condition of each over the classified frame.

use chrono::NaiveDate;
use polars::prelude::*;

use crate::classify::timing;
use crate::clock::days;
use crate::domain::columns::column;
use crate::domain::status::{Status, UNKNOWN};
use crate::domain::text::suggestion;
use crate::error::{Error, Place, Result};
use crate::select::names::Names;

/// A checked filter. Filters combine with and.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// The column holds one of these texts or codes; partners are compared in any case.
    OneOf(&'static str, Vec<String>),
    /// The column holds one of these days.
    Within(&'static str, DateRange),
    /// Rows of this status that were closed on one of these days.
    Closed(Status, DateRange),
    /// Rows closed before this day are left out.
    ClosedSince(NaiveDate),
    /// Closed rows, or those of one status, without a date to judge by.
    Undated(Option<Status>),
}

impl Filter {
    /// The filter of rows that this one could not judge, for want of a date; `None` for filters that judge every row.
    pub fn undated(&self) -> Option<Self> {
        match self {
            Self::Closed(status, _) => Some(Self::Undated(Some(*status))),
            Self::ClosedSince(_) => Some(Self::Undated(None)),
            _ => None,
        }
    }

    /// The condition a row must meet. Two-valued: a null never passes a filter on its column, and a closed row without
    /// any closing date is not left out by [`Self::ClosedSince`].
    pub fn condition(&self) -> Expr {
        match self {
            Self::OneOf("partner", partners) => {
                let partners: Vec<String> = partners.iter().map(|partner| partner.to_lowercase()).collect();
                among(col("partner").str().to_lowercase(), &partners)
            }
            Self::OneOf(key @ ("status" | "detail"), words) if words.iter().any(|word| word == UNKNOWN) => {
                among(col(*key).fill_null(lit(UNKNOWN)), words)
            }
            Self::OneOf(key, words) => among(col(*key), words),
            Self::Within(key, range) => within(col(*key), *range),
            Self::Closed(status, range) => is_status(*status).and(within(timing::closing_day(), *range)),
            Self::ClosedSince(since) => closing_or_update_day().lt(day(*since)).fill_null(lit(false)).not(),
            Self::Undated(Some(status)) => is_status(*status).and(timing::closing_day().is_null()),
            Self::Undated(None) => is_status(Status::Completed).or(is_status(Status::Canceled)).and(closing_or_update_day().is_null()),
        }
    }
}

/// More words than this are looked up in a set; a comparison each is quicker for fewer, and thousands would not fit the stack.
const FEW_WORDS: usize = 8;

/// Whether `cell` is one of `words`, with null as no.
fn among(cell: Expr, words: &[String]) -> Expr {
    let words = words.iter().map(String::as_str);
    let is_one = if words.len() > FEW_WORDS {
        let words = StringChunked::from_iter_values(PlSmallStr::EMPTY, words);
        cell.is_in(lit(words.into_series()).implode(false), false)
    } else {
        words.map(|word| cell.clone().eq(lit(word))).reduce(Expr::or).unwrap_or_else(|| lit(false))
    };
    is_one.fill_null(lit(false))
}

fn within(date: Expr, range: DateRange) -> Expr {
    let from = range.from.map(|from| date.clone().gt_eq(day(from)));
    let to = range.to.map(|to| date.lt_eq(day(to)));
    from.into_iter().chain(to).reduce(Expr::and).map_or_else(|| lit(true), |within| within.fill_null(lit(false)))
}

fn day(date: NaiveDate) -> Expr {
    lit(days(date)).cast(DataType::Date)
}

fn is_status(status: Status) -> Expr {
    col("status").eq_missing(lit(status.code()))
}

/// The day a closed row closed on; for want of better, that of its last update. Null for open rows.
fn closing_or_update_day() -> Expr {
    let updated =
        when(is_status(Status::Completed).or(is_status(Status::Canceled))).then(timing::pacific_day("updated_at")).otherwise(lit(NULL));
    timing::closing_day().fill_null(updated)
}

/// Days from one to another, both included, either side open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
}

impl DateRange {
    /// Reads `2026-01-01..2026-01-31`, `2026-01-01..`, `..2026-01-31` or one day, for the option with the key `option`.
    ///
    /// # Errors
    /// [`Error::usage`] when the text is none of these, is open on both sides, or ends before it begins.
    pub fn parse(option: &'static str, text: &str) -> Result<Self> {
        let side = |text: &str| match text.trim() {
            "" => Ok(None),
            text => date(option, text).map(Some),
        };
        let range = match text.split_once("..") {
            Some((from, to)) => Self { from: side(from)?, to: side(to)? },
            None => Self { from: side(text)?, to: side(text)? },
        };
        match (range.from, range.to) {
            (None, None) => {
                Err(Error::usage(Place::option(option), "the range has no date", "write FROM..TO, FROM.. or ..TO with dates as yyyy-mm-dd"))
            }
            (Some(from), Some(to)) if from > to => Err(Error::usage(
                Place::option(option),
                format!("the range ends on {to}, before it begins on {from}"),
                "swap the two dates",
            )),
            _ => Ok(range),
        }
    }
}

/// Reads one day, for the option with the key `option`.
///
/// # Errors
/// [`Error::usage`] when the text is not a date as yyyy-mm-dd.
pub fn date(option: &'static str, text: &str) -> Result<NaiveDate> {
    let text = text.trim();
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|_| text.len() == 10)
        .ok_or_else(|| Error::usage(Place::option(option), format!("'{text}' is not a date"), "write yyyy-mm-dd"))
}

/// Reads a word of the filter by the column with the key `key`: one of its closed list, by the words of the report, code,
/// caption or alias, in any case, as its code; other words as they are.
///
/// # Errors
/// [`Error::usage`] that lists the words of the report.
pub fn word(key: &'static str, word: &str, names: &Names) -> Result<String> {
    let word = word.trim();
    let Some(column) = column(key).filter(|column| column.is_closed_list()) else { return Ok(word.to_owned()) };
    match names.term(column, word) {
        Some(place) => Ok(column.choices.get(place).map_or(UNKNOWN, |choice| choice.code).to_owned()),
        None => {
            let mut terms = names.terms_of(column);
            terms.truncate(column.choices.len());
            Err(Error::usage(Place::option(key), format!("'{word}' is not known"), suggestion(word, &terms)))
        }
    }
}

/// `a`, `a or b`, `a, b or c`.
pub fn join_or(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
