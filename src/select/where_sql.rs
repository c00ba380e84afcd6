//! A condition in SQL over the report's columns, read and type-checked before any row is. Row by row only: no aggregates, no windows, no tables.

use polars::prelude::*;
use polars::sql::sql_expr;

use crate::classify::Classified;
use crate::classify::columns::{ColumnType, column, expression, values};
use crate::domain::number::mask_sentence;
use crate::error::{Error, Result};
use crate::select::literals::{Columns, coerce_literals, dtype};
use crate::select::names::Names;

const PLACE: &str = "--where";

/// Bytes of the longest condition: deeper ones would not fit the stack of the library that works them out.
const LONGEST: usize = 4_000;

/// What may take any time or memory, or what the library breaks down on, and none of it needed to choose rows.
const REFUSED_FUNCTIONS: [&str; 4] = ["lpad", "rpad", "repeat", "interval"];

/// A checked condition.
#[derive(Debug, Clone)]
pub struct SqlCondition {
    /// As it was written.
    sql: String,
    expression: Expr,
    /// The columns it reads: the name as written, the key it means.
    columns: Vec<(PlSmallStr, &'static str)>,
}

impl SqlCondition {
    /// Reads a SQL expression. Columns go by key or by quoted caption; dates, times, instants and flags may be
    /// compared with their text (`confirmed_date < '2026-03-01'`, `confirmed_time = '10:00'`, `overdue = 'yes'`), and
    /// captions of a closed list with their codes, aliases and any case (`status = 'confirmed'`).
    ///
    /// # Errors
    /// [`Error::usage`] when it is no SQL expression, names an unknown column, is not yes or no for each row,
    /// or compares what cannot be compared.
    pub fn parse(sql: &str, names: &Names) -> Result<Self> {
        // The library's own advice on a condition would reach standard error past us.
        polars::error::set_warning_function(|_, _| ());
        bounded(sql)?;
        let expression = sql_expr(sql).map_err(|error| refused(&error))?;
        if let Some(what) = (&expression).into_iter().find_map(not_row_by_row) {
            return Err(Error::usage(PLACE, what, "write a condition that one row can answer, such as days_to_port < 3"));
        }
        let mut columns: Vec<(PlSmallStr, &'static str)> = Vec::new();
        for written in expression.clone().meta().root_names() {
            if !columns.iter().any(|(known, _)| *known == written) {
                let key = names.key(PLACE, &written)?;
                columns.push((written, key));
            }
        }
        let settling = Columns { named: &columns, spelling: names.spelling() };
        let expression = expression.try_map_expr(|node| coerce_literals(node, settling)).map_err(|error| refused(&error))?;
        let condition = Self { sql: sql.trim().to_owned(), expression, columns };
        condition.check()?;
        Ok(condition)
    }

    /// The condition as a sentence.
    pub fn sentence(&self) -> String {
        format!("Where {}", self.sql)
    }

    /// Which of `rows` (all rows when `None`) meet it; a null answer is no.
    ///
    /// # Errors
    /// [`Error::usage`] when a value of some row breaks it, as a failed cast does.
    pub fn mask(&self, classified: &Classified, rows: Option<&IdxCa>) -> Result<BooleanChunked> {
        let made = self.columns.iter().filter_map(|(written, key)| {
            let made = expression(key, classified)?;
            Some(typed(made, key).alias(written.clone()))
        });
        let mut frame = values(classified.frame(), rows, made.collect())?;
        if self.columns.is_empty() {
            let height = rows.map_or(classified.frame().height(), |rows| rows.len());
            frame = DataFrame::new(height, vec![Column::new_scalar("row".into(), Scalar::from(0u8), height)])?;
        }
        self.answers(frame)
    }

    fn answers(&self, frame: DataFrame) -> Result<BooleanChunked> {
        let height = frame.height();
        let answer = frame.lazy().with_column(self.expression.clone().alias(ANSWER)).select([col(ANSWER)]).collect();
        let answer = answer.map_err(|error| refused(&error))?;
        let answer = answer.column(ANSWER)?;
        match answer.bool() {
            Ok(mask) if mask.len() == height => Ok(mask.clone()),
            Ok(_) => Err(Error::usage(PLACE, "the condition does not answer for each row", "compare columns with values")),
            Err(_) => Err(Error::usage(
                PLACE,
                format!("the condition is of type {}, not yes or no", answer.dtype()),
                "compare it with something, as in days_to_port < 3",
            )),
        }
    }

    /// Answers for no rows at all, which finds every error of type.
    fn check(&self) -> Result<()> {
        let columns = self.columns.iter().map(|(written, key)| {
            let column_type = column(key).map_or(ColumnType::Text, |known| known.column_type);
            Column::new_empty(written.clone(), &dtype(column_type))
        });
        let columns: Vec<Column> = columns.chain([Column::new_empty("row".into(), &DataType::UInt8)]).collect();
        self.answers(DataFrame::new(0, columns)?).map(|_| ())
    }
}

const ANSWER: &str = "the answer";

fn bounded(sql: &str) -> Result<()> {
    if sql.len() > LONGEST {
        let what = format!("the condition has {} bytes; at most {LONGEST} are worked out", sql.len());
        return Err(Error::usage(PLACE, what, "use --account, --find and the other options, which take any number of values"));
    }
    // Text in quotes may say anything; what is left are words of SQL.
    let bare: String = sql.split('\'').step_by(2).collect::<Vec<_>>().join(" ").to_lowercase();
    let mut words = bare.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    match words.find(|word| REFUSED_FUNCTIONS.contains(word)) {
        Some(word) => Err(Error::usage(
            PLACE,
            format!("{word} is not taken"),
            "compare columns with values; days_to_port and row_age_days count days",
        )),
        None => Ok(()),
    }
}

fn refused(error: &PolarsError) -> Error {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let what = first.rsplit_once("Error: ").map_or(first, |(_, what)| what);
    Error::usage(
        PLACE,
        format!("the condition cannot be used: {}", mask_sentence(what.trim_end_matches('.'))),
        "write one SQL condition, such as status = 'Scheduled' and days_to_port < 3",
    )
}

/// What makes a node depend on other rows than its own.
fn not_row_by_row(node: &Expr) -> Option<&'static str> {
    match node {
        Expr::Agg(AggExpr::Implode { input, .. }) if matches!(**input, Expr::Literal(_)) => None,
        Expr::Agg(_) | Expr::Len => Some("the condition holds an aggregate"),
        Expr::Over { .. } => Some("the condition holds a window"),
        Expr::SubPlan(..) => Some("the condition holds a subquery"),
        Expr::Sort { .. } | Expr::SortBy { .. } | Expr::Filter { .. } | Expr::Slice { .. } | Expr::Explode { .. } | Expr::Gather { .. } => {
            Some("the condition looks at other rows")
        }
        Expr::Selector(_) => Some("the condition holds a *"),
        _ => None,
    }
}

fn typed(made: Expr, key: &str) -> Expr {
    let column_type = column(key).map_or(ColumnType::Text, |known| known.column_type);
    match column_type {
        ColumnType::Time => (made.cast(DataType::Int64) * lit(1_000_000_000i64)).cast(DataType::Time),
        column_type => made.cast(dtype(column_type)),
    }
}
