//! The status mapping: every state with its facts, every detail and number type, and what sources keep.

use portstatus::domain::lifecycle::{Creation, Lifecycle, Mode};
use portstatus::domain::reason::ActionOwner;
use portstatus::domain::record::{NEXT_ACTION, RULE};
use portstatus::domain::status::{Detail, NumberType, Status};
use portstatus::templates::Templates;

use crate::fixtures::{cell, classified_at, quality_flags, rules};

const AS_OF: &str = "2026-03-04T12:00";

/// Classifies each row alone and compares `state status detail`, `-` for null.
fn check(cases: &[(&str, &str)]) {
    let rows: Vec<&str> = cases.iter().map(|(row, _)| *row).collect();
    let classified = classified_at(AS_OF, &rows);
    for (index, (row, expected)) in cases.iter().enumerate() {
        let frame = classified.frame();
        let found = ["state", "status", "detail"].map(|column| cell(frame, column, index)).join(" ");
        assert_eq!(&found, expected, "{row}");
    }
}

#[test]
fn number_states_and_facts_become_statuses() {
    check(&[
        ("number_state=pending loa_received=false", "pending waiting_for_you waiting_for_loa"),
        ("number_state=pending loa_received=true", "pending in_progress received_loa"),
        ("number_state=pending", "pending in_progress received_loa"),
        ("number_state=portable", "portable in_progress reviewed"),
        ("number_state=not_portable", "not_portable canceled cancelled"),
        ("number_state=in_process", "in_process in_progress pending_carrier_response"),
        ("number_state=in_process last_event=start_porting_request", "in_process in_progress submitted"),
        ("number_state=in_process last_event=porting_date_lost", "in_process in_progress pending_carrier_response"),
        ("number_state=in_process resubmitted=true", "in_process in_progress additional_information_provided"),
        ("number_state=in_process resubmitted=false", "in_process in_progress pending_carrier_response"),
        ("number_state=in_process last_event=resubmit", "in_process in_progress additional_information_provided"),
        ("number_state=in_process held_for_sibling=true confirmed_date=2026-03-09", "in_process in_progress tentative_order_acceptance"),
        ("number_state=in_process held_for_sibling=true", "in_process in_progress pending_carrier_response"),
        ("number_state=in_process confirmed_date=2026-03-09", "in_process in_progress pending_carrier_response"),
        ("number_state=in_process number_type=toll_free approved_date=2026-03-02", "in_process in_progress accepted"),
        ("number_state=in_process number_type=local approved_date=2026-03-02", "in_process in_progress pending_carrier_response"),
        ("number_state=in_process submitted_date=2026-03-02", "in_process in_progress pending_carrier_response"),
        ("number_state=in_process reject_reason=lingers", "in_process in_progress pending_carrier_response"),
        ("number_state=action_required reject_reason=PIN", "action_required waiting_for_you rejected"),
        ("number_state=action_required reason_code=pin_passcode", "action_required waiting_for_you rejected"),
        ("number_state=action_required", "action_required waiting_for_you additional_info_required"),
        ("number_state=foc_date_set", "foc_date_set scheduled firm_order_confirmation"),
        ("number_state=foc_date_set number_type=toll_free", "foc_date_set in_progress accepted"),
        ("number_state=completed", "completed completed completed"),
        ("number_state=cancellation_pending confirmed_date=2026-03-09", "cancellation_pending in_progress pending_carrier_response"),
        ("number_state=cancellation_rejected", "cancellation_rejected in_progress pending_carrier_response"),
        ("number_state=cancellation_rejected prior_state=completed", "cancellation_rejected in_progress pending_carrier_response"),
        (
            "number_state=cancellation_rejected prior_state=in_process resubmitted=true",
            "cancellation_rejected in_progress additional_information_provided",
        ),
        (
            "number_state=cancellation_rejected prior_state=action_required",
            "cancellation_rejected waiting_for_you additional_info_required",
        ),
        ("number_state=cancellation_rejected prior_state=foc_date_set", "cancellation_rejected scheduled firm_order_confirmation"),
        ("number_state=canceled", "canceled canceled cancelled"),
        ("number_state=canceled cancel_cause=requested", "canceled canceled cancelled"),
        ("number_state=canceled cancel_cause=incomplete", "canceled canceled closed_as_incomplete"),
        ("confirmed_date=2026-03-09 loa_received=true reject_reason=x", "- - -"),
    ]);
}

#[test]
fn a_last_event_alone_says_where_the_number_is() {
    check(&[
        ("last_event=create_new_porting_request", "pending in_progress received_loa"),
        ("last_event=create_new_porting_request loa_received=false", "pending waiting_for_you waiting_for_loa"),
        ("last_event=portability_rechecked", "pending in_progress received_loa"),
        ("last_event=review_started", "pending in_progress received_loa"),
        ("last_event=review_started review_outcome=portable", "portable in_progress reviewed"),
        ("last_event=review_started review_outcome=not_portable", "not_portable canceled cancelled"),
        ("last_event=review_started review_outcome=not_recognized", "not_portable canceled cancelled"),
        ("last_event=review_started review_outcome=unheard", "pending in_progress received_loa"),
        ("last_event=review_passed", "portable in_progress reviewed"),
        ("last_event=request_cancellation prior_state=pending", "canceled canceled cancelled"),
        ("last_event=request_cancellation prior_state=portable", "canceled canceled cancelled"),
        ("last_event=request_cancellation prior_state=in_process", "cancellation_pending in_progress pending_carrier_response"),
        ("last_event=request_cancellation prior_state=foc_date_set", "cancellation_pending in_progress pending_carrier_response"),
        ("last_event=start_porting_request prior_state=pending", "in_process in_progress submitted"),
        ("last_event=review_failed", "not_portable canceled cancelled"),
        ("last_event=start_porting_request", "in_process in_progress submitted"),
        ("last_event=start_porting_request number_type=toll_free approved_date=2026-03-02", "in_process in_progress accepted"),
        ("last_event=resubmit", "in_process in_progress additional_information_provided"),
        ("last_event=porting_date_lost", "in_process in_progress pending_carrier_response"),
        ("last_event=porting_date_confirmed", "foc_date_set scheduled firm_order_confirmation"),
        ("last_event=porting_date_confirmed number_type=toll_free", "foc_date_set in_progress accepted"),
        ("last_event=additional_information_required", "action_required waiting_for_you additional_info_required"),
        ("last_event=additional_information_required reject_reason=PIN", "action_required waiting_for_you rejected"),
        ("last_event=activated", "completed completed completed"),
        ("last_event=cancellation_refused", "cancellation_rejected in_progress pending_carrier_response"),
        ("last_event=cancellation_refused prior_state=foc_date_set", "cancellation_rejected scheduled firm_order_confirmation"),
        ("last_event=cancellation_confirmed", "canceled canceled cancelled"),
        ("last_event=closed_as_incomplete", "canceled canceled closed_as_incomplete"),
        ("last_event=closed_as_incomplete given_status=canceled", "canceled canceled closed_as_incomplete"),
        ("last_event=request_cancellation", "- - -"),
        ("last_event=unheard_of", "- - -"),
        // The number's own state and the source's words come first.
        ("last_event=activated number_state=in_process", "in_process in_progress pending_carrier_response"),
        ("last_event=activated given_detail=submitted", "completed in_progress submitted"),
        ("last_event=review_started given_status=in_progress", "pending in_progress received_loa"),
    ]);
    let flags = [
        ("last_event=request_cancellation", "cancellation_pending"),
        ("last_event=review_failed", "not_portable"),
        ("last_event=cancellation_refused", "prior_state_unknown; cancellation_rejected"),
        ("last_event=start_porting_request prior_state=pending", ""),
        ("last_event=unheard_of", "event_not_allowed"),
        ("last_event=activated given_detail=submitted", "status_contradiction"),
        ("last_event=activated given_status=completed", ""),
        ("last_event=start_porting_request given_detail=pending_carrier_response", ""),
        ("last_event=start_porting_request given_detail=accepted number_type=toll_free", ""),
    ];
    let found = classified_at(AS_OF, &flags.map(|(row, _)| row));
    for (index, (row, expected)) in flags.into_iter().enumerate() {
        assert_eq!(quality_flags(&found, index), expected, "{row}");
    }
}

/// The state model and the rules are two files of data: an event must not mean one thing in one and another in the other.
#[test]
fn events_lead_where_the_state_model_says() {
    let name = "rules/lifecycle.toml";
    let lifecycle = Lifecycle::parse(&Templates::default().text(name).unwrap(), name).unwrap();
    let Creation { event: created, to: first } = &lifecycle.creation;
    let mut ambiguous = Vec::new();
    // What leaves a number in its state says nothing of it.
    for event in lifecycle.events.iter().filter(|event| !event.keeps_state) {
        let moves = lifecycle.edges(Mode::Extended).filter(|edge| edge.event == event.code).map(|edge| edge.to);
        // A review leaves the number where a number begins.
        let stays = event.code == *created || event.code == "review_started";
        let mut targets: Vec<_> = moves.chain(stays.then_some(*first)).collect();
        targets.sort();
        targets.dedup();
        let state = match targets.as_slice() {
            [one] => one.code(),
            _ => {
                ambiguous.push(event.code.as_str());
                "-"
            }
        };
        let found = classified_at(AS_OF, &[format!("last_event={}", event.code)]);
        assert_eq!(cell(found.frame(), "state", 0), state, "{}", event.code);
    }
    assert_eq!(ambiguous, ["request_cancellation"]);
    // With the state before it, every edge gives its result.
    for edge in lifecycle.edges(Mode::Extended).filter(|edge| edge.event != "cancellation_refused") {
        let found = classified_at(AS_OF, &[format!("prior_state={} last_event={}", edge.from.code(), edge.event)]);
        assert_eq!(cell(found.frame(), "state", 0), edge.to.code(), "{edge:?}");
    }
}

/// In Progress of a number with a confirmed date means the order is held; without a date it contradicts the state.
#[test]
fn in_progress_beside_a_confirmed_date_is_tentative_acceptance() {
    let held = "in_progress tentative_order_acceptance ";
    let cases = [
        ("number_state=foc_date_set given_status=in_progress confirmed_date=2026-03-09", held),
        ("number_state=cancellation_rejected prior_state=foc_date_set given_status=in_progress confirmed_date=2026-03-09", held),
        ("last_event=porting_date_confirmed given_status=in_progress confirmed_date=2026-03-09", held),
        ("number_state=foc_date_set given_detail=tentative_order_acceptance confirmed_date=2026-03-09", held),
        ("number_state=foc_date_set given_status=in_progress", "in_progress pending_carrier_response status_contradiction"),
        (
            "number_state=cancellation_rejected prior_state=foc_date_set given_status=in_progress",
            "in_progress pending_carrier_response status_contradiction",
        ),
        (
            "number_state=foc_date_set given_detail=tentative_order_acceptance",
            "in_progress tentative_order_acceptance status_contradiction",
        ),
        ("number_state=foc_date_set given_status=in_progress number_type=toll_free confirmed_date=2026-03-09", "in_progress accepted "),
        ("number_state=in_process given_status=in_progress confirmed_date=2026-03-09", held),
        ("given_status=in_progress confirmed_date=2026-03-09", held),
        // What says how far the order is comes first.
        ("number_state=portable given_status=in_progress confirmed_date=2026-03-09", "in_progress reviewed "),
        ("given_status=in_progress confirmed_date=2026-03-09 resubmitted=true", "in_progress additional_information_provided "),
        ("given_status=in_progress confirmed_date=2026-03-09 last_event=porting_date_lost", "in_progress pending_carrier_response "),
        ("given_status=in_progress confirmed_date=2026-03-09 number_type=toll_free", "in_progress pending_carrier_response "),
    ];
    let found = classified_at(AS_OF, &cases.map(|(row, _)| row));
    for (index, (row, expected)) in cases.into_iter().enumerate() {
        let flags = quality_flags(&found, index);
        let flag = if flags.contains("status_contradiction") { "status_contradiction" } else { "" };
        let said = ["status", "detail"].map(|column| cell(found.frame(), column, index)).join(" ");
        assert_eq!(format!("{said} {flag}"), expected, "{row}: {flags}");
    }
}

#[test]
fn a_status_alone_is_kept_and_gets_a_sensible_detail() {
    check(&[
        ("given_status=scheduled", "foc_date_set scheduled firm_order_confirmation"),
        ("given_status=in_progress", "in_process in_progress pending_carrier_response"),
        ("given_status=in_progress number_type=toll_free approved_date=2026-03-02", "in_process in_progress accepted"),
        ("given_status=in_progress number_state=pending loa_received=false", "pending in_progress received_loa"),
        ("given_status=in_progress number_state=portable", "portable in_progress reviewed"),
        ("given_status=in_progress number_state=foc_date_set number_type=toll_free", "foc_date_set in_progress accepted"),
        ("given_status=in_progress number_state=completed", "completed in_progress pending_carrier_response"),
        ("given_status=waiting_for_you", "action_required waiting_for_you additional_info_required"),
        ("given_status=waiting_for_you reject_reason=PIN", "action_required waiting_for_you rejected"),
        ("given_status=waiting_for_you loa_received=false", "pending waiting_for_you waiting_for_loa"),
        ("given_status=waiting_for_you number_state=pending", "pending waiting_for_you waiting_for_loa"),
        ("given_status=waiting_for_you number_state=pending loa_received=true", "pending waiting_for_you additional_info_required"),
        ("given_status=completed", "completed completed completed"),
        ("given_status=canceled", "canceled canceled cancelled"),
        ("given_status=canceled cancel_cause=incomplete", "canceled canceled closed_as_incomplete"),
    ]);
}

#[test]
fn every_detail_is_kept_for_both_classes_and_under_any_status() {
    let mut cases = Vec::new();
    for detail in Detail::ALL {
        for class in NumberType::ALL {
            let row = format!("given_detail={} number_type={}", detail.code(), class.code());
            let state = rules().state_of(*detail).code();
            cases.push((row.clone(), format!("{state} {} {}", detail.status().code(), detail.code())));
            for status in Status::ALL {
                cases.push((format!("{row} given_status={}", status.code()), format!("{state} {} {}", status.code(), detail.code())));
            }
        }
    }
    assert_eq!(cases.len(), 14 * 2 * 6);
    check(&cases.iter().map(|(row, expected)| (row.as_str(), expected.as_str())).collect::<Vec<_>>());
}

#[test]
fn the_reverse_mapping_is_the_agreed_one() {
    let expected = [
        ("pending", "waiting_for_loa received_loa"),
        ("action_required", "additional_info_required rejected"),
        ("portable", "reviewed"),
        ("in_process", "submitted pending_carrier_response additional_information_provided tentative_order_acceptance accepted"),
        ("foc_date_set", "firm_order_confirmation"),
        ("completed", "completed"),
        ("canceled", "cancelled closed_as_incomplete"),
    ];
    let rules = rules();
    for (state, details) in expected {
        for detail in details.split(' ') {
            assert_eq!(rules.state_of(Detail::from_code(detail).unwrap()).code(), state);
        }
    }
}

#[test]
fn reject_reasons_are_completed_and_say_whose_move_it_is() {
    let rows = [
        "number_state=action_required reject_reason=Account-number-mismatch",
        "number_state=action_required reason_code=carrier_delay",
        "number_state=action_required reject_reason=gibberish",
        "number_state=in_process reject_reason=PIN",
        "number_state=completed",
    ];
    let expected = [
        ("Account-number-mismatch", "account_number", ActionOwner::Partner, "account number"),
        ("Carrier delay", "carrier_delay", ActionOwner::LosingCarrier, "has not answered"),
        ("gibberish", "-", ActionOwner::Partner, "Correct what the carrier rejected"),
        ("PIN", "pin_passcode", ActionOwner::LosingCarrier, "Wait for the losing carrier"),
        ("-", "-", ActionOwner::Nobody, "Nothing"),
    ];
    let found = classified_at(AS_OF, &rows);
    let advice = found.frame().column(NEXT_ACTION).unwrap();
    let advice = advice.u32().unwrap();
    for (row, (text, code, owner, step)) in expected.into_iter().enumerate() {
        assert_eq!(cell(found.frame(), "reject_reason", row), text);
        assert_eq!(cell(found.frame(), "reason_code", row), code);
        let (mover, next_step) = found.rules.next_actions().nth(advice.get(row).unwrap() as usize).unwrap();
        assert_eq!(mover, owner, "{text}");
        assert!(next_step.contains(step), "{text}: {next_step}");
    }
    let decided = found.frame().column(RULE).unwrap().u32().unwrap().get(4).unwrap();
    assert_eq!(found.rules.all[decided as usize].id, "completed");
}
