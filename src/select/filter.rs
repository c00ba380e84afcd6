//! The filters of a report as checked values: their one condition over the classified frame, and a sentence each. Reads no words from the user.

use chrono::{NaiveDate, NaiveTime};
use polars::prelude::*;

use crate::clock::{days, pacific_to_utc};
use crate::domain::record::NUMBER_TYPE;
use crate::domain::status::{Detail, NumberType, Status};
use crate::select::filter_parse::DateRange;

/// Checked filters. They combine with and; the values of one combine with or; an empty one lets all rows pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// Accounts, by id.
    pub accounts: Vec<String>,
    /// Statuses.
    pub statuses: Vec<Status>,
    /// Detailed statuses.
    pub details: Vec<Detail>,
    /// Number types.
    pub number_types: Vec<NumberType>,
    /// Partners, in any case.
    pub partners: Vec<String>,
    /// Requests, by id.
    pub requests: Vec<String>,
    /// Cases, by number.
    pub cases: Vec<String>,
    /// Days the order was created on.
    pub created: Option<DateRange>,
    /// Confirmed porting dates.
    pub confirmed: Option<DateRange>,
    /// Estimated porting dates.
    pub estimated: Option<DateRange>,
    /// Rows closed before this day are left out.
    pub closed_since: Option<NaiveDate>,
}

impl Filters {
    /// The conditions a row must meet, all of them, one a filter. Two-valued: a null never passes a filter on its column,
    /// and a closed row without any closing date stays.
    pub fn conditions(&self) -> Vec<Expr> {
        let conditions = [
            one_of("account_id", &self.accounts),
            one_of("status", &codes(&self.statuses, |status| status.code())),
            one_of("detail", &codes(&self.details, |detail| detail.code())),
            one_of(NUMBER_TYPE, &codes(&self.number_types, |number_type| number_type.code())),
            partner_of(&self.partners),
            one_of("request_id", &self.requests),
            one_of("case_number", &self.cases),
            self.created.and_then(|range| within("created_date", range)),
            self.confirmed.and_then(|range| within("confirmed_date", range)),
            self.estimated.and_then(|range| within("estimated_date", range)),
            self.closed_since.map(open_or_closed_since),
        ];
        conditions.into_iter().flatten().collect()
    }
}

fn codes<T: Copy>(values: &[T], code: impl Fn(T) -> &'static str) -> Vec<String> {
    values.iter().map(|value| code(*value).to_owned()).collect()
}

fn one_of(column: &str, words: &[String]) -> Option<Expr> {
    among(col(column), words.iter().map(String::as_str))
}

fn partner_of(partners: &[String]) -> Option<Expr> {
    let partners: Vec<String> = partners.iter().map(|partner| partner.to_lowercase()).collect();
    among(col("partner").str().to_lowercase(), partners.iter().map(String::as_str))
}

/// More words than this are looked up in a set; a comparison each is quicker for fewer, and thousands would not fit the stack.
const FEW_WORDS: usize = 8;

/// Whether `cell` is one of `words`, with null as no; `None` when there are none.
fn among<'a>(cell: Expr, words: impl ExactSizeIterator<Item = &'a str>) -> Option<Expr> {
    let is_one = if words.len() > FEW_WORDS {
        let words = StringChunked::from_iter_values(PlSmallStr::EMPTY, words);
        cell.is_in(lit(words.into_series()).implode(false), false)
    } else {
        words.map(|word| cell.clone().eq(lit(word))).reduce(Expr::or)?
    };
    Some(is_one.fill_null(lit(false)))
}

fn within(column: &str, range: DateRange) -> Option<Expr> {
    let from = range.from.map(|from| col(column).gt_eq(day(from)));
    let to = range.to.map(|to| col(column).lt_eq(day(to)));
    from.into_iter().chain(to).reduce(Expr::and).map(|within| within.fill_null(lit(false)))
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
