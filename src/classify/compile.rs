//! The rules as polars expressions: one column of rule indices for a whole frame.

use polars::prelude::*;

use crate::classify::language::{Condition, Test, Value, record_column};
use crate::classify::rules::{Case, DerivedFrom, FlagRule, Rules};
use crate::domain::columns::ColumnType;
use crate::domain::data_quality::QualityFlag;
use crate::error::Result;

/// The rules compiled for frames in which some columns are known to be empty: what can only be
/// asked of those is decided now, and rules that can no longer hold are left out.
#[derive(Debug, Clone)]
pub struct Compiled {
    derived: Vec<(String, Expr)>,
    atoms: Vec<Expr>,
    /// What the atoms decide; nothing where `last` decides every row.
    chain: Option<Expr>,
    last: u32,
}

/// Cases that can hold, each with its condition, in order, and what the first case that always holds gives.
type Chain<T> = (Vec<(Expr, T)>, Option<T>);

/// Compiles `rules` for the as-of day; the columns named in `empty` count as empty throughout.
pub fn compile(rules: &Rules, as_of_day: i32, empty: &[&str]) -> Compiled {
    let cases = rules.all.iter().map(|rule| rule.conditions.as_slice());
    compile_cases(rules, cases, rules.all.len() as u32 - 1, as_of_day, empty)
}

/// Compiles the actions of `rules`; where none holds, the index is their number.
pub fn compile_actions(rules: &Rules, as_of_day: i32, empty: &[&str]) -> Compiled {
    let cases = rules.actions.iter().map(|action| action.conditions.as_slice());
    compile_cases(rules, cases, rules.actions.len() as u32, as_of_day, empty)
}

/// The flags of `rules` that rows can have in which the columns named in `empty` are so: each with an expression that says, without nulls,
/// which rows have it. One flag may have several.
pub fn compile_flags(rules: &Rules, as_of_day: i32, empty: &[&str]) -> Vec<(QualityFlag, Expr)> {
    let mut compiler = Compiler { as_of_day, empty: empty.iter().map(|key| (*key).to_owned()).collect(), asked: Vec::new() };
    let flagged = |flag: &FlagRule| {
        let (chain, always) = compiler.chain([(flag.conditions.as_slice(), ())], |compiler, condition| compiler.test(condition));
        let expression = chain.into_iter().next().map(|(condition, ())| condition).or_else(|| always.map(|()| lit(true)));
        expression.map(|expression| (flag.flag, expression))
    };
    rules.flags.iter().filter_map(flagged).collect()
}

fn compile_cases<'c>(rules: &Rules, cases: impl Iterator<Item = &'c [Condition]>, last: u32, as_of_day: i32, empty: &[&str]) -> Compiled {
    let mut compiler = Compiler { as_of_day, empty: empty.iter().map(|key| (*key).to_owned()).collect(), asked: Vec::new() };
    let derived = compiler.derived(rules);
    let (chain, always) = compiler.chain(cases.zip(0u32..), Compiler::atom);
    let last = always.unwrap_or(last);
    let chain = (!chain.is_empty()).then(|| first_of(chain, last, index));
    let atoms = compiler.asked.iter().enumerate().map(|(index, condition)| compiler.test(condition).alias(atom_name(index))).collect();
    Compiled { derived, atoms, chain, last }
}

/// What the first case that holds gives, else `last`.
fn first_of<T>(chain: Vec<(Expr, T)>, last: T, expression: impl Fn(T) -> Expr) -> Expr {
    let cases = chain.into_iter().rev();
    cases.fold(expression(last), |otherwise, (condition, value)| ternary_expr(condition, expression(value), otherwise))
}

impl Compiled {
    /// The index of the deciding rule for every row (UInt32, no nulls), named `name`.
    ///
    /// # Errors
    /// When a column that the rules ask is missing or of another type.
    pub fn decide(&self, frame: &DataFrame, name: &str) -> Result<Column> {
        let name = PlSmallStr::from_str(name);
        let Some(chain) = &self.chain else {
            return Ok(Column::new_scalar(name, Scalar::from(self.last), frame.height()));
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

impl Compiler {
    fn derived(&mut self, rules: &Rules) -> Vec<(String, Expr)> {
        let mut derived = Vec::new();
        for column in &rules.derived {
            let cases = column.cases.iter().map(|case| (case.conditions.as_slice(), &case.take));
            let (chain, last) = self.chain(cases, |compiler, condition| compiler.test(condition));
            let from = |take: Option<&DerivedFrom>| match take {
                Some(DerivedFrom::Value(state)) => Some(lit(state.code())),
                Some(DerivedFrom::Column(from)) if !self.empty.contains(from) => Some(col(from.as_str())),
                _ => None,
            };
            let cells = if chain.is_empty() && from(last).is_none() {
                self.empty.push(column.column.clone());
                continue;
            } else if let Some(whole) = whole(&column.cases, &self.empty) {
                col(whole)
            } else {
                let chain = chain.into_iter().map(|(condition, take)| (condition, Some(take))).collect();
                first_of(chain, last, |take| from(take).unwrap_or_else(|| lit(NULL).cast(DataType::String)))
            };
            derived.push((column.column.clone(), cells));
        }
        derived
    }

    /// The cases that can hold, up to the first that always does; `answer` asks a condition.
    fn chain<'c, T>(
        &mut self,
        cases: impl IntoIterator<Item = (&'c [Condition], T)>,
        answer: fn(&mut Self, &Condition) -> Expr,
    ) -> Chain<T> {
        let mut chain = Vec::new();
        for (conditions, value) in cases {
            let (of_empty, asked): (Vec<_>, Vec<_>) = conditions.iter().partition(|condition| self.empty.contains(&condition.column));
            if of_empty.iter().any(|condition| !matches!(condition.test, Test::Null | Test::NotIn(_))) {
                continue;
            }
            match asked.into_iter().map(|condition| answer(self, condition)).reduce(Expr::and) {
                Some(condition) => chain.push((condition, value)),
                None => return (chain, Some(value)),
            }
        }
        (chain, None)
    }

    /// The condition as a boolean column that holds its answer, shared by all rules that ask the same.
    fn atom(&mut self, condition: &Condition) -> Expr {
        let index = self.asked.iter().position(|known| known == condition).unwrap_or_else(|| {
            self.asked.push(condition.clone());
            self.asked.len() - 1
        });
        col(atom_name(index))
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
                (how.forms().expressions)(column, number).fill_null(lit(false))
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

fn atom_name(index: usize) -> PlSmallStr {
    format!("condition {index}").into()
}
