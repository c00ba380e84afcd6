//! Rolls numbers up to their requests: of each request the row that decides its status, with the counts of all of its numbers.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use polars::prelude::*;

use crate::classify::Classified;
use crate::domain::record::{Field, INPUT, NEXT_PORT_DATE, NUMBERS, PARTIAL, QUALITY_MASK};
use crate::domain::status::Status;
use crate::error::Result;
use crate::source::coded_text::NONE;

/// The column that counts the numbers of each status.
const COUNTS: [(Option<Status>, &str); 6] = [
    (Some(Status::Completed), "ported_numbers"),
    (Some(Status::WaitingForYou), "waiting_numbers"),
    (Some(Status::InProgress), "in_progress_numbers"),
    (Some(Status::Scheduled), "scheduled_numbers"),
    (Some(Status::Canceled), "canceled_numbers"),
    (None, "unknown_numbers"),
];

/// The status of a request is the first of these that one of its numbers has: what waits for somebody comes before what goes
/// on by itself, and what is not known before what would be good news.
const DECIDING: [Option<Status>; 6] =
    [Some(Status::WaitingForYou), None, Some(Status::InProgress), Some(Status::Scheduled), Some(Status::Completed), Some(Status::Canceled)];

/// What tells requests apart: the system, the account, and the request, else the case, else the order, else the row itself.
type Key = (u32, u32, u8, u32);

/// One request.
#[derive(Default)]
struct Request {
    /// How many numbers have each of [`DECIDING`].
    counts: [i64; DECIDING.len()],
    /// The deciding row so far: the place of its status among [`DECIDING`], its date (none comes last), and the row.
    deciding: Option<(usize, i32, IdxSize)>,
    next: Option<i32>,
    flags: u64,
}

/// The requests of those `rows` of `classified`, one a row: of each the row that decides its status (of several the one with the
/// earliest port date), with the counts of all of its numbers, whether or not they are among the rows.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn roll_up(classified: &Classified, rows: &IdxCa) -> Result<Arc<Classified>> {
    let frame = classified.frame();
    let places = places(classified)?;
    let mut is_asked = vec![false; places.iter().max().map_or(0, |last| *last as usize + 1)];
    rows.iter().flatten().for_each(|row| is_asked[places[row as usize] as usize] = true);
    let mut requests: Vec<Request> = is_asked.iter().map(|_| Request::default()).collect();
    let statuses = frame.coded("status")?;
    let known: Vec<Option<Status>> = statuses.each(Status::from_code);
    let days = |field: Field| -> Result<Int32Chunked> { Ok(frame.column(field.key())?.cast(&DataType::Int32)?.i32()?.clone()) };
    let (confirmed, estimated) = (days(Field::ConfirmedDate)?, days(Field::EstimatedDate)?);
    let dates = confirmed.iter().zip(estimated.iter()).map(|(confirmed, estimated)| confirmed.or(estimated));
    let masks = frame.column(QUALITY_MASK)?;
    let told = statuses.places().zip(dates).zip(masks.u64()?.iter());
    for (row, ((status, date), mask)) in told.enumerate() {
        let status = known.get(status as usize).copied().flatten();
        requests[places[row] as usize].add(row as IdxSize, status, date, mask.unwrap_or_default());
    }
    let asked: Vec<Request> = requests.into_iter().zip(is_asked).filter(|(_, is_asked)| *is_asked).map(|(request, _)| request).collect();
    let mut orders = classified.orders.clone();
    let deciding: IdxCa = asked.iter().map(|request| request.deciding.map(|(.., row)| row)).collect_ca(PlSmallStr::EMPTY);
    orders.frame = frame.take(&deciding)?;
    let counts =
        |count: &dyn Fn(&Request) -> i64, name: &str| Int64Chunked::from_iter_values(name.into(), asked.iter().map(count)).into_column();
    for (status, name) in COUNTS {
        let count = |request: &Request| request.count(status);
        orders.frame.set(counts(&count, name))?;
    }
    orders.frame.set(counts(&|request| request.counts.iter().sum(), NUMBERS))?;
    let partial = asked.iter().map(Request::is_partial);
    orders.frame.set(BooleanChunked::from_iter_values(PARTIAL.into(), partial).into_column())?;
    let next = Int32Chunked::from_iter_options(NEXT_PORT_DATE.into(), asked.iter().map(|request| request.next));
    orders.frame.set(next.into_series().cast(&DataType::Date)?.into_column())?;
    let flags = asked.iter().map(|request| request.flags);
    orders.frame.set(UInt64Chunked::from_iter_values(QUALITY_MASK.into(), flags).into_column())?;
    Ok(Arc::new(Classified { orders, ..classified.clone() }))
}

impl Request {
    fn add(&mut self, row: IdxSize, status: Option<Status>, date: Option<i32>, flags: u64) {
        let place = DECIDING.iter().position(|known| *known == status).unwrap_or_default();
        self.counts[place] += 1;
        self.flags |= flags;
        let own = (place, date.unwrap_or(i32::MAX), row);
        self.deciding = Some(self.deciding.map_or(own, |known| known.min(own)));
        let is_open = status.is_some_and(|status| Status::LIVE.contains(&status));
        if let Some(date) = date.filter(|_| is_open) {
            self.next = Some(self.next.map_or(date, |known| known.min(date)));
        }
    }

    fn count(&self, status: Option<Status>) -> i64 {
        DECIDING.iter().position(|known| *known == status).map_or(0, |place| self.counts[place])
    }

    fn is_partial(&self) -> bool {
        let (ported, canceled) = (self.count(Some(Status::Completed)), self.count(Some(Status::Canceled)));
        ported > 0 && canceled > 0 && ported + canceled == self.counts.iter().sum::<i64>()
    }
}

/// The request of each row, by its place among them in the order of their first rows.
fn places(classified: &Classified) -> Result<Vec<u32>> {
    let frame = classified.frame();
    let origins = &classified.orders.origins;
    // Files of one system tell of the same requests.
    let system = |origin: &str| origins.iter().position(|other| other.profile == origin).unwrap_or_default() as u32;
    let systems: Vec<u32> = origins.iter().map(|origin| system(&origin.profile)).collect();
    let inputs = frame.column(INPUT)?;
    let codes = |field: Field| -> Result<Vec<u32>> {
        let known = frame.has_values(field.key());
        Ok(if known { frame.coded(field.key())?.places().collect() } else { vec![NONE; frame.height()] })
    };
    let accounts = codes(Field::AccountId)?;
    let ids = [codes(Field::RequestId)?, codes(Field::CaseNumber)?, codes(Field::OrderId)?];
    let mut known: HashMap<Key, u32> = HashMap::new();
    let place = |(row, input): (usize, Option<u32>)| {
        let system = systems.get(input.unwrap_or_default() as usize).copied().unwrap_or_default();
        let named = (0..).zip(&ids).find(|(_, codes)| codes[row] != NONE).map(|(kind, codes)| (kind, codes[row]));
        let (kind, id) = named.unwrap_or((ids.len() as u8, row as u32));
        let next = known.len() as u32;
        *known.entry((system, accounts[row], kind, id)).or_insert(next)
    };
    Ok(inputs.u32()?.iter().enumerate().map(place).collect())
}
