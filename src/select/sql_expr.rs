//! Translates a parsed SQL condition into an expression over the report's columns, checking the type of every part. What is not listed here is not supported.

use polars::prelude::*;
use sqlparser::ast::{self, BinaryOperator, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator};

use crate::domain::columns::{ColumnDef, column};
use crate::domain::status::{Choice, UNKNOWN};
use crate::error::{Error, Place, Result};
use crate::select::filter::{join_or, means_unknown};
use crate::select::literals::SqlType;
use crate::select::names::Names;
use crate::select::sql_like::like_pattern;

/// The option that takes conditions.
pub const OPTION: &str = "where";

/// Translates conditions whose columns go by these names.
pub struct Translator<'a>(pub &'a Names);

/// A translated part of a condition.
pub struct Part {
    /// The expression.
    pub expr: Expr,
    /// Its type.
    pub sql_type: SqlType,
    /// The column, where the part is a column alone.
    column: Option<&'static ColumnDef>,
    /// The text, where the part is a quoted text alone, which is read as what it is compared with.
    text: Option<String>,
}

impl Part {
    fn new(expr: Expr, sql_type: SqlType) -> Self {
        Self { expr, sql_type, column: None, text: None }
    }
}

/// A condition that cannot be used, and why.
pub fn refused(what: impl AsRef<str>) -> Error {
    Error::usage(
        Place::option(OPTION),
        format!("the condition cannot be used: {}", what.as_ref()),
        "write one SQL condition, such as status = 'Scheduled' and days_to_port < 3",
    )
}

fn refuse<T>(what: impl AsRef<str>) -> Result<T> {
    Err(refused(what))
}

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
            ast::Expr::Cast { expr, data_type, .. } => self.cast(expr, data_type),
            ast::Expr::UnaryOp { op: UnaryOperator::Not, expr } => Ok(Part::new(self.typed(expr, SqlType::Bool)?.not(), SqlType::Bool)),
            ast::Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                Ok(Part::new(lit(0i64) - self.typed(expr, SqlType::Number)?, SqlType::Number))
            }
            ast::Expr::UnaryOp { op: UnaryOperator::Plus, expr } => Ok(Part::new(self.typed(expr, SqlType::Number)?, SqlType::Number)),
            ast::Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            ast::Expr::Function(function) => self.function(function),
            ast::Expr::Case { operand, conditions, else_result, .. } => self.case(operand.as_deref(), conditions, else_result.as_deref()),
            ast::Expr::Substring { expr, substring_from: Some(from), substring_for, .. } => {
                let (text, from) = (self.typed(expr, SqlType::Text)?, self.typed(from, SqlType::Number)? - lit(1i64));
                let length = match substring_for {
                    Some(length) => self.typed(length, SqlType::Number)?,
                    None => lit(i64::from(u32::MAX)),
                };
                Ok(Part::new(text.str().slice(from, length), SqlType::Text))
            }
            ast::Expr::Trim { expr, trim_what: None, .. } => {
                Ok(Part::new(self.typed(expr, SqlType::Text)?.str().strip_chars(lit(NULL)), SqlType::Text))
            }
            _ => Ok(Part::new(self.predicate(node)?, SqlType::Bool)),
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
            ast::Expr::Interval(_) => return refuse("interval is not supported"),
            other => return refuse(format!("{other} is not supported")),
        })
    }

    fn identifier(&self, word: &str) -> Result<Part> {
        let key = self.0.key(OPTION, word)?;
        let Some(column) = column(key) else { return refuse(format!("{word} is not a column")) };
        Ok(Part { column: Some(column), ..Part::new(col(key), SqlType::of(column.column_type)) })
    }

    /// The part that has to be of this type.
    fn typed(&self, node: &ast::Expr, sql_type: SqlType) -> Result<Expr> {
        let part = self.part(node)?;
        match part.sql_type {
            found if found == sql_type => Ok(part.expr),
            SqlType::Null => Ok(part.expr.cast(sql_type.dtype())),
            found => refuse(format!("{node} is {found}, not {sql_type}")),
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
        if *op == Op::StringConcat {
            return Ok(Part::new(self.typed(left, SqlType::Text)? + self.typed(right, SqlType::Text)?, SqlType::Text));
        }
        let (left_part, right_part) = (self.part(left)?, self.part(right)?);
        let (a, b) = (left_part.expr, right_part.expr);
        let days = |date: Expr| date.cast(DataType::Int32);
        let (result, sql_type) = match (left_part.sql_type, op, right_part.sql_type) {
            (SqlType::Date, Op::Minus, SqlType::Date) => ((days(a) - days(b)).cast(DataType::Int64), SqlType::Number),
            (SqlType::Date, Op::Plus, SqlType::Number) => ((days(a) + days(b)).cast(DataType::Date), SqlType::Date),
            (SqlType::Date, Op::Minus, SqlType::Number) => ((days(a) - days(b)).cast(DataType::Date), SqlType::Date),
            (SqlType::Number, Op::Plus, SqlType::Number) => (a + b, SqlType::Number),
            (SqlType::Number, Op::Minus, SqlType::Number) => (a - b, SqlType::Number),
            (SqlType::Number, Op::Multiply, SqlType::Number) => (a * b, SqlType::Number),
            (SqlType::Number, Op::Divide, SqlType::Number) => (a.cast(DataType::Float64) / b.cast(DataType::Float64), SqlType::Number),
            (SqlType::Number, Op::Modulo, SqlType::Number) => (a % b, SqlType::Number),
            (left_type, Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo, right_type) => {
                return refuse(format!("{left} is {left_type}, and {right} is {right_type}: {op} does not combine them"));
            }
            _ => return refuse(format!("{op} is not supported")),
        };
        Ok(Part::new(result, sql_type))
    }

    /// Two parts compared, quoted texts read as what they are compared with. `ordered` where more than equality is asked.
    fn compared(&self, left: &ast::Expr, right: &ast::Expr, ordered: bool, compare: fn(Expr, Expr) -> Expr) -> Result<Expr> {
        let (left_part, right_part) = (self.part(left)?, self.part(right)?);
        for (side, other, written) in [(&left_part, &right_part, right), (&right_part, &left_part, left)] {
            if side.sql_type == SqlType::Bool {
                let key = side.column.map_or_else(|| "the condition".to_owned(), |column| column.key.to_owned());
                if ordered {
                    return refuse(format!("{key} is yes or no, and has no order: compare it with 'yes' or 'no'"));
                }
                let fits = match (&other.text, other.sql_type) {
                    (Some(text), _) => SqlType::Bool.read(text).is_ok(),
                    (None, found) => matches!(found, SqlType::Bool | SqlType::Null),
                };
                if !fits {
                    return refuse(format!("{key} is yes or no, and {written} is neither: compare it with 'yes' or 'no'"));
                }
            }
        }
        let read_right = self.read_as(&right_part, &left_part, ordered)?;
        let read_left = self.read_as(&left_part, &right_part, ordered)?;
        let (left_type, right_type) = (read_left.1, read_right.1);
        if left_type != right_type && left_type != SqlType::Null && right_type != SqlType::Null {
            let help = if left_type == SqlType::Date { "; write a date in quotes, as '2026-03-01'" } else { "" };
            return refuse(format!("{left} is {left_type}, and {right} is {right_type}{help}"));
        }
        Ok(compare(read_left.0, read_right.0))
    }

    /// `part` as a value of what `other` is, where it is a quoted text.
    fn read_as(&self, part: &Part, other: &Part, ordered: bool) -> Result<(Expr, SqlType)> {
        let Some(text) = &part.text else { return Ok((part.expr.clone(), part.sql_type)) };
        match other.sql_type {
            SqlType::Null | SqlType::Text => {
                let Some(column) = other.column.filter(|column| !ordered && column.is_closed_list()) else {
                    return Ok((part.expr.clone(), SqlType::Text));
                };
                let caption = |choice: &Choice| column.caption_of(choice, self.0.spelling);
                match column.choice(text) {
                    Some(choice) => Ok((lit(caption(choice)), SqlType::Text)),
                    None if means_unknown(column.key, text) => Ok((lit(UNKNOWN), SqlType::Text)),
                    None => {
                        let choices: Vec<_> = column.choices.iter().map(caption).collect();
                        refuse(format!("{} is never '{text}': it is {}", column.key, join_or(&choices)))
                    }
                }
            }
            sql_type => sql_type.read(text).map(|expr| (expr, sql_type)).map_err(refused),
        }
    }

    fn like(&self, expr: &ast::Expr, pattern: &ast::Expr, escape: Option<&ast::ValueWithSpan>, ignores_case: bool) -> Result<Expr> {
        let text = self.typed(expr, SqlType::Text)?;
        let Some(pattern) = self.part(pattern)?.text else { return refuse("the pattern of LIKE is not a quoted text") };
        let escape = escape.and_then(|escape| escape.value.clone().into_string()).and_then(|escape| escape.chars().next());
        let pattern = like_pattern(&pattern, escape, ignores_case).map_err(|_| refused("the pattern of LIKE is too long"))?;
        let matches = move |column: Column| {
            let cells = column.str()?;
            let found: BooleanChunked = cells.iter().map(|cell| cell.map(|cell| pattern.is_match(cell))).collect_ca(column.name().clone());
            Ok(found.into_column())
        };
        Ok(text.map(matches, |_, field| Ok(Field::new(field.name().clone(), DataType::Boolean))))
    }

    fn cast(&self, expr: &ast::Expr, to: &ast::DataType) -> Result<Part> {
        let part = self.part(expr)?;
        if let Some(text) = &part.text {
            return typed_text(to, text);
        }
        let Some(sql_type) = named_type(to) else { return refuse(format!("a cast to {to} is not supported")) };
        let made = match (part.sql_type, sql_type) {
            (from, to) if from == to => part.expr,
            (SqlType::Number | SqlType::Date, SqlType::Text) | (SqlType::Instant, SqlType::Date) | (SqlType::Bool, SqlType::Number) => {
                part.expr.cast(sql_type.dtype())
            }
            (from, _) => return refuse(format!("{expr} is {from}, and a cast of it to {to} is not supported")),
        };
        Ok(Part::new(made, sql_type))
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
            if result.sql_type != last.sql_type && result.sql_type != SqlType::Null && last.sql_type != SqlType::Null {
                return refuse(format!("the branches of CASE are {} and {}", result.sql_type, last.sql_type));
            }
            let sql_type = if result.sql_type == SqlType::Null { last.sql_type } else { result.sql_type };
            last = Part::new(when(condition).then(result.expr).otherwise(last.expr), sql_type);
        }
        Ok(last)
    }

    fn function(&self, function: &ast::Function) -> Result<Part> {
        let name = function.name.to_string().to_lowercase();
        if function.over.is_some() {
            return refuse("the condition holds a window");
        }
        if ["count", "sum", "avg", "mean", "min", "max", "median", "stddev", "variance", "first", "last"].contains(&name.as_str()) {
            return refuse("the condition holds an aggregate");
        }
        let mut arguments: Vec<&ast::Expr> = Vec::new();
        if let FunctionArguments::List(list) = &function.args {
            for argument in &list.args {
                match argument {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => arguments.push(expr),
                    other => return refuse(format!("{other} is not supported in {name}")),
                }
            }
        }
        let text = |node: &ast::Expr| Ok::<_, Error>(self.typed(node, SqlType::Text)?.str());
        let (made, sql_type) = match (name.as_str(), arguments.as_slice()) {
            ("lower", [whole]) => (text(whole)?.to_lowercase(), SqlType::Text),
            ("upper", [whole]) => (text(whole)?.to_uppercase(), SqlType::Text),
            ("length" | "char_length", [whole]) => (text(whole)?.len_chars().cast(DataType::Int64), SqlType::Number),
            ("starts_with", [whole, start]) => (text(whole)?.starts_with(self.typed(start, SqlType::Text)?), SqlType::Bool),
            ("ends_with", [whole, end]) => (text(whole)?.ends_with(self.typed(end, SqlType::Text)?), SqlType::Bool),
            ("abs", [number]) => {
                let number = self.typed(number, SqlType::Number)?;
                (when(number.clone().lt(lit(0i64))).then(lit(0i64) - number.clone()).otherwise(number), SqlType::Number)
            }
            ("coalesce" | "ifnull", [first, rest @ ..]) if !rest.is_empty() => {
                let first = self.part(first)?;
                let rest = rest.iter().map(|node| self.read_coalesced(node, &first)).collect::<Result<Vec<_>>>()?;
                (rest.into_iter().fold(first.expr, |filled, next| filled.fill_null(next)), first.sql_type)
            }
            _ => return refuse(format!("{name} is not supported")),
        };
        Ok(Part::new(made, sql_type))
    }

    fn read_coalesced(&self, node: &ast::Expr, first: &Part) -> Result<Expr> {
        let part = self.part(node)?;
        match self.read_as(&part, first, true)? {
            (expr, found) if found == first.sql_type || found == SqlType::Null => Ok(expr),
            (_, found) => refuse(format!("{node} is {found}, not {}", first.sql_type)),
        }
    }
}

fn literal(value: &ast::Value) -> Result<Part> {
    Ok(match value {
        ast::Value::Null => Part::new(lit(NULL), SqlType::Null),
        ast::Value::Boolean(value) => Part::new(lit(*value), SqlType::Bool),
        ast::Value::Number(digits, _) => {
            let Ok(number) = SqlType::Number.read(digits) else { return refuse(format!("{digits} is not a number")) };
            Part::new(number, SqlType::Number)
        }
        ast::Value::SingleQuotedString(text) => Part { text: Some(text.clone()), ..Part::new(lit(text.as_str()), SqlType::Text) },
        other => return refuse(format!("{other} is not supported")),
    })
}

/// `DATE '2026-03-04'` and its like.
fn typed_text(to: &ast::DataType, text: &str) -> Result<Part> {
    let Some(sql_type) = named_type(to) else { return refuse(format!("the type {to} is not supported")) };
    sql_type.read(text).map(|expr| Part::new(expr, sql_type)).map_err(refused)
}

fn named_type(name: &ast::DataType) -> Option<SqlType> {
    use ast::DataType as Name;
    Some(match name {
        Name::Date => SqlType::Date,
        Name::Time(..) => SqlType::Time,
        Name::Timestamp(..) | Name::Datetime(_) => SqlType::Instant,
        Name::Boolean | Name::Bool => SqlType::Bool,
        Name::Int(_) | Name::Integer(_) | Name::BigInt(_) => SqlType::Number,
        Name::Text | Name::Varchar(_) | Name::String(_) => SqlType::Text,
        _ => return None,
    })
}
