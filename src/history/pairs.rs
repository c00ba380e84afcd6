//! Finds each number again in an earlier state: the same number in the same request of the same account, and where one of them
//! does not say which request or account that is, the only one that it can be.

use foldhash::{HashMap, HashMapExt};
use polars::prelude::*;

use crate::domain::record::Field;
use crate::error::Result;
use crate::source::{CodedText, OrderFrame};

/// In place of a row, that there is none.
pub const NO_ROW: u32 = u32::MAX;

/// What tells the rows of a frame apart.
pub struct Identity {
    numbers: StringChunked,
    account: Option<CodedText>,
    /// The request, else the case, else the order.
    groups: Vec<CodedText>,
}

impl Identity {
    /// Takes it from `frame`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of(frame: &OrderFrame) -> Result<Self> {
        let coded = |field: Field| frame.has_values(field.key()).then(|| frame.coded(field.key())).transpose();
        let groups = [Field::RequestId, Field::CaseNumber, Field::OrderId].into_iter().map(coded);
        Ok(Self {
            numbers: frame.column(Field::PhoneNumber.key())?.str()?.rechunk().into_owned(),
            account: coded(Field::AccountId)?,
            groups: groups.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect(),
        })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.numbers.len()
    }

    fn account(&self, row: u32) -> Option<&str> {
        self.account.as_ref()?.text(row as usize)
    }

    fn groups(&self, row: u32) -> impl Iterator<Item = (&str, &str)> {
        self.groups.iter().filter_map(move |group| Some((group.codes.name().as_str(), group.text(row as usize)?)))
    }
}

/// For each row of `now` the row of `then` that is the same number; [`NO_ROW`] for one that is new.
pub fn pairs(now: &Identity, then: &Identity) -> Vec<u32> {
    // Rows of a number are a chain: the last of them, and from each the one before it.
    let mut last: HashMap<&str, u32> = HashMap::with_capacity(then.rows());
    let mut earlier: Vec<u32> = vec![NO_ROW; then.rows()];
    for (row, number) in (0..).zip(then.numbers.iter()) {
        if let Some(number) = number {
            earlier[row as usize] = last.insert(number, row).unwrap_or(NO_ROW);
        }
    }
    let mut paired = vec![NO_ROW; now.rows()];
    let mut is_taken = vec![false; then.rows()];
    // Of equal rows the first are the same; of those that may be the same there can be only one.
    for (is_same, most) in [(is_same as Sameness, usize::MAX), (may_be_same, 1)] {
        for (row, number) in (0..).zip(now.numbers.iter()) {
            if paired[row as usize] != NO_ROW {
                continue;
            }
            let mut candidate = number.and_then(|number| last.get(number)).copied().unwrap_or(NO_ROW);
            let mut found = NO_ROW;
            let mut count = 0;
            while candidate != NO_ROW {
                if !is_taken[candidate as usize] && is_same(now, row, then, candidate) {
                    (found, count) = (candidate, count + 1);
                }
                candidate = earlier[candidate as usize];
            }
            if (1..=most).contains(&count) {
                paired[row as usize] = found;
                is_taken[found as usize] = true;
            }
        }
    }
    paired
}

/// Whether a row now and one then are of the same port.
type Sameness = fn(&Identity, u32, &Identity, u32) -> bool;

/// Whether two rows of one number say the same of account and request.
fn is_same(now: &Identity, row: u32, then: &Identity, before: u32) -> bool {
    now.account(row) == then.account(before) && now.groups(row).next() == then.groups(before).next()
}

/// Whether nothing that both rows of one number say tells them apart.
fn may_be_same(now: &Identity, row: u32, then: &Identity, before: u32) -> bool {
    let accounts = now.account(row).zip(then.account(before)).is_none_or(|(now, then)| now == then);
    let differ = |(name, text): (&str, &str)| then.groups(before).any(|(other, before)| other == name && before != text);
    accounts && !now.groups(row).any(differ)
}
