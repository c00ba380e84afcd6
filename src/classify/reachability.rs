//! Which cells the rules can tell apart, and whether every rule can be reached. Looks at rules only, never at rows.

use crate::classify::interpret::holds;
use crate::classify::language::{Condition, RuleCell, Test, Value, record_column};
use crate::classify::rules::{Case, DerivedFrom, Rule, Rules};
use crate::domain::columns::ColumnType;
use crate::domain::record::Field;
use crate::domain::status::Status;
use crate::error::{Error, Place, Result};

/// A cell that stands for all cells the rules cannot tell from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EquivalenceClass {
    /// The empty cell.
    Null,
    /// A code.
    Word(String),
    /// True or false.
    Bool(bool),
    /// A day, counted from 1970-01-01.
    Day(i32),
    /// A whole number.
    Number(i64),
}

impl EquivalenceClass {
    /// The cell.
    pub fn cell(&self) -> RuleCell<'_> {
        match self {
            Self::Null => RuleCell::Null,
            Self::Word(word) => RuleCell::Word(word),
            Self::Bool(flag) => RuleCell::Bool(*flag),
            Self::Day(day) => RuleCell::Day(*day),
            Self::Number(number) => RuleCell::Number(*number),
        }
    }
}

/// A code that no list has, standing for every word the rules do not name.
pub const UNNAMED: &str = "a word no rule names";

/// One cell for every set of cells of `column` that the rules, or the derived columns fed by it,
/// can tell apart; the empty cell first. Every code of `given_status` stands for itself, because
/// a kept status is delivered as it is.
pub fn equivalence_classes(rules: &Rules, column: &str, as_of_day: i32) -> Vec<EquivalenceClass> {
    equivalence_classes_given(rules, column, as_of_day, &[])
}

/// As [`equivalence_classes`], but only what the rules can tell apart in a row with the cells `beside`:
/// whatever those cells refute, or forestall by a rule that is sure to hold, is not asked.
pub fn equivalence_classes_given(rules: &Rules, column: &str, as_of_day: i32, beside: &[(&str, RuleCell)]) -> Vec<EquivalenceClass> {
    let consulted = RelevantRules::of(rules, as_of_day, beside);
    let mut questions = consulted.questions(column);
    if column == Field::GivenStatus.key() {
        questions.extend(Status::ALL.iter().map(|status| vec![Test::In(vec![Value::Word(status.code().to_owned())])]));
    }
    distinct(candidates(column, &questions, as_of_day), &questions, as_of_day)
}

/// What can matter to a row of which some cells are known.
struct RelevantRules<'a> {
    rules: Vec<&'a Rule>,
    /// The cases of every derived column, by its key; none for a column that is not consulted.
    cases: Vec<(&'a str, Vec<&'a Case>)>,
}

impl<'a> RelevantRules<'a> {
    fn of(rules: &'a Rules, as_of_day: i32, beside: &[(&str, RuleCell)]) -> Self {
        let cell = |column: &str| beside.iter().find(|(known, _)| *known == column).map(|(_, cell)| *cell);
        let answer = |condition: &Condition| cell(&condition.column).map(|cell| holds(&condition.test, cell, as_of_day));
        let refuted = |conditions: &[Condition]| conditions.iter().any(|condition| answer(condition) == Some(false));
        let sure = |conditions: &[Condition]| conditions.iter().all(|condition| answer(condition) == Some(true));
        let end = rules.all().iter().position(|rule| sure(&rule.conditions)).map_or(rules.all().len(), |sure| sure + 1);
        let of_rules: Vec<&Rule> = rules.all()[..end].iter().filter(|rule| !refuted(&rule.conditions)).collect();
        let mut asked: Vec<&str> = of_rules.iter().flat_map(|rule| &rule.conditions).map(|condition| condition.column.as_str()).collect();
        let mut cases = Vec::new();
        // A derived column is asked by rules, or by a derived column after it.
        for derived in rules.derived().iter().rev() {
            let consulted = asked.contains(&derived.column.as_str());
            let of_column: Vec<&Case> = derived.cases.iter().filter(|case| consulted && !refuted(&case.conditions)).collect();
            for case in &of_column {
                asked.extend(case.conditions.iter().map(|condition| condition.column.as_str()));
                if let DerivedFrom::Column(from) = &case.take {
                    asked.push(from);
                }
            }
            cases.push((derived.column.as_str(), of_column));
        }
        Self { rules: of_rules, cases }
    }

    /// What is asked of a cell: each question is a list of tests that must all hold. A derived column
    /// asks its own questions of the cells that its cases let through.
    fn questions(&self, column: &str) -> Vec<Vec<Test>> {
        let cases = || self.cases.iter().flat_map(|(key, cases)| cases.iter().map(move |case| (*key, *case)));
        let conditions = self.rules.iter().flat_map(|rule| &rule.conditions).chain(cases().flat_map(|(_, case)| &case.conditions));
        let mut questions: Vec<Vec<Test>> =
            conditions.filter(|condition| condition.column == column).map(|condition| vec![condition.test.clone()]).collect();
        for (key, case) in cases().filter(|(_, case)| matches!(&case.take, DerivedFrom::Column(from) if from == column)) {
            let own = case.conditions.iter().filter(|condition| condition.column == column);
            let gate: Vec<Test> = own.map(|condition| condition.test.clone()).collect();
            questions.extend(self.questions(key).into_iter().map(|question| [gate.clone(), question].concat()));
        }
        questions
    }
}

fn conditions(rules: &Rules) -> impl Iterator<Item = &Condition> {
    let derived = rules.derived().iter().flat_map(|column| &column.cases).flat_map(|case| &case.conditions);
    rules.all().iter().flat_map(|rule| &rule.conditions).chain(derived)
}

/// The empty cell, every cell named by a test, the neighbours of every border, and one cell more.
fn candidates(column: &str, questions: &[Vec<Test>], as_of_day: i32) -> Vec<EquivalenceClass> {
    let mut found = vec![EquivalenceClass::Null];
    for test in questions.iter().flatten() {
        match test {
            Test::In(values) | Test::NotIn(values) => found.extend(values.iter().map(|value| match value {
                Value::Word(word) => EquivalenceClass::Word(word.clone()),
                Value::Bool(flag) => EquivalenceClass::Bool(*flag),
            })),
            Test::Compare(_, number) => found.extend([-1, 0, 1].map(|offset| EquivalenceClass::Number(number.saturating_add(offset)))),
            Test::Null | Test::NotNull | Test::Before | Test::From => {}
        }
    }
    match record_column(column).map(|column| column.column_type) {
        Some(ColumnType::Bool) => found.extend([true, false].map(EquivalenceClass::Bool)),
        Some(ColumnType::Date) => found.extend([-1, 0, 1].map(|offset| EquivalenceClass::Day(as_of_day + offset))),
        Some(ColumnType::Time | ColumnType::Count) => found.push(EquivalenceClass::Number(0)),
        _ => found.push(EquivalenceClass::Word(UNNAMED.to_owned())),
    }
    found
}

fn distinct(candidates: Vec<EquivalenceClass>, questions: &[Vec<Test>], as_of_day: i32) -> Vec<EquivalenceClass> {
    let mut seen: Vec<Vec<bool>> = Vec::new();
    let mut kept = Vec::new();
    for candidate in candidates {
        let answer = |question: &Vec<Test>| question.iter().all(|test| holds(test, candidate.cell(), as_of_day));
        let signature: Vec<bool> = questions.iter().map(answer).collect();
        if !seen.contains(&signature) {
            seen.push(signature);
            kept.push(candidate);
        }
    }
    kept
}

/// Refuses rules that can never hold, that an earlier one always forestalls, or that leave a row
/// undecided. A derived column counts as if it were free, so nothing reachable is refused.
///
/// # Errors
/// [`Error::config`] naming file and rule.
pub fn check(rules: &Rules, file: &str) -> Result<()> {
    let space = Space::of(rules, file)?;
    for derived in rules.derived() {
        if derived.cases.iter().any(|case| space.region(&case.conditions).contains(&0)) {
            let place = Place::entry(file, format!("derived column {}", derived.column));
            return Err(Error::config(place, "a case can never hold", "remove it or fix its conditions"));
        }
    }
    let mut earlier: Vec<Vec<u64>> = Vec::new();
    for rule in rules.all() {
        let place = Place::entry(file, format!("rule {}", rule.id));
        let region = space.region(&rule.conditions);
        if region.contains(&0) {
            return Err(Error::config(place, "the rule can never hold", "its conditions exclude each other"));
        }
        if !reachable(&region, &earlier) {
            let help = "an earlier rule always holds where it would; move it up or remove it";
            return Err(Error::config(place, "the rule is never reached", help));
        }
        earlier.push(region);
    }
    match rules.all().last() {
        Some(last) if last.conditions.is_empty() => Ok(()),
        Some(last) => Err(Error::config(
            Place::entry(file, format!("rule {}", last.id)),
            "the last rule has conditions",
            "end with a rule that always holds",
        )),
        None => Err(Error::config(file, "there are no rules", "end with a rule that always holds")),
    }
}

/// Every column that the rules ask, with a cell for every set of cells that their tests tell apart.
struct Space<'a> {
    columns: Vec<(&'a str, Vec<EquivalenceClass>)>,
}

impl<'a> Space<'a> {
    fn of(rules: &'a Rules, file: &str) -> Result<Self> {
        let mut keys: Vec<&str> = conditions(rules).map(|condition| condition.column.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        let cells = |key: &str| {
            let asked = conditions(rules).filter(|condition| condition.column == key);
            let questions: Vec<Vec<Test>> = asked.map(|condition| vec![condition.test.clone()]).collect();
            distinct(candidates(key, &questions, 0), &questions, 0)
        };
        let columns: Vec<_> = keys.into_iter().map(|key| (key, cells(key))).collect();
        match columns.iter().find(|(_, cells)| cells.len() > 64) {
            Some((key, _)) => Err(Error::config(file, format!("the rules tell more than 64 kinds of {key} apart"), "merge some of them")),
            None => Ok(Self { columns }),
        }
    }

    /// By column, the cells that `conditions` let through, one bit each.
    fn region(&self, conditions: &[Condition]) -> Vec<u64> {
        let mask = |(key, cells): &(&str, Vec<EquivalenceClass>)| {
            let own = || conditions.iter().filter(|condition| condition.column == *key);
            let passes = |cell: &EquivalenceClass| own().all(|condition| holds(&condition.test, cell.cell(), 0));
            cells.iter().enumerate().fold(0, |mask, (index, cell)| mask | u64::from(passes(cell)) << index)
        };
        self.columns.iter().map(mask).collect()
    }
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
