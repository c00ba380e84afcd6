//! Flags what is odd about rows taken together: one number in two orders, mixed requests, cases over accounts, small orders at odd times.

use polars::prelude::*;

use crate::classify::data_quality::{LIVE, NONSTANDARD_TIME, TOLL_FREE, facts_of_groups, set_flag};
use crate::domain::data_quality::QualityFlag;
use crate::domain::record::{NUMBER_TYPE, QUALITY_MASK};
use crate::error::Result;
use crate::source::OrderFrame;
use crate::source::coded_text::NONE;
use crate::source::duplicates::{Group, groups};

/// Orders larger than this may have another port time than 10:00, if agreed in advance.
pub const LARGE_ORDER_NUMBERS: u32 = 100;

/// Sets the flags of rows taken together in `mask`, which has one entry for each row of `frame`;
/// `facts` has the boolean columns [`LIVE`], [`TOLL_FREE`] and [`NONSTANDARD_TIME`] for the same rows.
///
/// # Errors
/// When a column is missing or of another type.
pub fn check_across_rows(frame: &OrderFrame, facts: &OrderFrame, mask: &mut [u64]) -> Result<()> {
    let (live, toll_free, odd) = (facts.column(LIVE)?, facts.column(TOLL_FREE)?, facts.column(NONSTANDARD_TIME)?);
    let (toll_free, odd) = (toll_free.bool()?, odd.bool()?);
    set_flag(mask, QualityFlag::NumberInTwoOrders, &repeated(frame.column("phone_number")?.str()?, live.bool()?));
    let requests = Groups::of(frame, "request_id")?;
    set_flag(mask, QualityFlag::MixedNumberTypes, &requests.with_several(toll_free.iter()));
    let cases = Groups::of(frame, "case_number")?;
    set_flag(mask, QualityFlag::CaseSpansAccounts, &cases.with_several(frame.coded("account_id")?.codes.iter()));
    if odd.any() {
        let orders = Groups::of(frame, "order_id")?;
        let dates = frame.column("confirmed_date")?.cast(&DataType::Int32)?;
        set_flag(mask, QualityFlag::NonstandardTime, &in_small_order(odd, &orders, &requests, &cases, toll_free, dates.i32()?));
    }
    Ok(())
}

/// The flags that [`check_across_rows`] sets.
const CHECKED: [QualityFlag; 4] =
    [QualityFlag::NumberInTwoOrders, QualityFlag::MixedNumberTypes, QualityFlag::CaseSpansAccounts, QualityFlag::NonstandardTime];

/// Sets the flags of rows taken together anew in `frame`, a part of classified rows: as though there were no others, of which the flags
/// would tell. Two that were set while the rows were read stay, since what they tell of is of the same account: that a row reopens what
/// an older one completed ([`QualityFlag::Reopened`]), and that orders and events differ ([`QualityFlag::EventsDiffer`]). Of rows that
/// cannot be told apart ([`QualityFlag::UndecidedDuplicate`]) at least two have to be in the part.
///
/// # Errors
/// When a column is missing or of another type.
pub fn check_again(frame: &mut OrderFrame) -> Result<()> {
    let asked = frame.select(["status", NUMBER_TYPE, "confirmed_time", QUALITY_MASK], None)?;
    let facts = asked.lazy().select(facts_of_groups().into_iter().chain([col(QUALITY_MASK)]).collect::<Vec<_>>()).collect()?;
    let facts = OrderFrame::try_from(facts)?;
    let computed = CHECKED.iter().fold(0, |bits, flag| bits | flag.bit());
    let known = facts.column(QUALITY_MASK)?;
    let mut mask: Vec<u64> = known.u64()?.iter().map(|mask| mask.unwrap_or_default() & !computed).collect();
    check_across_rows(frame, &facts, &mut mask)?;
    clear_lone_duplicates(frame, &mut mask)?;
    frame.set(Column::new(QUALITY_MASK.into(), mask))
}

/// Takes the flag of rows that cannot be told apart from rows that no other with it is like.
fn clear_lone_duplicates(frame: &OrderFrame, mask: &mut [u64]) -> Result<()> {
    let bit = QualityFlag::UndecidedDuplicate.bit();
    if mask.iter().all(|mask| mask & bit == 0) {
        return Ok(());
    }
    let (numbers, groups) = (frame.column("phone_number")?, groups(frame)?);
    let rows = || numbers.str().into_iter().flat_map(|numbers| numbers.iter()).zip(&groups);
    let mut alike: PlHashMap<(Option<&str>, &Group), u32> = PlHashMap::default();
    rows().zip(mask.iter()).filter(|(_, mask)| **mask & bit != 0).for_each(|(key, _)| *alike.entry(key).or_default() += 1);
    for (key, mask) in rows().zip(mask.iter_mut()) {
        if alike.get(&key) == Some(&1) {
            *mask &= !bit;
        }
    }
    Ok(())
}

/// The rows of a text column numbered by their text.
struct Groups {
    of_row: Vec<u32>,
    count: usize,
}

impl Groups {
    fn of(frame: &OrderFrame, column: &str) -> Result<Self> {
        if !frame.has_values(column) {
            return Ok(Self { of_row: vec![NONE; frame.height()], count: 0 });
        }
        let coded = frame.coded(column)?;
        Ok(Self { of_row: coded.places().collect(), count: coded.texts.len() })
    }

    /// Rows of groups in which different values occur; a row without a value says nothing.
    fn with_several<T: Copy + PartialEq>(&self, values: impl Iterator<Item = Option<T>>) -> BooleanChunked {
        let mut first: Vec<Option<T>> = vec![None; self.count];
        let mut several = vec![false; self.count];
        for (group, value) in self.of_row.iter().zip(values) {
            if let (true, Some(value)) = (*group != NONE, value) {
                let group = *group as usize;
                several[group] |= *first[group].get_or_insert(value) != value;
            }
        }
        self.of_row.iter().map(|group| Some(*group != NONE && several[*group as usize])).collect_ca("flag".into())
    }
}

/// Rows that are live and whose number occurs in another live row.
fn repeated(numbers: &StringChunked, live: &BooleanChunked) -> BooleanChunked {
    let keys: Vec<u64> =
        numbers.iter().zip(live.iter()).map(|(number, live)| if live == Some(true) { number.map_or(0, digits) } else { 0 }).collect();
    // A sieve of bits finds the few keys that may repeat; only those are counted exactly.
    let slots = (keys.len().max(64) * 16).next_power_of_two();
    let slot = |key: u64| (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - slots.trailing_zeros())) as usize;
    let (mut once, mut again) = (vec![0u64; slots / 64], vec![0u64; slots / 64]);
    for key in keys.iter().filter(|key| **key != 0) {
        let (word, bit) = (slot(*key) / 64, 1 << (slot(*key) % 64));
        again[word] |= once[word] & bit;
        once[word] |= bit;
    }
    let suspect = |key: u64| key != 0 && again[slot(key) / 64] >> (slot(key) % 64) & 1 == 1;
    let mut counts: PlHashMap<u64, u32> = PlHashMap::default();
    for key in keys.iter().filter(|key| suspect(**key)) {
        *counts.entry(*key).or_insert(0) += 1;
    }
    keys.iter().map(|key| Some(suspect(*key) && counts.get(key).is_some_and(|count| *count > 1))).collect_ca("flag".into())
}

/// An E.164 number as a whole number: exact, since it has at most 15 digits and no leading zero.
fn digits(number: &str) -> u64 {
    number.bytes().filter(u8::is_ascii_digit).fold(0u64, |digits, byte| digits.wrapping_mul(10).wrapping_add(u64::from(byte - b'0')))
}

/// What makes an order: its id, else request, case, number type and confirmed date together; a row
/// with neither id, request nor case is an order of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum OrderKey {
    Given(u32),
    Derived(u32, u32, bool, Option<i32>),
    Alone,
}

/// The rows of `odd` whose order has at most [`LARGE_ORDER_NUMBERS`] rows.
fn in_small_order(
    odd: &BooleanChunked,
    orders: &Groups,
    requests: &Groups,
    cases: &Groups,
    toll_free: &BooleanChunked,
    dates: &Int32Chunked,
) -> BooleanChunked {
    let keys = || {
        let ids = orders.of_row.iter().zip(&requests.of_row).zip(&cases.of_row);
        ids.zip(toll_free.iter().zip(dates.iter())).map(|(((order, request), case), (toll_free, date))| match (*order, *request, *case) {
            (NONE, NONE, NONE) => OrderKey::Alone,
            (NONE, request, case) => OrderKey::Derived(request, case, toll_free == Some(true), date),
            (order, _, _) => OrderKey::Given(order),
        })
    };
    let mut sizes: PlHashMap<OrderKey, u32> =
        odd.iter().zip(keys()).filter(|(odd, _)| *odd == Some(true)).map(|(_, key)| (key, 0)).collect();
    for key in keys() {
        if let Some(size) = sizes.get_mut(&key) {
            *size += 1;
        }
    }
    let small = |key: OrderKey| key == OrderKey::Alone || sizes.get(&key).is_some_and(|size| *size <= LARGE_ORDER_NUMBERS);
    odd.iter().zip(keys()).map(|(odd, key)| Some(odd == Some(true) && small(key))).collect_ca("flag".into())
}
