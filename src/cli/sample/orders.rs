//! Makes up accounts, requests, orders and numbers, one row at a time. Holds no more than the weights of the accounts.

use crate::cli::sample::accounts::{SampleAccount, account};
use crate::cli::sample::rng::{Rng, Zipf};
use crate::cli::sample::words::Words;
use crate::domain::lifecycle::State;
use crate::domain::status::{Detail, NumberType, Status};
use crate::error::Result;

/// 2025-01-06, the day the first order is created, in days since 1970-01-01.
const FIRST_DAY: i32 = 20_094;
/// 2026-11-20, the day the last order is created.
const LAST_DAY: i32 = 20_777;
/// Days after which an order has usually come to its end.
const MOVING_DAYS: i32 = 45;
/// Dirty rows in a thousand.
const DIRTY: u64 = 10;

/// What is wrong with a row, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corruption {
    /// Nothing.
    Clean,
    /// The phone number is none.
    Phone(&'static str),
    /// A spreadsheet made a decimal of the number.
    Decimal,
    /// A date is none.
    Date(&'static str),
    /// The detailed status is no known word.
    Detail(&'static str),
    /// The status contradicts the detail.
    Status,
    /// The class contradicts the number.
    NumberType,
}

/// An order: what is the same in all its numbers.
#[derive(Debug, Clone)]
pub struct SampleOrder {
    /// The account.
    pub account: SampleAccount,
    /// The request and case it belongs to.
    pub request: u64,
    /// Its own id.
    pub id: u64,
    /// Local or toll-free.
    pub class: NumberType,
    /// Its detailed status.
    pub detail: Detail,
    /// Its number state.
    pub state: State,
    /// When it was created, in days since 1970-01-01, like all days here.
    pub created: i32,
    /// When it went to the carrier.
    pub submitted: Option<i32>,
    /// When it may port.
    pub estimated: Option<i32>,
    /// When it ports.
    pub confirmed: Option<i32>,
    /// The wall time it ports at, in minutes.
    pub minute: u32,
    /// When the customer wants it.
    pub requested: Option<i32>,
    /// When the losing carrier accepted it.
    pub approved: Option<i32>,
    /// Why it was rejected.
    pub reason: &'static str,
    /// The site, of SIP orders.
    pub location: String,
    /// Who coordinates it, of SIP orders.
    pub coordinator: String,
    /// The product line.
    pub product: &'static str,
    /// The profile the numbers are configured with; empty when they are not yet.
    pub profile: &'static str,
    area: &'static str,
    exchange: u64,
    first_line: u64,
    numbers: u64,
}

/// One number of an order.
#[derive(Debug, Clone)]
pub struct SampleRow<'a> {
    /// Its order.
    pub order: &'a SampleOrder,
    /// Ten digits.
    pub digits: String,
    /// The place of the number in its order.
    pub place: u64,
    /// When the row last changed, in minutes since 1970-01-01T00:00Z.
    pub updated: i64,
    /// What is wrong with it.
    pub corruption: Corruption,
}

/// The orders of a sample, in the order they were created.
pub struct SampleOrders {
    words: &'static Words,
    rng: Rng,
    seed: u64,
    rows: u64,
    made: u64,
    first_rows: Vec<(Detail, NumberType)>,
    accounts: Zipf,
    orders_left: u64,
    next_number: u64,
    order: SampleOrder,
}

impl SampleOrders {
    /// Of a sample of `rows` rows.
    ///
    /// # Errors
    /// As [`Words::load`].
    pub fn new(rows: u64, accounts: Option<u32>, seed: u64) -> Result<Self> {
        let words = Words::load()?;
        let accounts = Zipf::new(accounts.unwrap_or_else(|| u32::try_from(rows / 50).unwrap_or(u32::MAX)).max(8));
        let mut rng = Rng::new(seed, 0);
        let order = new_order(words, &mut rng, NumberType::Local, FIRST_DAY, None);
        Ok(Self { words, rng, seed, rows, made: 0, first_rows: first_rows(), accounts, orders_left: 0, next_number: u64::MAX, order })
    }

    /// Every account, in the order of its id.
    pub fn accounts(&self) -> impl Iterator<Item = SampleAccount> {
        let count = self.accounts.places();
        (0..count).map(move |place| account(self.words, self.seed, place, count))
    }

    /// The next row. There is always one more.
    pub fn next_row(&mut self) -> SampleRow<'_> {
        if self.next_number >= self.order.numbers {
            self.next_order();
        }
        let place = self.next_number;
        self.next_number += 1;
        self.made += 1;
        let order = &self.order;
        let rng = &mut self.rng;
        let digits = format!("{}{:03}{:04}", order.area, order.exchange, (order.first_line + place) % 10_000);
        let end = if order.detail == Detail::Completed { order.confirmed.unwrap_or(order.created + 20) } else { LAST_DAY };
        let changed = order.created.max(end.min(order.created + rng.between(1, 40)));
        let updated = i64::from(changed) * 1440 + 960 + rng.below(480) as i64;
        let corruption =
            if self.made > self.first_rows.len() as u64 && rng.permille(DIRTY) { corruption(self.words, rng) } else { Corruption::Clean };
        SampleRow { order, digits, place, updated, corruption }
    }

    /// Begins the next order: of the same request, or of a new one.
    fn next_order(&mut self) {
        let forced = self.first_rows.get(self.made as usize).copied();
        let again = self.orders_left > 0 && forced.is_none();
        let rng = &mut self.rng;
        let drawn = if rng.permille(180) { NumberType::TollFree } else { NumberType::Local };
        // All orders of a request are of one account and one class.
        let (account, request, class) = if again {
            self.orders_left -= 1;
            (self.order.account.clone(), self.order.request, self.order.class)
        } else {
            let place = self.accounts.draw(rng);
            self.orders_left = if rng.permille(300) { 1 + rng.below(3) } else { 0 };
            (
                account(self.words, self.seed, place, self.accounts.places()),
                self.order.request + 1,
                forced.map_or(drawn, |(_, class)| class),
            )
        };
        let detail = forced.map(|(detail, _)| detail);
        let created = created(rng, self.made, self.rows, detail);
        let id = self.order.id + 1;
        self.order = SampleOrder { account, request, id, ..new_order(self.words, rng, class, created, detail) };
        self.next_number = 0;
    }
}

/// The first rows: every detail once, in both classes where both have it, so that no sample of some size lacks one.
fn first_rows() -> Vec<(Detail, NumberType)> {
    let both = |detail: &Detail| [(*detail, NumberType::Local), (*detail, NumberType::TollFree)];
    let exists = |pair: &(Detail, NumberType)| {
        !matches!(pair, (Detail::Accepted, NumberType::Local) | (Detail::FirmOrderConfirmation, NumberType::TollFree))
    };
    Detail::ALL.iter().flat_map(both).filter(exists).collect()
}

/// The day an order is created when `made` of `rows` rows are made: the business grows, so orders come the more densely
/// the later it is. Orders that must be open or closed come when they can be.
fn created(rng: &mut Rng, made: u64, rows: u64, forced: Option<Detail>) -> i32 {
    match forced.map(Detail::status) {
        Some(Status::Completed | Status::Canceled) => LAST_DAY - rng.between(60, 200),
        Some(_) => LAST_DAY - rng.between(5, 25),
        None => {
            let (left, all) = (u128::from(rows.saturating_sub(made)), u128::from(rows.max(1)));
            let span = LAST_DAY - FIRST_DAY;
            let passed = span - (u128::from(span.unsigned_abs()) * left * left / (all * all)) as i32;
            (FIRST_DAY + passed + rng.between(0, 10)).min(LAST_DAY)
        }
    }
}

/// A new order, of no account and request yet.
fn new_order(words: &'static Words, rng: &mut Rng, class: NumberType, created: i32, forced: Option<Detail>) -> SampleOrder {
    let moving = LAST_DAY - created < MOVING_DAYS || rng.permille(20);
    let mix = match class {
        _ if !moving => &words.closed,
        NumberType::Local => &words.open_local,
        NumberType::TollFree => &words.open_toll_free,
    };
    let drawn = rng.weighted(mix);
    let detail = forced.unwrap_or(drawn);
    let (location, coordinator) = if rng.permille(120) { site(words, rng) } else { Default::default() };
    let toll_free = class == NumberType::TollFree;
    let early = matches!(detail, Detail::WaitingForLoa | Detail::ReceivedLoa | Detail::Reviewed);
    let estimate = created + rng.between(10, 32);
    let has_date = matches!(detail, Detail::FirmOrderConfirmation | Detail::TentativeOrderAcceptance | Detail::Completed);
    let configured = detail == Detail::Completed || rng.permille(350);
    let rejected = detail == Detail::Rejected || rng.permille(20);
    SampleOrder {
        account: SampleAccount::default(),
        request: 500_000,
        id: 900_000,
        class,
        detail,
        state: state(detail, rng),
        created,
        submitted: (!toll_free && !early).then(|| created + rng.between(2, 6)),
        estimated: (!matches!(detail, Detail::WaitingForLoa | Detail::Cancelled)).then_some(estimate),
        confirmed: (!toll_free && has_date).then(|| weekday(estimate + rng.between(0, 4))),
        minute: rng.weighted(&[(600, 170), (690, 4), (840, 3), (420, 2), (735, 1)]),
        requested: rng.permille(40).then_some(created + 14),
        approved: (toll_free && matches!(detail, Detail::Accepted | Detail::Completed)).then_some(created + 9),
        reason: if rejected { rng.one(&words.reasons) } else { "" },
        product: if location.is_empty() { rng.one(&words.products) } else { "SIP Trunking" },
        location,
        coordinator,
        profile: if configured { rng.one(&words.profiles) } else { "" },
        area: rng.one(if toll_free { &words.toll_free } else { &words.areas }),
        exchange: exchange(rng),
        first_line: rng.below(9_000),
        numbers: if forced.is_some() || rng.permille(500) { 1 } else { 2 + rng.below(28) },
    }
}

/// The site and the coordinator of a SIP order.
fn site(words: &Words, rng: &mut Rng) -> (String, String) {
    let location = format!("{} - Suite {}", rng.one(&words.places), 100 + rng.below(900));
    let coordinator = format!("{} {} ({})", rng.one(&words.given), rng.one(&words.family), rng.one(&["PC", "SIS"]));
    (location, coordinator)
}

/// An exchange that numbers can have: from 200, not one of the service codes, not 555.
fn exchange(rng: &mut Rng) -> u64 {
    loop {
        let exchange = 200 + rng.below(800);
        if exchange % 100 != 11 && exchange != 555 {
            return exchange;
        }
    }
}

/// The number state behind a detail; now and then one that only the state tells.
fn state(detail: Detail, rng: &mut Rng) -> State {
    match detail {
        Detail::WaitingForLoa | Detail::ReceivedLoa => State::Pending,
        Detail::AdditionalInfoRequired | Detail::Rejected => State::ActionRequired,
        Detail::Reviewed => State::Portable,
        Detail::PendingCarrierResponse if rng.permille(40) => State::CancellationPending,
        Detail::Submitted
        | Detail::PendingCarrierResponse
        | Detail::AdditionalInformationProvided
        | Detail::TentativeOrderAcceptance
        | Detail::Accepted => State::InProcess,
        Detail::FirmOrderConfirmation => State::FocDateSet,
        Detail::Completed => State::Completed,
        Detail::Cancelled if rng.permille(150) => State::NotPortable,
        Detail::Cancelled | Detail::ClosedAsIncomplete => State::Canceled,
    }
}

/// The day itself, or the Monday after a weekend. 1970-01-01 was a Thursday.
fn weekday(day: i32) -> i32 {
    match (day + 3).rem_euclid(7) {
        5 => day + 2,
        6 => day + 1,
        _ => day,
    }
}

fn corruption(words: &'static Words, rng: &mut Rng) -> Corruption {
    match rng.below(6) {
        0 => Corruption::Phone(rng.one(&words.no_phones)),
        1 => Corruption::Decimal,
        2 => Corruption::Date(rng.one(&words.no_dates)),
        3 => Corruption::Detail(rng.one(&words.no_details)),
        4 => Corruption::Status,
        _ => Corruption::NumberType,
    }
}
