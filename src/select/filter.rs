//! The filters of a report: how a person writes their values, and the condition of each over the classified frame.

use chrono::{NaiveDate, NaiveTime};
use polars::prelude::*;

use crate::clock::{days, pacific_to_utc};
use crate::domain::columns::column;
use crate::domain::status::Status;
use crate::domain::text::suggestion;
use crate::error::{Error, Place, Result};

/// A checked filter. Filters combine with and.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// The column holds one of these texts or codes; partners are compared in any case.
    OneOf(&'static str, Vec<String>),
    /// The column holds one of these days.
    Within(&'static str, DateRange),
    /// Rows closed before this day are left out.
    ClosedSince(NaiveDate),
}

impl Filter {
    /// The condition a row must meet. Two-valued: a null never passes a filter on its column, and a closed row without
    /// any closing date stays.
    pub fn condition(&self) -> Expr {
        match self {
            Self::OneOf("partner", partners) => {
                let partners: Vec<String> = partners.iter().map(|partner| partner.to_lowercase()).collect();
                among(col("partner").str().to_lowercase(), &partners)
            }
            Self::OneOf(key, words) => among(col(*key), words),
            Self::Within(key, range) => within(key, *range),
            Self::ClosedSince(since) => open_or_closed_since(*since),
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

fn within(key: &str, range: DateRange) -> Expr {
    let from = range.from.map(|from| col(key).gt_eq(day(from)));
    let to = range.to.map(|to| col(key).lt_eq(day(to)));
    from.into_iter().chain(to).reduce(Expr::and).map_or_else(|| lit(true), |within| within.fill_null(lit(false)))
}

fn day(date: NaiveDate) -> Expr {
    lit(days(date)).cast(DataType::Date)
}

/// Completed rows close when completed, else on their confirmed date; canceled ones when canceled; both, for
/// want of better, when last updated. Days are Pacific days.
fn open_or_closed_since(since: NaiveDate) -> Expr {
    let start = pacific_to_utc(since.and_time(NaiveTime::MIN)).map_or(0, |start| start.timestamp_micros());
    let before = |column: &str| col(column).lt(lit(start).cast(DataType::Datetime(TimeUnit::Microseconds, None)));
    let completed = coalesce(&[before("completed_at"), col("confirmed_date").lt(day(since)), before("updated_at")]);
    let canceled = coalesce(&[before("canceled_at"), before("updated_at")]);
    let is = |status: Status| col("status").eq(lit(status.code()));
    let closed_before = when(is(Status::Completed)).then(completed).when(is(Status::Canceled)).then(canceled).otherwise(lit(false));
    closed_before.fill_null(lit(false)).not()
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

/// Reads a word of the filter by the column with the key `key`: one of its closed list by code, caption or alias, in any
/// case, as its code; other words as they are.
///
/// # Errors
/// [`Error::usage`] that lists the captions.
pub fn word(key: &'static str, word: &str) -> Result<String> {
    let word = word.trim();
    let Some(column) = column(key).filter(|column| column.is_closed_list()) else { return Ok(word.to_owned()) };
    column.choice(word).map(|choice| choice.code.to_owned()).ok_or_else(|| {
        let captions: Vec<_> = column.choices.iter().map(|choice| choice.caption).collect();
        Error::usage(Place::option(key), format!("'{word}' is not known"), suggestion(word, &captions))
    })
}

/// `a`, `a or b`, `a, b or c`.
pub fn join_or(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
