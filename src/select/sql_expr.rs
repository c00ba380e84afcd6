//! Translates a parsed SQL condition into an expression over the report's columns, checking the type of every part. What is not listed here is not supported.

use polars::prelude::*;
use sqlparser::ast::{self, BinaryOperator, UnaryOperator};

use crate::domain::columns::{LIST, column};
use crate::domain::number::{DefaultNumbering, parse};
use crate::domain::status::fold;
use crate::error::Result;
use crate::select::filter::join_or;
use crate::select::literals::SqlType;
use crate::select::names::Names;
use crate::select::sql_calls::{self, Arguments};
use crate::select::sql_like::like_pattern;
use crate::select::sql_part::{OPTION, Part, brief, literal, named_type, refuse, refused, typed_text};
use crate::select::sql_values::{lower_text, matches, modulo};

/// Translates conditions whose columns go by these names.
pub struct Translator<'a>(pub &'a Names);

impl Translator<'_> {
    /// The part that `node` means.
    ///
    /// # Errors
    /// An unknown column, an unsupported construct, and types that do not fit.
    pub fn part(&self, node: &ast::Expr) -> Result<Part> {
        match node {
            ast::Expr::Identifier(name) => self.identifier(&name.value),
            ast::Expr::Nested(inner) => self.part(inner),
            ast::Expr::Value(value) => literal(&value.value),
            ast::Expr::TypedString(typed) => {
                let text = typed.value.value.clone().into_string().unwrap_or_default();
                typed_text(&typed.data_type, &text)
            }
            ast::Expr::Cast { expr, data_type, format: None, .. } => self.cast(expr, data_type),
            ast::Expr::UnaryOp { op: UnaryOperator::Not, expr } => Ok(Part::new(self.typed(expr, SqlType::Bool)?.not(), SqlType::Bool)),
            ast::Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                let number = self.number(expr)?;
                Ok(Part { most: number.most, ..Part::new(lit(0i64) - number.expr, number.sql_type) })
            }
            ast::Expr::UnaryOp { op: UnaryOperator::Plus, expr } => Ok(Part { digits: None, column: None, ..self.number(expr)? }),
            ast::Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            ast::Expr::Case { operand, conditions, else_result, .. } => self.case(operand.as_deref(), conditions, else_result.as_deref()),
            _ => match sql_calls::called(node)? {
                Some((name, Arguments::Coalesced(nodes))) => self.coalesced(&name, &nodes),
                Some((name, Arguments::Each(nodes))) => {
                    let parts = nodes.iter().map(|node| self.part(node)).collect::<Result<Vec<_>>>()?;
                    sql_calls::call(&name, &nodes, &parts)
                }
                None => Ok(Part::new(self.predicate(node)?, SqlType::Bool)),
            },
        }
    }

    /// What answers yes or no by itself.
    fn predicate(&self, node: &ast::Expr) -> Result<Expr> {
        let negate = |expr: Expr, negated: bool| if negated { expr.not() } else { expr };
        Ok(match node {
            ast::Expr::IsNull(expr) => self.part(expr)?.expr.is_null(),
            ast::Expr::IsNotNull(expr) => self.part(expr)?.expr.is_not_null(),
            ast::Expr::IsTrue(expr) => self.typed(expr, SqlType::Bool)?.eq_missing(lit(true)),
            ast::Expr::IsFalse(expr) => self.typed(expr, SqlType::Bool)?.eq_missing(lit(false)),
            ast::Expr::IsNotTrue(expr) => self.typed(expr, SqlType::Bool)?.neq_missing(lit(true)),
            ast::Expr::IsNotFalse(expr) => self.typed(expr, SqlType::Bool)?.neq_missing(lit(false)),
            ast::Expr::IsDistinctFrom(left, right) => self.compared(left, right, false, Expr::neq_missing)?,
            ast::Expr::IsNotDistinctFrom(left, right) => self.compared(left, right, false, Expr::eq_missing)?,
            ast::Expr::Between { expr, negated, low, high } => {
                let from = self.compared(expr, low, true, Expr::gt_eq)?;
                negate(from.and(self.compared(expr, high, true, Expr::lt_eq)?), *negated)
            }
            ast::Expr::InList { expr, list, negated } => {
                let each = list.iter().map(|value| self.compared(expr, value, false, Expr::eq)).collect::<Result<Vec<_>>>()?;
                negate(each.into_iter().reduce(Expr::or).unwrap_or_else(|| lit(false)), *negated)
            }
            ast::Expr::Like { negated, any: false, expr, pattern, escape_char }
            | ast::Expr::ILike { negated, any: false, expr, pattern, escape_char } => {
                let ignores_case = matches!(node, ast::Expr::ILike { .. });
                negate(self.like(expr, pattern, escape_char.as_ref(), ignores_case)?, *negated)
            }
            ast::Expr::Subquery(_) | ast::Expr::InSubquery { .. } | ast::Expr::Exists { .. } => {
                return refuse("the condition holds a subquery");
            }
            ast::Expr::Wildcard(_) | ast::Expr::QualifiedWildcard(..) => return refuse("the condition holds a *"),
            ast::Expr::Interval(_) => return refuse("interval is not supported; add or subtract a number of days"),
            other => return refuse(format!("{} is not supported", brief(other))),
        })
    }

    fn identifier(&self, word: &str) -> Result<Part> {
        if self.0.find(word).is_none() && sql_calls::is_today(word) {
            return Ok(sql_calls::today());
        }
        let key = self.0.key(OPTION, word).map_err(|error| {
            let near = if error.help.is_empty() { String::new() } else { format!("{} ", error.help) };
            error.with_help(format!("{near}a text stands in single quotes")).with_list(LIST)
        })?;
        column(key).map_or_else(|| refuse(format!("{word} is not a column")), |column| Ok(Part::of_column(column)))
    }

    /// The part that has to be of this type.
    fn typed(&self, node: &ast::Expr, sql_type: SqlType) -> Result<Expr> {
        sql_calls::typed(&self.part(node)?, node, sql_type)
    }

    /// The part that has to be a number.
    fn number(&self, node: &ast::Expr) -> Result<Part> {
        let part = self.part(node)?;
        match part.sql_type {
            found if found.is_number() => Ok(part),
            SqlType::Null => Ok(Part::new(part.expr.cast(DataType::Int64), SqlType::Number)),
            found => refuse(format!("{} is {found}, not a number", brief(node))),
        }
    }

    fn binary(&self, left: &ast::Expr, op: &BinaryOperator, right: &ast::Expr) -> Result<Part> {
        use BinaryOperator as Op;
        let answer = match op {
            Op::And => self.typed(left, SqlType::Bool)?.and(self.typed(right, SqlType::Bool)?),
            Op::Or => self.typed(left, SqlType::Bool)?.or(self.typed(right, SqlType::Bool)?),
            Op::Eq => self.compared(left, right, false, Expr::eq)?,
            Op::NotEq => self.compared(left, right, false, Expr::neq)?,
            Op::Lt => self.compared(left, right, true, Expr::lt)?,
            Op::LtEq => self.compared(left, right, true, Expr::lt_eq)?,
            Op::Gt => self.compared(left, right, true, Expr::gt)?,
            Op::GtEq => self.compared(left, right, true, Expr::gt_eq)?,
            _ => return self.arithmetic(left, op, right),
        };
        Ok(Part::new(answer, SqlType::Bool))
    }

    fn arithmetic(&self, left: &ast::Expr, op: &BinaryOperator, right: &ast::Expr) -> Result<Part> {
        use BinaryOperator as Op;
        use SqlType::{Date, Number};
        if *op == Op::StringConcat {
            return Ok(Part::new(self.typed(left, SqlType::Text)? + self.typed(right, SqlType::Text)?, SqlType::Text));
        }
        let (left_part, right_part) = (self.part(left)?, self.part(right)?);
        let most = |combine: fn(i64, i64) -> Option<i64>| combine(left_part.most, right_part.most);
        let (a, b) = (left_part.expr.clone(), right_part.expr.clone());
        let days = |date: Expr| date.cast(DataType::Int32).cast(DataType::Int64);
        let date = |days: Expr| Part::new(days.cast(DataType::Int32).cast(DataType::Date), Date);
        let double = |number: Expr| number.cast(DataType::Float64);
        let types = (left_part.sql_type, right_part.sql_type);
        let is_double = types.0.is_number() && types.1.is_number() && (types.0 == SqlType::Double || types.1 == SqlType::Double);
        Ok(match (types.0, op, types.1) {
            (Date, Op::Minus, Date) => Part::new(days(a) - days(b), Number),
            (Date, Op::Plus, Number) => date(days(a) + b),
            (Number, Op::Plus, Date) => date(a + days(b)),
            (Date, Op::Minus, Number) => date(days(a) - b),
            (Number, Op::Plus, Number) => Part::whole(a + b, most(i64::checked_add))?,
            (Number, Op::Minus, Number) => Part::whole(a - b, most(i64::checked_add))?,
            (Number, Op::Multiply, Number) => Part::whole(a * b, most(i64::checked_mul))?,
            (Number, Op::Modulo, Number) if right_part.most == 0 => {
                return refuse(format!("{} divides by 0", brief(&format!("{left} % {right}"))));
            }
            (Number, Op::Modulo, Number) => Part::whole(modulo(a, b, brief(right)), Some(left_part.most))?,
            (left, Op::Divide, right) if left.is_number() && right.is_number() => Part::new(double(a) / double(b), SqlType::Double),
            (_, Op::Plus, _) if is_double => Part::new(double(a) + double(b), SqlType::Double),
            (_, Op::Minus, _) if is_double => Part::new(double(a) - double(b), SqlType::Double),
            (_, Op::Multiply, _) if is_double => Part::new(double(a) * double(b), SqlType::Double),
            (left_type, Op::Plus | Op::Minus | Op::Multiply | Op::Modulo, right_type)
                if left_type.is_number() && right_type.is_number() =>
            {
                let (left, right) = (brief(left), brief(right));
                return refuse(format!("{left} {op} {right} is not a whole number: count with whole numbers, and divide last"));
            }
            (left_type, Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo, right_type) => {
                let (left, right) = (brief(left), brief(right));
                return refuse(format!("{left} is {left_type}, and {right} is {right_type}: {op} does not combine them"));
            }
            _ => return refuse(format!("{op} is not supported")),
        })
    }

    /// Two parts compared, quoted texts read as what they are compared with. `ordered` where more than equality is asked.
    fn compared(&self, left: &ast::Expr, right: &ast::Expr, ordered: bool, compare: fn(Expr, Expr) -> Expr) -> Result<Expr> {
        let (left_part, right_part) = (self.part(left)?, self.part(right)?);
        for (side, other, written) in [(&left_part, &right_part, right), (&right_part, &left_part, left)] {
            if side.sql_type == SqlType::Bool {
                let key = side.column.map_or_else(|| "the condition".to_owned(), |column| column.key.to_owned());
                let words = ["yes", "no"].map(|word| format!("'{word}'")).join(" or ");
                if ordered {
                    return refuse(format!("{key} is yes or no, and has no order: compare it with {words}"));
                }
                let fits = match (&other.text, other.sql_type) {
                    (Some(text), _) => self.flag(side, text).is_some(),
                    (None, found) => matches!(found, SqlType::Bool | SqlType::Null),
                };
                if !fits {
                    return refuse(format!("{key} is yes or no, and {} is neither: compare it with {words}", brief(written)));
                }
            }
        }
        let (read_left, left_type) = self.read_as(&left_part, &right_part, ordered)?;
        let (read_right, right_type) = self.read_as(&right_part, &left_part, ordered)?;
        if !left_type.compares_with(right_type) {
            let help = match (left_type, right_type) {
                (SqlType::Date, _) | (_, SqlType::Date) => "; write a date in quotes, as '2026-03-01', or today",
                (SqlType::Text, _) | (_, SqlType::Text) => "; write a text in quotes",
                _ => "",
            };
            return refuse(format!("{} is {left_type}, and {} is {right_type}{help}", brief(left), brief(right)));
        }
        Ok(compare(read_left, read_right))
    }

    /// Yes or no, as `text` says it in the words of the report or in the usual ones.
    fn flag(&self, side: &Part, text: &str) -> Option<Expr> {
        let said = side.column.and_then(|column| self.0.terms_of(column).iter().position(|term| fold(term) == fold(text)));
        said.map(|place| lit(place == 1)).or_else(|| SqlType::Bool.read(text).ok())
    }

    /// `part` as a value of what `other` is, where it is a quoted text, or a number beside an id.
    fn read_as(&self, part: &Part, other: &Part, ordered: bool) -> Result<(Expr, SqlType)> {
        let written = part.text.as_ref().or(part.digits.as_ref().filter(|_| other.may_hold_digits()));
        let Some(text) = written else { return Ok((part.expr.clone(), part.sql_type)) };
        match other.sql_type {
            SqlType::Null | SqlType::Text => {
                if other.is_phone()
                    && let Ok(number) = parse(text, DefaultNumbering::Nanp)
                {
                    return Ok((lit(number.as_str()), SqlType::Text));
                }
                let Some(column) = other.column.filter(|column| !ordered && column.is_closed_list()) else {
                    return Ok((lit(text.as_str()), SqlType::Text));
                };
                let terms = self.0.terms_of(column);
                match self.0.term(column, text).and_then(|place| terms.get(place)) {
                    Some(term) => Ok((lit(*term), SqlType::Text)),
                    None => refuse(format!("{} is never '{}': it is {}", column.key, brief(text), join_or(&terms[..column.choices.len()]))),
                }
            }
            SqlType::Bool => self.flag(other, text).map_or_else(|| refuse("it is yes or no"), |flag| Ok((flag, SqlType::Bool))),
            sql_type => sql_type.read(text).map(|expr| (expr, sql_type)).map_err(refused),
        }
    }

    fn like(&self, expr: &ast::Expr, pattern: &ast::Expr, escape: Option<&ast::ValueWithSpan>, ignores_case: bool) -> Result<Expr> {
        let text = self.typed(expr, SqlType::Text)?;
        let Some(mut pattern) = self.part(pattern)?.text else { return refuse("the pattern of LIKE is not a quoted text") };
        let escape = escape.map(|escape| escape.value.clone().into_string().unwrap_or_default()).unwrap_or_default();
        let mut characters = escape.chars();
        let (escape, more) = (characters.next(), characters.next());
        if more.is_some() || (escape.is_some() && ignores_case) {
            return refuse("the escape of LIKE is one character, and ILIKE has none");
        }
        if ignores_case {
            pattern = lower_text(&pattern);
        }
        let pattern = like_pattern(&pattern, escape).map_err(|_| refused("the pattern of LIKE is too long, or ends in its escape"))?;
        Ok(matches(text, pattern, ignores_case))
    }

    fn cast(&self, expr: &ast::Expr, to: &ast::DataType) -> Result<Part> {
        let part = self.part(expr)?;
        if let Some(text) = &part.text {
            return typed_text(to, text);
        }
        let Some(sql_type) = named_type(to) else { return refuse(format!("a cast to {} is not supported", brief(to))) };
        // The first day of a month or week is an instant to some, and its text has a time.
        let is_day = !expr.to_string().to_lowercase().contains("date_trunc");
        let made = match (part.sql_type, sql_type) {
            (from, to) if from == to => part.expr,
            (SqlType::Date, SqlType::Text) if is_day => part.expr.cast(DataType::String),
            (SqlType::Number, SqlType::Text) | (SqlType::Instant, SqlType::Date) | (SqlType::Bool, SqlType::Number) => {
                part.expr.cast(sql_type.dtype())
            }
            (from, _) => return refuse(format!("{} is {from}, and a cast of it to {} is not supported", brief(expr), brief(to))),
        };
        Ok(Part { most: part.most, ..Part::new(made, sql_type) })
    }

    fn case(&self, operand: Option<&ast::Expr>, conditions: &[ast::CaseWhen], otherwise: Option<&ast::Expr>) -> Result<Part> {
        let mut last = match otherwise {
            Some(otherwise) => self.part(otherwise)?,
            None => Part::new(lit(NULL), SqlType::Null),
        };
        for branch in conditions.iter().rev() {
            let condition = match operand {
                Some(operand) => self.compared(operand, &branch.condition, false, Expr::eq)?,
                None => self.typed(&branch.condition, SqlType::Bool)?,
            };
            let result = self.part(&branch.result)?;
            let Some(sql_type) = result.sql_type.joined(last.sql_type) else {
                return refuse(format!("the branches of CASE are {} and {}", result.sql_type, last.sql_type));
            };
            let most = result.most.max(last.most);
            last = Part { most, ..Part::new(when(condition).then(result.expr).otherwise(last.expr), sql_type) };
        }
        Ok(last)
    }

    /// The first of several that is not null, each of the type of the first.
    fn coalesced(&self, name: &str, nodes: &[ast::Expr]) -> Result<Part> {
        let Some((first, rest)) = nodes.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            return refuse(format!("{name} needs two values"));
        };
        let mut made = self.part(first)?;
        for node in rest {
            let part = self.part(node)?;
            let (expr, found) = self.read_as(&part, &made, true)?;
            let Some(sql_type) = made.sql_type.joined(found) else {
                return refuse(format!("{} is {found}, not {}", brief(node), made.sql_type));
            };
            made = Part { most: made.most.max(part.most), ..Part::new(made.expr.fill_null(expr), sql_type) };
        }
        Ok(made)
    }
}
