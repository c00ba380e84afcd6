//! A translated part of a SQL condition: its expression, its type, and what it was written as.

use polars::prelude::*;
use sqlparser::ast;

use crate::domain::columns::{ColumnDef, ColumnType};
use crate::error::{Error, Place, Result};
use crate::select::literals::SqlType;

/// The option that takes conditions.
pub const OPTION: &str = "where";

/// Whole numbers of the report's columns are smaller.
const MAX_CELL: i64 = 1 << 30;

/// A translated part of a condition.
pub struct Part {
    /// The expression.
    pub expr: Expr,
    /// Its type.
    pub sql_type: SqlType,
    /// The column, where the part is a column alone.
    pub column: Option<&'static ColumnDef>,
    /// The text, where the part is a quoted text alone, which is read as what it is compared with.
    pub text: Option<String>,
    /// The digits, where the part is a number alone.
    pub digits: Option<String>,
    /// How far from 0 a whole number can be.
    pub most: i64,
}

impl Part {
    /// A part that is neither a column nor a literal.
    pub fn new(expr: Expr, sql_type: SqlType) -> Self {
        Self { expr, sql_type, column: None, text: None, digits: None, most: MAX_CELL }
    }

    /// A column.
    pub fn of_column(column: &'static ColumnDef) -> Self {
        Self { column: Some(column), ..Self::new(col(column.key), SqlType::of(column.column_type)) }
    }

    /// A whole number that is not farther from 0 than `most`, if such numbers can be counted with.
    ///
    /// # Errors
    /// A condition that is refused.
    pub fn whole(expr: Expr, most: Option<i64>) -> Result<Self> {
        match most.filter(|most| *most < 1 << 62) {
            Some(most) => Ok(Self { most, ..Self::new(expr, SqlType::Number) }),
            None => refuse("a result can be larger than whole numbers are here"),
        }
    }

    /// Whether it is a column of text in which numbers may stand, such as ids.
    pub fn may_hold_digits(&self) -> bool {
        self.sql_type == SqlType::Text && self.column.is_some_and(|column| !column.is_closed_list())
    }

    /// Whether it is a column of phone numbers.
    pub fn is_phone(&self) -> bool {
        self.column.is_some_and(|column| column.column_type == ColumnType::Phone)
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

/// Refuses a condition, and says why.
///
/// # Errors
/// Always: [`refused`].
pub fn refuse<T>(what: impl AsRef<str>) -> Result<T> {
    Err(refused(what))
}

/// A part of a condition as it is quoted in messages, cut to a readable length.
pub fn brief(node: &impl std::fmt::Display) -> String {
    const MOST: usize = 60;
    let text = node.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The part that a literal is.
///
/// # Errors
/// What is not supported.
pub fn literal(value: &ast::Value) -> Result<Part> {
    Ok(match value {
        ast::Value::Null => Part::new(lit(NULL), SqlType::Null),
        ast::Value::Boolean(value) => Part::new(lit(*value), SqlType::Bool),
        ast::Value::Number(digits, false) => Part { digits: Some(digits.clone()), ..number(digits)? },
        ast::Value::SingleQuotedString(text) => Part { text: Some(text.clone()), ..Part::new(lit(text.as_str()), SqlType::Text) },
        other => return refuse(format!("{} is not supported", brief(other))),
    })
}

/// Digits of a fraction that are as exact here as in decimal.
const MAX_DECIMALS: usize = 15;

fn number(digits: &str) -> Result<Part> {
    if let Ok(number) = digits.parse::<i64>() {
        return Part::whole(lit(number), number.checked_abs());
    }
    let sql_type = if digits.contains(['e', 'E']) { SqlType::Double } else { SqlType::Decimal };
    match digits.parse::<f64>() {
        Ok(number) if number.is_finite() && digits.contains('.') | (sql_type == SqlType::Double) && digits.len() <= MAX_DECIMALS => {
            Ok(Part::new(lit(number), sql_type))
        }
        Ok(_) => refuse(format!("{} has too many digits", brief(&digits))),
        Err(_) => refuse(format!("{} is not a number", brief(&digits))),
    }
}

/// `DATE '2026-03-04'` and its like.
///
/// # Errors
/// A type that is not supported, a text that is not of it.
pub fn typed_text(to: &ast::DataType, text: &str) -> Result<Part> {
    let Some(sql_type) = named_type(to) else { return refuse(format!("the type {} is not supported", brief(to))) };
    let part = Part::new(sql_type.read(text).map_err(refused)?, sql_type);
    match text.trim().parse::<i64>() {
        Ok(number) if sql_type == SqlType::Number => Part::whole(part.expr, number.checked_abs()),
        _ => Ok(part),
    }
}

/// The type that SQL calls so.
pub fn named_type(name: &ast::DataType) -> Option<SqlType> {
    use ast::DataType as Name;
    use ast::TimezoneInfo as Zone;
    Some(match name {
        Name::Date => SqlType::Date,
        Name::Time(None, Zone::None | Zone::WithoutTimeZone) => SqlType::Time,
        Name::Timestamp(None, Zone::None | Zone::WithoutTimeZone) | Name::Datetime(None) => SqlType::Instant,
        Name::Boolean | Name::Bool => SqlType::Bool,
        Name::Int(None) | Name::Integer(None) | Name::BigInt(None) => SqlType::Number,
        Name::Text | Name::Varchar(None) | Name::String(None) => SqlType::Text,
        _ => return None,
    })
}
