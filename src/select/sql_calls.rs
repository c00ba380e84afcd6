//! The functions that a SQL condition may call, and what each makes of its arguments.

use polars::prelude::*;
use sqlparser::ast::{self, FunctionArg, FunctionArgExpr, FunctionArguments};

use crate::error::Result;
use crate::select::literals::SqlType;
use crate::select::sql_part::{Part, brief, refuse};
use crate::select::sql_values::{cased, part_of_date, trimmed, truncated};

/// The name of the column of the as-of day.
pub const TODAY: &str = "today";

/// The arguments of a call.
pub enum Arguments {
    /// Each is a part by itself.
    Each(Vec<ast::Expr>),
    /// Later ones are read as what the first is.
    Coalesced(Vec<ast::Expr>),
}

/// Whether `word` means the as-of day.
pub fn is_today(word: &str) -> bool {
    word.eq_ignore_ascii_case(TODAY) || word.eq_ignore_ascii_case("current_date")
}

/// The as-of day.
pub fn today() -> Part {
    Part::new(col(TODAY), SqlType::Date)
}

/// The function that `node` calls, in small letters, and its arguments; `None` for what is not a call.
///
/// # Errors
/// Aggregates, windows, and arguments of other kinds.
pub fn called(node: &ast::Expr) -> Result<Option<(String, Arguments)>> {
    let each =
        |name: &str, nodes: &[&ast::Expr]| Ok(Some((name.to_owned(), Arguments::Each(nodes.iter().map(|node| (*node).clone()).collect()))));
    match node {
        ast::Expr::Function(function) => function_called(function).map(Some),
        ast::Expr::Substring { expr, substring_from: Some(from), substring_for: None, .. } => each("substring", &[expr, from]),
        ast::Expr::Substring { expr, substring_from: Some(from), substring_for: Some(length), .. } => {
            each("substring", &[expr, from, length])
        }
        ast::Expr::Trim { expr, trim_where: None | Some(ast::TrimWhereField::Both), trim_what: None, trim_characters: None } => {
            each("trim", &[expr])
        }
        ast::Expr::Extract { field, expr, .. } => each(&field.to_string().to_lowercase(), &[expr]),
        _ => Ok(None),
    }
}

fn function_called(function: &ast::Function) -> Result<(String, Arguments)> {
    let name = function.name.to_string().to_lowercase();
    if function.over.is_some() {
        return refuse("the condition holds a window");
    }
    if ["count", "sum", "avg", "mean", "min", "max", "median", "stddev", "variance", "first", "last"].contains(&name.as_str()) {
        return refuse("the condition holds an aggregate");
    }
    let is_plain = function.filter.is_none()
        && function.null_treatment.is_none()
        && function.within_group.is_empty()
        && function.parameters == FunctionArguments::None;
    let mut nodes = Vec::new();
    match &function.args {
        FunctionArguments::None if is_plain => {}
        FunctionArguments::List(list) if is_plain && list.duplicate_treatment.is_none() && list.clauses.is_empty() => {
            for argument in &list.args {
                match argument {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => nodes.push(expr.clone()),
                    other => return refuse(format!("{} is not supported in {name}", brief(other))),
                }
            }
        }
        _ => return refuse(format!("{} is not supported", brief(function))),
    }
    let is_coalesced = matches!(name.as_str(), "coalesce" | "ifnull");
    Ok((name, if is_coalesced { Arguments::Coalesced(nodes) } else { Arguments::Each(nodes) }))
}

/// What the function `name` makes of `parts`, which were written as `nodes`.
///
/// # Errors
/// Functions that are not supported, and arguments of other types.
pub fn call(name: &str, nodes: &[ast::Expr], parts: &[Part]) -> Result<Part> {
    let of = |place: usize, sql_type: SqlType| typed(&parts[place], &nodes[place], sql_type);
    let text = |place: usize| of(place, SqlType::Text);
    Ok(match (name, parts.len()) {
        ("today" | "current_date", 0) => today(),
        ("lower" | "lcase", 1) => Part::new(cased(text(0)?, false), SqlType::Text),
        ("upper" | "ucase", 1) => Part::new(cased(text(0)?, true), SqlType::Text),
        ("trim", 1) => Part::new(trimmed(text(0)?), SqlType::Text),
        ("length" | "len" | "char_length" | "character_length", 1) => {
            Part::new(text(0)?.str().len_chars().cast(DataType::Int64), SqlType::Number)
        }
        ("starts_with", 2) => Part::new(text(0)?.str().starts_with(text(1)?), SqlType::Bool),
        ("ends_with" | "suffix", 2) => Part::new(text(0)?.str().ends_with(text(1)?), SqlType::Bool),
        ("substring" | "substr", 2 | 3) => substring(text(0)?, parts)?,
        ("abs", 1) if parts[0].sql_type.is_number() || parts[0].sql_type == SqlType::Null => {
            let number = parts[0].expr.clone();
            let positive = when(number.clone().lt(lit(0i64))).then(lit(0i64) - number.clone()).otherwise(number);
            Part { most: parts[0].most, ..Part::new(positive, parts[0].sql_type) }
        }
        ("year" | "month" | "day", 1) => match part_of_date(name, day(&parts[0], &nodes[0])?) {
            Some(number) => Part::new(number, SqlType::Number),
            None => return refuse(format!("{name} is not supported")),
        },
        ("date_trunc" | "datetrunc", 2) => {
            let Some(unit) = &parts[0].text else { return refuse("the unit of date_trunc is not a quoted text, such as 'month'") };
            let Some(first) = truncated(&unit.to_lowercase(), day(&parts[1], &nodes[1])?) else {
                return refuse(format!("date_trunc does not know '{}': write 'day', 'week', 'month', 'quarter' or 'year'", brief(unit)));
            };
            let sql_type = parts[1].sql_type;
            Part::new(if sql_type == SqlType::Instant { first.cast(sql_type.dtype()) } else { first }, sql_type)
        }
        _ if is_known(name) => return refuse(format!("{name} does not take these values")),
        _ => return refuse(format!("{} is not supported", brief(&name))),
    })
}

fn is_known(name: &str) -> bool {
    ["today", "current_date", "lower", "upper", "trim", "length", "starts_with", "ends_with", "substring", "substr"].contains(&name)
        || ["abs", "year", "month", "day", "date_trunc"].contains(&name)
}

/// A part of a text, counted from 1.
fn substring(text: Expr, parts: &[Part]) -> Result<Part> {
    let whole = |part: &Part| part.digits.as_ref().and_then(|digits| digits.parse::<i64>().ok());
    let length = parts.get(2).map_or(Some(i64::from(u32::MAX)), whole);
    match (whole(&parts[1]), length) {
        (Some(from @ 1..), Some(length)) => Ok(Part::new(text.str().slice(lit(from - 1), lit(length)), SqlType::Text)),
        _ => refuse("substring takes a text and whole numbers, the first 1 or more"),
    }
}

/// The days of a part that is a date or an instant.
fn day(part: &Part, node: &ast::Expr) -> Result<Expr> {
    match part.sql_type {
        SqlType::Date => Ok(part.expr.clone()),
        SqlType::Instant => Ok(part.expr.clone().cast(DataType::Date)),
        found => refuse(format!("{} is {found}, not a date", brief(node))),
    }
}

/// The part that has to be of this type.
///
/// # Errors
/// Another type.
pub fn typed(part: &Part, node: &ast::Expr, sql_type: SqlType) -> Result<Expr> {
    match part.sql_type {
        found if found == sql_type => Ok(part.expr.clone()),
        SqlType::Null => Ok(part.expr.clone().cast(sql_type.dtype())),
        found => refuse(format!("{} is {found}, not {sql_type}", brief(node))),
    }
}
