//! The values a SQL condition compares columns with, as what the columns hold: dates, times, instants, yes and no, captions. Reads literals only.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use polars::prelude::*;

use crate::classify::columns::{ColumnDef, ColumnType, column};
use crate::domain::status::{Spelling, fold};
use crate::select::filter_parse::{join_or, listed};

/// The columns of a condition: the name as written, the key it means; and how the report spells their captions.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'a> {
    /// Names and keys.
    pub named: &'a [(PlSmallStr, &'static str)],
    /// The spelling of statuses and details.
    pub spelling: Spelling,
}

/// The type of a column inside a condition: times are times of day there.
pub fn dtype(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Text => DataType::String,
        ColumnType::Date => DataType::Date,
        ColumnType::Time => DataType::Time,
        ColumnType::Instant => DataType::Datetime(TimeUnit::Microseconds, None),
        ColumnType::Count => DataType::Int64,
        ColumnType::Bool => DataType::Boolean,
    }
}

/// One node of a condition, its children done, with texts as values: `DATE '…'` is a date, and a text compared with
/// a column becomes what the column holds. What the column can never hold is an error that says what it can.
///
/// # Errors
/// [`PolarsError::ComputeError`] for a value that its column can never hold.
pub fn coerce_literals(node: Expr, columns: Columns) -> PolarsResult<Expr> {
    match node {
        Expr::BinaryExpr { left, op, right } if op.is_comparison() => {
            let (of_left, of_right) = (columns.of(&left), columns.of(&right));
            let right = coerce(right, of_left, op, columns.spelling)?;
            Ok(Expr::BinaryExpr { left: coerce(left, of_right, op, columns.spelling)?, op, right })
        }
        // COLUMN in (…): the list is one implode of a literal.
        Expr::Function { mut input, function } if input.len() == 2 => {
            let of_first = columns.of(&input[0]);
            if let Expr::Agg(AggExpr::Implode { input: list, .. }) = &mut input[1] {
                *list = coerce(list.clone(), of_first, Operator::Eq, columns.spelling)?;
            }
            Ok(Expr::Function { input, function })
        }
        // DATE '2026-03-04' comes as a cast of its text.
        Expr::Cast { expr, dtype: to, options } => match (to.as_literal(), expr.as_ref()) {
            (Some(DataType::Date), Expr::Literal(literal)) if literal.extract_str().is_some() => {
                Ok(Arc::unwrap_or_clone(temporal(literal, ColumnType::Date)?.unwrap_or(expr)))
            }
            _ => Ok(Expr::Cast { expr, dtype: to, options }),
        },
        node => Ok(node),
    }
}

impl Columns<'_> {
    fn of(&self, side: &Expr) -> Option<&'static ColumnDef> {
        let Expr::Column(name) = side else { return None };
        self.named.iter().find(|(written, _)| written == name).and_then(|(_, key)| column(key))
    }
}

/// A side of a comparison with `column`, as a value of it.
fn coerce(side: Arc<Expr>, column: Option<&ColumnDef>, op: Operator, spelling: Spelling) -> PolarsResult<Arc<Expr>> {
    let (Some(column), Expr::Literal(literal)) = (column, side.as_ref()) else {
        return Ok(side);
    };
    let ordered = matches!(op, Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq);
    let made = match column.column_type {
        ColumnType::Date | ColumnType::Time | ColumnType::Instant => temporal(literal, column.column_type)?,
        ColumnType::Bool => flag(literal, column.key, ordered)?,
        ColumnType::Text if !ordered => caption(literal, column.key, spelling)?,
        ColumnType::Text | ColumnType::Count => None,
    };
    Ok(made.unwrap_or(side))
}

/// The texts of a literal: one, or those of a list.
fn texts(literal: &LiteralValue) -> Option<StringChunked> {
    match literal {
        LiteralValue::Series(series) => series.str().ok().cloned(),
        literal => literal.extract_str().map(|text| StringChunked::from_slice(PlSmallStr::EMPTY, &[text])),
    }
}

/// `values` in place of `literal`, which was one or a list.
fn in_place(literal: &LiteralValue, values: Series) -> PolarsResult<Arc<Expr>> {
    Ok(Arc::new(match literal {
        LiteralValue::Series(_) => lit(values),
        _ => lit(Scalar::new(values.dtype().clone(), values.get(0)?.into_static())),
    }))
}

fn temporal(literal: &LiteralValue, column_type: ColumnType) -> PolarsResult<Option<Arc<Expr>>> {
    let Some(texts) = texts(literal) else {
        return match literal {
            LiteralValue::Dyn(number) => Err(polars_err!(ComputeError: "{number:?} is not {}", expected(column_type))),
            _ => Ok(None),
        };
    };
    let numbers = texts.iter().map(|text| text.map(|text| read_temporal(text, column_type)).transpose());
    let numbers: Vec<Option<i64>> = numbers.collect::<PolarsResult<_>>()?;
    let read = Int64Chunked::from_slice_options(PlSmallStr::EMPTY, &numbers).into_series();
    let read = match column_type {
        ColumnType::Date => read.cast(&DataType::Int32)?.cast(&DataType::Date)?,
        column_type => read.cast(&dtype(column_type))?,
    };
    in_place(literal, read).map(Some)
}

/// Yes and no, however they are written; nothing else can be compared with a flag.
fn flag(literal: &LiteralValue, key: &str, ordered: bool) -> PolarsResult<Option<Arc<Expr>>> {
    let refused = |what: String| polars_err!(ComputeError: "{key} is yes or no, and {what}: compare it with 'yes' or 'no'");
    if ordered {
        return Err(refused("has no order".to_owned()));
    }
    let Some(texts) = texts(literal) else {
        return match literal {
            LiteralValue::Dyn(number) => Err(refused(format!("{number:?} is neither"))),
            _ => Ok(None),
        };
    };
    let read = |text: &str| match fold(text).as_str() {
        "yes" | "true" | "y" | "t" => Ok(true),
        "no" | "false" | "n" | "f" => Ok(false),
        _ => Err(refused(format!("'{text}' is neither"))),
    };
    let flags: Vec<Option<bool>> = texts.iter().map(|text| text.map(read).transpose()).collect::<PolarsResult<_>>()?;
    in_place(literal, BooleanChunked::from_iter_options(PlSmallStr::EMPTY, flags.into_iter()).into_series()).map(Some)
}

/// The caption of a closed list that each text means.
fn caption(literal: &LiteralValue, key: &str, spelling: Spelling) -> PolarsResult<Option<Arc<Expr>>> {
    let Some(texts) = texts(literal) else { return Ok(None) };
    let mut captions: Vec<Option<&str>> = Vec::with_capacity(texts.len());
    for text in texts.iter() {
        captions.push(match text.map(|text| (text, listed(key, text, spelling))) {
            None => None,
            Some((_, None)) => return Ok(None),
            Some((_, Some(Ok(caption)))) => Some(caption),
            Some((text, Some(Err(choices)))) => {
                polars_bail!(ComputeError: "{key} is never '{text}': it is {}", join_or(&choices))
            }
        });
    }
    in_place(literal, StringChunked::from_iter_options(PlSmallStr::EMPTY, captions.into_iter()).into_series()).map(Some)
}

/// How a value of a temporal column is written.
fn expected(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Date => "a date as yyyy-mm-dd",
        ColumnType::Time => "a time as hh:mm",
        _ => "a UTC instant as yyyy-mm-ddThh:mm:ss",
    }
}

/// Days, nanoseconds since midnight, or microseconds since 1970, as the type counts.
fn read_temporal(text: &str, column_type: ColumnType) -> PolarsResult<i64> {
    let text = text.trim();
    let read = match column_type {
        ColumnType::Date => text.parse::<NaiveDate>().ok().map(|date| i64::from(crate::clock::days(date))),
        ColumnType::Time => ["%H:%M", "%H:%M:%S"]
            .iter()
            .find_map(|format| NaiveTime::parse_from_str(text, format).ok())
            .map(|time| i64::from(time.num_seconds_from_midnight()) * 1_000_000_000),
        _ => ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), format).ok())
            .or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0))
            .map(|instant| instant.and_utc().timestamp_micros()),
    };
    read.ok_or_else(|| polars_err!(ComputeError: "'{text}' is not {}", expected(column_type)))
}
