//! The rules read plainly, one row at a time: what `explain` shows and what the compiled expressions are proved against. Never used on whole frames.

use crate::classify::language::{Comparison, Condition, RuleCell, Test};
use crate::classify::rules::{DerivedFrom, Rules, SourceStatus};
use crate::domain::status::{Detail, Status};

/// A row: its cells in the order of [`Rules::columns`].
pub type Row<'a> = [RuleCell<'a>];

/// What the rules say of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The index of the rule that decided.
    pub rule: usize,
    /// The status; `None` when nothing is known.
    pub status: Option<Status>,
    /// The detail; `None` when nothing is known.
    pub detail: Option<Detail>,
}

/// Decides one row. `as_of_day` is the Pacific day of the as-of instant, counted from 1970-01-01.
pub fn decide(rules: &Rules, row: &Row, as_of_day: i32) -> Answer {
    let derived = derive(rules, row, as_of_day);
    let rule = rules
        .all()
        .iter()
        .position(|rule| rule.conditions.iter().all(|condition| holds(&condition.test, cell(rules, row, &derived, condition), as_of_day)))
        .unwrap_or(rules.all().len() - 1);
    let decided = &rules.all()[rule];
    let given = match cell_of(rules, row, &derived, "given_status") {
        RuleCell::Word(code) => Status::from_code(code),
        _ => None,
    };
    let status = match decided.given {
        SourceStatus::Keep => given.or(decided.status),
        SourceStatus::Override => decided.status,
    };
    Answer { rule, status, detail: decided.detail }
}

/// The cells of the derived columns, in their order; a later one may take from an earlier one.
pub fn derive<'a>(rules: &'a Rules, row: &Row<'a>, as_of_day: i32) -> Vec<RuleCell<'a>> {
    let mut derived = Vec::with_capacity(rules.derived().len());
    for column in rules.derived() {
        let case = column
            .cases
            .iter()
            .find(|case| case.conditions.iter().all(|condition| holds(&condition.test, cell(rules, row, &derived, condition), as_of_day)));
        derived.push(match case.map(|case| &case.take) {
            Some(DerivedFrom::Value(code)) => RuleCell::Word(code),
            Some(DerivedFrom::Column(column)) => cell_of(rules, row, &derived, column),
            None => RuleCell::Null,
        });
    }
    derived
}

/// The cell a condition asks.
pub fn cell<'a>(rules: &Rules, row: &Row<'a>, derived: &[RuleCell<'a>], condition: &Condition) -> RuleCell<'a> {
    cell_of(rules, row, derived, &condition.column)
}

fn cell_of<'a>(rules: &Rules, row: &Row<'a>, derived: &[RuleCell<'a>], column: &str) -> RuleCell<'a> {
    if let Some(index) = rules.columns().iter().position(|key| key == column) {
        return row[index];
    }
    let index = rules.derived().iter().position(|known| known.column == column);
    index.and_then(|index| derived.get(index).copied()).unwrap_or(RuleCell::Null)
}

/// Whether a cell passes a test. Two-valued: an empty cell passes only `Null` and `NotIn`.
pub fn holds(test: &Test, cell: RuleCell, as_of_day: i32) -> bool {
    match (test, cell) {
        (Test::In(values), cell) => values.iter().any(|value| value.is(cell)),
        (Test::NotIn(values), cell) => !values.iter().any(|value| value.is(cell)),
        (Test::Null, cell) => cell == RuleCell::Null,
        (Test::NotNull, cell) => cell != RuleCell::Null,
        (Test::Before, RuleCell::Day(day)) => day < as_of_day,
        (Test::From, RuleCell::Day(day)) => day >= as_of_day,
        (Test::Compare(how, number), RuleCell::Number(cell)) => match how {
            Comparison::LessThan => cell < *number,
            Comparison::AtMost => cell <= *number,
            Comparison::Equals => cell == *number,
            Comparison::AtLeast => cell >= *number,
            Comparison::MoreThan => cell > *number,
        },
        _ => false,
    }
}
