//! Whose an event is, as far as its row says: the account and the partner that it names.

use crate::domain::record::Field;

/// The columns that name an account, the surest first: the first that two rows both name tells whether they are of one.
pub const ACCOUNTS: [Field; 3] = [Field::AccountId, Field::AccountUsername, Field::AccountCompany];

/// Marks of the account and the partner that a row names, or that the rows of a history name together; 0 where none is named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Owner {
    /// Those of [`ACCOUNTS`].
    pub accounts: [u64; 3],
    /// That of the partner.
    pub partner: u64,
}

impl Owner {
    /// Whether nothing speaks against both being of one: neither accounts nor partners that both name differ.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let both = self.accounts.iter().zip(&other.accounts).find(|(own, other)| **own != 0 && **other != 0);
        let is_partner = self.partner == 0 || other.partner == 0 || self.partner == other.partner;
        is_partner && both.is_none_or(|(own, other)| own == other)
    }

    /// What both name together; what `self` names stays.
    pub fn merged_with(&self, other: &Self) -> Self {
        let first = |own: u64, other: u64| if own == 0 { other } else { own };
        Self {
            accounts: std::array::from_fn(|place| first(self.accounts[place], other.accounts[place])),
            partner: first(self.partner, other.partner),
        }
    }

    /// Whether all of `owners` agree, taken together.
    pub fn are_one<'a>(mut owners: impl Iterator<Item = &'a Self>) -> bool {
        let mut all = Self::default();
        owners.all(|owner| {
            let agrees = all.agrees_with(owner);
            all = all.merged_with(owner);
            agrees
        })
    }

    /// One mark for all that is named; 0 for nothing.
    pub fn mark(&self) -> u64 {
        self.accounts.iter().fold(self.partner, |mark, account| mark.rotate_left(17) ^ account)
    }
}
