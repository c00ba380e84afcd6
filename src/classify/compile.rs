//! The rules as polars expressions: one column of rule indices for a whole frame. Never looks at a row by itself.

use polars::prelude::*;

use crate::classify::language::{Comparison, Condition, Test, Value, record_column};
use crate::classify::rules::{Case, DerivedFrom, Rules};
use crate::domain::columns::ColumnType;
use crate::error::Result;

/// The rules compiled for frames in which some columns are known to be empty: what can only be
/// asked of those is decided now, and rules that can no longer hold are left out.
#[derive(Debug, Clone)]
pub struct Compiled {
    derived: Vec<(String, Expr)>,
    atoms: Vec<Expr>,
    decision: Decision,
}

#[derive(Debug, Clone)]
enum Decision {
    /// The same rule for every row.
    Constant(u32),
    /// A chain over the atoms.
    Chain(Expr),
}

/// The answer to a conjunction of conditions.
enum Logic {
    Always,
    Never,
    When(Expr),
}

/// Compiles `rules` for the as-of day; the columns named in `empty` count as empty throughout.
pub fn compile(rules: &Rules, as_of_day: i32, empty: &[&str]) -> Compiled {
    let mut compiler = Compiler { as_of_day, empty: empty.iter().map(|key| (*key).to_owned()).collect(), asked: Vec::new() };
    let derived = compiler.derived(rules);
    compiler.asked.clear();
    let mut chain: Vec<(Expr, u32)> = Vec::new();
    let mut last = (rules.all().len() - 1) as u32;
    for (index, rule) in rules.all().iter().enumerate() {
        match compiler.conjunction(&rule.conditions, ConditionSource::Atom) {
            Logic::Never => {}
            Logic::Always => {
                last = index as u32;
                break;
            }
            Logic::When(condition) => chain.push((condition, index as u32)),
        }
    }
    let decision = if chain.is_empty() {
        Decision::Constant(last)
    } else {
        Decision::Chain(
            chain.into_iter().rev().fold(index(last), |otherwise, (condition, rule)| ternary_expr(condition, index(rule), otherwise)),
        )
    };
    let atoms = compiler.asked.iter().enumerate().map(|(index, condition)| compiler.test(condition).alias(atom(index))).collect();
    Compiled { derived, atoms, decision }
}

impl Compiled {
    /// The index of the deciding rule for every row (UInt32, no nulls), named `name`.
    ///
    /// # Errors
    /// When a column that the rules ask is missing or of another type.
    pub fn decide(&self, frame: &DataFrame, name: &str) -> Result<Column> {
        let name = PlSmallStr::from_str(name);
        let chain = match &self.decision {
            Decision::Constant(rule) => return Ok(Column::new_scalar(name, Scalar::from(*rule), frame.height())),
            Decision::Chain(chain) => chain,
        };
        let decided = self.plan(frame).select(self.atoms.clone()).select([chain.clone().alias(name.clone())]).collect()?;
        Ok(decided.column(&name)?.clone())
    }

    /// The cells of a derived column (codes of states); `None` for a column that is no derived one or has no cell.
    ///
    /// # Errors
    /// When a column that the rules ask is missing or of another type.
    pub fn derived(&self, frame: &DataFrame, key: &str) -> Result<Option<Column>> {
        if !self.derived.iter().any(|(column, _)| column == key) {
            return Ok(None);
        }
        let made = self.plan(frame).select([col(key)]).collect()?;
        Ok(Some(made.column(key)?.clone()))
    }

    /// The frame with the derived columns; those that nobody asks are never made.
    fn plan(&self, frame: &DataFrame) -> LazyFrame {
        let derived = self.derived.iter();
        derived.fold(frame.clone().lazy(), |plan, (column, expression)| plan.with_column(expression.clone().alias(column.as_str())))
    }
}

struct Compiler {
    as_of_day: i32,
    empty: Vec<String>,
    /// The distinct conditions asked so far; each becomes one boolean column.
    asked: Vec<Condition>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ConditionSource {
    /// Of the column itself.
    Column,
    /// Of a boolean column that holds the answer, shared by all rules that ask the same.
    Atom,
}

impl Compiler {
    fn derived(&mut self, rules: &Rules) -> Vec<(String, Expr)> {
        let mut derived = Vec::new();
        for column in rules.derived() {
            let mut chain: Vec<(Expr, Expr)> = Vec::new();
            let mut otherwise = None;
            for case in &column.cases {
                let take = match &case.take {
                    DerivedFrom::Value(code) => Some(lit(code.as_str())),
                    DerivedFrom::Column(from) => (!self.empty.contains(from)).then(|| col(from.as_str())),
                };
                match self.conjunction(&case.conditions, ConditionSource::Column) {
                    Logic::Never => {}
                    Logic::Always => {
                        otherwise = take;
                        break;
                    }
                    Logic::When(condition) => chain.push((condition, take.unwrap_or_else(|| lit(NULL).cast(DataType::String)))),
                }
            }
            if chain.is_empty() && otherwise.is_none() {
                self.empty.push(column.column.clone());
                continue;
            }
            if let Some(whole) = whole(&column.cases, &self.empty) {
                derived.push((column.column.clone(), col(whole)));
                continue;
            }
            let otherwise = otherwise.unwrap_or_else(|| lit(NULL).cast(DataType::String));
            let expression =
                chain.into_iter().rev().fold(otherwise, |otherwise, (condition, take)| ternary_expr(condition, take, otherwise));
            derived.push((column.column.clone(), expression));
        }
        derived
    }

    fn conjunction(&mut self, conditions: &[Condition], condition_expr: ConditionSource) -> Logic {
        let mut all: Option<Expr> = None;
        let empty = |condition: &&Condition| self.empty.contains(&condition.column);
        if conditions.iter().filter(empty).any(|condition| !matches!(condition.test, Test::Null | Test::NotIn(_))) {
            return Logic::Never;
        }
        for condition in conditions.iter().filter(|condition| !self.empty.contains(&condition.column)).cloned().collect::<Vec<_>>() {
            let answer = match condition_expr {
                ConditionSource::Column => self.test(&condition),
                ConditionSource::Atom => self.condition_expr(condition),
            };
            all = Some(match all {
                None => answer,
                Some(all) => all.and(answer),
            });
        }
        all.map_or(Logic::Always, Logic::When)
    }

    fn condition_expr(&mut self, condition: Condition) -> Expr {
        let index = self.asked.iter().position(|known| *known == condition).unwrap_or_else(|| {
            self.asked.push(condition);
            self.asked.len() - 1
        });
        col(atom(index))
    }

    /// The condition as a boolean expression without nulls.
    fn test(&self, condition: &Condition) -> Expr {
        let column = col(condition.column.as_str());
        let any = |values: &[Value]| {
            let is = |value: &Value| match value {
                Value::Word(word) => column.clone().eq_missing(lit(word.as_str())),
                Value::Bool(flag) => column.clone().eq_missing(lit(*flag)),
            };
            values.iter().map(is).reduce(Expr::or).unwrap_or_else(|| lit(false))
        };
        let day = || match record_column(&condition.column).map(|column| column.column_type) {
            Some(ColumnType::Date) => lit(self.as_of_day).cast(DataType::Date),
            _ => lit(self.as_of_day),
        };
        match &condition.test {
            Test::In(values) => any(values),
            Test::NotIn(values) => any(values).not(),
            Test::Null => column.is_null(),
            Test::NotNull => column.is_not_null(),
            Test::Before => column.lt(day()).fill_null(lit(false)),
            Test::From => column.gt_eq(day()).fill_null(lit(false)),
            Test::Compare(how, number) => {
                let (column, number) = (column.cast(DataType::Int64), lit(*number));
                let answer = match how {
                    Comparison::LessThan => column.lt(number),
                    Comparison::AtMost => column.lt_eq(number),
                    Comparison::Equals => column.eq(number),
                    Comparison::AtLeast => column.gt_eq(number),
                    Comparison::MoreThan => column.gt(number),
                };
                answer.fill_null(lit(false))
            }
        }
    }
}

/// The column that a derived one is altogether: its last case, where those before only speak for its empty cells and
/// have nothing to put there. Most sources give no last event, and then every number's state is its own.
fn whole<'a>(cases: &'a [Case], empty: &[String]) -> Option<&'a str> {
    let (last, before) = cases.split_last()?;
    let DerivedFrom::Column(column) = &last.take else { return None };
    let idle = |case: &Case| {
        let only_empty = case.conditions.iter().any(|condition| condition.column == *column && condition.test == Test::Null);
        only_empty && matches!(&case.take, DerivedFrom::Column(from) if empty.contains(from))
    };
    (last.conditions.is_empty() && before.iter().all(idle)).then_some(column.as_str())
}

/// A literal that keeps its type: plain integers take that of their neighbours.
fn index(rule: u32) -> Expr {
    lit(Scalar::from(rule))
}

fn atom(index: usize) -> PlSmallStr {
    format!("condition {index}").into()
}
