//! The counts of a report: by status and detail, by number type, by data-quality flag. Exact, and summing to the rows reported.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::{expression, places, values};
use crate::domain::data_quality::QualityFlag;
use crate::domain::date::monday;
use crate::domain::record::{NUMBER_TYPE, QUALITY_MASK};
use crate::domain::status::{Detail, NumberType, Spelling, Status};
use crate::domain::text::natural_order;
use crate::error::{Error, Result};
use crate::report::style::{self, STATUSES};
use crate::select::Selection;

/// Counts over the rows selected before paging.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// All rows counted.
    pub rows: u64,
    /// Every status in the report's order, with its count (zero included); `None` is rows without a known status, listed only when there are any.
    pub by_status: Vec<(Option<Status>, u64)>,
    /// Every status and detail pair that occurs or belongs together, with its count.
    pub by_detail: Vec<(Option<Status>, Option<Detail>, u64)>,
    /// The same with local and toll-free numbers apart: status, local, toll-free.
    pub by_number_type: Vec<(Option<Status>, u64, u64)>,
    /// When the open numbers are due to port.
    pub upcoming: Upcoming,
    /// How the words for statuses and details are spelled.
    pub spelling: Spelling,
    /// Lints that occur, with counts, most first.
    pub quality_flags: Vec<(QualityFlag, u64)>,
    /// The accounts with the most rows that wait for the partner: account id, company, rows; at most 10.
    pub waiting_accounts: Vec<(String, String, u64)>,
}

/// When the numbers that are not closed are due, by their confirmed date, else the estimated one. Of two counts the first is
/// of confirmed dates, the second of estimated ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upcoming {
    /// From the as-of day on, by the first day of each week (days since 1970): that day, then Mondays; as far as there are
    /// any, at most 12 weeks.
    pub weeks: Vec<(i32, [u64; 2])>,
    /// After those weeks.
    pub later: [u64; 2],
    /// Before the as-of day.
    pub passed: [u64; 2],
    /// Without a date.
    pub no_date: u64,
}

impl Upcoming {
    /// All numbers that are not closed.
    pub fn open(&self) -> u64 {
        let dated = self.weeks.iter().map(|(_, counts)| counts).chain([&self.later, &self.passed]);
        dated.flatten().sum::<u64>() + self.no_date
    }
}

/// How many weeks the forecast holds at most, that of the as-of day included.
const WEEKS: usize = 12;
/// How many accounts are listed at most.
const ACCOUNTS: usize = 10;

/// The column that says whether the effective date is the confirmed one.
const CONFIRMED: &str = "confirmed";

const DETAILS: usize = Detail::ALL.len();

/// Rows by status (its place in [`STATUSES`]), detail and number type; the last place of the first two is for unknown ones.
type Counts = [[[u64; 2]; DETAILS + 1]; STATUSES.len()];

/// Counts the rows selected, before paging.
///
/// # Errors
/// [`Error::internal`] when the counts do not sum to the rows.
pub fn count(selection: &Selection) -> Result<Summary> {
    let classified = &selection.classified;
    let all = selection.rows.len() == classified.frame().height();
    let rows = (!all).then_some(&selection.rows);
    let confirmed = col("confirmed_date").is_not_null().alias(CONFIRMED);
    let made = counted_columns(classified).chain(expression("effective_port_date", classified)).chain([confirmed]);
    let frame = values(classified.frame(), rows, made.collect())?;
    let counts = counted(&frame)?;
    let summary = Summary {
        rows: selection.rows.len() as u64,
        by_status: by_status(&counts),
        spelling: classified.rules.spelling,
        by_detail: by_detail(&counts),
        by_number_type: by_number_type(&counts),
        upcoming: upcoming(&frame, classified.as_of().days())?,
        quality_flags: quality_flags(&frame)?,
        waiting_accounts: waiting_accounts(selection)?,
    };
    summary.check()?;
    Ok(summary)
}

/// Rows by status and by data-quality flag, as [`Summary::by_status`] and [`Summary::quality_flags`].
pub type Tally = (Vec<(Option<Status>, u64)>, Vec<(QualityFlag, u64)>);

/// Counts every row, by status and by data-quality flag alone.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn tally(classified: &Classified) -> Result<Tally> {
    let frame = values(classified.frame(), None, counted_columns(classified).collect())?;
    let counts = counted(&frame)?;
    Ok((by_status(&counts), quality_flags(&frame)?))
}

/// What is counted in each row.
fn counted_columns(classified: &Classified) -> impl Iterator<Item = Expr> {
    let toll_free = col(NUMBER_TYPE).eq_missing(lit(NumberType::TollFree.code())).alias("toll_free");
    [places("status", classified), places("detail", classified), Some(toll_free), Some(col(QUALITY_MASK))].into_iter().flatten()
}

impl Summary {
    fn check(&self) -> Result<()> {
        let open: u64 = self.by_status.iter().filter(|(status, _)| status.is_some_and(Status::is_open)).map(|(_, count)| count).sum();
        if open != self.upcoming.open() {
            return Err(Error::internal("summary", format!("{} of {open} open rows are counted by date", self.upcoming.open())));
        }
        let sums = [
            ("status", self.by_status.iter().map(|(_, count)| count).sum::<u64>()),
            ("detail", self.by_detail.iter().map(|(_, _, count)| count).sum()),
        ];
        match sums.iter().find(|(_, sum)| *sum != self.rows) {
            None => Ok(()),
            Some((what, sum)) => {
                Err(Error::internal("summary", format!("the counts by {what} sum to {sum}, but {} rows were selected", self.rows)))
            }
        }
    }
}

fn counted(frame: &DataFrame) -> Result<Box<Counts>> {
    let mut counts: Box<Counts> = Box::default();
    let status = frame.column("status")?.u32()?;
    let detail = frame.column("detail")?.u32()?;
    let toll_free = frame.column("toll_free")?.bool()?;
    for ((status, detail), toll_free) in status.iter().zip(detail.iter()).zip(toll_free.iter()) {
        let status = status.map_or(style::place(None), |place| place as usize);
        let detail = detail.map_or(DETAILS, |place| place as usize);
        counts[status][detail][usize::from(toll_free == Some(true))] += 1;
    }
    Ok(counts)
}

fn by_status(counts: &Counts) -> Vec<(Option<Status>, u64)> {
    by_number_type(counts).into_iter().map(|(status, local, toll_free)| (status, local + toll_free)).collect()
}

fn by_number_type(counts: &Counts) -> Vec<(Option<Status>, u64, u64)> {
    let of_type = |place: usize, number_type: usize| counts[place].iter().map(|counts| counts[number_type]).sum::<u64>();
    let sums = STATUSES.into_iter().enumerate().map(|(place, status)| (status, of_type(place, 0), of_type(place, 1)));
    sums.filter(|(status, local, toll_free)| status.is_some() || local + toll_free > 0).collect()
}

/// The pairs that belong together first, in order of the lists; then those that only occur.
fn by_detail(counts: &Counts) -> Vec<(Option<Status>, Option<Detail>, u64)> {
    let mut pairs = Vec::new();
    for (place, status) in STATUSES.into_iter().enumerate() {
        let of_status = |detail: Option<Detail>| status.is_some() && detail.map(Detail::status) == status;
        let all = (0..=DETAILS).map(|at| (Detail::ALL.get(at).copied(), counts[place][at].iter().sum::<u64>()));
        let (belonging, strays): (Vec<_>, Vec<_>) = all.partition(|(detail, _)| of_status(*detail));
        let strays = strays.into_iter().filter(|(_, count)| *count > 0);
        pairs.extend(belonging.into_iter().chain(strays).map(|(detail, count)| (status, detail, count)));
    }
    pairs
}

fn upcoming(frame: &DataFrame, as_of: i32) -> Result<Upcoming> {
    let first = monday(as_of);
    let mut weeks = [[0; 2]; WEEKS];
    let mut upcoming = Upcoming::default();
    let dates = frame.column("effective_port_date")?.to_physical_repr();
    let (statuses, confirmed) = (frame.column("status")?.u32()?, frame.column(CONFIRMED)?.bool()?);
    for ((status, day), confirmed) in statuses.iter().zip(dates.i32()?.iter()).zip(confirmed.iter()) {
        if !status.and_then(|place| STATUSES.get(place as usize).copied().flatten()).is_some_and(Status::is_open) {
            continue;
        }
        let basis = usize::from(confirmed != Some(true));
        match day {
            None => upcoming.no_date += 1,
            Some(day) if day < as_of => upcoming.passed[basis] += 1,
            Some(day) => match weeks.get_mut(((monday(day) - first) / 7) as usize) {
                Some(counts) => counts[basis] += 1,
                None => upcoming.later[basis] += 1,
            },
        }
    }
    let used = weeks.iter().rposition(|counts| *counts != [0, 0]).map_or(0, |last| last + 1);
    let days = (first..).step_by(7).map(|day| day.max(as_of));
    upcoming.weeks = days.zip(weeks).take(used).collect();
    Ok(upcoming)
}

fn quality_flags(frame: &DataFrame) -> Result<Vec<(QualityFlag, u64)>> {
    let mut counts = [0u64; 64];
    for mask in frame.column(QUALITY_MASK)?.u64()?.iter().flatten() {
        let mut rest = mask;
        while rest != 0 {
            counts[rest.trailing_zeros() as usize] += 1;
            rest &= rest - 1;
        }
    }
    let mut quality_flags: Vec<(QualityFlag, u64)> =
        QualityFlag::ALL.iter().map(|flag| (*flag, counts[*flag as usize])).filter(|(_, count)| *count > 0).collect();
    quality_flags.sort_by_key(|(flag, count)| (std::cmp::Reverse(*count), *flag));
    Ok(quality_flags)
}

/// Ordered by count, then by account id; the company is that of the account's first row in the report.
fn waiting_accounts(selection: &Selection) -> Result<Vec<(String, String, u64)>> {
    let waits = col("status").eq_missing(lit(Status::WaitingForYou.code()));
    let rows = selection.meeting(waits)?;
    let frame = values(selection.classified.frame(), Some(&rows), vec![col("account_id"), col("account_company")])?;
    let mut accounts: BTreeMap<&str, (&str, u64)> = BTreeMap::new();
    for (account, company) in frame.column("account_id")?.str()?.iter().zip(frame.column("account_company")?.str()?.iter()) {
        let entry = accounts.entry(account.unwrap_or_default()).or_insert((company.unwrap_or_default(), 0));
        entry.1 += 1;
    }
    let mut accounts: Vec<_> = accounts.into_iter().map(|(id, (company, count))| (id.to_owned(), company.to_owned(), count)).collect();
    accounts.sort_by(|left, right| right.2.cmp(&left.2).then_with(|| natural_order(&left.0, &right.0)));
    accounts.truncate(ACCOUNTS);
    Ok(accounts)
}
