//! Replaying events through the state model: every edge is legal, everything else is named once and goes on.

use portstatus::domain::lifecycle::{Edge, EventFit, Lifecycle, Mode, State, Step};
use portstatus::domain::replay::{Standing, StateMachine};
use portstatus::domain::status::NumberType;
use portstatus::templates::Templates;
use proptest::prelude::*;

fn lifecycle() -> Lifecycle {
    let file = "rules/lifecycle.toml";
    Lifecycle::parse(&Templates::default().text(file).unwrap(), file).unwrap()
}

fn machine(mode: Mode) -> StateMachine {
    StateMachine::new(lifecycle(), mode)
}

/// The state after each of the events, and what is wrong with them.
fn told(mode: Mode, number_type: NumberType, events: &[&str]) -> (Vec<State>, Vec<String>) {
    let machine = machine(mode);
    let (mut standing, mut states, mut wrong) = (Standing::default(), Vec::new(), Vec::new());
    for code in events {
        let event = machine.event(code).unwrap_or_else(|| panic!("no event {code}"));
        let (after, illegal) = machine.advance(standing, event, Some(number_type));
        standing = after;
        states.push(standing.state.unwrap());
        wrong.extend(illegal.map(|illegal| machine.sentence(illegal)));
    }
    (states, wrong)
}

/// Whether a number that was in `state` may have `event` last, by the rule for sources that tell no more than that.
fn is_fit(model: &Lifecycle, mode: Mode, state: State, event: &str, number_type: NumberType) -> bool {
    let step = Step { prior: Some(state), event, state: None, number_type: Some(number_type) };
    model.fit(step, mode) == EventFit::Fits
}

/// Events that lead a new number to each state by edges of the diagram alone.
fn way_to(state: State) -> Vec<&'static str> {
    let at_carrier = vec!["create_new_porting_request", "review_passed", "start_porting_request"];
    let and = |event: &'static str| [at_carrier.clone(), vec![event]].concat();
    match state {
        State::Pending => vec!["create_new_porting_request"],
        State::NotPortable => vec!["create_new_porting_request", "review_failed"],
        State::Portable => vec!["create_new_porting_request", "review_passed"],
        State::InProcess => at_carrier,
        State::ActionRequired => and("additional_information_required"),
        State::FocDateSet => and("porting_date_confirmed"),
        State::Completed => [and("porting_date_confirmed"), vec!["activated"]].concat(),
        State::CancellationPending => and("request_cancellation"),
        State::CancellationRejected => [and("request_cancellation"), vec!["cancellation_refused"]].concat(),
        State::Canceled => vec!["create_new_porting_request", "request_cancellation"],
    }
}

#[test]
fn every_edge_of_the_model_is_allowed_and_every_other_pair_is_named() {
    for mode in [Mode::Strict, Mode::Extended] {
        let model = lifecycle();
        for state in State::ALL {
            let way = way_to(*state);
            assert_eq!(told(mode, NumberType::Local, &way), (told(mode, NumberType::Local, &way).0, vec![]), "{state}");
            for event in &model.events {
                let (states, wrong) = told(mode, NumberType::Local, &[way.clone(), vec![&event.code]].concat());
                let fits = |edge: &&Edge| edge.from == *state && edge.event == event.code && edge.number_type.is_none();
                let stays = model.starts().iter().any(|start| start.event == event.code && start.state == *state);
                // The number is in process again, though no event says so.
                let resumed = *state == State::CancellationRejected
                    && mode == Mode::Extended
                    && is_fit(&model, mode, State::InProcess, &event.code, NumberType::Local);
                match model.edges(mode).find(fits) {
                    Some(edge) => assert_eq!((states.last(), wrong), (Some(&edge.to), vec![])),
                    None if stays => assert_eq!((states.last(), wrong), (Some(state), vec![])),
                    None if resumed || is_fit(&model, mode, *state, &event.code, NumberType::Local) => {
                        assert!(wrong.is_empty(), "{wrong:?}")
                    }
                    None => {
                        let to = states.last().unwrap();
                        assert_eq!(wrong, [format!("cannot go from {state} to {to} by {}", event.caption)]);
                    }
                }
            }
        }
    }
}

#[test]
fn an_event_that_is_not_allowed_leads_where_it_leads_and_the_history_goes_on() {
    use State::{Canceled, CancellationPending, Completed, FocDateSet, InProcess, NotPortable, Pending};
    for (events, states, wrong) in [
        (
            &["create_new_porting_request", "porting_date_confirmed", "activated"][..],
            &[Pending, FocDateSet, Completed][..],
            &["cannot go from Pending to FOC Date Set by Porting Date Confirmed FOC"][..],
        ),
        (
            &["create_new_porting_request", "review_failed", "start_porting_request"],
            &[Pending, NotPortable, InProcess],
            &["cannot go from Not Portable to In Process by Start Porting Request"],
        ),
        // Only a portable number is sent to the carrier, so its review was passed.
        (&["create_new_porting_request", "start_porting_request"], &[Pending, InProcess], &[]),
        // The diagram gives the outcome of a review no event of its own.
        (&["create_new_porting_request", "review_started", "start_porting_request"], &[Pending, Pending, InProcess], &[]),
        (&["create_new_porting_request", "review_started", "review_started"], &[Pending, Pending, Pending], &[]),
        // Local numbers need a confirmed date.
        (&["start_porting_request", "activated"], &[InProcess, Completed], &["cannot go from In Process to Completed by Activated"]),
        (
            &["activated", "request_cancellation"],
            &[Completed, CancellationPending],
            &["cannot go from Completed to Cancellation Pending by Request Cancellation"],
        ),
        (
            &["create_new_porting_request", "request_cancellation", "request_cancellation"],
            &[Pending, Canceled, Canceled],
            &["cannot go from Canceled to Canceled by Request Cancellation"],
        ),
        (
            &["activated", "create_new_porting_request"],
            &[Completed, Pending],
            &["cannot go from Completed to Pending by Create New Porting Request"],
        ),
        // A history may begin in the middle.
        (&["resubmit", "porting_date_confirmed"], &[InProcess, FocDateSet], &[]),
    ] {
        let found = told(Mode::Extended, NumberType::Local, events);
        assert_eq!(found, (states.to_vec(), wrong.iter().map(|text| (*text).to_owned()).collect()), "{events:?}");
    }
    let toll_free = told(Mode::Extended, NumberType::TollFree, &["start_porting_request", "activated"]);
    assert_eq!(toll_free, (vec![InProcess, Completed], vec![]));
    let strict = told(Mode::Strict, NumberType::TollFree, &["start_porting_request", "activated"]);
    assert_eq!(strict.1, ["cannot go from In Process to Completed by Activated"]);
}

#[test]
fn after_a_refused_cancellation_the_number_is_where_it_was() {
    let refused =
        ["create_new_porting_request", "review_passed", "start_porting_request", "porting_date_confirmed", "request_cancellation"];
    let events = [&refused[..], &["cancellation_refused", "activated"]].concat();
    let (states, wrong) = told(Mode::Extended, NumberType::Local, &events);
    assert_eq!((states.last(), wrong), (Some(&State::Completed), vec![]));
    // As drawn, the state is a dead end.
    let events = [&refused[..], &["cancellation_refused", "resumed_foc_date_set"]].concat();
    assert_eq!(told(Mode::Strict, NumberType::Local, &events).1.len(), 2);
}

proptest! {
    #[test]
    fn a_walk_along_the_edges_is_legal_and_a_step_beside_them_is_named_once(
        steps in prop::collection::vec(0usize..100, 1..40), odd in 0usize..20, at in 0usize..40, strict: bool, is_toll_free: bool
    ) {
        let mode = if strict { Mode::Strict } else { Mode::Extended };
        let number_type = if is_toll_free { NumberType::TollFree } else { NumberType::Local };
        let (model, machine) = (lifecycle(), machine(mode));
        let created = machine.event(&model.creation.event).unwrap();
        let (mut standing, none) = machine.advance(Standing::default(), created, Some(number_type));
        prop_assert_eq!(none, None);
        for (place, step) in steps.iter().enumerate() {
            let state = standing.state.unwrap();
            if place == at {
                let code = &model.events[odd].code;
                if !is_fit(&model, mode, state, code, number_type) && state != State::CancellationRejected {
                    let (after, illegal) = machine.advance(standing, machine.event(code).unwrap(), Some(number_type));
                    let sentence = illegal.map(|illegal| machine.sentence(illegal)).unwrap_or_default();
                    let start = format!("cannot go from {state} to {} by ", after.state.unwrap());
                    prop_assert!(sentence.starts_with(&start), "{}", sentence);
                    standing = after;
                    continue;
                }
            }
            let fits = |edge: &&Edge| edge.from == state && edge.number_type.is_none_or(|only| only == number_type);
            let edges: Vec<&Edge> = model.edges(mode).filter(fits).collect();
            let Some(edge) = (!edges.is_empty()).then(|| edges[step % edges.len()]) else { break };
            let (after, illegal) = machine.advance(standing, machine.event(&edge.event).unwrap(), Some(number_type));
            prop_assert_eq!((after.state, illegal), (Some(edge.to), None));
            standing = after;
        }
    }
}
