//! The filters of a report as checked values, and the condition of each over the classified frame.

use chrono::{NaiveDate, NaiveTime};
use polars::prelude::*;

use crate::clock::{days, pacific_to_utc};
use crate::domain::status::Status;
use crate::select::filter_parse::DateRange;

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
