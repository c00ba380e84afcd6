//! Every column a report may show: its key, its caption, and the expression that makes its cells from the classified frame. Never decides a status.

use std::collections::HashMap;

use polars::prelude::*;

use crate::classify::{Classified, NEXT_ACTION};
use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::State;
use crate::domain::record::{CLASS, INPUT, LINE, QUALITY_MASK, SOURCE_WORDS};
use crate::domain::status::{Detail, NumberType, Priority, ReviewOutcome, Status};
use crate::error::Result;
use crate::source::Origin;

/// What the cells of a column are, which fixes their type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
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
    Bool,
}

/// A column that a report may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnDef {
    /// The snake_case key used by options and templates.
    pub key: &'static str,
    /// The caption where a template gives none.
    pub caption: &'static str,
    /// What its cells are.
    pub column_type: ColumnType,
}

const fn define(key: &'static str, caption: &'static str, column_type: ColumnType) -> ColumnDef {
    ColumnDef { key, caption, column_type }
}

/// Every column, the nineteen of the standard report first and in its order.
pub const COLUMNS: &[ColumnDef] = &[
    define("phone_number", "Phone number", ColumnType::Text),
    define("submitted_date", "Original submission date to Carrier", ColumnType::Date),
    define("case_number", "FP Case Number", ColumnType::Text),
    define("request_id", "Request ID", ColumnType::Text),
    define("estimated_date", "Current Estimated Porting Date (EPD)", ColumnType::Date),
    define("confirmed_date", "Confirmed Porting Date", ColumnType::Date),
    define("confirmed_time", "Confirmed Porting Time, PST", ColumnType::Time),
    define("priority", "Priority", ColumnType::Text),
    define("status", "Status", ColumnType::Text),
    define("detail", "Detailed Status", ColumnType::Text),
    define("account_username", "Account username", ColumnType::Text),
    define("account_company", "Account Company Name", ColumnType::Text),
    define("account_id", "Account ID", ColumnType::Text),
    define("location", "Location", ColumnType::Text),
    define("coordinator", "Coordinator (PC or SIS)", ColumnType::Text),
    define("created_date", "Order Creation Date", ColumnType::Date),
    define("requested_date", "Customer Requested Date (CRD)", ColumnType::Date),
    define("approved_date", "Order Approved Date (Toll-Free numbers only)", ColumnType::Date),
    define("reject_reason", "Reject reason", ColumnType::Text),
    define("number_state", "Number state", ColumnType::Text),
    define("class", "Class", ColumnType::Text),
    define("configuration_profile", "Configuration profile", ColumnType::Text),
    define("owner", "Whose move", ColumnType::Text),
    define("next_step", "Next step", ColumnType::Text),
    define("product_line", "Product line", ColumnType::Text),
    define("partner", "Partner", ColumnType::Text),
    define("order_id", "Order ID", ColumnType::Text),
    define("order_basis", "Order ID basis", ColumnType::Text),
    define("review_outcome", "Review outcome", ColumnType::Text),
    define("age_business_days", "Age in business days", ColumnType::Count),
    define("days_to_port", "Days to port", ColumnType::Count),
    define("effective_port_date", "Effective port date", ColumnType::Date),
    define("effective_port_basis", "Effective port date basis", ColumnType::Text),
    define("port_time_basis", "Port time basis", ColumnType::Text),
    define("overdue", "Overdue", ColumnType::Bool),
    define("completed_at", "Completed at (UTC)", ColumnType::Instant),
    define("updated_at", "Updated at (UTC)", ColumnType::Instant),
    define("row_age_days", "Row age in days", ColumnType::Count),
    define("reject_open", "Reject open", ColumnType::Bool),
    define("reason_code", "Reject reason code", ColumnType::Text),
    define("reason", "Reject reason meaning", ColumnType::Text),
    define("confirmed_port_at_utc", "Confirmed port time (UTC)", ColumnType::Instant),
    define("lint_flags", "Flags", ColumnType::Text),
    define("lint_count", "Number of flags", ColumnType::Count),
    define("rule", "Rule", ColumnType::Text),
    define("source_words", "Source words", ColumnType::Text),
    define("source_file", "Source file", ColumnType::Text),
    define("source_row", "Source row", ColumnType::Count),
];

/// The catalogue's entry for `key`.
pub fn column(key: &str) -> Option<&'static ColumnDef> {
    COLUMNS.iter().find(|column| column.key == key)
}

/// The expression over the classified frame that makes the cells of column `key` as a reader sees them,
/// named `key`; `None` for a key outside the [`COLUMNS`].
pub fn expression(key: &str, classified: &Classified) -> Option<Expr> {
    let known = column(key)?;
    let spelling = classified.rules.spelling();
    let made = match key {
        "status" => captions(Status::ALL.iter().map(|s| (s.code(), spelling.status(Some(*s)))), "status"),
        "detail" => captions(Detail::ALL.iter().map(|d| (d.code(), spelling.detail(Some(*d)))), "detail"),
        "number_state" => captions(State::ALL.iter().map(|s| (s.code(), s.caption())), "state"),
        "class" => captions(NumberType::ALL.iter().map(|c| (c.code(), c.caption())), CLASS),
        "priority" => captions(Priority::ALL.iter().map(|p| (p.code(), p.caption())), "priority"),
        "review_outcome" => {
            captions(ReviewOutcome::ALL.iter().map(|o| (o.code(), o.caption())), "review_outcome").fill_null(col("review_outcome"))
        }
        "owner" => gathered(classified.rules.next_actions().map(|(owner, _)| owner.caption()), col(NEXT_ACTION)),
        "next_step" => gathered(classified.rules.next_actions().map(|(_, step)| step), col(NEXT_ACTION)),
        "rule" => classified.rules.id(),
        "reason" => captions(classified.rules.reasons().all().iter().map(|r| (r.code.as_str(), r.caption.as_str())), "reason_code"),
        "order_id" => order_id(classified),
        "order_basis" => when(col("order_id").is_not_null()).then(lit("given")).otherwise(lit("derived")),
        "reject_open" => col("detail").eq(lit(Detail::Rejected.code())).or(col("detail").eq(lit(Detail::AdditionalInfoRequired.code()))),
        "lint_flags" => lint_flags(),
        "lint_count" => col(QUALITY_MASK)
            .map(|masks| Ok(counted(masks.u32()?).into_column()), |_, field| Ok(Field::new(field.name().clone(), DataType::Int64))),
        "source_file" => gathered(classified.orders.origins.iter().map(place), col(INPUT)),
        "source_row" => col(LINE).cast(DataType::Int64),
        "source_words" => col(SOURCE_WORDS),
        _ => classified.timing.expression(key).unwrap_or_else(|| col(known.key)),
    };
    Some(made.alias(known.key))
}

/// The place of a row's status or detailed status in the report's order (UInt32, from 0, null where unknown),
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
    for node in expressions.into_iter().flatten() {
        if let Expr::Column(name) = node
            && !roots.contains(name)
        {
            roots.push(name.clone());
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
    let unknown = lit(NULL).cast(DataType::UInt32);
    codes
        .enumerate()
        .rev()
        .fold(unknown, |rest, (place, code)| when(col(column).eq(lit(code))).then(lit(Scalar::from(place as u32))).otherwise(rest))
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
    let parts = parts.map(|part| part.fill_null(lit(""))).into_iter().reduce(|joined, part| joined + lit("/") + part);
    col("order_id").fill_null(lit("(") + parts.unwrap_or_else(|| lit("")) + lit(")"))
}

/// The codes of each row's lints. Rows share few distinct masks, so each mask is put into words once.
fn lint_flags() -> Expr {
    col(QUALITY_MASK)
        .map(|masks| Ok(worded(masks.u32()?)?.into_column()), |_, field| Ok(Field::new(field.name().clone(), DataType::String)))
}

fn worded(masks: &UInt32Chunked) -> PolarsResult<StringChunked> {
    let mut places: HashMap<u32, IdxSize> = HashMap::new();
    let mut words: Vec<Option<String>> = Vec::new();
    let index: IdxCa = masks
        .iter()
        .map(|mask| {
            let mask = mask.unwrap_or(0);
            Some(*places.entry(mask).or_insert_with(|| {
                words.push((mask != 0).then(|| QualityFlag::codes(mask)));
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
