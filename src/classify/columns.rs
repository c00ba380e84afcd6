//! Every column a report may show: its key, its caption, and the expression that makes its cells from the classified frame. Never decides a status.

use std::collections::HashMap;

use polars::prelude::*;

use crate::classify::{ADVICE, Classified};
use crate::error::Result;
use crate::port::lifecycle::State;
use crate::port::lint::Lint;
use crate::port::record::{CLASS, INPUT, LINE, LINTS, SOURCE_WORDS};
use crate::port::status::{Class, Detail, Outcome, Priority, Status};
use crate::source::Origin;

/// What the cells of a column are, which fixes their type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Text: String.
    Text,
    /// A calendar day: Date.
    Date,
    /// Seconds since midnight: Int32.
    Time,
    /// A UTC instant: Datetime in microseconds.
    Instant,
    /// A whole number.
    Count,
    /// Yes, no or unknown: Boolean.
    Flag,
}

/// A column that a report may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The snake_case key used by options and templates.
    pub key: &'static str,
    /// The caption where a template gives none.
    pub caption: &'static str,
    /// What its cells are.
    pub holds: Holds,
}

const fn known_as(key: &'static str, caption: &'static str, holds: Holds) -> Known {
    Known { key, caption, holds }
}

/// Every column, the nineteen of the standard report first and in its order.
pub const CATALOGUE: &[Known] = &[
    known_as("phone_number", "Phone number", Holds::Text),
    known_as("submitted_date", "Original submission date to Carrier", Holds::Date),
    known_as("case_number", "FP Case Number", Holds::Text),
    known_as("request_id", "Request ID", Holds::Text),
    known_as("estimated_date", "Current Estimated Porting Date (EPD)", Holds::Date),
    known_as("confirmed_date", "Confirmed Porting Date", Holds::Date),
    known_as("confirmed_time", "Confirmed Porting Time, PST", Holds::Time),
    known_as("priority", "Priority", Holds::Text),
    known_as("status", "Status", Holds::Text),
    known_as("detail", "Detailed Status", Holds::Text),
    known_as("account_username", "Account username", Holds::Text),
    known_as("account_company", "Account Company Name", Holds::Text),
    known_as("account_id", "Account ID", Holds::Text),
    known_as("location", "Location", Holds::Text),
    known_as("coordinator", "Coordinator (PC or SIS)", Holds::Text),
    known_as("created_date", "Order Creation Date", Holds::Date),
    known_as("requested_date", "Customer Requested Date (CRD)", Holds::Date),
    known_as("approved_date", "Order Approved Date (Toll-Free numbers only)", Holds::Date),
    known_as("reject_reason", "Reject reason", Holds::Text),
    known_as("number_state", "Number state", Holds::Text),
    known_as("class", "Class", Holds::Text),
    known_as("configuration_profile", "Configuration profile", Holds::Text),
    known_as("owner", "Whose move", Holds::Text),
    known_as("next_step", "Next step", Holds::Text),
    known_as("product_line", "Product line", Holds::Text),
    known_as("partner", "Partner", Holds::Text),
    known_as("order_id", "Order ID", Holds::Text),
    known_as("order_basis", "Order ID basis", Holds::Text),
    known_as("review_outcome", "Review outcome", Holds::Text),
    known_as("age_business_days", "Age in business days", Holds::Count),
    known_as("days_to_port", "Days to port", Holds::Count),
    known_as("effective_port_date", "Effective port date", Holds::Date),
    known_as("effective_port_basis", "Effective port date basis", Holds::Text),
    known_as("port_time_basis", "Port time basis", Holds::Text),
    known_as("overdue", "Overdue", Holds::Flag),
    known_as("completed_at", "Completed at (UTC)", Holds::Instant),
    known_as("updated_at", "Updated at (UTC)", Holds::Instant),
    known_as("row_age_days", "Row age in days", Holds::Count),
    known_as("reject_open", "Reject open", Holds::Flag),
    known_as("reason_code", "Reject reason code", Holds::Text),
    known_as("reason", "Reject reason meaning", Holds::Text),
    known_as("confirmed_port_at_utc", "Confirmed port time (UTC)", Holds::Instant),
    known_as("lint_flags", "Flags", Holds::Text),
    known_as("lint_count", "Number of flags", Holds::Count),
    known_as("rule", "Rule", Holds::Text),
    known_as("source_words", "Source words", Holds::Text),
    known_as("source_file", "Source file", Holds::Text),
    known_as("source_row", "Source row", Holds::Count),
];

/// The catalogue's entry for `key`.
pub fn known(key: &str) -> Option<&'static Known> {
    CATALOGUE.iter().find(|known| known.key == key)
}

/// The expression over the classified frame that makes the cells of column `key` as a reader sees them,
/// named `key`; `None` for a key outside the [`CATALOGUE`].
pub fn expression(key: &str, classified: &Classified) -> Option<Expr> {
    let known = known(key)?;
    let spelling = classified.rules.spelling();
    let made = match key {
        "status" => captions(Status::ALL.iter().map(|s| (s.code(), spelling.status(Some(*s)))), "status"),
        "detail" => captions(Detail::ALL.iter().map(|d| (d.code(), spelling.detail(Some(*d)))), "detail"),
        "number_state" => captions(State::ALL.iter().map(|s| (s.code(), s.caption())), "state"),
        "class" => captions(Class::ALL.iter().map(|c| (c.code(), c.caption())), CLASS),
        "priority" => captions(Priority::ALL.iter().map(|p| (p.code(), p.caption())), "priority"),
        "review_outcome" => {
            captions(Outcome::ALL.iter().map(|o| (o.code(), o.caption())), "review_outcome").fill_null(col("review_outcome"))
        }
        "owner" => gathered(classified.rules.advice().map(|(owner, _)| owner.caption()), col(ADVICE)),
        "next_step" => gathered(classified.rules.advice().map(|(_, step)| step), col(ADVICE)),
        "rule" => classified.rules.id(),
        "reason" => captions(classified.rules.reasons().all().iter().map(|r| (r.code.as_str(), r.caption.as_str())), "reason_code"),
        "order_id" => order_id(classified),
        "order_basis" => when(col("order_id").is_not_null()).then(lit("given")).otherwise(lit("derived")),
        "reject_open" => col("detail").eq(lit(Detail::Rejected.code())).or(col("detail").eq(lit(Detail::AdditionalInfoRequired.code()))),
        "lint_flags" => lint_flags(),
        "lint_count" => col(LINTS)
            .map(|masks| Ok(counted(masks.u32()?).into_column()), |_, field| Ok(Field::new(field.name().clone(), DataType::Int64))),
        "source_file" => gathered(classified.orders.origins.iter().map(place), col(INPUT)),
        "source_row" => col(LINE).cast(DataType::Int64),
        "source_words" => col(SOURCE_WORDS),
        _ => classified.timing.expression(key).unwrap_or_else(|| col(known.key)),
    };
    Some(made.alias(known.key))
}

/// The place of a row's status or detailed status in the report's order (UInt8, from 0, null where unknown),
/// named as the key; `None` for keys that sort by what they show.
pub fn rank(key: &str) -> Option<Expr> {
    match key {
        "status" => Some(ranked(Status::ALL.iter().map(|s| s.code()), key).alias(key)),
        "detail" => Some(ranked(Detail::ALL.iter().map(|d| d.code()), key).alias(key)),
        _ => None,
    }
}

/// Evaluates expressions over rows of the classified frame: all of them in frame order, or those given, in
/// the order given. Only the columns that the expressions name are touched.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn values(frame: &DataFrame, rows: Option<&IdxCa>, expressions: Vec<Expr>) -> Result<DataFrame> {
    let roots = roots(&expressions);
    let needed = frame.select(roots)?;
    let needed = match rows {
        None => needed,
        Some(rows) => taken(needed, rows)?,
    };
    Ok(needed.lazy().select(expressions).collect()?)
}

/// The frame columns that `expressions` read, each once, in order of first use.
pub fn roots<'a>(expressions: impl IntoIterator<Item = &'a Expr>) -> Vec<PlSmallStr> {
    let mut roots: Vec<PlSmallStr> = Vec::new();
    for name in expressions.into_iter().flat_map(|expression| expression.clone().meta().root_names()) {
        if !roots.contains(&name) {
            roots.push(name);
        }
    }
    roots
}

/// Rows of a frame in the order given.
fn taken(mut frame: DataFrame, rows: &IdxCa) -> Result<DataFrame> {
    // Taking from several chunks copies every string, from one chunk only its view: one chunk pays for many rows.
    if rows.len() * 4 > frame.height() {
        frame.rechunk_mut();
    }
    Ok(frame.take(rows)?)
}

/// The position of each cell of `column` in `codes`, null where it is none of them.
fn ranked<'a>(codes: impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator, column: &str) -> Expr {
    let unknown = lit(NULL).cast(DataType::UInt8);
    codes
        .enumerate()
        .rev()
        .fold(unknown, |rest, (place, code)| when(col(column).eq(lit(code))).then(lit(Scalar::from(place as u8))).otherwise(rest))
}

/// The captions of the codes in `column`, gathered from one small table.
fn captions<'a>(table: impl Iterator<Item = (&'a str, &'a str)>, column: &str) -> Expr {
    let (codes, captions): (Vec<_>, Vec<_>) = table.unzip();
    gathered(captions, ranked(codes.into_iter(), column))
}

/// Cells of a small table by index, null where the index is null or past the end.
fn gathered<S: AsRef<str>>(table: impl IntoIterator<Item = S>, index: Expr) -> Expr {
    let table = StringChunked::from_iter_values(PlSmallStr::EMPTY, table.into_iter());
    lit(table.into_series()).gather(index.cast(IDX_DTYPE), true)
}

/// The order id, or where there is none what tells orders of a request apart, in parentheses.
fn order_id(classified: &Classified) -> Expr {
    let given = classified.frame().column("order_id").is_ok_and(|column| column.null_count() == 0);
    if given {
        return col("order_id");
    }
    let parts = [col("request_id"), col("case_number"), col(CLASS), col("confirmed_date").cast(DataType::String)];
    let parts = concat_str(parts.map(|part| part.fill_null(lit(""))), "/", false);
    let derived = concat_str([lit("("), parts, lit(")")], "", false);
    col("order_id").fill_null(derived)
}

/// The codes of each row's lints. Rows share few distinct masks, so each mask is put into words once.
fn lint_flags() -> Expr {
    col(LINTS).map(|masks| Ok(worded(masks.u32()?)?.into_column()), |_, field| Ok(Field::new(field.name().clone(), DataType::String)))
}

fn worded(masks: &UInt32Chunked) -> PolarsResult<StringChunked> {
    let mut places: HashMap<u32, IdxSize> = HashMap::new();
    let mut words: Vec<Option<String>> = Vec::new();
    let index: IdxCa = masks
        .iter()
        .map(|mask| {
            let mask = mask.unwrap_or(0);
            Some(*places.entry(mask).or_insert_with(|| {
                words.push((mask != 0).then(|| Lint::codes(mask)));
                (words.len() - 1) as IdxSize
            }))
        })
        .collect();
    StringChunked::from_iter_options(masks.name().clone(), words.into_iter()).take(&index)
}

fn counted(masks: &UInt32Chunked) -> Int64Chunked {
    masks.iter().map(|mask| mask.map(|mask| i64::from(mask.count_ones()))).collect()
}

/// A source file, with the sheet of a workbook.
fn place(origin: &Origin) -> String {
    match &origin.sheet {
        Some(sheet) => format!("{}, sheet {sheet}", origin.file),
        None => origin.file.clone(),
    }
}
