//! What a word of a profile means: its vocabulary, and the state, status and detail that it tells.

use crate::domain::lifecycle::State;
use crate::domain::record::Field;
use crate::domain::status::{Detail, Status, closed_lists};

closed_lists! {
    /// Which words a column of states, statuses or details may hold; the codes are the sections of a profile.
    Vocabulary {
        /// Number states.
        State = "state", "State";
        /// Statuses of the report.
        Status = "status", "Status";
        /// Detailed statuses.
        Detail = "detail", "Detail";
    }
}

impl Vocabulary {
    /// The column that holds this vocabulary.
    pub const fn field(self) -> Field {
        match self {
            Self::State => Field::NumberState,
            Self::Status => Field::GivenStatus,
            Self::Detail => Field::GivenDetail,
        }
    }

    /// What a code of it says.
    pub fn meaning_of(self, code: &str) -> Meaning {
        match self {
            Self::State => Meaning { state: State::from_code(code), ..Meaning::default() },
            Self::Status => Meaning { status: Status::from_code(code), ..Meaning::default() },
            Self::Detail => Meaning { detail: Detail::from_code(code), ..Meaning::default() },
        }
    }

    /// The vocabulary a column is meant to hold, for the three columns that have one.
    pub fn of(field: Field) -> Option<Self> {
        Self::ALL.iter().copied().find(|vocabulary| vocabulary.field() == field)
    }
}

/// What a word of a state, status or detail column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meaning {
    /// The number's state.
    pub state: Option<State>,
    /// The status.
    pub status: Option<Status>,
    /// The detailed status.
    pub detail: Option<Detail>,
    /// Whether it is said of a request and holds for all of its numbers that are open, whatever their own words say.
    pub is_of_all_open: bool,
}

impl Meaning {
    /// Whether both say something of the state, the status or the detail, and not the same.
    pub fn contradicts(self, other: Self) -> bool {
        fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
            one.zip(other).is_some_and(|(one, other)| one != other)
        }
        differ(self.state, other.state) || differ(self.status, other.status) || differ(self.detail, other.detail)
    }
}

/// One word of a profile as it is written there, and what it means.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The column that holds it.
    pub field: Field,
    /// The word, as the source writes it.
    pub word: String,
    /// The reject codes beside which it means this; none: by itself.
    pub reasons: Vec<String>,
    /// What it says of state, status and detail.
    pub meaning: Meaning,
    /// The code that it means in other columns.
    pub code: Option<String>,
}
