//! Events that name an order and no number: each happened to every number of the order.

use foldhash::{HashMap, HashMapExt, HashSet};
use polars::prelude::*;

use crate::domain::record::{Field, INPUT, LINE, NUMBER_TYPE};
use crate::error::{Error, Result};
use crate::source::OrderFrame;
use crate::source::orders::{Reject, RejectKind};

/// By what an event names an order, the closest first.
const NAMES: [Field; 3] = [Field::OrderId, Field::RequestId, Field::CaseNumber];
/// What the row of a number says of it, beside the number itself.
const TOLD: [Field; 4] = [Field::OrderId, Field::RequestId, Field::CaseNumber, Field::AccountId];
/// The place of the account among those.
const ACCOUNT: usize = 3;

/// Rows of events, each of a number.
#[derive(Debug)]
pub struct Spread {
    /// The rows.
    pub frame: OrderFrame,
    /// Which of them can be used.
    pub keep: Vec<bool>,
    /// Rows more than there were.
    pub expanded: u64,
    /// Events of orders that no input has numbers of.
    pub rejects: Vec<Reject>,
}

/// A number of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    phone: String,
    number_type: Option<String>,
    told: [Option<String>; TOLD.len()],
}

/// The numbers of an order.
#[derive(Debug, Default)]
struct Order {
    members: Vec<Member>,
    phones: HashSet<String>,
}

/// A name of an order: its place among [`NAMES`], and the text.
type Name = (usize, String);

/// `events` with a row for each number of the orders that they name: the numbers are those of `orders`, and of other events;
/// `place` names the events.
///
/// # Errors
/// [`Error::data`] when nothing tells of any number.
pub fn spread(events: OrderFrame, keep: Vec<bool>, orders: &[OrderFrame], place: &str) -> Result<Spread> {
    if events.is_full(Field::PhoneNumber.key()) {
        return Ok(Spread { frame: events, keep, expanded: 0, rejects: Vec::new() });
    }
    let missing = events.has(Field::PhoneNumber.key()).then(|| events.column(Field::PhoneNumber.key())).transpose()?;
    let missing = missing.map(|column| column.is_null());
    let is_of_order = |row: usize| keep[row] && missing.as_ref().is_none_or(|missing| missing.get(row) == Some(true));
    let rows: Vec<usize> = (0..events.height()).filter(|row| is_of_order(*row)).collect();
    if rows.is_empty() {
        return Ok(Spread { frame: events, keep, expanded: 0, rejects: Vec::new() });
    }
    if orders.is_empty() && rows.len() == events.height() {
        let what = "holds events of orders: no column holds the phone number";
        return Err(Error::data(place, what, "give the orders with their numbers, too, or export the events with them"));
    }
    let (names, accounts) = (names_of(&events)?, events.texts_by_row(TOLD[ACCOUNT].key())?);
    let mut members: HashMap<Name, Order> = HashMap::new();
    for name in rows.iter().filter_map(|row| names(*row)) {
        members.entry(name).or_default();
    }
    for frame in orders.iter().chain([&events]) {
        add_members(frame, &mut members)?;
    }
    let mut spread = Spread { frame: events.clone(), keep: Vec::with_capacity(keep.len()), expanded: 0, rejects: Vec::new() };
    let (mut index, mut found): (Vec<IdxSize>, Vec<Option<&Member>>) = (Vec::with_capacity(keep.len()), Vec::with_capacity(keep.len()));
    for (row, is_kept) in keep.iter().enumerate() {
        let of_order = is_of_order(row);
        let account = of_order.then(|| accounts(row)).flatten();
        let is_of_account = |member: &&Member| account.is_none() || member.told[ACCOUNT].is_none() || member.told[ACCOUNT] == account;
        let name = of_order.then(|| names(row)).flatten();
        let known = name.as_ref().and_then(|name| members.get(name)).into_iter().flat_map(|order| &order.members);
        let first = found.len();
        found.extend(known.filter(is_of_account).map(Some));
        let is_lost = of_order && found.len() == first;
        if found.len() == first {
            found.push(None);
        }
        if is_lost {
            spread.rejects.push(reject(&events, row, name.map(|(_, text)| text).unwrap_or_default())?);
        }
        index.resize(found.len(), row as IdxSize);
        spread.keep.resize(found.len(), *is_kept && !is_lost);
    }
    spread.expanded = (found.len() - keep.len()) as u64;
    spread.frame = with_members(&events, index, &found)?;
    Ok(spread)
}

/// The event in `row`, of whose order, called `name`, no input has a number.
fn reject(events: &OrderFrame, row: usize, name: String) -> Result<Reject> {
    let place = |key: &str| -> Result<u32> { Ok(events.slice([key], row..row + 1)?.column(key)?.u32()?.get(0).unwrap_or_default()) };
    let reason = "an event of an order of which no input has a number".to_owned();
    Ok(Reject { input: place(INPUT)?, line: place(LINE)?, kind: RejectKind::Row, column: String::new(), value: name, reason })
}

/// Adds the numbers of `frame` to the orders that `members` names.
fn add_members(frame: &OrderFrame, members: &mut HashMap<Name, Order>) -> Result<()> {
    let (phones, types) = (frame.texts_by_row(Field::PhoneNumber.key())?, frame.texts_by_row(NUMBER_TYPE)?);
    let told = TOLD.iter().map(|field| frame.texts_by_row(field.key())).collect::<Result<Vec<_>>>()?;
    for row in 0..frame.height() {
        let Some(phone) = phones(row) else { continue };
        for (place, _) in NAMES.iter().enumerate() {
            // The names stand first among what is told, in the same order.
            let Some(known) = told[place](row).and_then(|text| members.get_mut(&(place, text))) else { continue };
            let member = Member { phone: phone.clone(), number_type: types(row), told: std::array::from_fn(|place| told[place](row)) };
            if known.phones.insert(phone.clone()) {
                known.members.push(member);
            }
        }
    }
    Ok(())
}

/// The rows of `events` at `index`, those of members with their numbers and with what their rows say where the event does not.
fn with_members(events: &OrderFrame, index: Vec<IdxSize>, members: &[Option<&Member>]) -> Result<OrderFrame> {
    let rows = IdxCa::from_vec(PlSmallStr::EMPTY, index);
    let mut frame = events.take(&rows)?;
    let mut set = |name: &str, of: &dyn Fn(&Member) -> Option<String>| -> Result<()> {
        let own = frame.texts_by_row(name)?;
        let cells = members.iter().enumerate().map(|(row, member)| own(row).or_else(|| member.and_then(of)));
        let cells: StringChunked = StringChunked::from_iter_options(name.into(), cells);
        frame.set(cells.into_column())
    };
    set(Field::PhoneNumber.key(), &|member| Some(member.phone.clone()))?;
    set(NUMBER_TYPE, &|member| member.number_type.clone())?;
    for (place, field) in TOLD.iter().enumerate() {
        set(field.key(), &|member| member.told[place].clone())?;
    }
    Ok(frame)
}

/// The closest name that each row has of its order.
fn names_of(frame: &OrderFrame) -> Result<impl Fn(usize) -> Option<Name> + use<>> {
    let texts = NAMES.iter().map(|field| frame.texts_by_row(field.key())).collect::<Result<Vec<_>>>()?;
    Ok(move |row| texts.iter().enumerate().find_map(|(place, text)| Some((place, text(row)?))))
}
