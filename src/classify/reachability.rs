//! Which cells the rules can tell apart, and whether every rule can be reached.

use std::collections::BTreeMap;

use crate::classify::interpret::holds;
use crate::classify::language::{Condition, RuleCell, Test, Value, record_column};
use crate::classify::rules::Rules;
use crate::domain::columns::ColumnType;
use crate::error::{Error, Place, Result};

/// A code that no list has, standing for every word the rules do not name.
pub const UNNAMED: &str = "a word no rule names";

/// One cell for every set of cells of `column` that `questions` tell apart, the empty cell first. A question is a list of
/// tests that must all hold.
pub fn distinct_cells<'a>(column: &str, questions: &[Vec<&'a Test>], as_of_day: i32) -> Vec<RuleCell<'a>> {
    let mut seen: Vec<Vec<bool>> = Vec::new();
    let mut cells = candidates(column, questions, as_of_day);
    cells.retain(|cell| {
        let answer = |question: &Vec<&Test>| question.iter().all(|test| holds(test, *cell, as_of_day));
        let signature: Vec<bool> = questions.iter().map(answer).collect();
        let is_new = !seen.contains(&signature);
        seen.push(signature);
        is_new
    });
    cells
}

/// The empty cell, every cell named by a test, the neighbours of every border, and one cell more.
fn candidates<'a>(column: &str, questions: &[Vec<&'a Test>], as_of_day: i32) -> Vec<RuleCell<'a>> {
    let mut found = vec![RuleCell::Null];
    for test in questions.iter().flatten() {
        match test {
            Test::In(values) | Test::NotIn(values) => found.extend(values.iter().map(Value::cell)),
            Test::Compare(_, number) => found.extend([-1, 0, 1].map(|offset| RuleCell::Number(number.saturating_add(offset)))),
            Test::Null | Test::NotNull | Test::Before | Test::From => {}
        }
    }
    match record_column(column).map(|column| column.column_type) {
        Some(ColumnType::Bool) => found.extend([true, false].map(RuleCell::Bool)),
        Some(ColumnType::Date) => found.extend([-1, 0, 1].map(|offset| RuleCell::Day(as_of_day + offset))),
        Some(ColumnType::Time | ColumnType::Count) => found.push(RuleCell::Number(0)),
        _ => found.push(RuleCell::Word(UNNAMED)),
    }
    found
}

/// Refuses rules that can never hold, that an earlier one always forestalls, or that leave a row
/// undecided. A derived column counts as if it were free, so nothing reachable is refused.
///
/// # Errors
/// [`Error::config`] naming file and rule.
pub fn check(rules: &Rules, file: &str) -> Result<()> {
    let space = space(rules, file)?;
    for derived in &rules.derived {
        if derived.cases.iter().any(|case| region(&space, &case.conditions).contains(&0)) {
            let place = Place::entry(file, format!("derived column {}", derived.column));
            return Err(Error::config(place, "a case can never hold", "remove it or fix its conditions"));
        }
    }
    check_order(&space, "rule", rules.all.iter().map(|rule| (rule.id.as_str(), rule.conditions.as_slice())), file)?;
    check_order(&space, "action", rules.actions.iter().map(|action| (action.id.as_str(), action.conditions.as_slice())), file)?;
    match rules.all.last() {
        Some(last) if last.conditions.is_empty() => Ok(()),
        Some(last) => Err(Error::config(
            Place::entry(file, format!("rule {}", last.id)),
            "the last rule has conditions",
            "end with a rule that always holds",
        )),
        None => Err(Error::config(file, "there are no rules", "end with a rule that always holds")),
    }
}

/// Refuses one of `tried`, each a `kind` with its id and conditions, that can never hold or that an earlier one always forestalls.
fn check_order<'a>(space: &Space, kind: &str, tried: impl Iterator<Item = (&'a str, &'a [Condition])>, file: &str) -> Result<()> {
    let mut earlier: Vec<Vec<u64>> = Vec::new();
    for (id, conditions) in tried {
        let place = Place::entry(file, format!("{kind} {id}"));
        let region = region(space, conditions);
        if region.contains(&0) {
            return Err(Error::config(place, format!("the {kind} can never hold"), "its conditions exclude each other"));
        }
        if !reachable(&region, &earlier) {
            let help = format!("an earlier {kind} always holds where it would; move it up or remove it");
            return Err(Error::config(place, format!("the {kind} is never reached"), help));
        }
        earlier.push(region);
    }
    Ok(())
}

/// Every column that the rules ask, with a cell for every set of cells that their tests tell apart.
type Space<'a> = Vec<(&'a str, Vec<RuleCell<'a>>)>;

fn space<'a>(rules: &'a Rules, file: &str) -> Result<Space<'a>> {
    let mut asked: BTreeMap<&str, Vec<Vec<&Test>>> = BTreeMap::new();
    for condition in rules.conditions() {
        asked.entry(&condition.column).or_default().push(vec![&condition.test]);
    }
    let space: Space = asked.into_iter().map(|(key, questions)| (key, distinct_cells(key, &questions, 0))).collect();
    match space.iter().find(|(_, cells)| cells.len() > 64) {
        Some((key, _)) => Err(Error::config(file, format!("the rules tell more than 64 kinds of {key} apart"), "merge some of them")),
        None => Ok(space),
    }
}

/// By column of `space`, the cells that `conditions` let through, one bit each.
fn region(space: &Space, conditions: &[Condition]) -> Vec<u64> {
    let mask = |(key, cells): &(&str, Vec<RuleCell>)| {
        let own = || conditions.iter().filter(|condition| condition.column == *key);
        let passes = |cell: &RuleCell| own().all(|condition| holds(&condition.test, *cell, 0));
        cells.iter().enumerate().fold(0, |mask, (index, cell)| mask | u64::from(passes(cell)) << index)
    };
    space.iter().map(mask).collect()
}

/// Whether some point of `region` lies outside all of `earlier`: cuts the first that overlaps
/// out of the region, column by column, and asks of each piece that is left.
fn reachable(region: &[u64], earlier: &[Vec<u64>]) -> bool {
    let overlaps = |other: &Vec<u64>| region.iter().zip(other).all(|(mine, theirs)| mine & theirs != 0);
    let Some(first) = earlier.iter().position(overlaps) else {
        return true;
    };
    let mut rest = region.to_vec();
    for (column, taken) in earlier[first].iter().enumerate() {
        let outside = rest[column] & !taken;
        if outside != 0 {
            let mut piece = rest.clone();
            piece[column] = outside;
            if reachable(&piece, &earlier[first + 1..]) {
                return true;
            }
        }
        rest[column] &= taken;
    }
    false
}
