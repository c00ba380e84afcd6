//! What the rules say to do next, and who has to do it.

use portstatus::classify::rules::Rules;
use portstatus::domain::reason::ActionOwner;
use portstatus::domain::record::NEXT_ACTION;
use portstatus::domain::status::Detail;
use portstatus::templates::Templates;

use crate::fixtures::{cell, classified_at, quality_flags, rules};

const AS_OF: &str = "2026-03-04T12:00";

/// Owner and next step of each row.
fn advice(rows: &[&str]) -> Vec<(ActionOwner, String)> {
    let found = classified_at(AS_OF, rows);
    let column = found.frame().column(NEXT_ACTION).unwrap();
    let all: Vec<_> = found.next_actions().collect();
    column.u32().unwrap().iter().map(|index| &all[index.unwrap() as usize]).map(|(owner, step)| (*owner, step.to_string())).collect()
}

#[test]
fn completed_and_canceled_orders_ask_nobody_to_wait() {
    for (status, step) in [("completed", "Nothing: the number has been ported."), ("canceled", "Nothing; to port the number after all")] {
        let details = Detail::ALL.iter().map(|detail| format!("given_status={status} given_detail={} reject_reason=PIN", detail.code()));
        let states =
            ["pending", "in_process", "action_required", "foc_date_set"].map(|state| format!("given_status={status} number_state={state}"));
        let rows: Vec<String> = details.chain(states).collect();
        for (row, (owner, found)) in rows.iter().zip(advice(&rows.iter().map(String::as_str).collect::<Vec<_>>())) {
            assert!(owner == ActionOwner::Nobody && found.starts_with(step), "{row}: {found}");
        }
    }
}

/// Cancellation Pending, Cancellation Rejected and Not Portable have an owner and a next step of their own, whatever hides them.
#[test]
fn states_that_the_status_hides_say_what_to_do() {
    let cases = [
        ("cancellation_pending", ActionOwner::LosingCarrier, "Wait for the carrier's answer to the cancellation"),
        ("cancellation_rejected", ActionOwner::PortingTeam, "Ask the porting team where the order stands"),
        ("not_portable", ActionOwner::Partner, "Take the number off the order"),
    ];
    for (state, owner, step) in cases {
        let beside = [
            "given_status=in_progress",
            "given_detail=submitted",
            "given_detail=received_loa",
            "given_status=in_progress given_detail=accepted",
        ];
        let rows = beside.map(|beside| format!("number_state={state} {beside}"));
        for (row, (found_owner, found)) in rows.iter().zip(advice(&rows.each_ref().map(String::as_str))) {
            assert!(found_owner == owner && found.starts_with(step), "{row}: {found}");
        }
    }
    let rows = [
        ("number_state=not_portable", ActionOwner::Partner, "Choose a new number"),
        ("number_state=not_portable given_status=canceled", ActionOwner::Partner, "Choose a new number"),
        ("number_state=cancellation_pending given_status=canceled", ActionOwner::PortingTeam, "Ask the carrier to confirm"),
        ("number_state=cancellation_rejected given_status=canceled", ActionOwner::PortingTeam, "Check where the order stands"),
        ("number_state=cancellation_rejected given_detail=rejected", ActionOwner::Partner, "Reply to the porting case"),
        ("number_state=cancellation_rejected given_detail=firm_order_confirmation", ActionOwner::PortingTeam, "Assign the number now"),
        ("number_state=cancellation_pending given_status=completed", ActionOwner::Nobody, "Nothing"),
    ];
    for ((row, owner, step), (found_owner, found)) in rows.iter().zip(advice(&rows.map(|(row, _, _)| row))) {
        assert!(found_owner == *owner && found.starts_with(step), "{row}: {found}");
    }
}

#[test]
fn several_reject_reasons_are_all_named_with_their_steps() {
    let row = "given_detail=rejected reject_reason=incorrect-account-number-and-PIN";
    let found = classified_at(AS_OF, &[row, "given_detail=rejected reject_reason=PIN", "given_detail=submitted"]);
    assert_eq!(cell(found.frame(), "reason_code", 0), "account_number; pin_passcode");
    let (owner, step) = advice(&[row]).remove(0);
    assert_eq!(owner, ActionOwner::Partner);
    assert!(step.starts_with("Send the account number") && step.contains(" Send the transfer PIN"), "{step}");
    let strict = Rules::load(&Templates::default(), &[("state_model", "strict")]).unwrap();
    let orders = crate::fixtures::orders(&["prior_state=foc_date_set last_event=request_cancellation"]);
    let found = portstatus::classify::classify(orders, std::sync::Arc::new(strict), crate::fixtures::timing(AS_OF)).unwrap();
    assert_eq!(quality_flags(&found, 0), "event_not_allowed; cancellation_pending", "strict is the diagram alone");
}

/// The next step says so and the number is listed, or neither.
#[test]
fn rules_that_say_assign_are_marked_so() {
    let rules = rules();
    let marked = rules.assigning();
    for (index, (_, step)) in rules.next_actions().enumerate() {
        assert_eq!(step.to_lowercase().contains("assign the number now"), marked.contains(&(index as u32)), "{step}");
    }
    assert!(marked.len() > 5);
}
