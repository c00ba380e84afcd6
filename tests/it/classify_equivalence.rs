//! What the proof of the compiled rules walks and compares with: the cells that rules can tell apart, and the rules read plainly.

use std::sync::LazyLock;

use portstatus::classify::interpret::{cell, derive, holds};
use portstatus::classify::language::{Condition, RuleCell, Test, Value};
use portstatus::classify::reachability::distinct_cells;
use portstatus::classify::rules::{Case, DerivedFrom, Rule, Rules, SourceStatus};
use portstatus::domain::status::{Detail, Status};

/// What the rules say of a row.
pub struct Answer {
    /// The index of the rule that decided.
    pub rule: usize,
    /// The status; `None` when nothing is known.
    pub status: Option<Status>,
    /// The detail; `None` when nothing is known.
    pub detail: Option<Detail>,
}

/// Decides one row, given as its cells in the order of the rules' columns.
pub fn decide(rules: &Rules, row: &[RuleCell], as_of_day: i32) -> Answer {
    let derived = derive(rules, row, as_of_day);
    let cell = |column: &str| cell(rules, row, &derived, column);
    let decides = |rule: &Rule| rule.conditions.iter().all(|condition| holds(&condition.test, cell(&condition.column), as_of_day));
    let rule = rules.all.iter().position(decides).unwrap_or(rules.all.len() - 1);
    let decided = &rules.all[rule];
    let given = match cell("given_status") {
        RuleCell::Word(code) => Status::from_code(code),
        _ => None,
    };
    let status = match decided.given {
        SourceStatus::Keep => given.or(decided.status),
        SourceStatus::Override => decided.status,
    };
    Answer { rule, status, detail: decided.detail }
}

/// A question for every status code.
static STATUS_TESTS: LazyLock<Vec<Test>> =
    LazyLock::new(|| Status::ALL.iter().map(|status| Test::In(vec![Value::Word(status.code().to_owned())])).collect());

/// One cell for every set of cells of `column` that the rules, or the derived columns fed by it,
/// can tell apart; the empty cell first. Every code of `given_status` stands for itself, because
/// a kept status is delivered as it is.
pub fn equivalence_classes<'a>(rules: &'a Rules, column: &str, as_of_day: i32) -> Vec<RuleCell<'a>> {
    equivalence_classes_given(rules, column, as_of_day, &[])
}

/// As [`equivalence_classes`], but only what the rules can tell apart in a row with the cells `beside`:
/// whatever those cells refute, or forestall by a rule that is sure to hold, is not asked.
pub fn equivalence_classes_given<'a>(rules: &'a Rules, column: &str, as_of_day: i32, beside: &[(&str, RuleCell)]) -> Vec<RuleCell<'a>> {
    let mut questions = RelevantRules::of(rules, as_of_day, beside).questions(column);
    if column == "given_status" {
        questions.extend(STATUS_TESTS.iter().map(|test| vec![test]));
    }
    distinct_cells(column, &questions, as_of_day)
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
        let end = rules.all.iter().position(|rule| sure(&rule.conditions)).map_or(rules.all.len(), |sure| sure + 1);
        let of_rules: Vec<&Rule> = rules.all[..end].iter().filter(|rule| !refuted(&rule.conditions)).collect();
        let mut asked: Vec<&str> = of_rules.iter().flat_map(|rule| &rule.conditions).map(|condition| condition.column.as_str()).collect();
        let mut cases = Vec::new();
        // A derived column is asked by rules, or by a derived column after it.
        for derived in rules.derived.iter().rev() {
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
    fn questions(&self, column: &str) -> Vec<Vec<&'a Test>> {
        let cases = || self.cases.iter().flat_map(|(key, cases)| cases.iter().map(move |case| (*key, *case)));
        let conditions = self.rules.iter().flat_map(|rule| &rule.conditions).chain(cases().flat_map(|(_, case)| &case.conditions));
        let mut questions: Vec<Vec<&'a Test>> =
            conditions.filter(|condition| condition.column == column).map(|condition| vec![&condition.test]).collect();
        for (key, case) in cases().filter(|(_, case)| matches!(&case.take, DerivedFrom::Column(from) if from == column)) {
            let own = case.conditions.iter().filter(|condition| condition.column == column);
            let gate: Vec<&Test> = own.map(|condition| &condition.test).collect();
            questions.extend(self.questions(key).into_iter().map(|question| [gate.clone(), question].concat()));
        }
        questions
    }
}
