//! What flags ask of a row beside the record: spans between its days and the as-of instant, in whole seconds and days. Rules know no clock; these do the reckoning.

use polars::prelude::*;

use crate::classify::timing::Timing;
use crate::domain::columns::{ColumnDef, ColumnType, Computed};

/// Seconds from the as-of instant to the confirmed date and time: less than 0 for a port that is past. A second that has begun counts.
pub const SECONDS_TO_PORT: &str = "seconds_to_port";
/// Likewise, to the instant at which the number was completed.
pub const SECONDS_TO_COMPLETION: &str = "seconds_to_completion";
/// Business days from the confirmed date to the as-of day, the first of them counted.
pub const BUSINESS_DAYS_CONFIRMED: &str = "business_days_confirmed";
/// Whether the confirmed date is a business day.
pub const CONFIRMED_BUSINESS_DAY: &str = "confirmed_business_day";
/// Days from the day on which the order was created to that on which it was approved.
pub const DAYS_TO_APPROVAL: &str = "days_from_created_to_approved";
/// Days from the day on which the order was submitted to the confirmed date.
pub const DAYS_TO_CONFIRMED: &str = "days_from_submitted_to_confirmed";

const fn fact(key: &'static str, column_type: ColumnType) -> ColumnDef {
    ColumnDef { key, aliases: &[], input: None, column_type, choices: &[], computed: Computed::InputOnly }
}

/// The facts, each a column that a flag can ask. Null where a day that they rest on is not known.
const FACTS: &[ColumnDef] = &[
    fact(SECONDS_TO_PORT, ColumnType::Count),
    fact(SECONDS_TO_COMPLETION, ColumnType::Count),
    fact(BUSINESS_DAYS_CONFIRMED, ColumnType::Count),
    fact(CONFIRMED_BUSINESS_DAY, ColumnType::Bool),
    fact(DAYS_TO_APPROVAL, ColumnType::Count),
    fact(DAYS_TO_CONFIRMED, ColumnType::Count),
];

/// The fact of this key.
pub fn fact_column(key: &str) -> Option<&'static ColumnDef> {
    FACTS.iter().find(|fact| fact.key == key)
}

/// A fact by its key, the columns of the record that it rests on, and its expression.
type Fact = (&'static str, &'static [&'static str], Expr);

/// The facts of the rows of a frame of the record.
fn facts(timing: &Timing) -> [Fact; 6] {
    let days = |from: &str, to: &str| (col(to).cast(DataType::Int32) - col(from).cast(DataType::Int32)).cast(DataType::Int64);
    let as_of = timing.as_of.micros();
    [
        (SECONDS_TO_PORT, &["confirmed_date"], seconds_to(timing.port_micros(), as_of)),
        (SECONDS_TO_COMPLETION, &["completed_at"], seconds_to(col("completed_at").cast(DataType::Int64), as_of)),
        (BUSINESS_DAYS_CONFIRMED, &["confirmed_date"], timing.business_days_since(col("confirmed_date")).cast(DataType::Int64)),
        (CONFIRMED_BUSINESS_DAY, &["confirmed_date"], timing.is_business_day(col("confirmed_date"))),
        (DAYS_TO_APPROVAL, &["created_date", "approved_date"], days("created_date", "approved_date")),
        (DAYS_TO_CONFIRMED, &["submitted_date", "confirmed_date"], days("submitted_date", "confirmed_date")),
    ]
}

/// The facts that `has_values` says something is known of, as columns to be made; and the keys of the others, which are empty.
pub fn known(timing: &Timing, has_values: impl Fn(&str) -> bool) -> (Vec<Expr>, Vec<&'static str>) {
    let (mut made, mut empty) = (Vec::new(), Vec::new());
    for (key, needs, expression) in facts(timing) {
        if needs.iter().all(|column| has_values(column)) { made.push(expression.alias(key)) } else { empty.push(key) }
    }
    (made, empty)
}

/// The seconds from `as_of` to instants, both in microseconds, away from zero to the next whole one.
fn seconds_to(instants: Expr, as_of: i64) -> Expr {
    let seconds = move |micros: i64| {
        let span = micros - as_of;
        span.signum() * span.unsigned_abs().div_ceil(1_000_000) as i64
    };
    let convert = move |instants: Column| {
        let seconds: Int64Chunked = instants.i64()?.iter().map(|micros| micros.map(seconds)).collect_ca(instants.name().clone());
        Ok(seconds.into_column())
    };
    instants.map(convert, |_, field| Ok(Field::new(field.name().clone(), DataType::Int64)))
}
