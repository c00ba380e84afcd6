//! The mapping from number state and facts to status and detail: data, read from a file and checked whole before a row is seen.

use std::collections::BTreeSet;

use crate::classify::language::{Condition, record_column};
use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::{Lifecycle, Mode, State};
use crate::domain::reason::{ActionOwner, Reasons};
use crate::domain::record::Field;
use crate::domain::status::{Detail, Spelling, Status};

/// Whether a rule keeps the status of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceStatus {
    /// The source's status stands; the rule's own stands in where there is none.
    Keep,
    /// The rule's own status.
    Override,
}

/// One rule: when it holds, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The id shown in the report.
    pub id: String,
    /// Why, one sentence.
    pub why: String,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// Whether the source's status is kept.
    pub given: SourceStatus,
    /// The status; `None` when nothing is known.
    pub status: Option<Status>,
    /// The detail; `None` when nothing is known.
    pub detail: Option<Detail>,
    /// Whose move it is.
    pub owner: ActionOwner,
    /// What to do next, one sentence.
    pub next_step: String,
    /// Whether that is to assign the number.
    pub assign: bool,
    /// Flags of every row this rule decides, as a mask of [`crate::domain::data_quality::QualityFlag`] bits.
    pub flags: u64,
    /// The code of the reject reason of those rows, where the source gives none.
    pub reason: Option<String>,
    /// Details of a source that do not contradict this rule.
    pub compatible_details: Vec<Detail>,
}

impl Rule {
    /// Whether the next step is that of the reject reasons, where there are any: the order waits for what they ask.
    pub fn awaits_reasons(&self) -> bool {
        self.reason.is_none() && matches!(self.detail, Some(Detail::Rejected | Detail::AdditionalInfoRequired))
    }

    /// Whether what it says cannot be what `expected` says: another detail where the source's own is kept, another status where it
    /// gave only that.
    pub fn contradicts(&self, expected: &Self) -> bool {
        let (Some(detail), Some(expected_detail)) = (self.detail, expected.detail) else { return false };
        let mut possible = expected.compatible_details.iter().copied().chain([expected_detail]);
        match self.given {
            SourceStatus::Keep => !possible.any(|possible| possible == detail),
            SourceStatus::Override => !possible.any(|possible| possible.status() == detail.status()),
        }
    }
}

/// Whose move it is and what to do next, where status and detail do not tell the whole story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its id.
    pub id: String,
    /// Why, one sentence.
    pub why: String,
    /// All of these must hold; they may ask of `status` and `detail` too.
    pub conditions: Vec<Condition>,
    /// Whose move it is.
    pub owner: ActionOwner,
    /// What to do next, one sentence.
    pub next_step: String,
    /// Whether that is to assign the number.
    pub assign: bool,
}

/// A data-quality flag, and what rows have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagRule {
    /// The flag.
    pub flag: QualityFlag,
    /// All of these must hold; they may ask of `status`, `detail`, `known_state` and the facts of [`crate::classify::facts`] too.
    pub conditions: Vec<Condition>,
}

/// A column of state codes computed from others before the rules are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// Its key.
    pub column: String,
    /// The first case whose conditions hold gives the cell; none leaves it empty.
    pub cases: Vec<Case>,
}

/// One case of a derived column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// What the cell then holds.
    pub take: DerivedFrom,
}

/// Where a derived cell comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DerivedFrom {
    /// The cell of another column of states.
    Column(String),
    /// This state.
    Value(State),
}

/// A setting of the rules: two rules may stand for its choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it is set to.
    pub value: String,
    /// What it can be set to, sorted.
    pub choices: Vec<String>,
    /// What it decides, one sentence.
    pub meaning: String,
}

/// The rules of a run, checked; the last one always holds.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Every rule in force, in order.
    pub all: Vec<Rule>,
    /// The derived columns, in order.
    pub derived: Vec<Derived>,
    /// What stands in place of a rule's next step, the first that holds.
    pub actions: Vec<Action>,
    /// The flags of single rows.
    pub flags: Vec<FlagRule>,
    /// The settings, by name.
    pub settings: Vec<Setting>,
    /// The keys of the columns of the record that the rules ask, sorted; `given_status` always.
    pub columns: Vec<String>,
    /// The state of a number of which only the detail is known, by detail.
    pub reverse: Vec<State>,
    /// The canonical reject reasons; none when the rules were parsed alone.
    pub reasons: Reasons,
    /// How canceled orders are spelled in the report.
    pub spelling: Spelling,
    /// The state model and its edges that count; none when the rules were parsed alone.
    pub state_model: Option<(Lifecycle, Mode)>,
    /// A hash of all that the rules say, in hex: rules of one fingerprint decide alike. Empty for rules that were
    /// parsed without reject reasons.
    pub fingerprint: String,
}

impl Rules {
    /// The conditions of all rules and actions, and of the cases of all derived columns.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let derived = self.derived.iter().flat_map(|column| &column.cases).flat_map(|case| &case.conditions);
        let actions = self.actions.iter().flat_map(|action| &action.conditions);
        self.all.iter().flat_map(|rule| &rule.conditions).chain(derived).chain(actions)
    }

    /// The keys of the columns of the record that flags ask.
    pub fn columns_of_flags(&self) -> impl Iterator<Item = &str> {
        let asked = self.flags.iter().flat_map(|flag| &flag.conditions).map(|condition| condition.column.as_str());
        asked.filter(|key| record_column(key).is_some())
    }

    /// The keys of the columns of the record that rules and derived columns ask, sorted; `given_status` always.
    pub(crate) fn asked_columns(&self) -> Vec<String> {
        let taken = self.derived.iter().flat_map(|column| &column.cases).filter_map(|case| match &case.take {
            DerivedFrom::Column(column) => Some(column),
            DerivedFrom::Value(_) => None,
        });
        let asked = self.conditions().map(|condition| &condition.column).chain(taken).filter(|key| record_column(key).is_some());
        let columns: BTreeSet<String> = asked.cloned().chain([Field::GivenStatus.key().to_owned()]).collect();
        columns.into_iter().collect()
    }

    /// The state of a number of which only the detail is known.
    pub fn state_of(&self, detail: Detail) -> State {
        self.reverse[detail as usize]
    }

    /// Owner and next step by next action: those of the rules, of the actions, then of the reject reasons.
    pub fn next_actions(&self) -> impl Iterator<Item = (ActionOwner, &str)> {
        let rules = self.all.iter().map(|rule| (rule.owner, rule.next_step.as_str()));
        let actions = self.actions.iter().map(|action| (action.owner, action.next_step.as_str()));
        rules.chain(actions).chain(self.reasons.all.iter().map(|reason| (reason.owner, reason.next_step.as_str())))
    }

    /// The action that is next action `index`, if one is.
    pub fn action(&self, index: usize) -> Option<&Action> {
        self.actions.get(index.checked_sub(self.all.len())?)
    }

    /// The next actions that are to assign the number.
    pub fn assigning(&self) -> Vec<u32> {
        let assign = self.all.iter().map(|rule| rule.assign).chain(self.actions.iter().map(|action| action.assign));
        (0..).zip(assign).filter(|(_, assign)| *assign).map(|(index, _)| index).collect()
    }
}
