//! A condition in SQL over the report's columns, parsed and type-checked before any row is read. It answers row by row: no aggregates, windows or subqueries.

use polars::prelude::*;
use sqlparser::dialect::DuckDbDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::classify::Classified;
use crate::classify::columns::{roots, shown, values};
use crate::domain::columns::{ColumnDef, ColumnType, Computed, column};
use crate::domain::record::Field;
use crate::domain::text::thousands;
use crate::error::{Error, Place, Result};
use crate::select::literals::{SqlType, unquoted_date};
use crate::select::names::{Names, PartWords};
use crate::select::sql_calls::TODAY;
use crate::select::sql_depth::too_deep;
use crate::select::sql_expr::Translator;
use crate::select::sql_part::{OPTION, refused};
use crate::select::sql_values::divided_by_zero;
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
    /// The columns that it reads, with the words of the report for their values.
    columns: Vec<(&'static ColumnDef, Vec<String>)>,
    /// The words for a sheet of a file.
    parts: PartWords,
}

impl SqlCondition {
    /// The key of a column that it reads and that only a frame of requests, or of judged numbers, has.
    pub fn derived(&self) -> Option<&'static str> {
        self.columns.iter().find(|(column, _)| column.computed == Computed::Derived).map(|(column, _)| column.key)
    }

    /// The key of the column that it reads, where it reads no other.
    pub fn only_column(&self) -> Option<&'static str> {
        match self.columns.as_slice() {
            [(column, _)] => Some(column.key),
            _ => None,
        }
    }

    /// Reads a SQL expression. Columns go by key or by quoted caption; dates, times, instants and flags may be
    /// compared with their text (`confirmed_date < '2026-03-01'`, `confirmed_time = '10:00'`, `overdue = 'yes'`), and
    /// captions of a closed list with their codes, aliases and any case (`status = 'confirmed'`).
    ///
    /// # Errors
    /// [`Error::usage`] when it is not a SQL expression, names an unknown column, is not yes or no for each row,
    /// or compares what cannot be compared.
    pub fn parse(sql: &str, names: &Names) -> Result<Self> {
        if sql.len() > MAX_CONDITION_BYTES {
            let what = format!(
                "the condition has {} bytes; at most {} are supported",
                thousands(sql.len() as u64),
                thousands(MAX_CONDITION_BYTES as u64)
            );
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
        if let Some((found, written)) = unquoted_date(sql) {
            return Err(refused(format!("{found} is not in quotes: write {written}")));
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
        let mut expression = part.expr;
        if columns.is_empty() {
            // What reads nothing is answered for each row all the same.
            let phone = Field::PhoneNumber.definition();
            columns.push(phone);
            expression = expression.and(col(phone.key).is_null().or(lit(true)));
        }
        let worded = |column: &'static ColumnDef| (column, names.terms_of(column).into_iter().map(str::to_owned).collect());
        let columns = columns.into_iter().map(worded).collect();
        let condition = Self { sql: sql.trim().to_owned(), expression, columns, parts: names.parts.clone() };
        condition.check()?;
        Ok(condition)
    }

    /// The conditions that are all to hold where this one does, each with the columns that it reads.
    pub fn conjuncts(self) -> Vec<Self> {
        let parts = conjuncts(&self.expression);
        let columns = |part: &Expr| {
            let read = roots([part]);
            self.columns.iter().filter(|(column, _)| read.iter().any(|key| key == column.key)).cloned().collect::<Vec<_>>()
        };
        let read: Vec<_> = parts.iter().map(|part| columns(part)).collect();
        // What reads no column is answered for no row.
        if parts.len() < 2 || read.iter().any(Vec::is_empty) {
            return vec![self];
        }
        let part =
            |(part, columns): (&Expr, _)| Self { expression: part.clone(), columns, sql: self.sql.clone(), parts: self.parts.clone() };
        parts.into_iter().zip(read).map(part).collect()
    }

    /// Which of `rows` (all rows when `None`) meet it; a null answer is no.
    ///
    /// # Errors
    /// [`Error::usage`] when a value of some row breaks it.
    fn mask(&self, classified: &Classified, rows: Option<&IdxCa>) -> Result<BooleanChunked> {
        let cells = |(column, terms): &(&ColumnDef, Vec<String>)| {
            let files = || classified.orders.origins.iter().map(|origin| self.parts.caption(origin)).collect();
            let terms: Vec<String> = if column.computed == Computed::SourceFile { files() } else { terms.clone() };
            let cells = shown(column.key, classified, terms.iter().map(String::as_str))?.cast(dtype(column.column_type));
            Some(if column.column_type == ColumnType::Instant { whole_seconds(cells) } else { cells }.alias(column.key))
        };
        let today = lit(classified.as_of().days()).cast(DataType::Date).alias(TODAY);
        let made = self.columns.iter().filter_map(cells).chain([today]);
        self.answers(values(classified.frame(), rows, made.collect())?)
    }

    fn answers(&self, frame: DataFrame) -> Result<BooleanChunked> {
        let height = frame.height();
        let answer = frame.lazy().with_column(self.expression.clone().alias(ANSWER)).select([col(ANSWER)]).collect();
        // The words of the evaluation are for no user, and may quote a cell; only a division by 0 is told in our own.
        let answer = answer.map_err(|error| refused(divided_by_zero(error).as_deref().unwrap_or("it cannot be evaluated")))?;
        let answer = answer.column(ANSWER)?.bool()?;
        match answer.len() == height {
            true => Ok(answer.clone()),
            false => Err(refused("it does not answer for each row")),
        }
    }

    /// Answers for no rows at all, so that whatever the evaluation itself refuses is found before a row is read.
    fn check(&self) -> Result<()> {
        let columns = self.columns.iter().map(|(column, _)| Column::new_empty(column.key.into(), &dtype(column.column_type)));
        let columns = columns.chain([Column::new_empty(TODAY.into(), &DataType::Date)]).collect();
        self.answers(DataFrame::new(0, columns)?).map(|_| ())
    }
}

/// The conditions that are all to hold where `condition` does.
pub fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    match condition {
        Expr::BinaryExpr { left, op: Operator::And, right } => [conjuncts(left), conjuncts(right)].concat(),
        condition => vec![condition],
    }
}

/// Which of `rows` (all rows when `None`) meet all of `conditions`, with a null answer as no; `None` without conditions.
///
/// # Errors
/// [`Error::usage`] when a value of some row breaks one.
pub fn mask(conditions: &[SqlCondition], classified: &Classified, rows: Option<&IdxCa>) -> Result<Option<BooleanChunked>> {
    let masks = conditions.iter().map(|condition| condition.mask(classified, rows));
    masks.reduce(|all, mask| Ok(all? & mask?)).transpose()
}

/// Instants as the report shows them, which leaves out parts of a second.
fn whole_seconds(instants: Expr) -> Expr {
    const MICROS: i64 = 1_000_000;
    let dtype = SqlType::Instant.dtype();
    let micros = instants.cast(DataType::Int64);
    (micros.clone() - micros % lit(MICROS)).cast(dtype)
}

/// What the parser found, by place and in our own words.
fn unparsed(error: &str) -> String {
    let place = error.rsplit_once("Column: ").map(|(_, place)| place.trim_end_matches(|letter: char| !letter.is_ascii_digit()));
    match place.filter(|place| !place.is_empty()) {
        Some(place) => format!("it cannot be read from character {place} on"),
        None => "it is not complete".to_owned(),
    }
}
