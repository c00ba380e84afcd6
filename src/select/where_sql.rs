//! A condition in SQL over the report's columns, parsed and type-checked before any row is read. It answers row by row: no aggregates, windows or subqueries.

use polars::prelude::*;
use sqlparser::dialect::DuckDbDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::classify::Classified;
use crate::classify::columns::{expression, roots, values};
use crate::domain::columns::{ColumnDef, column};
use crate::domain::number;
use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use crate::select::literals::SqlType;
use crate::select::names::Names;
use crate::select::sql_depth::too_deep;
use crate::select::sql_expr::{OPTION, Translator, refused};
use crate::source::merge::dtype;

/// Bytes of the longest condition: deeper ones would not fit the stack of the library that evaluates them.
const MAX_CONDITION_BYTES: usize = 4_000;

/// The name of the column of answers.
const ANSWER: &str = "the answer";

/// A checked condition.
#[derive(Debug, Clone)]
pub struct SqlCondition {
    /// As it was written.
    pub sql: String,
    expression: Expr,
    columns: Vec<&'static ColumnDef>,
}

impl SqlCondition {
    /// Reads a SQL expression. Columns go by key or by quoted caption; dates, times, instants and flags may be
    /// compared with their text (`confirmed_date < '2026-03-01'`, `confirmed_time = '10:00'`, `overdue = 'yes'`), and
    /// captions of a closed list with their codes, aliases and any case (`status = 'confirmed'`).
    ///
    /// # Errors
    /// [`Error::usage`] when it is not a SQL expression, names an unknown column, is not yes or no for each row,
    /// or compares what cannot be compared.
    pub fn parse(sql: &str, names: &Names) -> Result<Self> {
        if sql.len() > MAX_CONDITION_BYTES {
            let what = format!("the condition has {} bytes; at most {MAX_CONDITION_BYTES} are supported", sql.len());
            return Err(Error::usage(
                Place::option(OPTION),
                what,
                "use the filters by column and the texts to find, which take any number of values",
            ));
        }
        let tokens = Tokenizer::new(&DuckDbDialect {}, sql).tokenize().map_err(|error| refused(unparsed(&error.to_string())))?;
        if let Some(what) = too_deep(&tokens) {
            return Err(refused(what));
        }
        let parsed = Parser::new(&DuckDbDialect {}).try_with_sql(sql).and_then(|mut parser| {
            let parsed = parser.parse_expr()?;
            Ok((parsed, parser.peek_token()))
        });
        let (parsed, rest) = parsed.map_err(|error| match error {
            ParserError::RecursionLimitExceeded => refused("it is nested too deeply, or has too many signs or NOTs in a row"),
            error => refused(unparsed(&error.to_string())),
        })?;
        if rest.token != Token::EOF {
            return Err(refused(format!("{} is not expected at character {}", rest.token, rest.span.start.column)));
        }
        let part = Translator(names).part(&parsed)?;
        if part.sql_type != SqlType::Bool {
            return Err(refused(format!("the condition is {}, not yes or no", part.sql_type)));
        }
        let mut columns: Vec<&ColumnDef> = roots([&part.expr]).iter().filter_map(|key| column(key)).collect();
        if columns.is_empty() {
            // What reads nothing is answered for each row all the same.
            columns.push(Field::PhoneNumber.definition());
        }
        let condition = Self { sql: sql.trim().to_owned(), expression: part.expr, columns };
        condition.check()?;
        Ok(condition)
    }

    /// Which of `rows` (all rows when `None`) meet it; a null answer is no.
    ///
    /// # Errors
    /// [`Error::usage`] when a value of some row breaks it.
    fn mask(&self, classified: &Classified, rows: Option<&IdxCa>) -> Result<BooleanChunked> {
        let made = self
            .columns
            .iter()
            .filter_map(|column| Some(expression(column.key, classified)?.cast(dtype(column.column_type)).alias(column.key)));
        self.answers(values(classified.frame(), rows, made.collect())?)
    }

    fn answers(&self, frame: DataFrame) -> Result<BooleanChunked> {
        let height = frame.height();
        let answer = frame.lazy().with_column(self.expression.clone().alias(ANSWER)).select([col(ANSWER)]).collect();
        // Unlike what is refused before a row is read, this may quote a cell.
        let answer = answer.map_err(|error| refused(number::mask(error.to_string().lines().next().unwrap_or_default())))?;
        let answer = answer.column(ANSWER)?.bool()?;
        match answer.len() == height {
            true => Ok(answer.clone()),
            false => Err(refused("it does not answer for each row")),
        }
    }

    /// Answers for no rows at all, so that whatever the evaluation itself refuses is found before a row is read.
    fn check(&self) -> Result<()> {
        let columns = self.columns.iter().map(|column| Column::new_empty(column.key.into(), &dtype(column.column_type))).collect();
        self.answers(DataFrame::new(0, columns)?).map(|_| ())
    }
}

/// Which of `rows` (all rows when `None`) meet any of `conditions`, with a null answer as no; `None` without conditions.
///
/// # Errors
/// [`Error::usage`] when a value of some row breaks one.
pub fn mask(conditions: &[SqlCondition], classified: &Classified, rows: Option<&IdxCa>) -> Result<Option<BooleanChunked>> {
    let masks = conditions.iter().map(|condition| condition.mask(classified, rows));
    masks.reduce(|any, mask| Ok(any? | mask?)).transpose()
}

/// What the parser found, by place and in our own words.
fn unparsed(error: &str) -> String {
    let place = error.rsplit_once("Column: ").map(|(_, place)| place.trim_end_matches(|letter: char| !letter.is_ascii_digit()));
    match place.filter(|place| !place.is_empty()) {
        Some(place) => format!("it cannot be read from character {place} on"),
        None => "it is not complete".to_owned(),
    }
}
