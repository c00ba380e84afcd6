//! Tables of events: which tables are, and the row that the events of each number come to.

use portstatus::domain::lifecycle::Mode;
use portstatus::domain::status::Detail;
use portstatus::source::open::unwatched;
use portstatus::source::read::read;
use portstatus::source::{Input, Orders, ReadOptions};
use portstatus::templates::Templates;

use crate::source_normalize::{add_up, cell, column, lints};

fn read_files(name: &str, texts: &[&str], options: &ReadOptions) -> portstatus::error::Result<Orders> {
    let folder = crate::tools::folder(name);
    let write = |(index, text): (usize, &&str)| {
        let path = folder.join(format!("events-{index}.csv"));
        std::fs::write(&path, text).unwrap();
        Input::File(path)
    };
    let inputs: Vec<Input> = texts.iter().enumerate().map(write).collect();
    let orders = read(&inputs, options, &Templates::default(), &unwatched)?;
    add_up(&orders);
    Ok(orders)
}

fn orders(name: &str, text: &str) -> Orders {
    read_files(name, &[text], &ReadOptions::default()).unwrap()
}

const HISTORY: &str = "number,request id,event,time,actor,reason,FOC date
650-555-1234,R1,Create New Porting Request,2026-10-01T09:00:00Z,ann,,
650-555-1234,R1,Review Started,2026-10-01T10:00:00Z,bob,,
650-555-1234,R1,Start Porting Request,2026-10-02T10:00:00Z,bob,,
650-555-1234,R1,Additional Information Required,2026-10-03T10:00:00Z,carrier,Account number mismatch,
650-555-1234,R1,Resubmit,2026-10-05T10:00:00Z,ann,,
650-555-1234,R1,Additional Information Required,2026-10-06T10:00:00Z,carrier,Wrong PIN,
650-555-1234,R1,Resubmit,2026-10-07T10:00:00Z,ann,,
650-555-1234,R1,Porting Date Confirmed FOC,2026-10-08T10:00:00Z,carrier,,2026-10-20
650-555-1234,R1,Porting Date Moved,2026-10-19T10:00:00Z,carrier,,2026-10-27
212-555-0100,R2,Create New Porting Request,2026-10-04T09:00:00Z,ann,,
212-555-0100,R2,Activated,2026-10-30T17:00:00Z,carrier,,
";

#[test]
fn the_events_of_a_number_come_to_one_row() {
    let orders = orders("events-row", HISTORY);
    assert_eq!((orders.read, orders.frame.height(), orders.replayed), (11, 2, 9));
    let row = |at: usize, keys: &[&str]| keys.iter().map(|key| cell(&orders, key, at)).collect::<Vec<_>>().join(" | ");
    assert_eq!(
        row(0, &["phone_number", "request_id", "number_state", "last_event"]),
        "+16505551234 | R1 | foc_date_set | porting_date_moved"
    );
    assert_eq!(row(0, &["confirmed_date", "first_confirmed_date", "confirmed_date_slip"]), "2026-10-27 | 2026-10-20 | 7");
    assert_eq!(row(0, &["times_rejected", "rejections"]), "2 | Account number mismatch; Wrong PIN");
    // In the state since the first date was confirmed; moving it changed no state.
    assert!(cell(&orders, "state_since", 0).starts_with("2026-10-08 10:00:00"), "{}", cell(&orders, "state_since", 0));
    assert!(cell(&orders, "updated_at", 0).starts_with("2026-10-19 10:00:00"));
    assert_eq!(row(0, &["moved_by", "created_date", "submitted_date", "reject_reason"]), "carrier | 2026-10-01 | 2026-10-02 | Wrong PIN");
    assert_eq!(row(0, &["line", "quality_mask"]), "10 | 0");
    assert_eq!(row(1, &["number_state", "line"]), "completed | 12");
    assert_eq!(cell(&orders, "illegal_moves", 1), "cannot go from Pending to Completed by Activated");
    assert_eq!(lints(&orders, 1), "unassignable; event_not_allowed");
    let notes = |text: &str| orders.notes.iter().filter(|note| note.contains(text)).count();
    assert_eq!(notes("events-0.csv: read as events; replayed 11 events of 2 numbers"), 1, "{:?}", orders.notes);
    assert_eq!(notes("1 number cannot go from Pending to Completed by Activated"), 1, "{:?}", orders.notes);
}

#[test]
fn the_order_of_the_rows_does_not_count_and_a_history_may_stand_in_several_files() {
    let expected = |orders: &Orders| {
        let mut rows: Vec<String> = (0..orders.frame.height())
            .map(|row| {
                let keys = ["phone_number", "number_state", "state_since", "times_rejected", "rejections", "illegal_moves", "moved_by"];
                keys.map(|key| cell(orders, key, row)).join("|")
            })
            .collect();
        rows.sort();
        rows
    };
    let whole = expected(&orders("events-whole", HISTORY));
    let (header, lines) = HISTORY.split_once('\n').unwrap();
    let lines: Vec<&str> = lines.lines().collect();
    let table = |lines: &[&str]| format!("{header}\n{}\n", lines.join("\n"));
    let backward: Vec<&str> = lines.iter().rev().copied().collect();
    assert_eq!(expected(&orders("events-backward", &table(&backward))), whole);
    let mut shuffled = lines.clone();
    shuffled.rotate_left(5);
    shuffled.swap(1, 7);
    assert_eq!(expected(&orders("events-shuffled", &table(&shuffled))), whole);
    let (one, two) = (table(&lines[..6]), table(&lines[6..]));
    let parted = read_files("events-parted", &[&two, &one], &ReadOptions::default()).unwrap();
    assert_eq!(expected(&parted), whole);
    // A message delivered twice is one event.
    let twice: Vec<&str> = lines.iter().flat_map(|line| [*line, *line]).collect();
    let twice = orders("events-twice", &table(&twice));
    assert_eq!(expected(&twice), whole);
    assert!(twice.notes.iter().any(|note| note.contains("events that repeat the one before them, counted once: 11")), "{:?}", twice.notes);
}

#[test]
fn which_tables_are_events() {
    let row = "650-555-1234,Activated,2026-10-30T17:00:00Z\n";
    for header in [
        "number,event,time",
        "Phone Number,Event Type,Occurred At",
        "tn,event,updated_at",
        "did,event,created_at",
        "Number,Event,Time (UTC)",
        "number,event,date",
    ] {
        let found = orders("events-headers", &format!("{header}\n{row}"));
        let is_events = found.notes.iter().any(|note| note.contains("read as events"));
        assert!(is_events && cell(&found, "number_state", 0) == "completed", "{header}: {:?}", found.notes);
    }
    for (header, row) in
        [("number,event", "650-555-1234,Activated\n"), ("number,event,time,status", "650-555-1234,Activated,2026-10-30,Completed\n")]
    {
        let found = orders("events-orders", &format!("{header}\n{row}"));
        assert!(!found.notes.iter().any(|note| note.contains("read as events")), "{header}: {:?}", found.notes);
        assert_eq!(column(&found, "last_event"), ["activated"]);
    }
    let error = read_files("events-order", &["order,event,time\nO1,Activated,2026-10-30\n"], &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("holds events of orders: no column holds the phone number"), "{error}");
}

#[test]
fn numbers_of_several_requests_rejected_rows_and_unknown_words() {
    let found = orders(
        "events-odd",
        "number,request,event,time\n6505551234,R1,Canceled,2026-10-01\n6505551234,R2,Created,2026-10-02\n6505551234,,Found portable,2026-10-03\n\
         nonsense,R3,Created,2026-10-02\n2125550100,,Created,2026-10-01\n2125550100,,Teleported,2026-10-02\n2125550100,,Found portable,someday\n",
    );
    assert_eq!(column(&found, "phone_number"), ["+16505551234", "+16505551234", "+12125550100"]);
    assert_eq!(column(&found, "number_state"), ["canceled", "portable", "portable"]);
    assert_eq!((found.read, found.replayed, found.rejected_rows()), (7, 3, 1));
    assert_eq!(found.unknown_words.keys().map(|(_, word)| word.as_str()).collect::<Vec<_>>(), ["Teleported"]);
    assert_eq!(lints(&found, 2), "bad_cell; unassignable");
}

#[test]
fn the_mode_of_the_state_model_is_heeded() {
    let text = "number,event,time,foc date\n6505551234,FOC received,2026-10-01,2026-10-10\n6505551234,FOC moved,2026-10-05,2026-10-12\n";
    assert_eq!(lints(&orders("events-extended", text), 0), "");
    let strict = read_files("events-strict", &[text], &ReadOptions { state_model: Some(Mode::Strict), ..ReadOptions::default() }).unwrap();
    assert_eq!(cell(&strict, "illegal_moves", 0), "cannot go from FOC Date Set to FOC Date Set by Porting Date Moved");
}

/// Orders as they stood on 2026-10-10, or without a time, and the events of their numbers.
fn orders_and_events(name: &str, orders: &str) -> Orders {
    let rules = crate::fixtures::rules();
    let detail_states = Detail::ALL.iter().map(|detail| (*detail, rules.state_of(*detail))).collect();
    let events = "number,request id,event,time,foc date\n\
                  6505551234,R1,Resubmit,2026-10-05T10:00:00Z,\n6505551234,R1,FOC received,2026-10-08T10:00:00Z,2026-10-20\n";
    read_files(name, &[events, orders], &ReadOptions { detail_states, ..ReadOptions::default() }).unwrap()
}

#[test]
fn newer_events_count_and_a_difference_is_flagged() {
    let header = "number,request id,status,detailed status,company,updated at";
    for (row, expected) in [
        // The events are newer.
        ("In Progress,Submitted,Acme,2026-10-07T00:00:00Z", "foc_date_set | - | - | Acme | 2026-10-20 | events_differ"),
        ("In Progress,Submitted,Acme,", "foc_date_set | - | - | Acme | 2026-10-20 | events_differ"),
        ("Waiting for You,,Acme,", "foc_date_set | - | - | Acme | 2026-10-20 | events_differ"),
        // They say the same.
        ("Scheduled,Firm order confirmation,Acme,", "foc_date_set | scheduled | firm_order_confirmation | Acme | 2026-10-20 | "),
        ("Scheduled,,Acme,2026-10-07T00:00:00Z", "foc_date_set | scheduled | - | Acme | 2026-10-20 | "),
        // The order is newer.
        ("Completed,Completed,Acme,2026-10-21T00:00:00Z", "- | completed | completed | Acme | - | events_differ"),
        ("Scheduled,,Acme,2026-10-21T00:00:00Z", "- | scheduled | - | Acme | - | "),
    ] {
        let found = orders_and_events("events-and-orders", &format!("{header}\n6505551234,R1,{row}\n"));
        let keys = ["number_state", "given_status", "given_detail", "account_company", "confirmed_date"];
        let cells = keys.map(|key| cell(&found, key, 0)).join(" | ");
        assert_eq!(format!("{cells} | {}", lints(&found, 0)), expected, "{row}: {:?}", found.notes);
        assert_eq!((found.read, found.frame.height(), found.replayed, found.superseded.len()), (3, 1, 2, 0));
        assert!(cell(&found, "state_since", 0).starts_with("2026-10-08"), "the history is known all the same");
    }
}

#[test]
fn events_go_to_the_order_of_their_request() {
    let other = orders_and_events("events-other", "number,request id,status\n6505551234,R2,Completed\n2125550100,R1,Completed\n");
    assert_eq!((other.frame.height(), other.replayed), (3, 1), "the number of the events is in another request");
    let both = orders_and_events("events-two", "number,request id,status\n6505551234,R2,Completed\n6505551234,R1,In Progress\n");
    assert_eq!(column(&both, "number_state"), ["-", "foc_date_set"]);
    let none = orders_and_events("events-none", "number,status\n6505551234,In Progress\n");
    assert_eq!(column(&none, "number_state"), ["foc_date_set"], "a number in one order is in that of its events");
    let differ = orders_and_events("events-state", "number,number state,updated at\n6505551234,In Process,2026-11-01\n");
    assert_eq!((column(&differ, "number_state"), lints(&differ, 0)), (vec!["in_process".to_owned()], "events_differ".to_owned()));
}

#[test]
fn an_event_of_an_order_happened_to_each_of_its_numbers() {
    let numbers = "number,request id,order id,detailed status\n650-555-1234,R1,O1,Submitted\n650-555-1235,R1,O1,Submitted\n\
        650-555-1236,R2,O2,Submitted\n650-555-1237,R3,,Submitted\n";
    let events = "order,request id,event,time,actor,FOC date\nO1,,Porting Date Confirmed FOC,2026-10-08T10:00:00Z,carrier,2026-10-20\n\
        ,R3,Additional Information Required,2026-10-09T10:00:00Z,carrier,\nO9,,Activated,2026-10-09T10:00:00Z,carrier,\n";
    let found = read_files("events-of-orders", &[numbers, events], &ReadOptions::default()).unwrap();
    assert_eq!((found.read, found.expanded, found.replayed, found.rejected_rows()), (7, 1, 3, 1));
    assert_eq!(column(&found, "phone_number"), ["+16505551234", "+16505551235", "+16505551236", "+16505551237"]);
    assert_eq!(column(&found, "number_state"), ["foc_date_set", "foc_date_set", "-", "action_required"]);
    assert_eq!(column(&found, "confirmed_date"), ["2026-10-20", "2026-10-20", "-", "-"]);
    let reject = &found.rejects[0];
    assert_eq!((reject.value.as_str(), reject.line), ("O9", 4), "{reject:?}");
    assert_eq!(reject.reason, "an event of an order of which no input has a number");
    // Another table of events may tell of the numbers.
    let created = "number,order id,event,time\n650-555-1234,O1,Create New Porting Request,2026-10-01T10:00:00Z\n";
    let canceled = "order,event,time\nO1,Request Cancellation,2026-10-02T10:00:00Z\n";
    let found = read_files("events-of-events", &[created, canceled], &ReadOptions::default()).unwrap();
    assert_eq!((column(&found, "number_state"), found.replayed), (vec!["canceled".to_owned()], 1));
}

#[test]
fn events_of_another_account_are_not_those_of_the_order() {
    let orders = "number,request id,account id,detailed status\n650-555-1234,R1,A,Submitted\n";
    let events = |account: &str| {
        format!("number,request id,account id,event,time\n650-555-1234,R1,{account},Porting Date Confirmed FOC,2026-10-08T10:00:00Z\n")
    };
    for (account, expected) in [("A", vec!["foc_date_set"]), ("", vec!["foc_date_set"]), ("B", vec!["-", "foc_date_set"])] {
        let found = read_files("events-accounts", &[orders, &events(account)], &ReadOptions::default()).unwrap();
        assert_eq!(column(&found, "number_state"), expected, "{account}");
    }
    let numbers = "number,order id,account id,status\n650-555-1234,O1,A,In Progress\n650-555-1235,O1,B,In Progress\n";
    let event = "order,account id,event,time\nO1,B,Porting Date Confirmed FOC,2026-10-08T10:00:00Z\n";
    let found = read_files("events-of-accounts", &[numbers, event], &ReadOptions::default()).unwrap();
    assert_eq!(column(&found, "number_state"), ["-", "foc_date_set"]);
}

/// The accounts, requests, rejections and states that these lines of events come to.
fn by_account(name: &str, lines: &str) -> Vec<String> {
    let found = orders(name, &format!("number,account id,partner,request id,order id,event,time,reason\n{lines}"));
    let keys = ["account_id", "partner", "request_id", "order_id", "rejections", "number_state"];
    (0..found.frame.height()).map(|row| keys.map(|key| cell(&found, key, row)).join(" | ")).collect()
}

const REJECTED: &str = "Additional Information Required";

#[test]
fn a_history_is_of_one_account() {
    // The number was North's first, whose events name no request.
    let lines = format!(
        "650-555-1234,N,,,,Start Porting Request,2026-10-01T10:00:00Z,\n650-555-1234,N,,,,{REJECTED},2026-10-02T10:00:00Z,Wrong PIN north\n\
         650-555-1234,S,,R-9,,Create New Porting Request,2026-10-03T10:00:00Z,\n650-555-1234,S,,,,Review Started,2026-10-04T10:00:00Z,\n"
    );
    let found = by_account("events-moved", &lines);
    assert_eq!(found, ["N | - | - | - | Wrong PIN north | action_required", "S | - | R-9 | - | - | pending"]);
    // Both call their request the same.
    let found = by_account("events-same-request", &lines.replace(",N,,,", ",N,,1,").replace("R-9", "1"));
    assert_eq!(found, ["N | - | 1 | - | Wrong PIN north | action_required", "S | - | 1 | - | - | pending"]);
    // Partners are told apart as accounts are.
    let found = by_account("events-partners", &lines.replace(",N,,,", ",,North,1,").replace(",S,,", ",,South,").replace("R-9", "1"));
    assert_eq!(found, ["- | North | 1 | - | Wrong PIN north | action_required", "- | South | 1 | - | - | pending"]);
    // What is called the same is not the same where one is an order.
    let found = by_account("events-kinds", &lines.replace(",N,,,,", ",N,,,5,").replace("R-9", "5"));
    assert_eq!(found, ["N | - | - | 5 | Wrong PIN north | action_required", "S | - | 5 | - | - | pending"]);
}

#[test]
fn what_may_be_of_two_accounts_is_of_neither() {
    let line = |account: &str, request: &str, event: &str, day: usize, reason: &str| {
        format!("650-555-1234,{account},,{request},,{event},2026-10-{day:02}T10:00:00Z,{reason}\n")
    };
    let (created, review) = ("Create New Porting Request", "Review Started");
    // While one account is known an event that names none is of it; afterwards it may be of either.
    let lines = [
        line("", "1", created, 1, ""),
        line("N", "1", review, 2, ""),
        line("", "1", REJECTED, 3, "first"),
        line("S", "1", created, 4, ""),
        line("", "1", REJECTED, 5, "whose"),
        line("", "", REJECTED, 6, "whose too"),
        line("N", "", "Resubmit", 7, ""),
    ];
    let found = by_account("events-whose", &lines.concat());
    assert_eq!(found[..2], ["N | - | 1 | - | first | in_process", "S | - | 1 | - | - | pending"]);
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found[2].starts_with("- | - | 1 | - | whose | ") && found[3].starts_with("- | - | - | - | whose too | "), "{found:?}");
    // The same event of two accounts is no repetition.
    let found = by_account("events-twice", &(line("N", "1", REJECTED, 3, "same") + &line("S", "1", REJECTED, 3, "same")));
    assert_eq!(found, ["N | - | 1 | - | same | action_required", "S | - | 1 | - | same | action_required"]);
}

#[test]
fn events_without_an_account_are_laid_over_no_order_where_two_accounts_have_one() {
    let events = "number,request id,event,time,reason\n650-555-1234,1,Additional Information Required,2026-10-08T10:00:00Z,Wrong PIN\n";
    let orders = "number,request id,account id,detailed status\n650-555-1234,1,A,Submitted\n650-555-1234,1,B,Submitted\n";
    let found = read_files("events-of-neither", &[orders, events], &ReadOptions::default()).unwrap();
    assert_eq!(column(&found, "account_id"), ["A", "B", "-"]);
    assert_eq!(column(&found, "rejections"), ["-", "-", "Wrong PIN"]);
}

#[test]
fn a_history_goes_on_from_where_its_own_account_stood() {
    let orders = "number,request id,account id,number state,updated at\n650-555-1234,1,N,FOC Date Set,2026-09-01T10:00:00Z\n";
    let events = |account: &str| {
        format!("number,request id,account id,event,time\n650-555-1234,1,{account},Configuration Profile Assigned,2026-10-08T10:00:00Z\n")
    };
    for (account, states) in [("N", vec!["foc_date_set"]), ("", vec!["foc_date_set"]), ("S", vec!["foc_date_set", "-"])] {
        let found = read_files("events-stood", &[orders, &events(account)], &ReadOptions::default()).unwrap();
        assert_eq!(column(&found, "number_state"), states, "{account}");
    }
}

#[test]
fn what_numbers_the_events_is_no_order() {
    let text = "id,number,event,time\n1,650-555-1234,Create New Porting Request,2026-10-01T09:00:00Z\n2,650-555-1234,Review Started,2026-10-01T10:00:00Z\n";
    let found = orders("events-ids", text);
    assert_eq!((found.frame.height(), found.replayed), (1, 1));
    assert_eq!(cell(&found, "request_id", 0), "-");
    // Unless nothing else says whose they are.
    let order = "id,number,status,updated_at\nR1,650-555-1234,In Progress,2026-09-01T00:00:00Z\n";
    let events = "id,event,time\nR1,Create New Porting Request,2026-10-01T09:00:00Z\nR1,Review Started,2026-10-01T10:00:00Z\n";
    let found = read_files("events-own-ids", &[order, events], &ReadOptions::default()).unwrap();
    assert_eq!((found.frame.height(), cell(&found, "number_state", 0)), (1, "pending".to_owned()));
}
