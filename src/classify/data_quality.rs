//! Flags what is odd about single rows, as expressions over a classified frame; adds flags and never changes or drops a row.

use polars::prelude::*;

use crate::classify::compile::compile_flags;
use crate::classify::facts;
use crate::classify::rules::Rules;
use crate::classify::timing::{STANDARD_TIME_SECONDS, Timing, live};
use crate::domain::data_quality::QualityFlag;
use crate::domain::record::NUMBER_TYPE;
use crate::domain::status::NumberType;
use crate::error::Result;
use crate::source::order_frame::has_values;

/// The column of live orders that [`check_single_rows`] adds.
pub const LIVE: &str = "live";
/// The column of toll-free numbers that [`check_single_rows`] adds.
pub const TOLL_FREE: &str = "toll-free";
/// The column that [`check_single_rows`] adds of rows whose port time has to be judged by the size of their order.
pub const NONSTANDARD_TIME: &str = "nonstandard time";

/// Sets the flags of single rows in `mask`, which has one entry for each row of `frame`.
/// Returns the helper columns that the flags over groups of rows need as well.
///
/// # Errors
/// When a column is missing or of another type.
pub fn check_single_rows(frame: &DataFrame, rules: &Rules, timing: &Timing, mask: &mut [u64]) -> Result<DataFrame> {
    let (facts, no_facts) = facts::known(timing, |column| has_values(frame, column));
    let keys = frame.get_column_names().into_iter().map(PlSmallStr::as_str);
    let empty: Vec<&str> = keys.filter(|key| !has_values(frame, key)).chain(no_facts).collect();
    let wanted = compile_flags(rules, timing.as_of.days(), &empty);
    let plan = frame.clone().lazy().with_columns(facts);
    // One flag may have two expressions, so they are named by their place.
    let flags = wanted.iter().enumerate().map(|(index, (_, expression))| expression.clone().alias(index.to_string()));
    let found = plan.select(flags.chain(facts_of_groups()).collect::<Vec<_>>()).collect()?;
    for (index, (flag, _)) in wanted.iter().enumerate() {
        set_flag(mask, *flag, found.column(&index.to_string())?.bool()?);
    }
    Ok(found.select([LIVE, TOLL_FREE, NONSTANDARD_TIME])?)
}

/// The columns [`LIVE`], [`TOLL_FREE`] and [`NONSTANDARD_TIME`].
pub fn facts_of_groups() -> [Expr; 3] {
    let toll_free = col(NUMBER_TYPE).eq_missing(lit(NumberType::TollFree.code()));
    let nonstandard_time = col("confirmed_time").neq(lit(STANDARD_TIME_SECONDS)).fill_null(lit(false));
    [live().alias(LIVE), toll_free.alias(TOLL_FREE), nonstandard_time.alias(NONSTANDARD_TIME)]
}

/// Sets `flag` in `mask` wherever `rows` is true.
pub fn set_flag(mask: &mut [u64], flag: QualityFlag, rows: &BooleanChunked) {
    let mut start = 0;
    for chunk in rows.downcast_iter() {
        let found = match chunk.validity() {
            Some(known) => chunk.values() & known,
            None => chunk.values().clone(),
        };
        if found.unset_bits() < found.len() {
            for index in found.true_idx_iter() {
                mask[start + index] |= flag.bit();
            }
        }
        start += found.len();
    }
}
