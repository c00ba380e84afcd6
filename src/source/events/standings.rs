//! Where rows of orders say that numbers stand: there a history begins whose first events are not told.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};
use polars::prelude::{Column, DataType};

use crate::domain::lifecycle::State;
use crate::domain::record::Field;
use crate::domain::status::Detail;
use crate::error::Result;
use crate::source::duplicates::groups;
use crate::source::events::overlay::DetailStates;
use crate::source::{CodedText, OrderFrame};

/// Where a number stood, and when that was last changed, in microseconds since 1970-01-01T00:00:00Z, if that is known.
pub type Begin = (State, Option<i64>);

/// A number in its request, else its order, else its case.
type Key = (String, Option<(u8, String)>);

/// Where numbers stand by their rows of orders, each with the account that it names.
#[derive(Debug, Default)]
pub struct Standings(HashMap<Key, Vec<(Option<String>, Begin)>>);

impl Standings {
    /// What `frames` of orders say of the numbers of `events`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of<'a>(frames: impl IntoIterator<Item = &'a OrderFrame>, events: &OrderFrame, details: &DetailStates) -> Result<Self> {
        let numbers = events.column(Field::PhoneNumber.key())?;
        let asked: BTreeSet<&str> = numbers.str()?.iter().flatten().collect();
        let mut known: HashMap<Key, Vec<(Option<String>, Begin)>> = HashMap::new();
        for frame in frames {
            let phones = frame.column(Field::PhoneNumber.key())?;
            let (keys, updated) = (Keys::of(frame)?, instants(frame, Field::UpdatedAt)?);
            let states = frame.texts_by_row(Field::NumberState.key())?;
            let given = frame.texts_by_row(Field::GivenDetail.key())?;
            for (row, phone) in phones.str()?.iter().enumerate() {
                let Some(phone) = phone.filter(|phone| asked.contains(phone)) else { continue };
                let detail = || given(row).as_deref().and_then(Detail::from_code).and_then(|detail| details.get(&detail).copied());
                let Some(state) = states(row).as_deref().and_then(State::from_code).or_else(detail) else { continue };
                let begin = (state, updated(row));
                known.entry((phone.to_owned(), keys.of_row(row))).or_default().push((keys.account(row), begin));
            }
        }
        Ok(Self(known))
    }

    /// Whether they say nothing of any number.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where the number of a row with these keys stood, by the newest of the rows of its account. Rows that name no account, and all for
    /// a row that names none, count where no two accounts are named.
    pub fn begin(&self, phone: &str, keys: &Keys, row: usize) -> Option<Begin> {
        let (known, own) = (self.0.get(&(phone.to_owned(), keys.of_row(row)))?, keys.account(row));
        let mut named = known.iter().filter_map(|(account, _)| account.as_ref()).chain(&own);
        let first = named.next();
        let are_one = named.all(|account| Some(account) == first);
        // Of rows that are as new the last counts, as among the rows themselves.
        let of_owner = known.iter().filter(|(account, _)| are_one || (own.is_some() && *account == own));
        of_owner.map(|(_, begin)| *begin).max_by_key(|(_, updated)| *updated)
    }
}

/// What numbers of a frame stand in: their requests, else their orders, else their cases; and their accounts.
pub struct Keys {
    groups: Vec<Option<(u8, u32)>>,
    texts: [Vec<String>; 3],
    accounts: Option<CodedText>,
}

impl Keys {
    /// Those of the rows of `frame`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of(frame: &OrderFrame) -> Result<Self> {
        let texts = |field: Field| -> Result<Vec<String>> {
            let has = frame.has_values(field.key());
            Ok(if has { frame.coded(field.key())?.each(str::to_owned) } else { Vec::new() })
        };
        let account = Field::AccountId.key();
        let accounts = frame.has_values(account).then(|| frame.coded(account)).transpose()?;
        Ok(Self { groups: groups(frame)?, texts: [texts(Field::RequestId)?, texts(Field::OrderId)?, texts(Field::CaseNumber)?], accounts })
    }

    fn account(&self, row: usize) -> Option<String> {
        self.accounts.as_ref()?.text(row).map(str::to_owned)
    }

    fn of_row(&self, row: usize) -> Option<(u8, String)> {
        let (kind, code) = self.groups[row]?;
        Some((kind, self.texts[usize::from(kind)].get(code as usize)?.clone()))
    }
}

/// The instant of each row in microseconds since 1970-01-01T00:00:00Z.
fn instants(frame: &OrderFrame, field: Field) -> Result<impl Fn(usize) -> Option<i64> + use<>> {
    let column: Option<Column> = frame.has_values(field.key()).then(|| frame.column(field.key())).transpose()?;
    let micros = column.map(|column| column.cast(&DataType::Int64)).transpose()?;
    let micros = micros.map(|column| column.i64().cloned()).transpose()?;
    Ok(move |row| micros.as_ref()?.get(row))
}
