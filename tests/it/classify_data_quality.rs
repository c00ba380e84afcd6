//! Every lint that classification sets: on where it should be, off where it nearly would.

use std::sync::Arc;

use portstatus::classify::classify;
use portstatus::domain::data_quality::QualityFlag;

use crate::fixtures::{classified_at, in_pieces, orders, orders_of, quality_flags, rules, timing};

/// Wednesday noon in Los Angeles, in winter.
const AS_OF: &str = "2026-03-04T12:00";

/// Flag, rows of which the first has it, rows of which the first has it not. One frame each.
const CASES: &[(&str, &[&str], &[&str])] = &[
    ("status_contradiction", &["number_state=completed given_detail=submitted"], &["number_state=in_process given_detail=submitted"]),
    ("status_contradiction", &["number_state=completed given_status=in_progress"], &["number_state=completed given_status=completed"]),
    (
        "status_contradiction",
        &["number_state=pending loa_received=true given_detail=waiting_for_loa"],
        &["number_state=pending given_detail=waiting_for_loa"],
    ),
    ("status_contradiction", &["number_state=action_required given_status=scheduled"], &["given_detail=rejected given_status=scheduled"]),
    (
        "status_contradiction",
        &["number_state=foc_date_set given_detail=reviewed"],
        &["number_state=cancellation_pending given_detail=firm_order_confirmation"],
    ),
    ("event_contradiction", &["number_state=in_process last_event=activated"], &["number_state=completed last_event=activated"]),
    (
        "event_contradiction",
        &["prior_state=in_process last_event=porting_date_confirmed number_state=in_process"],
        &["prior_state=in_process last_event=porting_date_confirmed number_state=foc_date_set"],
    ),
    ("event_not_allowed", &["prior_state=completed last_event=resubmit"], &["prior_state=action_required last_event=resubmit"]),
    ("detail_inferred", &["given_status=in_progress confirmed_date=2026-03-09"], &["given_status=in_progress"]),
    (
        "detail_inferred",
        &["given_status=in_progress number_state=in_process confirmed_date=2026-03-09"],
        &["given_status=in_progress confirmed_date=2026-03-09 number_type=toll_free"],
    ),
    (
        "detail_inferred",
        &["given_status=in_progress confirmed_date=2026-03-09"],
        &["given_detail=tentative_order_acceptance given_status=in_progress confirmed_date=2026-03-09"],
    ),
    ("detail_not_of_status", &["given_status=scheduled given_detail=rejected"], &["given_status=waiting_for_you given_detail=rejected"]),
    ("detail_not_of_status", &["given_status=completed given_detail=cancelled"], &["given_detail=cancelled"]),
    ("not_portable", &["number_state=not_portable"], &["number_state=portable"]),
    ("not_portable", &["number_state=not_portable given_detail=rejected"], &["given_detail=rejected reason_code=not_portable"]),
    ("tollfree_with_foc", &["number_state=foc_date_set number_type=toll_free"], &["number_state=foc_date_set number_type=local"]),
    (
        "tollfree_with_foc",
        &["given_detail=accepted number_type=toll_free confirmed_date=2026-03-09"],
        &["given_detail=accepted number_type=toll_free estimated_date=2026-03-09"],
    ),
    ("prior_state_unknown", &["number_state=cancellation_rejected"], &["number_state=cancellation_rejected prior_state=foc_date_set"]),
    (
        "prior_state_unknown",
        &["number_state=cancellation_rejected prior_state=canceled"],
        &["number_state=cancellation_rejected given_detail=submitted"],
    ),
    ("cancellation_pending", &["number_state=cancellation_pending given_detail=submitted"], &["number_state=canceled"]),
    ("cancellation_rejected", &["number_state=cancellation_rejected prior_state=in_process"], &["number_state=cancellation_pending"]),
    ("completed_in_future", &["given_detail=completed confirmed_date=2026-03-05"], &["given_detail=completed confirmed_date=2026-03-04"]),
    (
        "completed_in_future",
        &["given_detail=completed confirmed_date=2026-03-04 confirmed_time=12:01"],
        &["given_detail=completed confirmed_date=2026-03-04 confirmed_time=12:00"],
    ),
    (
        "completed_in_future",
        &["given_detail=completed completed_at=2026-03-04T20:00:01Z"],
        &["given_detail=completed completed_at=2026-03-04T20:00:00Z"],
    ),
    (
        "completed_in_future",
        &["number_state=completed confirmed_date=2026-03-09"],
        &["number_state=foc_date_set confirmed_date=2026-03-09"],
    ),
    ("scheduled_without_date", &["given_status=scheduled"], &["given_status=scheduled confirmed_date=2026-03-09"]),
    ("scheduled_without_date", &["number_state=foc_date_set estimated_date=2026-03-09"], &["given_detail=submitted"]),
    (
        "time_without_date",
        &["given_detail=submitted confirmed_time=10:00"],
        &["given_detail=submitted confirmed_time=10:00 confirmed_date=2026-03-09"],
    ),
    (
        "foc_not_local",
        &["given_detail=firm_order_confirmation number_type=toll_free"],
        &["given_detail=firm_order_confirmation number_type=local"],
    ),
    ("accepted_not_tollfree", &["given_detail=accepted number_type=local"], &["given_detail=accepted number_type=toll_free"]),
    ("approved_not_tollfree", &["approved_date=2026-03-02 number_type=local"], &["approved_date=2026-03-02 number_type=toll_free"]),
    (
        "approved_before_created",
        &["approved_date=2026-03-01 created_date=2026-03-02"],
        &["approved_date=2026-03-02 created_date=2026-03-02"],
    ),
    (
        "submitted_after_confirmed",
        &["submitted_date=2026-03-10 confirmed_date=2026-03-09"],
        &["submitted_date=2026-03-09 confirmed_date=2026-03-09"],
    ),
    (
        "submitted_after_confirmed",
        &["submitted_date=2026-03-10 confirmed_date=2026-03-09"],
        &["confirmed_date=2026-03-09", "submitted_date=2026-03-09"],
    ),
    (
        "number_in_two_orders",
        &["phone_number=+12065550100 given_detail=submitted request_id=1", "phone_number=+12065550100 given_detail=reviewed request_id=2"],
        &["phone_number=+12065550100 given_detail=submitted request_id=1", "phone_number=+12065550100 given_detail=completed request_id=2"],
    ),
    (
        "number_in_two_orders",
        &["phone_number=+442079460958 given_detail=submitted", "phone_number=+442079460958 given_detail=submitted"],
        &["phone_number=+12065550100 given_detail=cancelled", "phone_number=+12065550100 given_detail=submitted"],
    ),
    ("confirmed_not_business_day", &["confirmed_date=2026-03-07"], &["confirmed_date=2026-03-06"]),
    ("confirmed_not_business_day", &["confirmed_date=2026-07-03"], &["confirmed_date=2026-07-02"]),
    ("confirmed_not_business_day", &["confirmed_date=2199-12-28"], &["confirmed_date=2200-01-04"]),
    ("confirmed_not_business_day", &["confirmed_date=2199-12-29"], &["confirmed_date=2199-12-31"]),
    (
        "overdue",
        &["given_detail=firm_order_confirmation confirmed_date=2026-03-04"],
        &["given_detail=firm_order_confirmation confirmed_date=2026-03-04 confirmed_time=11:00"],
    ),
    (
        "overdue",
        &["given_detail=submitted confirmed_date=2026-03-04 confirmed_time=10:59"],
        &["given_detail=completed confirmed_date=2026-03-04 confirmed_time=10:59"],
    ),
    ("overdue", &["given_status=scheduled confirmed_date=2026-03-03"], &["confirmed_date=2026-03-03"]),
    // The tenth business day after and with Wednesday 18 February is Tuesday 3 March.
    ("foc_expired", &["given_status=scheduled confirmed_date=2026-02-18"], &["given_status=scheduled confirmed_date=2026-02-19"]),
    ("foc_expired", &["given_status=scheduled confirmed_date=2026-02-18"], &["given_status=canceled confirmed_date=2026-02-18"]),
    (
        "mixed_class_request",
        &["request_id=1 number_type=local", "request_id=1 number_type=toll_free"],
        &["request_id=1 number_type=local", "request_id=2 number_type=toll_free", "request_id=1"],
    ),
    (
        "mixed_class_request",
        &["request_id=1 number_type=toll_free", "request_id=2", "request_id=1 number_type=local"],
        &["number_type=local", "number_type=toll_free"],
    ),
    (
        "case_spans_accounts",
        &["case_number=c account_id=1", "case_number=c account_id=2"],
        &["case_number=c account_id=1", "case_number=d account_id=2", "case_number=c"],
    ),
    ("tollfree_expedite", &["priority=expedite number_type=toll_free"], &["priority=expedite number_type=local"]),
    ("tollfree_expedite", &["priority=expedite number_type=toll_free"], &["priority=standard number_type=toll_free"]),
    ("nonstandard_time", &["confirmed_date=2026-03-09 confirmed_time=11:30"], &["confirmed_date=2026-03-09 confirmed_time=10:00"]),
];

fn has(lint: &str, rows: &[&str]) -> bool {
    let found = quality_flags(&classified_at(AS_OF, rows), 0);
    found.split("; ").any(|code| code == lint)
}

#[test]
fn every_lint_is_on_and_off_where_it_should_be() {
    for (lint, on, off) in CASES {
        assert!(has(lint, on), "{lint} should be on: {on:?}");
        assert!(!has(lint, off), "{lint} should be off: {off:?}");
    }
}

#[test]
fn the_table_has_every_lint_that_classification_sets() {
    let of_reading = [
        "unknown_word",
        "bad_cell",
        "ambiguous_date",
        "number_repaired",
        "unassignable",
        "class_contradiction",
        "undecided_duplicate",
        "reopened",
        "events_differ",
        "long_text",
    ];
    for lint in QualityFlag::ALL {
        assert_ne!(CASES.iter().any(|(code, _, _)| *code == lint.code()), of_reading.contains(&lint.code()), "{}", lint.code());
    }
}

#[test]
fn flags_of_reading_are_kept_and_added_to() {
    let brought = "quality_mask=bad_cell;number_repaired";
    let found = classified_at(AS_OF, &[format!("{brought} number_state=not_portable"), format!("{brought} given_detail=submitted")]);
    assert_eq!(quality_flags(&found, 0), "bad_cell; number_repaired; not_portable");
    assert_eq!(quality_flags(&found, 1), "bad_cell; number_repaired");
}

#[test]
fn both_rows_of_a_pair_are_flagged_and_nobody_else() {
    let rows = [
        "phone_number=+12065550100 given_detail=submitted request_id=1",
        "phone_number=+12065550101 given_detail=submitted request_id=1",
        "phone_number=+12065550100 given_detail=submitted request_id=2",
        "phone_number=+12065550100 given_detail=completed request_id=3",
    ];
    let found = classified_at(AS_OF, &rows);
    let flagged: Vec<bool> = (0..rows.len()).map(|row| quality_flags(&found, row).contains("number_in_two_orders")).collect();
    assert_eq!(flagged, [true, false, true, false]);
}

/// An order of `size` rows at 11:30, each row `keys`.
fn odd_order(size: usize, keys: &str) -> bool {
    let row = format!("confirmed_date=2026-03-09 confirmed_time=11:30 given_detail=firm_order_confirmation {keys}");
    let other = "request_id=9 order_id=other confirmed_date=2026-03-09 confirmed_time=10:00";
    let mut rows = vec![row.as_str(); size];
    rows.push(other);
    has("nonstandard_time", &rows)
}

#[test]
fn odd_times_are_allowed_for_orders_of_more_than_100_numbers() {
    for keys in ["order_id=a", "request_id=1 case_number=c", "request_id=1", "case_number=c", "order_id=a request_id=1"] {
        assert!(odd_order(100, keys), "{keys}");
        assert!(!odd_order(101, keys), "{keys}");
    }
    assert!(odd_order(101, ""), "rows without any key are orders of their own");
}

#[test]
fn an_order_without_id_is_split_by_class_and_date() {
    let local = "request_id=1 confirmed_date=2026-03-09 confirmed_time=11:30";
    for other in [
        "request_id=1 number_type=toll_free confirmed_date=2026-03-09 confirmed_time=11:30",
        "request_id=1 confirmed_date=2026-03-10 confirmed_time=11:30",
    ] {
        let rows: Vec<&str> = std::iter::repeat_n(local, 60).chain(std::iter::repeat_n(other, 60)).collect();
        assert!(has("nonstandard_time", &rows), "{other}");
    }
}

/// Rows arrive in several chunks; where the cuts lie must change nothing.
#[test]
fn chunks_change_nothing() {
    let rows: Vec<&str> = CASES.iter().flat_map(|(_, on, off)| on.iter().chain(off.iter())).copied().collect();
    let whole = classified_at(AS_OF, &rows);
    for size in [1, 7, 40] {
        let pieces = in_pieces(&orders(&rows).frame, size);
        let found = classify(orders_of(pieces), Arc::new(rules()), timing(AS_OF)).unwrap();
        for key in ["state", "status", "detail", "rule", "next_action", "quality_mask", "reason_code", "reject_reason"] {
            assert_eq!(found.frame().column(key).unwrap(), whole.frame().column(key).unwrap(), "{key} in pieces of {size}");
        }
    }
}
