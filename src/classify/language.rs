//! The closed language of conditions: what a rule may ask of a cell. Every answer is yes or no; there are no patterns, floats, clocks or locale.

use std::collections::BTreeMap;

use polars::prelude::Expr;
use serde::Deserialize;

use crate::domain::columns::{COLUMNS, ColumnDef, ColumnType, LIST, column, suggest};
use crate::domain::record::Field;
use crate::error::{Error, Place, Result};

/// The column of the record that a condition names by key or alias, if there is one.
pub fn record_column(key: &str) -> Option<&'static ColumnDef> {
    column(key).filter(|column| column.is_in_rules())
}

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
    /// A cell that holds this value.
    pub fn cell(&self) -> RuleCell<'_> {
        match self {
            Self::Word(word) => RuleCell::Word(word),
            Self::Bool(flag) => RuleCell::Bool(*flag),
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Bool(flag) => flag.fmt(f),
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

/// A comparison in words, of whole numbers, and of expressions.
pub struct ComparisonForms {
    /// As in `is less than 5`.
    pub words: &'static str,
    /// Compares two whole numbers.
    pub numbers: fn(&i64, &i64) -> bool,
    /// Compares two expressions.
    pub expressions: fn(Expr, Expr) -> Expr,
}

impl Comparison {
    /// Its forms.
    pub fn forms(self) -> ComparisonForms {
        match self {
            Self::LessThan => ComparisonForms { words: "less than", numbers: i64::lt, expressions: Expr::lt },
            Self::AtMost => ComparisonForms { words: "at most", numbers: i64::le, expressions: Expr::lt_eq },
            Self::Equals => ComparisonForms { words: "equal to", numbers: i64::eq, expressions: Expr::eq },
            Self::AtLeast => ComparisonForms { words: "at least", numbers: i64::ge, expressions: Expr::gt_eq },
            Self::MoreThan => ComparisonForms { words: "more than", numbers: i64::gt, expressions: Expr::gt },
        }
    }
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

impl Condition {
    /// The codes it names.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        let values = match &self.test {
            Test::In(values) | Test::NotIn(values) => values.as_slice(),
            _ => &[],
        };
        values.iter().filter_map(|value| match value {
            Value::Word(word) => Some(word.as_str()),
            Value::Bool(_) => None,
        })
    }
}

impl std::fmt::Display for Condition {
    /// `given_status is one of in_progress, scheduled`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
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
            Test::Compare(how, number) => write!(f, "{column} is {} {number}", how.forms().words),
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

/// The column that a derived one is like: both hold states.
pub fn states() -> &'static ColumnDef {
    Field::NumberState.definition()
}

/// Checks the conditions of a rule, `place` naming file and rule. `beside` says which keys are those of columns that the
/// record does not have, such as derived ones, and what these hold.
///
/// # Errors
/// [`Error::config`] for an unknown column or code, an empty list, a condition that does not fit
/// its column, and a column without a condition.
pub fn conditions(
    raw: &BTreeMap<String, RawTests>,
    beside: impl Fn(&str) -> Option<&'static ColumnDef>,
    place: &Place,
) -> Result<Vec<Condition>> {
    let mut conditions = Vec::new();
    for (written, tests) in raw {
        let (key, column) = if let Some(column) = beside(written) {
            (written.as_str(), column)
        } else if let Some(column) = record_column(written) {
            (column.key, column)
        } else {
            let columns = COLUMNS.iter().filter(|column| column.is_in_rules());
            return Err(
                Error::config(place, format!("there is no column '{written}' in the record"), suggest(written, columns)).with_list(LIST)
            );
        };
        let tests = tests.clone().tests(column, &place.within(&format!("column {written}")))?;
        conditions.extend(tests.into_iter().map(|test| Condition { column: key.to_owned(), test }));
    }
    Ok(conditions)
}

fn is_listed(column: &ColumnDef) -> bool {
    matches!(column.column_type, ColumnType::Status | ColumnType::Choice) || !column.choices.is_empty()
}

impl RawTests {
    fn tests(self, column: &ColumnDef, place: &Place) -> Result<Vec<Test>> {
        let mut tests = Vec::new();
        let misfit = |what: &str| {
            Err(Error::config(place, format!("'{what}' cannot be asked of this column"), "see the head of the shipped classification.toml"))
        };
        for (name, values, test) in [("in", self.r#in, Test::In as fn(Vec<Value>) -> Test), ("not_in", self.not_in, Test::NotIn)] {
            let Some(values) = values else { continue };
            if !is_listed(column) && column.column_type != ColumnType::Bool {
                return misfit(name);
            }
            known(&values, column, place)?;
            tests.push(test(values));
        }
        if let Some(null) = self.null {
            tests.push(if null { Test::Null } else { Test::NotNull });
        }
        for (name, day, test) in [("before", self.before, Test::Before), ("from", self.from, Test::From)] {
            match day.as_deref() {
                None => {}
                Some("as_of") if column.column_type == ColumnType::Date => tests.push(test),
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
            if !matches!(column.column_type, ColumnType::Time | ColumnType::Count) {
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

fn known(values: &[Value], column: &ColumnDef, place: &Place) -> Result<()> {
    if values.is_empty() {
        return Err(Error::config(place, "the list is empty", "list at least one value"));
    }
    for value in values {
        let fits = match value {
            Value::Word(word) if column.choices.is_empty() => is_listed(column) && !word.is_empty(),
            Value::Word(word) => column.choices.iter().any(|choice| choice.code == word),
            Value::Bool(_) => column.column_type == ColumnType::Bool,
        };
        if !fits {
            let codes: Vec<&str> = column.choices.iter().map(|choice| choice.code).collect();
            let help = match column.column_type {
                ColumnType::Bool => "write true or false".to_owned(),
                _ if codes.is_empty() => "write a code".to_owned(),
                _ => format!("the codes are {}", codes.join(", ")),
            };
            return Err(Error::config(place, format!("'{value}' is not a code of this column"), help));
        }
    }
    Ok(())
}
