//! The state model: every edge of both modes, and no others; never the mapping to statuses.

use portstatus::domain::lifecycle::{EventFit, Lifecycle, Mode, State, Step};
use portstatus::domain::status::NumberType;
use portstatus::templates::Templates;

use State::{
    ActionRequired, Canceled, CancellationPending, CancellationRejected, Completed, FocDateSet, InProcess, NotPortable, Pending, Portable,
};

/// The twelve edges of the diagram.
const STRICT: &[(State, &str, State)] = &[
    (Pending, "review_passed", Portable),
    (Pending, "review_failed", NotPortable),
    (Pending, "request_cancellation", Canceled),
    (Portable, "start_porting_request", InProcess),
    (Portable, "request_cancellation", Canceled),
    (InProcess, "porting_date_confirmed", FocDateSet),
    (InProcess, "additional_information_required", ActionRequired),
    (InProcess, "request_cancellation", CancellationPending),
    (FocDateSet, "activated", Completed),
    (ActionRequired, "resubmit", InProcess),
    (CancellationPending, "cancellation_confirmed", Canceled),
    (CancellationPending, "cancellation_refused", CancellationRejected),
];

/// What extended mode adds.
const ADDED: &[(State, &str, State)] = &[
    (CancellationRejected, "resumed_in_process", InProcess),
    (CancellationRejected, "resumed_action_required", ActionRequired),
    (CancellationRejected, "resumed_foc_date_set", FocDateSet),
    (InProcess, "activated", Completed),
    (FocDateSet, "request_cancellation", CancellationPending),
    (FocDateSet, "porting_date_moved", FocDateSet),
    (FocDateSet, "porting_date_lost", InProcess),
    (FocDateSet, "additional_information_required", ActionRequired),
    (ActionRequired, "closed_as_incomplete", Canceled),
    (ActionRequired, "request_cancellation", CancellationPending),
    (Pending, "additional_information_required", ActionRequired),
    (InProcess, "found_not_portable", NotPortable),
    (NotPortable, "portability_rechecked", Pending),
    (CancellationPending, "activated", Completed),
];

fn shipped() -> Lifecycle {
    Lifecycle::parse(&Templates::default().text("rules/lifecycle.toml").unwrap(), "lifecycle.toml").unwrap()
}

fn check(mode: Mode, expected: &[(State, &str, State)]) {
    let lifecycle = shipped();
    assert_eq!(lifecycle.edges(mode).count(), expected.len(), "{mode}");
    for from in State::ALL {
        for event in &lifecycle.events {
            let wanted = expected.iter().find(|(state, code, _)| state == from && *code == event.code).map(|(_, _, to)| *to);
            let found = lifecycle.edges(mode).find(|edge| edge.from == *from && edge.event == event.code).map(|edge| edge.to);
            assert_eq!(found, wanted, "{mode}: {from} on {}", event.code);
        }
    }
}

#[test]
fn strict_has_the_twelve_edges_of_the_diagram_and_no_others() {
    check(Mode::Strict, STRICT);
    assert_eq!(STRICT.len(), 12);
}

#[test]
fn extended_adds_its_edges_and_no_others() {
    check(Mode::Extended, &[STRICT, ADDED].concat());
}

#[test]
fn every_edge_has_evidence_and_only_the_toll_free_shortcut_has_a_class() {
    let lifecycle = shipped();
    for edge in lifecycle.edges(Mode::Extended) {
        assert!(!edge.evidence.is_empty(), "{edge:?}");
        let shortcut = edge.from == InProcess && edge.to == Completed;
        assert_eq!(edge.number_type, shortcut.then_some(NumberType::TollFree), "{edge:?}");
    }
    assert_eq!((lifecycle.creation.event.as_str(), lifecycle.creation.to), ("create_new_porting_request", Pending));
}

#[test]
fn final_states_follow_the_mode() {
    let lifecycle = shipped();
    assert_eq!(lifecycle.terminal(Mode::Strict), [NotPortable, Completed, CancellationRejected, Canceled]);
    assert_eq!(lifecycle.terminal(Mode::Extended), [Completed, Canceled]);
}

#[test]
fn both_pictures_show_every_edge_once() {
    let lifecycle = shipped();
    for (mode, edges) in [(Mode::Strict, 12), (Mode::Extended, 26)] {
        let mermaid = lifecycle.mermaid(mode);
        assert!(mermaid.starts_with("stateDiagram-v2\n"), "{mermaid}");
        let final_states = lifecycle.terminal(mode).len();
        assert_eq!(mermaid.matches(" --> ").count(), edges + 2 + final_states, "{mermaid}");
        let text = lifecycle.text(mode);
        assert_eq!(text.matches(" -> ").count(), edges + 1, "{text}");
        assert_eq!(text.matches("(toll-free only)").count(), usize::from(mode == Mode::Extended));
    }
    assert!(lifecycle.mermaid(Mode::Strict).contains("    pending --> pending : Review Started\n"));
    assert!(lifecycle.mermaid(Mode::Strict).contains("    pending --> portable : Review Passed *\n"));
    assert!(lifecycle.mermaid(Mode::Extended).contains("    in_process --> completed : + Activated * (toll-free)\n"));
}

/// The names of the diagram stand as they are, ours with a star.
#[test]
fn names_that_are_ours_are_marked() {
    let lifecycle = shipped();
    let diagram: Vec<&str> = lifecycle.events.iter().filter(|event| !event.ours).map(|event| event.code.as_str()).collect();
    let expected = "create_new_porting_request review_started start_porting_request porting_date_confirmed additional_information_required \
        resubmit request_cancellation";
    assert_eq!(diagram, expected.split_whitespace().collect::<Vec<_>>());
    let text = lifecycle.text(Mode::Extended);
    for event in &lifecycle.events {
        let line = format!("\n  {}{}: {}\n", event.caption, if event.ours { " *" } else { "" }, event.says);
        assert!(text.contains(&line), "{line}");
    }
    assert!(text.contains("  Review Started\n      stays Pending until Review Passed * or Review Failed *\n"), "{text}");
    assert!(text.ends_with("Inputs may use every name.\n"), "{text}");
}

/// What the model says of last events: prior state, event, state given, toll-free, what strict and extended say.
#[test]
fn events_are_judged_by_the_states_around_them() {
    use EventFit::{Contradicts, Fits, NotAllowed};
    type Case<'a> = (Option<State>, &'a str, Option<State>, bool, EventFit, EventFit);
    let cases: &[Case] = &[
        // The edge's result, and another one.
        (Some(InProcess), "porting_date_confirmed", Some(FocDateSet), false, Fits, Fits),
        (Some(InProcess), "porting_date_confirmed", Some(InProcess), false, Contradicts, Contradicts),
        (Some(InProcess), "porting_date_confirmed", None, false, Fits, Fits),
        (Some(Completed), "resubmit", None, false, NotAllowed, NotAllowed),
        (Some(Portable), "porting_date_confirmed", None, false, NotAllowed, NotAllowed),
        // Without the state before.
        (None, "activated", Some(InProcess), false, Contradicts, Contradicts),
        (None, "start_porting_request", Some(Completed), false, Contradicts, Contradicts),
        (None, "start_porting_request", Some(InProcess), false, Fits, Fits),
        (None, "start_porting_request", None, false, Fits, Fits),
        // The diagram names nothing on these edges, so the last name is the one before.
        (None, "porting_date_confirmed", Some(Completed), false, Fits, Fits),
        (None, "request_cancellation", Some(CancellationRejected), false, Fits, Fits),
        (None, "request_cancellation", Some(Canceled), false, Fits, Fits),
        (Some(InProcess), "request_cancellation", Some(Canceled), false, Fits, Fits),
        (Some(Pending), "request_cancellation", Some(CancellationPending), false, Contradicts, Contradicts),
        // A review leaves the number pending until its outcome.
        (None, "review_started", Some(Pending), false, Fits, Fits),
        (None, "review_started", Some(Portable), false, Fits, Fits),
        (None, "review_started", Some(NotPortable), false, Fits, Fits),
        (None, "review_started", Some(InProcess), false, Contradicts, Contradicts),
        (Some(Portable), "review_started", None, false, NotAllowed, NotAllowed),
        (Some(Pending), "review_passed", Some(Portable), false, Fits, Fits),
        // An event that only Portable allows shows that the review was passed.
        (Some(Pending), "start_porting_request", Some(InProcess), false, Fits, Fits),
        (Some(NotPortable), "start_porting_request", None, false, NotAllowed, NotAllowed),
        // The state before a refused cancellation may be that before it was requested.
        (Some(InProcess), "cancellation_refused", Some(CancellationRejected), false, Fits, Fits),
        (Some(CancellationPending), "cancellation_refused", Some(CancellationRejected), false, Fits, Fits),
        (Some(Pending), "cancellation_refused", None, false, NotAllowed, NotAllowed),
        // What practice adds.
        (Some(FocDateSet), "request_cancellation", None, false, NotAllowed, Fits),
        (None, "porting_date_lost", Some(InProcess), false, NotAllowed, Fits),
        (Some(InProcess), "activated", Some(Completed), true, NotAllowed, Fits),
        (Some(InProcess), "activated", Some(Completed), false, NotAllowed, NotAllowed),
        (None, "unheard_of", None, false, NotAllowed, NotAllowed),
        (None, "create_new_porting_request", Some(Pending), false, Fits, Fits),
        (None, "create_new_porting_request", Some(InProcess), false, Contradicts, Contradicts),
        (Some(InProcess), "create_new_porting_request", None, false, NotAllowed, NotAllowed),
    ];
    let lifecycle = shipped();
    for (prior, event, state, toll_free, strict, extended) in cases {
        let number_type = Some(if *toll_free { NumberType::TollFree } else { NumberType::Local });
        let step = Step { prior: *prior, event, state: *state, number_type };
        assert_eq!((lifecycle.fit(step, Mode::Strict), lifecycle.fit(step, Mode::Extended)), (*strict, *extended), "{step:?}");
    }
}

#[test]
fn wrong_files_are_refused_by_name() {
    let edge = |from: &str, event: &str, to: &str, mode: &str, evidence: &str| {
        format!("[[edge]]\nfrom = \"{from}\"\nevent = \"{event}\"\nto = \"{to}\"\nmode = \"{mode}\"\nevidence = \"{evidence}\"\n")
    };
    let head = "[creation]\nevent = \"a\"\nto = \"pending\"\n[[event]]\ncode = \"a\"\ncaption = \"A\"\nsays = \"x\"\n";
    let good = edge("pending", "a", "portable", "strict", "e");
    assert!(Lifecycle::parse(&format!("{head}{good}"), "l.toml").is_ok());
    let cases = [
        (format!("{head}{good}{good}"), "l.toml, edge pending on a: the edge is given twice"),
        (
            format!("{head}{}", edge("pnding", "a", "portable", "strict", "e")),
            "l.toml, line 9: unknown variant `pnding`, expected one of `pending`, `not_portable`",
        ),
        (format!("{head}{}", edge("pending", "b", "portable", "strict", "e")), "l.toml, edge pending on b: there is no event 'b'"),
        (
            format!("{head}{}", edge("pending", "a", "portable", "lax", "e")),
            "l.toml, line 12: unknown variant `lax`, expected `strict` or `extended`",
        ),
        (format!("{head}{}", edge("pending", "a", "portable", "strict", " ")), "l.toml, edge pending on a: the edge has no evidence"),
        (format!("{head}colour = \"red\"\n{good}"), "l.toml, line 8: unknown field `colour`"),
        (format!("{head}[[event]]\ncode = \"a\"\ncaption = \"A\"\nsays = \"x\"\n{good}"), "l.toml, event a: the event is given twice"),
    ];
    for (text, expected) in cases {
        let error = Lifecycle::parse(&text, "l.toml").unwrap_err();
        assert!(error.code() == 78 && error.to_string().starts_with(expected), "{error}");
    }
}
