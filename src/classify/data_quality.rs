//! Flags what is odd about single rows, as expressions over a classified frame; adds flags and never changes or drops a row.

use polars::prelude::*;

use crate::classify::rules::Rules;
use crate::classify::timing::{STANDARD_TIME_SECONDS, Timing, live};
use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::State;
use crate::domain::record::{KNOWN_STATE, NUMBER_TYPE, RULE};
use crate::domain::status::{Detail, NumberType, Priority, Status};
use crate::error::Result;
use crate::source::order_frame::has_values;

/// The column of port instants that [`check_single_rows`] adds.
const PORT_MICROS: &str = "port instant";
/// The column of live orders that [`check_single_rows`] adds.
pub const LIVE: &str = "live";
/// The column of toll-free numbers that [`check_single_rows`] adds.
pub const TOLL_FREE: &str = "toll-free";
/// The column that [`check_single_rows`] adds of rows whose port time has to be judged by the size of their order.
pub const NONSTANDARD_TIME: &str = "nonstandard time";

/// A flag, the columns of which at least one value must be known for it to be found, and its
/// expression.
type RowCheck = (QualityFlag, &'static [&'static str], Expr);

/// Sets the flags of single rows in `mask`, which has one entry for each row of `frame`.
/// Returns the helper columns that the flags over groups of rows need as well.
///
/// # Errors
/// When a column is missing or of another type.
pub fn check_single_rows(frame: &DataFrame, rules: &Rules, timing: &Timing, mask: &mut [u64]) -> Result<DataFrame> {
    let checks = status_checks(rules).into_iter().chain(date_checks(timing));
    let wanted: Vec<RowCheck> = checks.filter(|(_, needs, _)| needs.iter().all(|column| has_values(frame, column))).collect();
    let dated = has_values(frame, "confirmed_date");
    let mut plan = frame.clone().lazy().with_columns([live().alias(LIVE), is(NUMBER_TYPE, NumberType::TollFree.code()).alias(TOLL_FREE)]);
    if dated {
        plan = plan.with_column(timing.port_micros().alias(PORT_MICROS));
    }
    // One flag may have two expressions, so they are named by their place.
    let flags = wanted.iter().enumerate().map(|(index, (_, _, expression))| expression.clone().alias(index.to_string()));
    let nonstandard_time = col("confirmed_time").neq(lit(STANDARD_TIME_SECONDS)).fill_null(lit(false));
    let facts = [col(LIVE), col(TOLL_FREE), nonstandard_time.alias(NONSTANDARD_TIME)];
    let found = plan.select(flags.chain(facts).collect::<Vec<_>>()).collect()?;
    for (index, (flag, _, _)) in wanted.iter().enumerate() {
        set_flag(mask, *flag, found.column(&index.to_string())?.bool()?);
    }
    Ok(found.select([LIVE, TOLL_FREE, NONSTANDARD_TIME])?)
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

/// What states, statuses and details say of each other and of the number type.
fn status_checks(rules: &Rules) -> Vec<RowCheck> {
    let state = |state: State| is(KNOWN_STATE, state.code());
    vec![
        (
            QualityFlag::DetailNotOfStatus,
            &["given_status", "given_detail"],
            status_of_detail(rules).neq(col("status")).fill_null(lit(false)),
        ),
        (QualityFlag::NotPortable, &[KNOWN_STATE], state(State::NotPortable)),
        (QualityFlag::TollfreeWithFoc, &[KNOWN_STATE], col(TOLL_FREE).and(state(State::FocDateSet))),
        (QualityFlag::CancellationPending, &[KNOWN_STATE], state(State::CancellationPending)),
        (QualityFlag::CancellationRejected, &[KNOWN_STATE], state(State::CancellationRejected)),
        (QualityFlag::FocNotLocal, &[], is("detail", Detail::FirmOrderConfirmation.code()).and(col(TOLL_FREE))),
        (QualityFlag::AcceptedNotTollfree, &[], is("detail", Detail::Accepted.code()).and(local())),
        (QualityFlag::TollfreeExpedite, &["priority"], col(TOLL_FREE).and(is("priority", Priority::Expedite.code()))),
    ]
}

/// What dates and times say of each other, of the status and of the number type.
fn date_checks(timing: &Timing) -> Vec<RowCheck> {
    let status = |status: Status| is("status", status.code());
    let given = |column: &str| col(column).is_not_null();
    let after_as_of = |instant: Expr| instant.gt(lit(timing.as_of.micros())).fill_null(lit(false));
    let completed_at = col("completed_at").cast(DataType::Int64);
    vec![
        (QualityFlag::TollfreeWithFoc, &["confirmed_date"], col(TOLL_FREE).and(given("confirmed_date"))),
        (QualityFlag::CompletedInFuture, &["confirmed_date"], status(Status::Completed).and(after_as_of(col(PORT_MICROS)))),
        (QualityFlag::CompletedInFuture, &["completed_at"], status(Status::Completed).and(after_as_of(completed_at))),
        (QualityFlag::ScheduledWithoutDate, &[], status(Status::Scheduled).and(col("confirmed_date").is_null())),
        (QualityFlag::TimeWithoutDate, &["confirmed_time"], given("confirmed_time").and(col("confirmed_date").is_null())),
        (QualityFlag::ApprovedNotTollfree, &["approved_date"], given("approved_date").and(local())),
        (QualityFlag::ApprovedBeforeCreated, &["approved_date", "created_date"], col("approved_date").lt(col("created_date"))),
        (QualityFlag::SubmittedAfterConfirmed, &["submitted_date", "confirmed_date"], col("submitted_date").gt(col("confirmed_date"))),
        (QualityFlag::ConfirmedNotBusinessDay, &["confirmed_date"], timing.confirmed_on_holiday()),
        (QualityFlag::Overdue, &["confirmed_date"], timing.overdue(col(PORT_MICROS))),
        (QualityFlag::FocExpired, &["confirmed_date"], col(LIVE).and(timing.confirmation_expired())),
    ]
}

/// The status that the detail of a row belongs to; null where nothing is known.
fn status_of_detail(rules: &Rules) -> Expr {
    let statuses: Vec<Option<&str>> = rules.all.iter().map(|rule| rule.detail.map(|detail| detail.status().code())).collect();
    lit(Series::new("status of detail".into(), statuses)).gather(col(RULE), false)
}

fn local() -> Expr {
    is(NUMBER_TYPE, NumberType::Local.code())
}

fn is(column: &str, code: &str) -> Expr {
    col(column).eq_missing(lit(code))
}
