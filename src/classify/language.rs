//! The closed language of conditions: what a rule may ask of a cell. Every answer is yes or no; there are no patterns, floats, clocks or locale.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::lifecycle::State;
use crate::domain::record::{CLASS, Field, Type};
use crate::domain::status::{Detail, NumberType, Priority, Status};
use crate::error::{Error, Result};

macro_rules! codes {
    ($list:ident, $count:literal) => {{
        let mut codes = [""; $count];
        let mut index = 0;
        while index < $count {
            codes[index] = $list::ALL[index].code();
            index += 1;
        }
        codes
    }};
}

/// What kind of column a condition asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionType {
    /// Codes, of a known list or an open one.
    Code(Option<&'static [&'static str]>),
    /// True or false.
    Bool,
    /// A calendar day.
    Date,
    /// A whole number.
    Number,
    /// Anything else: only whether it is empty may be asked.
    Other,
}

/// The kind of the column with this key, if the record has it.
pub fn kind(column: &str) -> Option<ConditionType> {
    if column == CLASS {
        return Some(ConditionType::Code(Some(CLASSES)));
    }
    let field = Field::from_code(column)?;
    Some(match field.holds() {
        Type::Code => ConditionType::Code(match field {
            Field::GivenClass => Some(CLASSES),
            Field::GivenStatus => Some(STATUSES),
            Field::GivenDetail => Some(DETAILS),
            Field::NumberState | Field::PriorState => Some(STATES),
            Field::Priority => Some(PRIORITIES),
            Field::CancelCause => Some(&["incomplete", "requested"]),
            _ => None,
        }),
        Type::Bool => ConditionType::Bool,
        Type::Date => ConditionType::Date,
        Type::Time => ConditionType::Number,
        Type::Text | Type::Instant => ConditionType::Other,
    })
}

const CLASSES: &[&str] = &codes!(NumberType, 2);
const STATUSES: &[&str] = &codes!(Status, 5);
const DETAILS: &[&str] = &codes!(Detail, 14);
const PRIORITIES: &[&str] = &codes!(Priority, 2);
/// The codes of all number states.
pub const STATES: &[&str] = &codes!(State, 10);

/// A cell as the rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleCell<'a> {
    /// Empty.
    Null,
    /// A code, or the text of a column of which only emptiness may be asked.
    Word(&'a str),
    /// True or false.
    Bool(bool),
    /// A day, counted from 1970-01-01.
    Day(i32),
    /// A whole number.
    Number(i64),
}

/// A value in a list of values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A code.
    Word(String),
    /// True or false.
    Bool(bool),
}

impl Value {
    /// Whether the cell holds this value.
    pub fn is(&self, cell: RuleCell) -> bool {
        match (self, cell) {
            (Self::Word(word), RuleCell::Word(cell)) => word == cell,
            (Self::Bool(flag), RuleCell::Bool(cell)) => *flag == cell,
            _ => false,
        }
    }
}

/// How a whole number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Less than.
    LessThan,
    /// Less than or equal.
    AtMost,
    /// Equal.
    Equals,
    /// More than or equal.
    AtLeast,
    /// More than.
    MoreThan,
}

/// One question to one cell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Test {
    /// Is it one of these? An empty cell is not.
    In(Vec<Value>),
    /// Is it none of these? An empty cell is none of them.
    NotIn(Vec<Value>),
    /// Is it empty?
    Null,
    /// Is it not empty?
    NotNull,
    /// Is it a day before that of the as-of instant?
    Before,
    /// Is it the day of the as-of instant or a later one?
    From,
    /// Is it a number that compares so?
    Compare(Comparison, i64),
}

/// A question and the column it is asked of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Condition {
    /// The key of the column.
    pub column: String,
    /// The question.
    pub test: Test,
}

impl std::fmt::Display for Condition {
    /// `given_status is one of in_progress, scheduled`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |values: &[Value]| {
            let words = values.iter().map(|value| match value {
                Value::Word(word) => word.clone(),
                Value::Bool(flag) => flag.to_string(),
            });
            words.collect::<Vec<_>>().join(", ")
        };
        let column = &self.column;
        match &self.test {
            Test::In(values) if values.len() == 1 => write!(f, "{column} is {}", list(values)),
            Test::In(values) => write!(f, "{column} is one of {}", list(values)),
            Test::NotIn(values) if values.len() == 1 => write!(f, "{column} is not {}", list(values)),
            Test::NotIn(values) => write!(f, "{column} is none of {}", list(values)),
            Test::Null => write!(f, "{column} is empty"),
            Test::NotNull => write!(f, "{column} is not empty"),
            Test::Before => write!(f, "{column} is before the as-of day"),
            Test::From => write!(f, "{column} is the as-of day or later"),
            Test::Compare(how, number) => {
                let how = match how {
                    Comparison::LessThan => "less than",
                    Comparison::AtMost => "at most",
                    Comparison::Equals => "equal to",
                    Comparison::AtLeast => "at least",
                    Comparison::MoreThan => "more than",
                };
                write!(f, "{column} is {how} {number}")
            }
        }
    }
}

/// The conditions of one column as a rules file writes them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTests {
    r#in: Option<Vec<Value>>,
    not_in: Option<Vec<Value>>,
    null: Option<bool>,
    before: Option<String>,
    from: Option<String>,
    less_than: Option<i64>,
    at_most: Option<i64>,
    equals: Option<i64>,
    at_least: Option<i64>,
    more_than: Option<i64>,
}

/// Checks the conditions of a rule, `place` naming file and rule. `derived` are the keys of the
/// derived columns, which hold states.
///
/// # Errors
/// [`Error::config`] for an unknown column or code, an empty list, a condition that does not fit
/// its column, and a column without a condition.
pub fn conditions(raw: &BTreeMap<String, RawTests>, derived: &[String], place: &str) -> Result<Vec<Condition>> {
    let mut conditions = Vec::new();
    for (column, tests) in raw {
        let kind = if derived.contains(column) { Some(ConditionType::Code(Some(STATES))) } else { kind(column) };
        let Some(kind) = kind else {
            return Err(Error::config(
                place,
                format!("there is no column '{column}'"),
                "name a column of the record, class or a derived column",
            ));
        };
        let tests = tests.clone().tests(kind, &format!("{place}, column {column}"))?;
        conditions.extend(tests.into_iter().map(|test| Condition { column: column.clone(), test }));
    }
    Ok(conditions)
}

impl RawTests {
    fn tests(self, kind: ConditionType, place: &str) -> Result<Vec<Test>> {
        let mut tests = Vec::new();
        let misfit = |what: &str| {
            Err(Error::config(place, format!("'{what}' cannot be asked of this column"), "see the head of the shipped classification.toml"))
        };
        for (name, values, test) in [("in", self.r#in, Test::In as fn(Vec<Value>) -> Test), ("not_in", self.not_in, Test::NotIn)] {
            let Some(values) = values else { continue };
            if !matches!(kind, ConditionType::Code(_) | ConditionType::Bool) {
                return misfit(name);
            }
            known(&values, kind, place)?;
            tests.push(test(values));
        }
        if let Some(null) = self.null {
            tests.push(if null { Test::Null } else { Test::NotNull });
        }
        for (name, day, test) in [("before", self.before, Test::Before), ("from", self.from, Test::From)] {
            match day.as_deref() {
                None => {}
                Some("as_of") if kind == ConditionType::Date => tests.push(test),
                Some(_) => return misfit(name),
            }
        }
        let comparisons = [
            (self.less_than, Comparison::LessThan),
            (self.at_most, Comparison::AtMost),
            (self.equals, Comparison::Equals),
            (self.at_least, Comparison::AtLeast),
            (self.more_than, Comparison::MoreThan),
        ];
        for (number, how) in comparisons {
            let Some(number) = number else { continue };
            if kind != ConditionType::Number {
                return misfit("a comparison with a number");
            }
            tests.push(Test::Compare(how, number));
        }
        if tests.is_empty() {
            return Err(Error::config(place, "the column has no condition", "write one or leave the column out"));
        }
        Ok(tests)
    }
}

fn known(values: &[Value], kind: ConditionType, place: &str) -> Result<()> {
    if values.is_empty() {
        return Err(Error::config(place, "the list is empty", "list at least one value"));
    }
    for value in values {
        let fits = match (value, kind) {
            (Value::Word(word), ConditionType::Code(Some(codes))) => codes.contains(&word.as_str()),
            (Value::Word(word), ConditionType::Code(None)) => !word.is_empty(),
            (Value::Bool(_), ConditionType::Bool) => true,
            _ => false,
        };
        if !fits {
            let help = match kind {
                ConditionType::Code(Some(codes)) => format!("the codes are {}", codes.join(", ")),
                ConditionType::Bool => "write true or false".to_owned(),
                _ => "write a code".to_owned(),
            };
            let word = match value {
                Value::Word(word) => word.clone(),
                Value::Bool(flag) => flag.to_string(),
            };
            return Err(Error::config(place, format!("'{word}' is no code of this column"), help));
        }
    }
    Ok(())
}
