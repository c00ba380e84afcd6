//! The conditions of the rules read plainly, one row at a time: what `explain` shows and what the compiled expressions are proved against.

use crate::classify::language::{Condition, RuleCell, Test};
use crate::classify::rules::{DerivedFrom, Rules};

/// The cells of the derived columns of a row, whose own are in the order of [`Rules::columns`]; a later one may take from an earlier one.
pub fn derive<'a>(rules: &'a Rules, row: &[RuleCell<'a>], as_of_day: i32) -> Vec<RuleCell<'a>> {
    let mut derived = Vec::with_capacity(rules.derived.len());
    for column in &rules.derived {
        let holds = |condition: &Condition| holds(&condition.test, cell(rules, row, &derived, &condition.column), as_of_day);
        let case = column.cases.iter().find(|case| case.conditions.iter().all(holds));
        derived.push(match case.map(|case| &case.take) {
            Some(DerivedFrom::Value(state)) => RuleCell::Word(state.code()),
            Some(DerivedFrom::Column(column)) => cell(rules, row, &derived, column),
            None => RuleCell::Null,
        });
    }
    derived
}

/// The cell of a column of the record, or of one of those `derived` so far.
pub fn cell<'a>(rules: &Rules, row: &[RuleCell<'a>], derived: &[RuleCell<'a>], column: &str) -> RuleCell<'a> {
    if let Some(index) = rules.columns.iter().position(|key| key == column) {
        return row[index];
    }
    let index = rules.derived.iter().position(|known| known.column == column);
    index.and_then(|index| derived.get(index).copied()).unwrap_or(RuleCell::Null)
}

/// Whether a cell passes a test. Two-valued: an empty cell passes only `Null` and `NotIn`.
pub fn holds(test: &Test, cell: RuleCell, as_of_day: i32) -> bool {
    match (test, cell) {
        (Test::In(values), cell) => values.iter().any(|value| value.cell() == cell),
        (Test::NotIn(values), cell) => !values.iter().any(|value| value.cell() == cell),
        (Test::Null, cell) => cell == RuleCell::Null,
        (Test::NotNull, cell) => cell != RuleCell::Null,
        (Test::Before, RuleCell::Day(day)) => day < as_of_day,
        (Test::From, RuleCell::Day(day)) => day >= as_of_day,
        (Test::Compare(how, number), RuleCell::Number(cell)) => (how.forms().numbers)(&cell, number),
        _ => false,
    }
}
