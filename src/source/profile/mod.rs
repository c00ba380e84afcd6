//! A source's profile: which header means which column and which word means which code.

mod file;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::domain::columns::ColumnType;
use crate::domain::date::{DateOrder, Zone, zone_of_header};
use crate::domain::lifecycle::State;
use crate::domain::number::DefaultNumbering;
use crate::domain::record::Field;
use crate::domain::status::{Detail, Status, closed_lists, fold};

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
}

/// Where a header stands in a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchPriority {
    /// It means this column.
    Main,
    /// It means this column when no other header does.
    Fallback,
}

type Words = BTreeMap<String, String>;

/// Words that are the same whatever their case, spaces and punctuation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct WordSet(BTreeSet<String>);

impl From<Vec<String>> for WordSet {
    fn from(words: Vec<String>) -> Self {
        Self(words.iter().map(|word| fold(word)).collect())
    }
}

impl WordSet {
    /// Whether `word` is among them.
    pub fn contains(&self, word: &str) -> bool {
        self.0.contains(&fold(word))
    }
}

/// The column of the numbers' countries, where a source's numbers are read by it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Country {
    /// Its headers.
    pub headers: WordSet,
    /// The countries whose numbers are under +1.
    pub under_plus_one: WordSet,
}

/// A source's headers, words and habits.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// The name: the file's, without its ending.
    pub name: String,
    /// What it describes, for readers.
    pub title: String,
    /// How an ambiguous date is read.
    pub order: DateOrder,
    /// How digits without a plus are read.
    pub bare: DefaultNumbering,
    /// Texts of a reject reason that say that there is none.
    pub no_reason: WordSet,
    /// Headers of columns that a report made here derives from others, so that they say nothing of their own.
    pub derived: WordSet,
    /// The column of the numbers' countries.
    pub country: Country,
    blanks: BTreeSet<String>,
    headers: BTreeMap<String, Vec<(MatchPriority, Field)>>,
    spelled: BTreeSet<String>,
    /// What words say beyond one code.
    meanings: BTreeMap<(Vocabulary, String), Meaning>,
    codes: BTreeMap<Field, Words>,
}

impl Profile {
    /// The columns that `header` may mean, the likeliest first; without its parentheses if need be.
    pub fn fields(&self, header: &str) -> &[(MatchPriority, Field)] {
        let found =
            self.headers.get(&fold(header)).or_else(|| self.outside_parentheses(header).filter(|_| !self.is_time_elsewhere(header)));
        if self.derived.contains(header) { &[] } else { found.map_or(&[], Vec::as_slice) }
    }

    /// Whether a header would be that of a wall time, but names a zone other than Pacific: `FOC time (UTC)`.
    pub fn is_time_elsewhere(&self, header: &str) -> bool {
        let elsewhere = zone_of_header(header).is_some_and(|zone| zone != Zone::Pacific);
        let timed = |fields: &Vec<(MatchPriority, Field)>| fields.iter().any(|(_, field)| field.column_type() == ColumnType::Time);
        elsewhere
            && !self.derived.contains(header)
            && !self.headers.contains_key(&fold(header))
            && self.outside_parentheses(header).is_some_and(timed)
    }

    fn outside_parentheses(&self, header: &str) -> Option<&Vec<(MatchPriority, Field)>> {
        let (before, rest) = header.split_once('(')?;
        self.headers.get(&fold(&format!("{before}{}", rest.split_once(')').map_or("", |(_, after)| after))))
    }

    /// Whether the profile spells a header so, but for its case.
    pub fn spells(&self, header: &str) -> bool {
        self.spelled.contains(&header.trim().to_lowercase())
    }

    /// How many headers the profile knows; of two that fit, the one that knows fewer is the closer.
    pub fn breadth(&self) -> usize {
        self.headers.len()
    }

    /// The folded headers that mean `field`.
    pub fn aliases(&self, field: Field) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(_, fields)| fields.iter().any(|(_, known)| *known == field)).map(|(alias, _)| alias.as_str())
    }

    /// Whether a cell outside free text means that there is nothing.
    pub fn is_blank(&self, cell: &str) -> bool {
        cell.is_empty() || self.blanks.contains(cell)
    }

    /// What `word` says in a column of this vocabulary, and only there.
    pub fn meaning(&self, vocabulary: Vocabulary, word: &str) -> Option<Meaning> {
        let said = self.meanings.get(&(vocabulary, fold(word))).copied();
        said.or_else(|| self.code(vocabulary.field(), word).map(|code| vocabulary.meaning_of(code)))
    }

    /// The code of `word` in a column of closed words; `None` when the profile does not know it.
    pub fn code(&self, field: Field, word: &str) -> Option<&str> {
        match field {
            Field::PriorState => self.meaning(Vocabulary::State, word)?.state.map(State::code),
            _ => self.codes.get(&field)?.get(&fold(word)).map(String::as_str),
        }
    }
}
